#include <algorithm>

#include "tarn/delta/handlers.h"
#include "tarn/io/object_store.h"

namespace tarn::delta {
namespace {

class ObjectLogStore : public LogStore {
 public:
  explicit ObjectLogStore(std::shared_ptr<io::ObjectStore> store) : store_(std::move(store)) {}

  Result<std::string> Read(const RequestContext& ctx, std::string_view path,
                           int64_t bytes_max) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    return store_->ReadAll(ctx, object, bytes_max);
  }

  Result<std::string> ReadRange(const RequestContext& ctx, std::string_view path, int64_t offset,
                                int64_t length) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    TARN_ASSIGN(auto file, store_->Open(ctx, object));
    // The caller's length may be a lie: never allocate more than the file has.
    const int64_t left = file->info().size - offset;
    if (offset < 0 || length < 0 || left <= 0) return std::string();
    std::string bytes(static_cast<size_t>(std::min(length, left)), '\0');
    TARN_ASSIGN(const size_t read, file->Read(offset, bytes));
    bytes.resize(read);
    return bytes;
  }

  Result<std::vector<LogFileInfo>> List(const RequestContext& ctx, std::string_view directory,
                                        std::string_view from) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(directory));
    io::ListOptions options;
    if (!from.empty() && from.back() > 1) {
      // Just before `from`, so that what is older isn't even looked up.
      options.start_after = from;
      --options.start_after.back();
      options.start_after.push_back('\xff');
    }
    std::vector<LogFileInfo> files;
    TARN_TRY(
        store_->List(ctx, object, options, [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
          const std::string_view name = info.path.Name();
          if (!info.is_directory && name >= from) {
            files.push_back({std::string(name), info.size, info.modified_us / 1000});
          }
          return io::ListNext::kContinue;
        }));
    return files;
  }

  Result<std::optional<LogFileInfo>> Stat(const RequestContext& ctx,
                                          std::string_view path) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    auto info = store_->Stat(ctx, object);
    if (!info.ok()) {
      if (info.error().condition() != Condition("PATH_NOT_FOUND")) return std::move(info).error();
      return std::optional<LogFileInfo>();
    }
    return std::optional<LogFileInfo>(
        {std::string(object.Name()), info->size, info->modified_us / 1000});
  }

  bool stats_cheaply() const override { return !store_->is_remote(); }

  Result<LogPut> PutIfAbsent(const RequestContext& ctx, std::string_view path,
                             std::string_view bytes) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    TARN_ASSIGN(const io::PutOutcome outcome, store_->PutIfAbsent(ctx, object, bytes));
    switch (outcome) {
      case io::PutOutcome::kCreated:
        return LogPut::kCreated;
      case io::PutOutcome::kExists:
        return LogPut::kExists;
      case io::PutOutcome::kUnknown:
        break;
    }
    return LogPut::kUnknown;
  }

  Status Put(const RequestContext& ctx, std::string_view path, std::string_view bytes) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    return store_->Put(ctx, object, bytes);
  }

  Status PutUnsynced(const RequestContext& ctx, std::string_view path,
                     std::string_view bytes) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    if (store_->is_remote()) {
      TARN_ASSIGN(const io::PutOutcome outcome, store_->PutIfAbsent(ctx, object, bytes));
      if (outcome != io::PutOutcome::kExists) return {};
      return Error(Condition("PATH_ALREADY_EXISTS"), {{"path", store_->Display(object)}});
    }
    TARN_ASSIGN(auto file, store_->Create(ctx, object));
    Status written = file->Append(bytes);
    if (written.ok()) written = file->Close();
    if (!written.ok()) (void)store_->Delete(ctx, object);
    return written;
  }

  Status Delete(const RequestContext& ctx, std::string_view path) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(path));
    TARN_TRY(store_->Delete(ctx, object));
    return {};
  }

  Status Sync(const RequestContext& ctx, std::string_view directory) override {
    TARN_ASSIGN(const io::ObjectPath object, io::ObjectPath::Parse(directory));
    return store_->SyncDirectories(ctx, object);
  }

  std::string Display(std::string_view path) const override {
    auto object = io::ObjectPath::Parse(path);
    return object.ok() ? store_->Display(*object) : std::string(path);
  }

 private:
  std::shared_ptr<io::ObjectStore> store_;
};

}  // namespace

std::unique_ptr<LogStore> NewObjectLogStore(std::shared_ptr<io::ObjectStore> store) {
  return std::make_unique<ObjectLogStore>(std::move(store));
}

}  // namespace tarn::delta
