#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "s3/s3_answers.h"
#include "s3/s3_client.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// One bucket as a store. A path is a key; folders are only what keys have in common. Thread-safe.
///
/// PutIfAbsent is a PUT with "If-None-Match: *", of which S3 carries out one at most. A service of
/// another maker is first tried out whether it heeds that: one that doesn't loses commits.
class S3Store : public ObjectStore {
 public:
  S3Store(std::shared_ptr<S3Client> client, std::string bucket)
      : client_(std::move(client)), bucket_(std::move(bucket)) {}

  Result<std::unique_ptr<ReadableFile>> Open(const RequestContext& ctx,
                                             const ObjectPath& path) override;
  Result<std::string> ReadAll(const RequestContext& ctx, const ObjectPath& path,
                              int64_t bytes_max) override;
  Result<ObjectInfo> Stat(const RequestContext& ctx, const ObjectPath& path) override;
  Status List(const RequestContext& ctx, const ObjectPath& directory, const ListOptions& options,
              const ListVisitor& visit) override;
  Result<std::unique_ptr<WritableFile>> Create(const RequestContext& ctx,
                                               const ObjectPath& path) override;
  Result<PutOutcome> PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                 std::string_view bytes) override;
  Status Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes) override;
  Status SyncDirectories(const RequestContext& ctx, const ObjectPath& directory) override;
  Result<bool> Delete(const RequestContext& ctx, const ObjectPath& path) override;
  Status DeleteTree(const RequestContext& ctx, const ObjectPath& directory) override;
  Status CreateDirectories(const RequestContext& ctx, const ObjectPath& directory) override;
  Status Rename(const RequestContext& ctx, const ObjectPath& from, const ObjectPath& to) override;
  bool is_remote() const override { return true; }
  std::string Display(const ObjectPath& path) const override;

 private:
  S3Request RequestFor(std::string method, const ObjectPath& path) const;
  /// Calls `take` for each page of the keys that start with `prefix`, until it says stop.
  Status ForPages(const RequestContext& ctx, const std::string& prefix, NamesAndValues query,
                  const std::function<Result<ListNext>(const ListPage&)>& take);
  Result<bool> AnythingBelow(const RequestContext& ctx, const ObjectPath& path);
  Status DeleteKeys(const RequestContext& ctx, const std::vector<std::string>& keys);
  Status CheckPutIfAbsent(const RequestContext& ctx, const ObjectPath& directory);

  const std::shared_ptr<S3Client> client_;
  const std::string bucket_;
  std::mutex mutex_;
  bool heeds_conditions_ = false;  // guarded by mutex_
};

/// An object being read: by ranges, all of the same content. What is asked for in small pieces
/// comes in larger ones, of which a few are kept.
Result<std::unique_ptr<ReadableFile>> OpenS3Object(const RequestContext& ctx,
                                                   std::shared_ptr<S3Client> client,
                                                   const S3Request& object, const ObjectPath& path,
                                                   std::string display);

/// An object being written: in one piece if it is small, else as a multipart upload. It is there
/// after Sync and not before; Close without Sync gives it up.
std::unique_ptr<WritableFile> NewS3Upload(const RequestContext& ctx,
                                          std::shared_ptr<S3Client> client, S3Request object,
                                          std::string display);

/// What HEAD or GET tell about an object; nothing if they lack its size.
std::optional<ObjectInfo> InfoOfAnswer(const HttpAnswer& answer, const ObjectPath& path);

}  // namespace tarn::io
