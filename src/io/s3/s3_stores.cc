#include <map>
#include <mutex>
#include <string>

#include "s3/s3_store.h"
#include "tarn/io/location.h"
#include "tarn/io/storage.h"

namespace tarn::io {

namespace {

class S3Stores final : public RemoteStores {
 public:
  S3Stores(Environment environment, Clock& clock)
      : environment_(std::move(environment)), clock_(clock) {}

  Result<std::shared_ptr<ObjectStore>> OpenBucket(std::string_view location) override {
    const std::lock_guard lock(mutex_);
    if (!client_) {
      TARN_ASSIGN(client_, S3Client::New(environment_, clock_));
    }
    const std::string bucket(BucketOf(location));
    std::shared_ptr<ObjectStore>& store = stores_[bucket];
    if (!store) store = std::make_shared<S3Store>(client_, bucket);
    return store;
  }

 private:
  const Environment environment_;
  Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<S3Client> client_;                            // guarded by mutex_
  std::map<std::string, std::shared_ptr<ObjectStore>> stores_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<RemoteStores> NewS3Stores(Environment environment, Clock& clock) {
  return std::make_shared<S3Stores>(std::move(environment), clock);
}

}  // namespace tarn::io
