#include "tarn/io/object_store.h"

#include <limits>

namespace tarn::io {

Result<std::string> ObjectStore::ReadAll(const RequestContext& ctx, const ObjectPath& path,
                                         int64_t bytes_max) {
  TARN_ASSIGN(const auto file, Open(ctx, path));
  const int64_t size = file->info().size;
  if (size > bytes_max) {
    return Error(Condition("IO_ERROR"),
                 {{"operation", "Reading"},
                  {"path", Display(path)},
                  {"detail", "it has " + std::to_string(size) + " bytes, more than the limit of " +
                                 std::to_string(bytes_max)}});
  }
  std::string bytes(static_cast<size_t>(size), '\0');
  TARN_ASSIGN(const size_t count, file->Read(0, bytes));
  bytes.resize(count);
  return bytes;
}

Result<PutOutcome> ObjectStore::PutOnce(const RequestContext& ctx, const ObjectPath& path,
                                        std::string_view bytes) {
  TARN_ASSIGN(const PutOutcome outcome, PutIfAbsent(ctx, path, bytes));
  if (outcome != PutOutcome::kUnknown) return outcome;
  auto found = ReadAll(ctx, path, std::numeric_limits<int64_t>::max());
  if (found.ok()) {
    if (*found != bytes) return PutOutcome::kExists;
    TARN_TRY(SyncDirectories(ctx, path.Parent()));
    return PutOutcome::kCreated;
  }
  if (found.error().condition() != Condition("PATH_NOT_FOUND")) return std::move(found).error();
  return Error(Condition("IO_ERROR"), {{"operation", "Writing"},
                                       {"path", Display(path)},
                                       {"detail", "the file isn't there afterwards"}});
}

Result<bool> ObjectStore::Exists(const RequestContext& ctx, const ObjectPath& path) {
  Result<ObjectInfo> info = Stat(ctx, path);
  if (info.ok()) return true;
  if (info.error().condition() == Condition("PATH_NOT_FOUND")) return false;
  return std::move(info).error();
}

Result<std::vector<ObjectInfo>> ObjectStore::ListAll(const RequestContext& ctx,
                                                     const ObjectPath& directory,
                                                     const ListOptions& options) {
  std::vector<ObjectInfo> found;
  TARN_TRY(List(ctx, directory, options, [&](const ObjectInfo& info) -> Result<ListNext> {
    found.push_back(info);
    return ListNext::kContinue;
  }));
  return found;
}

}  // namespace tarn::io
