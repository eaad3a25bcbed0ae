#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The stores of buckets. One per process: it keeps connections and credentials. Thread-safe.
class RemoteStores {
 public:
  virtual ~RemoteStores() = default;
  /// The store of the whole bucket that a location (IsRemote) is in. Nothing is asked yet.
  virtual Result<std::shared_ptr<ObjectStore>> OpenBucket(std::string_view location) = 0;
};

/// Buckets of Amazon S3 and of whatever speaks its protocol. Endpoint, region and credentials come
/// from `environment` as AWS's own tools take them (docs/how-to/tables-on-s3.md); they are looked
/// for when first needed.
std::shared_ptr<RemoteStores> NewS3Stores(Environment environment, Clock& clock = SystemClock());

/// The one way from a location (location.h, in its one spelling) to a store. A value that is cheap
/// to copy; without `remote` it knows this machine's files only. Thread-safe.
class Storage {
 public:
  Storage() = default;
  explicit Storage(std::shared_ptr<RemoteStores> remote) : remote_(std::move(remote)) {}

  /// The store of a folder, which nothing leads out of. A local one must be there
  /// (PATH_NOT_FOUND), or is made if `create`; in a bucket there are no folders to be made.
  Result<std::shared_ptr<ObjectStore>> OpenFolder(const std::string& location,
                                                  bool create = false) const;
  /// The store of RootOf(location), for PathBelowRoot(location): the whole file system, where links
  /// are followed, or the bucket.
  Result<std::shared_ptr<ObjectStore>> OpenRoot(std::string_view location) const;

 private:
  std::shared_ptr<RemoteStores> remote_;
};

}  // namespace tarn::io
