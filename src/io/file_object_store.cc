#include "file_object_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tarn::io {

namespace {

constexpr std::string_view kTemporaryPrefix = ".tarn-";
/// So many entries of a directory are looked up at once.
constexpr size_t kStatBatch = 512;

class OpenedFile : public ReadableFile {
 public:
  OpenedFile(std::unique_ptr<FileSystem::ReadHandle> file, ObjectInfo info, std::string display)
      : file_(std::move(file)), info_(std::move(info)), display_(std::move(display)) {}

  Result<size_t> Read(int64_t offset, std::span<char> buffer) override {
    size_t done = 0;
    while (done < buffer.size()) {
      size_t count = 0;
      const int code =
          file_->Read(offset + static_cast<int64_t>(done), buffer.subspan(done), &count);
      if (code == EINTR) continue;
      if (code != 0) return ErrorOfErrno(code, "Reading", display_);
      if (count == 0) break;
      done += count;
    }
    return done;
  }
  const ObjectInfo& info() const override { return info_; }

 private:
  std::unique_ptr<FileSystem::ReadHandle> file_;
  ObjectInfo info_;
  std::string display_;
};

int WriteAll(FileSystem::WriteHandle& file, std::string_view bytes) {
  while (!bytes.empty()) {
    size_t count = 0;
    const int code = file.Write(bytes, &count);
    if (code == EINTR) continue;
    if (code != 0) return code;
    bytes.remove_prefix(count);
  }
  return 0;
}

class CreatedFile : public WritableFile {
 public:
  CreatedFile(std::unique_ptr<FileSystem::WriteHandle> file, std::string display)
      : file_(std::move(file)), display_(std::move(display)) {}

  Status Append(std::string_view bytes) override {
    TARN_TRY(Answer(failed_ != 0 ? failed_ : WriteAll(*file_, bytes), "Writing"));
    size_ += static_cast<int64_t>(bytes.size());
    return {};
  }
  Status Sync() override { return Answer(failed_ != 0 ? failed_ : file_->Sync(), "Syncing"); }
  Status Close() override {
    if (closed_) return {};
    closed_ = true;
    const int code = file_->Close();
    return Answer(failed_ != 0 ? failed_ : code, "Closing");
  }
  int64_t size() const override { return size_; }

 private:
  Status Answer(int code, std::string_view operation) {
    if (code == 0) return {};
    failed_ = code;
    return ErrorOfErrno(code, operation, display_);
  }

  std::unique_ptr<FileSystem::WriteHandle> file_;
  std::string display_;
  int64_t size_ = 0;
  int failed_ = 0;
  bool closed_ = false;
};

}  // namespace

Error ErrorOfErrno(int code, std::string_view operation, std::string display_path) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return Error(Condition("PATH_NOT_FOUND"), {{"path", std::move(display_path)}});
    case EEXIST:
    case ENOTEMPTY:
      return Error(Condition("PATH_ALREADY_EXISTS"), {{"path", std::move(display_path)}});
    case EACCES:
    case EPERM:
    case EROFS:
      return Error(Condition("PATH_NOT_ALLOWED"),
                   {{"path", std::move(display_path)},
                    {"detail", std::string("the operating system says: ") + std::strerror(code)}});
    case EXDEV:
    case ELOOP:
      return Error(Condition("PATH_NOT_ALLOWED"),
                   {{"path", std::move(display_path)},
                    {"detail", "a symbolic link on it leads out of the permitted folder"}});
    default:
      return Error(Condition("IO_ERROR"), {{"operation", std::string(operation)},
                                           {"path", std::move(display_path)},
                                           {"detail", std::strerror(code)}});
  }
}

Result<std::unique_ptr<ReadableFile>> FileStoreAlgorithms::Open(const RequestContext& ctx,
                                                                const ObjectPath& path) {
  TARN_TRY(ctx.Check());
  std::unique_ptr<FileSystem::ReadHandle> file;
  ObjectInfo info;
  if (const int code = files_.OpenRead(path, &file, &info)) return Failed(code, "Opening", path);
  return std::unique_ptr<ReadableFile>(
      std::make_unique<OpenedFile>(std::move(file), std::move(info), files_.Display(path)));
}

Result<ObjectInfo> FileStoreAlgorithms::Stat(const RequestContext& ctx, const ObjectPath& path) {
  TARN_TRY(ctx.Check());
  ObjectInfo info;
  if (const int code = files_.Stat(path, &info)) return Failed(code, "Looking up", path);
  return info;
}

Status FileStoreAlgorithms::List(const RequestContext& ctx, const ObjectPath& directory,
                                 const ListOptions& options, const ListVisitor& visit) {
  TARN_ASSIGN(const bool finished, ListInto(ctx, directory, options, visit));
  (void)finished;
  return {};
}

