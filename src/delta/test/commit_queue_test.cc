#include "tarn/delta/commit_queue.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::TestTable;

/// Holds back the first put until it is let go, and can answer the next with a lost answer.
class HeldCommitter : public Committer {
 public:
  explicit HeldCommitter(std::shared_ptr<LogStore> store) : committer_(std::move(store)) {}

  Result<LogPut> Put(const RequestContext& ctx, Version version, std::string_view bytes) override {
    std::unique_lock lock(mutex_);
    ++puts_;
    reached_.notify_all();
    let_go_.wait(lock, [&] { return !held_; });
    if (broken_) return Error(Condition("IO_ERROR"), {{"operation", "Putting"}});
    return committer_.Put(ctx, version, bytes);
  }
  Result<std::string> Read(const RequestContext& ctx, Version version) override {
    return committer_.Read(ctx, version);
  }
  Status MakeDurable(const RequestContext& ctx, Version version) override {
    ++syncs_;
    return committer_.MakeDurable(ctx, version);
  }

  void WaitForPut() {
    std::unique_lock lock(mutex_);
    reached_.wait(lock, [&] { return puts_ > 0; });
  }
  void LetGo(bool broken = false) {
    std::lock_guard lock(mutex_);
    held_ = false;
    broken_ = broken;
    let_go_.notify_all();
  }
  int puts() const { return puts_; }
  int syncs() const { return syncs_; }

 private:
  FileSystemCommitter committer_;
  std::mutex mutex_;
  std::condition_variable reached_;
  std::condition_variable let_go_;
  bool held_ = true;
  bool broken_ = false;
  std::atomic<int> puts_ = 0;
  std::atomic<int> syncs_ = 0;
};

class CommitQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}};
    Transaction create(t.handlers(), "/lake/t");
    ASSERT_TRUE(create.SetMetadata(std::move(metadata)).ok());
    FileSystemCommitter committer(t.log);
    ASSERT_TRUE(std::holds_alternative<Committed>(create.Commit(t.ctx, committer)));
  }
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }
  Transaction Append(const std::string& path) {
    Transaction append(t.handlers(), Latest());
    AddFile add;
    add.path = path;
    add.size = 10;
    add.stats = R"({"numRecords":1})";
    append.Add(std::move(add));
    append.SetMetric("numFiles", 1);
    return append;
  }

  /// Commits each on a thread of its own: the first alone, the others while it is held back.
  std::vector<CommitResult> CommitAll(std::vector<Transaction>& transactions, bool broken = false) {
    std::vector<CommitResult> results(transactions.size());
    std::vector<std::jthread> threads;
    const auto start = [&](size_t i) {
      threads.emplace_back(
          [&, i] { results[i] = queue.Commit(t.ctx, committer, transactions[i]); });
    };
    start(0);
    committer.WaitForPut();
    for (size_t i = 1; i < transactions.size(); ++i) start(i);
    while (queue.waiting() < transactions.size() - 1) std::this_thread::yield();
    committer.LetGo(broken);
    threads.clear();
    return results;
  }

  TestTable t;
  CommitQueue queue;
  HeldCommitter committer{t.log};
};

Version VersionOf(const CommitResult& result) {
  const auto* committed = std::get_if<Committed>(&result);
  return committed == nullptr ? kNoVersion : committed->version;
}

TEST_F(CommitQueueTest, AppendsThatWaitTogetherShareAVersion) {
  std::vector<Transaction> appends;
  for (int i = 0; i < 9; ++i) appends.push_back(Append("file-" + std::to_string(i)));
  const std::vector<CommitResult> results = CommitAll(appends);
  EXPECT_EQ(VersionOf(results[0]), 1);
  for (size_t i = 1; i < results.size(); ++i) EXPECT_EQ(VersionOf(results[i]), 2);
  EXPECT_EQ(Latest()->version(), 2);
  EXPECT_EQ(Latest()->files().size(), 9u);
  EXPECT_EQ(committer.puts(), 2);
  // Only what another may have put must be made durable before.
  EXPECT_EQ(committer.syncs(), 1);
  const std::string shared = t.Get("_delta_log/00000000000000000002.json");
  EXPECT_NE(shared.find(R"("numFiles":"8")"), std::string::npos) << shared;
  EXPECT_NE(shared.find(R"("numSharedTransactions":"8")"), std::string::npos) << shared;
}

