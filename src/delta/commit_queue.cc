#include "tarn/delta/commit_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tarn::delta {
namespace {

/// Of one version: what stands in it is read by everybody who refreshes.
constexpr size_t kSharedTransactionsMax = 256;
/// How often a waiting commit looks whether it was cancelled.
constexpr std::chrono::milliseconds kCancellationPoll(20);

}  // namespace

std::vector<CommitQueue::Waiter*> CommitQueue::TakeGroup(Waiter& first) {
  std::vector<Waiter*> group{&first};
  for (auto at = std::next(waiters_.begin());
       at != waiters_.end() && group.size() < kSharedTransactionsMax; ++at) {
    if (!first.transaction.MayShareVersion((*at)->transaction)) continue;
    group.push_back(*at);
  }
  for (Waiter* waiter : group) {
    waiter->taken = true;
    std::erase(waiters_, waiter);
  }
  return group;
}

std::vector<CommitResult> CommitQueue::CommitGroup(const std::vector<Waiter*>& group,
                                                   Version durable,
                                                   std::vector<VersionChecksum>& checksums) {
  const auto note = [&](const Transaction& transaction, const CommitResult& result) {
    const VersionChecksum* before = checksums.empty() ? nullptr : &checksums.back();
    if (auto checksum = transaction.ChecksumOf(result, before)) {
      checksums.push_back(*std::move(checksum));
    }
  };
  if (group.size() > 1) {
    // Nobody's cancellation may cost the others their answer.
    RequestContext ctx = group.front()->ctx;
    ctx.cancellation = std::make_shared<CancellationToken>();
    ctx.deadline_us = RequestContext().deadline_us;
    std::vector<Transaction*> transactions;
    for (Waiter* waiter : group) transactions.push_back(&waiter->transaction);
    Transaction together = Transaction::Together(transactions);
    together.SetDurableVersion(durable);
    CommitResult shared = together.CommitOnly(ctx, group.front()->committer);
    note(together, shared);
    if (!std::holds_alternative<Conflicted>(shared)) return {group.size(), shared};
    // What is in the way of one needn't be in the way of the others.
  }
  std::vector<CommitResult> results;
  for (Waiter* waiter : group) {
    waiter->transaction.SetDurableVersion(durable);
    results.push_back(waiter->transaction.CommitOnly(waiter->ctx, waiter->committer));
    note(waiter->transaction, results.back());
    if (const auto* committed = std::get_if<Committed>(&results.back())) {
      durable = committed->version;
    }
  }
  return results;
}

size_t CommitQueue::waiting() {
  std::lock_guard lock(mutex_);
  return waiters_.size();
}

CommitResult CommitQueue::Commit(const RequestContext& ctx, Committer& committer,
                                 Transaction& transaction) {
  Waiter own{ctx, committer, transaction, std::nullopt, false};
  std::unique_lock lock(mutex_);
  waiters_.push_back(&own);
  while (!own.result && (busy_ || own.taken || waiters_.front() != &own)) {
    changed_.wait_for(lock, kCancellationPoll);
    if (own.taken) continue;
    if (Status go = ctx.Check(); !go.ok()) {
      std::erase(waiters_, &own);
      changed_.notify_all();
      return Conflicted{std::move(go).error()};
    }
  }
  if (own.result) return std::move(*own.result);
  busy_ = true;
  const std::vector<Waiter*> group = TakeGroup(own);
  const Version durable = durable_;
  std::vector<VersionChecksum> checksums;
  if (last_checksum_) checksums.push_back(*std::exchange(last_checksum_, std::nullopt));
  const size_t known = checksums.size();
  lock.unlock();
  std::vector<CommitResult> results = CommitGroup(group, durable, checksums);
  lock.lock();
  if (!checksums.empty()) last_checksum_ = checksums.back();
  for (size_t i = 0; i < group.size(); ++i) {
    if (const auto* committed = std::get_if<Committed>(&results[i])) {
      durable_ = std::max(durable_, committed->version);
    }
    group[i]->result = std::move(results[i]);
  }
  busy_ = false;
  changed_.notify_all();
  lock.unlock();
  // The next group needn't wait for these; the table is whole without them.
  for (size_t i = known; i < checksums.size(); ++i) {
    (void)transaction.WriteChecksum(ctx, checksums[i]);
  }
  // Only its own caller waits for a checkpoint.
  transaction.CheckpointIfDue(ctx, *own.result);
  return std::move(*own.result);
}

}  // namespace tarn::delta
