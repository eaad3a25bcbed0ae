#include "tarn/io/storage.h"

#include "tarn/io/local_object_store.h"
#include "tarn/io/location.h"
#include "tarn/io/sub_store.h"

namespace tarn::io {

Result<std::shared_ptr<ObjectStore>> Storage::OpenFolder(const std::string& location,
                                                         bool create) const {
  if (IsRemote(location)) {
    TARN_ASSIGN(std::shared_ptr<ObjectStore> bucket, OpenRoot(location));
    TARN_ASSIGN(ObjectPath path, PathBelowRoot(location));
    return std::shared_ptr<ObjectStore>(NewSubStore(std::move(bucket), std::move(path)));
  }
  TARN_ASSIGN(std::unique_ptr<ObjectStore> store,
              OpenLocalStore(location, LinkPolicy::kBeneath, create));
  return std::shared_ptr<ObjectStore>(std::move(store));
}

Result<std::shared_ptr<ObjectStore>> Storage::OpenRoot(std::string_view location) const {
  if (IsRemote(location)) {
    if (!remote_) return UnsupportedFeature("Storage at s3: locations here");
    return remote_->OpenBucket(location);
  }
  TARN_ASSIGN(std::unique_ptr<ObjectStore> store, OpenRootlessStore());
  return std::shared_ptr<ObjectStore>(std::move(store));
}

}  // namespace tarn::io
