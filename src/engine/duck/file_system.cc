#include "duck/file_system.h"

#include <charconv>

#include "duck/errors.h"
#include "tarn/base/check.h"

namespace tarn::engine::duck {

namespace {

// Takes "<number>/" off the front.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.starts_with('/')) text.remove_prefix(1);
  return number;
}

Error NotGranted(std::string_view name) {
  return Error(Condition("PATH_NOT_ALLOWED"),
               {{"path", std::string(name)}, {"detail", "the statement's plan doesn't name it"}});
}

template <typename T>
T OrThrow(Result<T> result) {
  if (!result.ok()) ThrowCondition(result.error());
  return std::move(result).value();
}

void OrThrow(Status status) {
  if (!status.ok()) ThrowCondition(status.error());
}

class ReadHandle final : public duckdb::FileHandle {
 public:
  ReadHandle(duckdb::FileSystem& fs, std::string name, duckdb::FileOpenFlags flags,
             std::shared_ptr<io::ReadableFile> file, std::shared_ptr<StatementFiles> owner,
             bool is_remote)
      : FileHandle(fs, std::move(name), flags),
        file(std::move(file)),
        owner(std::move(owner)),
        is_remote(is_remote) {}
  void Close() override { file.reset(); }

  std::shared_ptr<io::ReadableFile> file;
  std::shared_ptr<StatementFiles> owner;
  const bool is_remote;
  int64_t position = 0;
};

class WriteHandle final : public duckdb::FileHandle {
 public:
  WriteHandle(duckdb::FileSystem& fs, std::string name, duckdb::FileOpenFlags flags,
              std::unique_ptr<io::WritableFile> file)
      : FileHandle(fs, std::move(name), flags), file(std::move(file)) {}
  // A data file is durable before anything refers to it.
  void Close() override {
    if (!file) return;
    const std::unique_ptr<io::WritableFile> closing = std::move(file);
    OrThrow(closing->Sync());
    OrThrow(closing->Close());
  }

  std::unique_ptr<io::WritableFile> file;
};

class DuckFileSystem final : public duckdb::FileSystem {
 public:
  explicit DuckFileSystem(std::shared_ptr<FileGate> gate)
      : gate_(std::move(gate)), local_(CreateLocal()) {}

