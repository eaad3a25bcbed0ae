#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/delta/transaction.h"

namespace tarn::delta {

/// The commits of one process to one table, one after the other, so that they don't put versions
/// over each other in vain. Appends that read nothing and wait at the same time share a version and
/// its flush: each is acknowledged only after that is durable, all are in it or none. Thread-safe.
class CommitQueue {
 public:
  /// Transaction::Commit in its turn. A wait ends early with Conflicted when the context is
  /// cancelled or its deadline passes.
  CommitResult Commit(const RequestContext& ctx, Committer& committer, Transaction& transaction);
  /// How many wait for their turn.
  size_t waiting();

 private:
  struct Waiter {
    const RequestContext& ctx;
    Committer& committer;
    Transaction& transaction;
    std::optional<CommitResult> result;
    bool taken = false;
  };

  std::vector<Waiter*> TakeGroup(Waiter& first);
  /// A result for each. `checksums`: that of the last version, if it is known; those of the new
  /// ones are added.
  static std::vector<CommitResult> CommitGroup(const std::vector<Waiter*>& group, Version durable,
                                               std::vector<VersionChecksum>& checksums);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiter*> waiters_;                   ///< guarded by mutex_
  bool busy_ = false;                             ///< guarded by mutex_
  Version durable_ = kNoVersion;                  ///< that was put last; guarded by mutex_
  std::optional<VersionChecksum> last_checksum_;  ///< guarded by mutex_
};

}  // namespace tarn::delta
