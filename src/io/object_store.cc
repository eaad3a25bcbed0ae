#include "tarn/io/object_store.h"

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