  std::string GetName() const override { return "tarn"; }
  bool CanSeek() override { return true; }
  // Where a read is a request, DuckDB fetches a file's column chunks together.
  bool OnDiskFile(duckdb::FileHandle& handle) override {
    const auto* reader = dynamic_cast<ReadHandle*>(&handle);
    return reader == nullptr || !reader->is_remote;
  }
  bool CanHandleFile(const std::string& path) override { return true; }
  bool IsPipe(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  duckdb::string CanonicalizePath(const duckdb::string& path,
                                  duckdb::optional_ptr<duckdb::FileOpener>) override {
    return path;
  }

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const bool write = flags.OpenForWriting();
    if (gate_->IsSpill(path)) return local_->OpenFile(path, flags, nullptr);
    std::shared_ptr<StatementFiles> owner;
    GrantedFile granted;
    try {
      granted = gate_->Resolve(path, write, owner);
    } catch (...) {
      gate_->Report(nullptr, path, "", write);
      throw;
    }
    gate_->Report(owner.get(), path, granted.store->Display(granted.path), write);
    const RequestContext& context = owner->context();
    if (write) {
      return duckdb::make_uniq<WriteHandle>(*this, path, flags,
                                            OrThrow(granted.store->Create(context, granted.path)));
    }
    const bool is_remote = granted.store->is_remote();
    auto file = is_remote ? OrThrow(owner->OpenShared(path, granted))
                          : OrThrow(granted.store->Open(context, granted.path));
    return duckdb::make_uniq<ReadHandle>(*this, path, flags, std::move(file), std::move(owner),
                                         is_remote);
  }

  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
            duckdb::idx_t location) override {
    auto& reader = handle.Cast<ReadHandle>();
    const size_t size = static_cast<size_t>(bytes);
    const size_t got = OrThrow(
        reader.file->Read(static_cast<int64_t>(location), {static_cast<char*>(buffer), size}));
    if (got != size) {
      ThrowCondition(Error(Condition("IO_ERROR"), {{"operation", "Reading"},
                                                   {"path", reader.file->info().path.str()},
                                                   {"detail", "the file is shorter than it was"}}));
    }
    reader.owner->bytes_read += bytes;
  }

  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& reader = handle.Cast<ReadHandle>();
    const size_t got = OrThrow(reader.file->Read(
        reader.position, {static_cast<char*>(buffer), static_cast<size_t>(bytes)}));
    reader.position += static_cast<int64_t>(got);
    reader.owner->bytes_read += static_cast<int64_t>(got);
    return static_cast<int64_t>(got);
  }

  int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    OrThrow(handle.Cast<WriteHandle>().file->Append(
        {static_cast<const char*>(buffer), static_cast<size_t>(bytes)}));
    return bytes;
  }

  void FileSync(duckdb::FileHandle& handle) override {
    OrThrow(handle.Cast<WriteHandle>().file->Sync());
  }

  int64_t GetFileSize(duckdb::FileHandle& handle) override {
    if (handle.flags.OpenForWriting()) return handle.Cast<WriteHandle>().file->size();
    return handle.Cast<ReadHandle>().file->info().size;
  }
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override {
    return duckdb::timestamp_t(handle.Cast<ReadHandle>().file->info().modified_us);
  }
  duckdb::string GetVersionTag(duckdb::FileHandle& handle) override { return ""; }
  duckdb::FileType GetFileType(duckdb::FileHandle& handle) override {
    return duckdb::FileType::FILE_TYPE_REGULAR;
  }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override {
    handle.Cast<ReadHandle>().position = static_cast<int64_t>(location);
  }
  void Reset(duckdb::FileHandle& handle) override { Seek(handle, 0); }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override {
    return static_cast<duckdb::idx_t>(handle.Cast<ReadHandle>().position);
  }

  bool FileExists(const duckdb::string& name, duckdb::optional_ptr<duckdb::FileOpener>) override {
    if (gate_->IsSpill(name)) return local_->FileExists(name, nullptr);
    if (!name.starts_with(kNamePrefix)) return false;
    std::shared_ptr<StatementFiles> owner;
    const GrantedFile granted = gate_->Resolve(name, false, owner);
    return OrThrow(granted.store->Exists(owner->context(), granted.path));
  }
  bool DirectoryExists(const duckdb::string& name,
                       duckdb::optional_ptr<duckdb::FileOpener>) override {
    return gate_->IsSpill(name) && local_->DirectoryExists(name, nullptr);
  }
  void CreateDirectory(const duckdb::string& name,
                       duckdb::optional_ptr<duckdb::FileOpener>) override {
    SpillOnly(name);
    local_->CreateDirectory(name, nullptr);
  }
  void RemoveDirectory(const duckdb::string& name,
                       duckdb::optional_ptr<duckdb::FileOpener>) override {
    SpillOnly(name);
    local_->RemoveDirectory(name, nullptr);
  }
  bool ListFiles(const duckdb::string& name,
                 const std::function<void(const duckdb::string&, bool)>& callback,
                 duckdb::FileOpener*) override {
    SpillOnly(name);
    return local_->ListFiles(name, callback, nullptr);
  }
  void RemoveFile(const duckdb::string& name, duckdb::optional_ptr<duckdb::FileOpener>) override {
    SpillOnly(name);
    local_->RemoveFile(name, nullptr);
  }
  bool TryRemoveFile(const duckdb::string& name,
                     duckdb::optional_ptr<duckdb::FileOpener>) override {
    SpillOnly(name);
    return local_->TryRemoveFile(name, nullptr);
  }
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& name,
                                            duckdb::FileOpener*) override {
    duckdb::vector<duckdb::OpenFileInfo> result;
    if (name.starts_with(kNamePrefix)) result.emplace_back(name);
    return result;
  }

 private:
  void SpillOnly(const std::string& name) {
    if (gate_->IsSpill(name)) return;
    gate_->Report(nullptr, name, "", true);
    ThrowCondition(NotGranted(name));
  }

  const std::shared_ptr<FileGate> gate_;
  const duckdb::unique_ptr<duckdb::FileSystem> local_;
};

}  // namespace