Result<bool> FileStoreAlgorithms::ListInto(const RequestContext& ctx, const ObjectPath& directory,
                                           const ListOptions& options, const ListVisitor& visit) {
  TARN_TRY(ctx.Check());
  std::vector<FileSystem::Entry> entries;
  const int code = files_.ReadDirectory(directory, &entries);
  if (code == ENOENT) return true;
  if (code != 0) return Failed(code, "Listing", directory);
  std::erase_if(entries, [&](const FileSystem::Entry& entry) {
    return entry.name.starts_with(kTemporaryPrefix) ||
           (!options.recursive && entry.name <= options.start_after) ||
           (options.leave_out && !entry.is_directory && !entry.is_link &&
            options.leave_out(directory.Child(entry.name)));
  });
  std::ranges::sort(entries, {}, &FileSystem::Entry::name);
  for (size_t done = 0; done < entries.size(); done += kStatBatch) {
    const std::span<const FileSystem::Entry> batch =
        std::span(entries).subspan(done, std::min(kStatBatch, entries.size() - done));
    const std::vector<FileSystem::Found> found = files_.StatEntries(directory, batch);
    for (size_t i = 0; i < batch.size(); ++i) {
      TARN_ASSIGN(const bool go_on, VisitEntry(ctx, directory, batch[i], found[i], options, visit));
      if (!go_on) return false;
    }
  }
  return true;
}

Result<bool> FileStoreAlgorithms::VisitEntry(const RequestContext& ctx, const ObjectPath& directory,
                                             const FileSystem::Entry& entry,
                                             const FileSystem::Found& found,
                                             const ListOptions& options, const ListVisitor& visit) {
  // Gone meanwhile, a dangling link, or a link out of the root: not an object of this store.
  if (found.code == ENOENT || found.code == EXDEV || found.code == ELOOP) return true;
  if (found.code != 0) return Failed(found.code, "Looking up", directory.Child(entry.name));
  if (!found.info.is_directory || options.directories) {
    TARN_ASSIGN(const ListNext next, visit(found.info));
    if (next == ListNext::kStop) return false;
  }
  // Links to directories aren't descended into: they could make a cycle.
  if (!found.info.is_directory || !options.recursive || entry.is_link) return true;
  if (options.stay_out && options.stay_out(found.info.path)) return true;
  return ListInto(ctx, found.info.path, options, visit);
}

int FileStoreAlgorithms::MakeDirectories(const ObjectPath& directory) {
  if (directory.is_root()) return 0;
  int code = files_.MakeDirectory(directory);
  if (code == ENOENT) {
    if (const int parent_code = MakeDirectories(directory.Parent())) return parent_code;
    code = files_.MakeDirectory(directory);
  }
  return code == EEXIST ? 0 : code;
}

int FileStoreAlgorithms::CreateWithParents(const ObjectPath& path,
                                           std::unique_ptr<FileSystem::WriteHandle>* file) {
  int code = files_.CreateNew(path, file);
  if (code == ENOENT) {
    if (const int made = MakeDirectories(path.Parent())) return made;
    code = files_.CreateNew(path, file);
  }
  return code;
}

Result<std::unique_ptr<WritableFile>> FileStoreAlgorithms::Create(const RequestContext& ctx,
                                                                  const ObjectPath& path) {
  TARN_TRY(ctx.Check());
  std::unique_ptr<FileSystem::WriteHandle> file;
  if (const int code = CreateWithParents(path, &file)) return Failed(code, "Creating", path);
  return std::unique_ptr<WritableFile>(
      std::make_unique<CreatedFile>(std::move(file), files_.Display(path)));
}

Result<FileStoreAlgorithms::Temporary> FileStoreAlgorithms::WriteTemporary(const ObjectPath& path,
                                                                           std::string_view bytes) {
  Temporary temporary;
  std::string name(kTemporaryPrefix);
  name += temp_tag_;
  name += '-';
  name += std::to_string(temp_counter_.fetch_add(1, std::memory_order_relaxed));
  name += ".tmp";
  temporary.path = path.Parent() / name;
  if (const int code = CreateWithParents(temporary.path, &temporary.file)) {
    (void)files_.Unlink(temporary.path);
    return Failed(code, "Creating", path);
  }
  int code = WriteAll(*temporary.file, bytes);
  if (code == 0) code = temporary.file->Sync();
  if (code != 0) {
    (void)temporary.file->Close();
    (void)files_.Unlink(temporary.path);
    return Failed(code, "Writing", path);
  }
  return temporary;
}

