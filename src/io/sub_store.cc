#include "tarn/io/sub_store.h"

#include <utility>

namespace tarn::io {

namespace {

class SubStore : public ObjectStore {
 public:
  SubStore(std::shared_ptr<ObjectStore> store, ObjectPath root)
      : store_(std::move(store)), root_(std::move(root)) {}

  Result<std::unique_ptr<ReadableFile>> Open(const RequestContext& ctx,
                                             const ObjectPath& path) override {
    return store_->Open(ctx, Full(path));
  }
  Result<std::string> ReadAll(const RequestContext& ctx, const ObjectPath& path,
                              int64_t bytes_max) override {
    return store_->ReadAll(ctx, Full(path), bytes_max);
  }
  Result<ObjectInfo> Stat(const RequestContext& ctx, const ObjectPath& path) override {
    TARN_ASSIGN(ObjectInfo info, store_->Stat(ctx, Full(path)));
    info.path = path;
    return info;
  }
  Status List(const RequestContext& ctx, const ObjectPath& directory, const ListOptions& options,
              const ListVisitor& visit) override {
    return store_->List(ctx, Full(directory), options, [&](const ObjectInfo& info) {
      ObjectInfo own = info;
      own.path = info.path.RelativeTo(root_);
      return visit(own);
    });
  }
  Result<std::unique_ptr<WritableFile>> Create(const RequestContext& ctx,
                                               const ObjectPath& path) override {
    return store_->Create(ctx, Full(path));
  }
  Result<PutOutcome> PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                 std::string_view bytes) override {
    return store_->PutIfAbsent(ctx, Full(path), bytes);
  }
  Status Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes) override {
    return store_->Put(ctx, Full(path), bytes);
  }
  Status SyncDirectories(const RequestContext& ctx, const ObjectPath& directory) override {
    return store_->SyncDirectories(ctx, Full(directory));
  }
  Result<bool> Delete(const RequestContext& ctx, const ObjectPath& path) override {
    return store_->Delete(ctx, Full(path));
  }
  Status DeleteTree(const RequestContext& ctx, const ObjectPath& directory) override {
    return store_->DeleteTree(ctx, Full(directory));
  }
  Status CreateDirectories(const RequestContext& ctx, const ObjectPath& directory) override {
    return store_->CreateDirectories(ctx, Full(directory));
  }
  Status Rename(const RequestContext& ctx, const ObjectPath& from, const ObjectPath& to) override {
    return store_->Rename(ctx, Full(from), Full(to));
  }
  bool is_remote() const override { return store_->is_remote(); }
  std::string Display(const ObjectPath& path) const override { return store_->Display(Full(path)); }

 private:
  ObjectPath Full(const ObjectPath& path) const { return root_.Append(path); }

  std::shared_ptr<ObjectStore> store_;
  ObjectPath root_;
};

}  // namespace

std::unique_ptr<ObjectStore> NewSubStore(std::shared_ptr<ObjectStore> store, ObjectPath root) {
  return std::make_unique<SubStore>(std::move(store), std::move(root));
}

}  // namespace tarn::io
