#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/catalog/lake.h"
#include "tarn/delta/commit_queue.h"
#include "tarn/delta/snapshot.h"
#include "tarn/engine/engine.h"

namespace tarn::session {

/// The Delta tables this process has seen, with the newest snapshot of each, so that the next look
/// at a table reads only what is new. Holds at most kTablesMax tables. Thread-safe.
class SnapshotCache {
 public:
  SnapshotCache(catalog::Lake& lake, engine::Engine& engine) : lake_(lake), engine_(engine) {}

  /// The table stored at `root` (absolute path), whether or not it exists; opened anew if the path
  /// leads to another folder than before.
  Result<std::shared_ptr<const delta::Table>> Open(const RequestContext& context,
                                                   const std::string& root);
  /// The queue of this process's commits to the table that was opened at `root` last.
  std::shared_ptr<delta::CommitQueue> Commits(const std::string& root);
  /// Its newest version.
  Result<std::shared_ptr<const delta::Snapshot>> Latest(const RequestContext& context,
                                                        const std::string& root);
  /// Forgets a table whose folder was replaced or removed.
  void Forget(const std::string& root);

 private:
  static constexpr size_t kTablesMax = 256;

  struct Entry {
    std::shared_ptr<const delta::Table> table;
    std::shared_ptr<delta::CommitQueue> commits;
    std::shared_ptr<const delta::Snapshot> newest;
    std::string folder;  ///< io::DirectoryIdentity of its root when it was opened
    std::list<std::string>::iterator use;
  };

  catalog::Lake& lake_;
  engine::Engine& engine_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // guarded by mutex_
  std::list<std::string> uses_;           // guarded by mutex_; most recent first
};

}  // namespace tarn::session
