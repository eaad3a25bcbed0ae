#include "snapshot_cache.h"

#include "catalog_commits.h"
#include "tarn/io/local_object_store.h"
#include "tarn/io/location.h"

namespace tarn::session {

Result<std::shared_ptr<const delta::Table>> SnapshotCache::Open(const RequestContext& context,
                                                                const std::string& root) {
  // Data files are written by the path, commits by the log that was opened: both must be in one
  // folder.
  std::string folder = io::IsRemote(root) ? "" : io::DirectoryIdentity(root);
  {
    std::lock_guard lock(mutex_);
    if (auto found = entries_.find(root); found != entries_.end()) {
      if (found->second.folder == folder) {
        uses_.splice(uses_.begin(), uses_, found->second.use);
        return found->second.table;
      }
      uses_.erase(found->second.use);
      entries_.erase(found);
    }
  }
  TARN_ASSIGN(std::shared_ptr<io::ObjectStore> store, lake_.OpenStore(context, root));
  delta::Handlers handlers;
  handlers.log = delta::NewObjectLogStore(std::move(store));
  handlers.parquet = engine_.NewParquetHandler(root);
  auto table = std::make_shared<const delta::Table>(std::move(handlers), root);
  std::lock_guard lock(mutex_);
  if (auto found = entries_.find(root); found != entries_.end()) return found->second.table;
  if (entries_.size() >= kTablesMax) {
    entries_.erase(uses_.back());
    uses_.pop_back();
  }
  uses_.push_front(root);
  entries_[root] = Entry{table, std::make_shared<delta::CommitQueue>(), nullptr, std::move(folder),
                         uses_.begin()};
  return table;
}

std::shared_ptr<delta::CommitQueue> SnapshotCache::Commits(const std::string& root) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(root);
  // Forgotten again at once, for it was replaced: then there is nobody to share with.
  return found == entries_.end() ? std::make_shared<delta::CommitQueue>() : found->second.commits;
}

Result<std::shared_ptr<const delta::Snapshot>> SnapshotCache::Latest(const RequestContext& context,
                                                                     const std::string& root) {
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table, Open(context, root));
  std::shared_ptr<const delta::Snapshot> known;
  {
    std::lock_guard lock(mutex_);
    if (auto found = entries_.find(root); found != entries_.end()) known = found->second.newest;
  }
  TARN_ASSIGN(std::shared_ptr<const delta::Snapshot> newest, table->Latest(context, known));
  TARN_ASSIGN(const bool more, PublishRatified(context, lake_, *table, *newest));
  if (more) {
    TARN_ASSIGN(newest, table->Latest(context, newest));
  }
  std::lock_guard lock(mutex_);
  if (auto found = entries_.find(root); found != entries_.end()) {
    auto& cached = found->second.newest;
    if (!cached || cached->version() <= newest->version()) cached = newest;
  }
  return newest;
}

void SnapshotCache::Forget(const std::string& root) {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(root);
  if (found == entries_.end()) return;
  uses_.erase(found->second.use);
  entries_.erase(found);
}

}  // namespace tarn::session