TEST_F(CommitQueueTest, WhatReadsOrTellsOtherThingsKeepsAVersionOfItsOwn) {
  std::vector<Transaction> some;
  some.push_back(Append("a"));
  some.push_back(Append("b"));
  some.push_back(Append("by another"));
  some.back().SetUser("another", "another");
  some.push_back(Append("with progress"));
  some.back().SetTransactionVersion("app", 1);
  some.push_back(Append("c"));
  const std::vector<CommitResult> results = CommitAll(some);
  std::set<Version> versions;
  for (const CommitResult& result : results) versions.insert(VersionOf(result));
  EXPECT_EQ(versions, (std::set<Version>{1, 2, 3, 4}));
  EXPECT_EQ(VersionOf(results[1]), VersionOf(results[4]));
  EXPECT_EQ(Latest()->files().size(), 5u);
}

TEST_F(CommitQueueTest, ACommitOfAnotherProcessIsPassedBeforeAPut) {
  std::vector<Transaction> one;
  one.push_back(Append("mine"));
  std::vector<Transaction> late;
  late.push_back(Append("late"));
  committer.LetGo();
  ASSERT_EQ(VersionOf(queue.Commit(t.ctx, committer, one[0])), 1);
  Transaction other = Append("other");
  FileSystemCommitter another(t.log);
  ASSERT_EQ(VersionOf(other.Commit(t.ctx, another)), 2);
  // `late` read version 0: it is put once, where there is room.
  EXPECT_EQ(VersionOf(queue.Commit(t.ctx, committer, late[0])), 3);
  EXPECT_EQ(committer.puts(), 2);
}

TEST_F(CommitQueueTest, AChangeOfTheMetadataStopsOnlyWhoReadBeforeIt) {
  std::vector<Transaction> some;
  some.push_back(Append("held"));
  some.push_back(Append("before"));
  Transaction change(t.handlers(), Latest());
  Metadata metadata = Latest()->metadata();
  metadata.description = "told anew";
  ASSERT_TRUE(change.SetMetadata(metadata).ok());
  FileSystemCommitter another(t.log);
  ASSERT_EQ(VersionOf(change.Commit(t.ctx, another)), 1);
  some.push_back(Append("after"));
  const std::vector<CommitResult> results = CommitAll(some);
  EXPECT_TRUE(std::holds_alternative<Conflicted>(results[0]));
  EXPECT_TRUE(std::holds_alternative<Conflicted>(results[1]));
  EXPECT_EQ(VersionOf(results[2]), 2);
}

TEST_F(CommitQueueTest, ACancelledWaitEndsWithoutACommit) {
  std::vector<Transaction> held;
  held.push_back(Append("held"));
  Transaction cancelled = Append("cancelled");
  std::jthread first([&] { (void)queue.Commit(t.ctx, committer, held[0]); });
  committer.WaitForPut();
  RequestContext ctx = t.ctx;
  ctx.cancellation = std::make_shared<CancellationToken>();
  ctx.cancellation->Cancel();
  const CommitResult result = queue.Commit(ctx, committer, cancelled);
  EXPECT_TRUE(std::holds_alternative<Conflicted>(result));
  committer.LetGo();
  first.join();
  EXPECT_EQ(Latest()->files().size(), 1u);
}

TEST_F(CommitQueueTest, AFailureIsEverybodysWhoSharedIt) {
  std::vector<Transaction> appends;
  for (int i = 0; i < 4; ++i) appends.push_back(Append("file-" + std::to_string(i)));
  for (const CommitResult& result : CommitAll(appends, /*broken=*/true)) {
    EXPECT_TRUE(std::holds_alternative<Conflicted>(result));
  }
  EXPECT_EQ(Latest()->version(), 0);
}

}  // namespace
}  // namespace tarn::delta