size_t StatementFiles::GrantRead(Resolver resolver) {
  readable_.push_back(std::move(resolver));
  return readable_.size() - 1;
}

std::string StatementFiles::NameToRead(size_t relation, size_t file,
                                       std::string_view suffix) const {
  std::string name(kNamePrefix);
  name += std::to_string(id_) + "/" + std::to_string(relation) + "/" + std::to_string(file);
  return name.append(suffix);
}

std::string StatementFiles::NameToWrite(const io::ObjectPath& path) const {
  return std::string(kNamePrefix) + std::to_string(id_) + "/w/" + path.str();
}

Result<GrantedFile> StatementFiles::Resolve(std::string_view below, bool write) const {
  if (write) {
    if (!below.starts_with("w/") || !target_) return NotGranted(below);
    TARN_ASSIGN(io::ObjectPath path, io::ObjectPath::Parse(below.substr(2)));
    return GrantedFile{target_, std::move(path)};
  }
  const std::optional<uint64_t> relation = TakeNumber(below);
  const std::optional<uint64_t> file = TakeNumber(below);
  if (!relation || !file || *relation >= readable_.size()) return NotGranted(below);
  return readable_[*relation](*file);
}

Result<std::shared_ptr<io::ReadableFile>> StatementFiles::OpenShared(const std::string& name,
                                                                     const GrantedFile& granted) {
  {
    const std::lock_guard lock(open_mutex_);
    if (auto open = open_[name].lock()) return open;
  }
  TARN_ASSIGN(std::shared_ptr<io::ReadableFile> file, granted.store->Open(context_, granted.path));
  const std::lock_guard lock(open_mutex_);
  open_[name] = file;
  return file;
}

bool StatementFiles::IsPlanned(const std::string& path, bool write) const {
  if (!write) return planned_reads_.contains(path);
  return !planned_target_.empty() && path.starts_with(planned_target_ + "/") &&
         path.find("/../") == path.npos;
}

std::shared_ptr<StatementFiles> FileGate::Begin(const RequestContext& context) {
  const std::unique_lock lock(mutex_);
  auto files = std::make_shared<StatementFiles>(next_id_++, context);
  running_.emplace(files->id(), files);
  return files;
}

void FileGate::End(const StatementFiles& files) {
  const std::unique_lock lock(mutex_);
  running_.erase(files.id());
}

GrantedFile FileGate::Resolve(const std::string& name, bool write,
                              std::shared_ptr<StatementFiles>& owner) {
  std::string_view rest = name;
  if (!rest.starts_with(kNamePrefix)) ThrowCondition(NotGranted(name));
  rest.remove_prefix(kNamePrefix.size());
  const std::optional<uint64_t> id = TakeNumber(rest);
  if (id) {
    const std::shared_lock lock(mutex_);
    const auto found = running_.find(*id);
    if (found != running_.end()) owner = found->second;
  }
  if (!owner) ThrowCondition(NotGranted(name));
  return OrThrow(owner->Resolve(rest, write));
}

bool FileGate::IsSpill(const std::string& path) const {
  if (spill_folder_.empty() || !path.starts_with(spill_folder_)) return false;
  if (path.find("/../") != std::string::npos) return false;
  return path.size() == spill_folder_.size() || path[spill_folder_.size()] == '/';
}

void FileGate::Report(const StatementFiles* owner, const std::string& name, std::string path,
                      bool write) const {
  if (asserts_opens_ && (owner == nullptr || !owner->IsPlanned(path, write))) {
    const std::string opened = "the plan doesn't explain that '" + name + "' (" + path +
                               ") is opened to be " + (write ? "written" : "read");
    CheckFailed(opened.c_str(), __FILE__, __LINE__);
  }
  if (!observer_) return;
  const std::lock_guard lock(observer_mutex_);
  observer_({name, std::move(path), write, owner != nullptr});
}

duckdb::unique_ptr<duckdb::FileSystem> NewDuckFileSystem(std::shared_ptr<FileGate> gate) {
  // The virtual file system adds decompression of .gz files.
  return duckdb::make_uniq<duckdb::VirtualFileSystem>(
      duckdb::unique_ptr<duckdb::FileSystem>(duckdb::make_uniq<DuckFileSystem>(std::move(gate))));
}

}  // namespace tarn::engine::duck