Result<PutOutcome> FileStoreAlgorithms::PutIfAbsent(const RequestContext& ctx,
                                                    const ObjectPath& path,
                                                    std::string_view bytes) {
  TARN_TRY(ctx.Check());
  TARN_ASSIGN(Temporary temporary, WriteTemporary(path, bytes));
  const int link_code = files_.Link(temporary.path, path);
  // An answer can be lost (a network file system repeats the call and then sees its own work), so
  // the number of names decides, not the answer.
  int64_t links = 0;
  const int count_code = link_code == 0 ? 0 : temporary.file->LinkCount(&links);
  const bool linked = link_code == 0 || (count_code == 0 && links > 1);
  (void)temporary.file->Close();
  (void)files_.Unlink(temporary.path);
  if (!linked) {
    if (count_code != 0) return PutOutcome::kUnknown;
    if (link_code == EEXIST) return PutOutcome::kExists;
    return Failed(link_code, "Linking", path);
  }
  if (SyncChain(path.Parent()) != 0) return PutOutcome::kUnknown;
  return PutOutcome::kCreated;
}

Status FileStoreAlgorithms::Put(const RequestContext& ctx, const ObjectPath& path,
                                std::string_view bytes) {
  TARN_TRY(ctx.Check());
  TARN_ASSIGN(Temporary temporary, WriteTemporary(path, bytes));
  (void)temporary.file->Close();
  if (const int code = files_.Rename(temporary.path, path)) {
    (void)files_.Unlink(temporary.path);
    return Failed(code, "Replacing", path);
  }
  if (const int code = SyncChain(path.Parent())) return Failed(code, "Syncing", path);
  return {};
}

int FileStoreAlgorithms::SyncChain(const ObjectPath& directory) {
  std::vector<std::pair<std::string, uint64_t>> climbed;
  ObjectPath current = directory;
  if (const int code = files_.SyncDirectory(current)) return code;
  for (; !current.is_root(); current = current.Parent()) {
    uint64_t identity = 0;
    if (const int code = files_.DirectoryIdentity(current, &identity)) return code;
    {
      std::lock_guard lock(mutex_);
      const auto known = synced_.find(current.str());
      // A known directory was entered together with all above it.
      if (known != synced_.end() && known->second == identity && identity != 0) break;
    }
    climbed.emplace_back(current.str(), identity);
    if (const int code = files_.SyncDirectory(current.Parent())) return code;
  }
  std::lock_guard lock(mutex_);
  if (synced_.size() + climbed.size() > kSyncedMax) synced_.clear();
  for (auto& [path, identity] : climbed) synced_[std::move(path)] = identity;
  return 0;
}

void FileStoreAlgorithms::ForgetSynced() {
  std::lock_guard lock(mutex_);
  synced_.clear();
}

Status FileStoreAlgorithms::SyncDirectories(const RequestContext& ctx,
                                            const ObjectPath& directory) {
  TARN_TRY(ctx.Check());
  if (const int code = SyncChain(directory)) return Failed(code, "Syncing", directory);
  return {};
}

Result<bool> FileStoreAlgorithms::Delete(const RequestContext& ctx, const ObjectPath& path) {
  TARN_TRY(ctx.Check());
  const int code = files_.Unlink(path);
  if (code == ENOENT) return false;
  if (code != 0) return Failed(code, "Deleting", path);
  return true;
}

Status FileStoreAlgorithms::DeleteTree(const RequestContext& ctx, const ObjectPath& directory) {
  TARN_TRY(ctx.Check());
  ForgetSynced();
  std::vector<FileSystem::Entry> entries;
  int code = files_.ReadDirectory(directory, &entries);
  if (code == ENOENT) return {};
  if (code != 0) return Failed(code, "Listing", directory);
  for (const FileSystem::Entry& entry : entries) {
    const ObjectPath path = directory.Child(entry.name);
    if (entry.is_directory) {
      TARN_TRY(DeleteTree(ctx, path));
      continue;
    }
    code = files_.Unlink(path);
    if (code != 0 && code != ENOENT) return Failed(code, "Deleting", path);
  }
  if (directory.is_root()) return {};
  code = files_.RemoveDirectory(directory);
  if (code != 0 && code != ENOENT) return Failed(code, "Deleting", directory);
  return {};
}

Status FileStoreAlgorithms::CreateDirectories(const RequestContext& ctx,
                                              const ObjectPath& directory) {
  TARN_TRY(ctx.Check());
  if (const int code = MakeDirectories(directory)) return Failed(code, "Creating", directory);
  ObjectInfo info;
  if (const int code = files_.Stat(directory, &info)) return Failed(code, "Creating", directory);
  if (!info.is_directory) return Failed(EEXIST, "Creating", directory);
  return {};
}

Status FileStoreAlgorithms::Rename(const RequestContext& ctx, const ObjectPath& from,
                                   const ObjectPath& to) {
  TARN_TRY(ctx.Check());
  ObjectInfo info;
  if (files_.Stat(to, &info) == 0) return Failed(EEXIST, "Moving", to);
  ForgetSynced();
  int code = files_.Rename(from, to);
  if (code == ENOENT && files_.Stat(from, &info) == 0) {
    if (const int made = MakeDirectories(to.Parent())) return Failed(made, "Creating", to);
    code = files_.Rename(from, to);
  }
  if (code != 0) return Failed(code, "Moving", from);
  return {};
}

}  // namespace tarn::io
