#pragma once

#include <memory>
#include <string>

#include "file_object_store.h"

namespace tarn::io {

/// Shows FileStoreAlgorithms over one FileSystem as an `Interface` (ObjectStore or
/// FaultyObjectStore).
template <typename Interface, typename Files>
class FileStore : public Interface {
 public:
  FileStore(std::unique_ptr<Files> files, std::string temp_tag)
      : files_(std::move(files)), algorithms_(*files_, std::move(temp_tag)) {}

  Result<std::unique_ptr<ReadableFile>> Open(const RequestContext& ctx,
                                             const ObjectPath& path) override {
    return algorithms_.Open(ctx, path);
  }
  Result<ObjectInfo> Stat(const RequestContext& ctx, const ObjectPath& path) override {
    return algorithms_.Stat(ctx, path);
  }
  Status List(const RequestContext& ctx, const ObjectPath& directory, const ListOptions& options,
              const ListVisitor& visit) override {
    return algorithms_.List(ctx, directory, options, visit);
  }
  Result<std::unique_ptr<WritableFile>> Create(const RequestContext& ctx,
                                               const ObjectPath& path) override {
    return algorithms_.Create(ctx, path);
  }
  Result<PutOutcome> PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                 std::string_view bytes) override {
    return algorithms_.PutIfAbsent(ctx, path, bytes);
  }
  Status Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes) override {
    return algorithms_.Put(ctx, path, bytes);
  }
  Status SyncDirectories(const RequestContext& ctx, const ObjectPath& directory) override {
    return algorithms_.SyncDirectories(ctx, directory);
  }
  Result<bool> Delete(const RequestContext& ctx, const ObjectPath& path) override {
    return algorithms_.Delete(ctx, path);
  }
  Status DeleteTree(const RequestContext& ctx, const ObjectPath& directory) override {
    return algorithms_.DeleteTree(ctx, directory);
  }
  Status CreateDirectories(const RequestContext& ctx, const ObjectPath& directory) override {
    return algorithms_.CreateDirectories(ctx, directory);
  }
  Status Rename(const RequestContext& ctx, const ObjectPath& from, const ObjectPath& to) override {
    return algorithms_.Rename(ctx, from, to);
  }
  std::string Display(const ObjectPath& path) const override { return files_->Display(path); }

 protected:
  std::unique_ptr<Files> files_;
  FileStoreAlgorithms algorithms_;
};

}  // namespace tarn::io
