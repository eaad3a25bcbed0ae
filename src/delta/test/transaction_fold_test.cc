#include "tarn/delta/transaction_fold.h"

#include <gtest/gtest.h>

#include "tarn/delta/pending_log.h"
#include "tarn/delta/row_tracking.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::TestTable;

AddFile File(const std::string& path, int64_t records = 10) {
  AddFile add;
  add.path = path;
  add.size = 10;
  add.modification_time_ms = 1;
  add.stats = R"({"numRecords":)" + std::to_string(records) + "}";
  return add;
}

DeletionVectorDescriptor Vector(const std::string& name) { return {'i', name, std::nullopt, 4, 1}; }

/// Several changes upon each other, as a session's transaction makes them.
class TransactionFoldTest : public ::testing::Test {
 protected:
  void Create(const std::map<std::string, std::string>& properties = {}) {
    t.Create(properties);
    Transaction append(t.handlers(), Latest());
    append.Add(File("a"));
    append.Add(File("b"));
    t.Commit(append);
  }
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }

  void Begin() {
    last = Latest();
    fold.emplace(t.handlers(), last, "the-transaction");
    pending = std::make_shared<PendingLog>(t.log, last->version());
    Handlers handlers = t.handlers();
    handlers.log = pending;
    view.emplace(handlers, "/lake/t");
  }
  Transaction Change() { return Transaction(view->handlers(), last); }
  void Take(Transaction change) {
    FileSystemCommitter committer(pending);
    change.SetRowVersion(fold->base()->version() + 1);
    const CommitResult result = change.CommitOnly(t.ctx, committer);
    ASSERT_TRUE(std::holds_alternative<Committed>(result));
    fold->Add(change);
    last = *view->Latest(t.ctx, last);
  }
  size_t At(const std::string& path) { return *last->files().Find(path); }
  /// The condition of a conflict, or "".
  std::string Finish() {
    Transaction whole = fold->Finish(*last);
    FileSystemCommitter committer(t.log);
    const CommitResult result = whole.Commit(t.ctx, committer);
    if (const auto* conflicted = std::get_if<Conflicted>(&result)) {
      return std::string(conflicted->error.name());
    }
    EXPECT_TRUE(std::holds_alternative<Committed>(result));
    return "";
  }
  static std::string Files(const Snapshot& snapshot) {
    std::set<std::string> names;
    for (size_t i = 0; i < snapshot.files().size(); ++i) {
      const auto* vector = snapshot.files().deletion_vector(i);
      names.insert(std::string(snapshot.files().path(i)) +
                   (vector == nullptr ? "" : "-" + vector->path_or_inline));
    }
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
  }

  TestTable t;
  std::shared_ptr<PendingLog> pending;
  std::optional<Table> view;
  std::shared_ptr<const Snapshot> last;
  std::optional<TransactionFold> fold;
};

TEST_F(TransactionFoldTest, ChangesBecomeOneVersion) {
  Create();
  Begin();
  Transaction first = Change();
  first.Add(File("c"));
  first.SetOperation("WRITE");
  first.SetMetric("numFiles", 1);
  Take(std::move(first));
  Transaction second = Change();
  second.Remove(At("a"));
  second.Remove(At("c"));
  second.Add(File("d"));
  second.SetOperation("UPDATE");
  second.SetMetric("numFiles", 2);
  Take(std::move(second));
  EXPECT_EQ(Files(*last), "b d");
  // Nobody else sees it.
  EXPECT_EQ(Latest()->version(), 1);
  EXPECT_EQ(last->version(), 3);
  ASSERT_EQ(Finish(), "");
  const auto latest = Latest();
  EXPECT_EQ(latest->version(), 2);
  EXPECT_EQ(Files(*latest), "b d");
  const std::string bytes = t.Get("_delta_log/00000000000000000002.json");
  EXPECT_EQ(bytes.find("\"path\":\"c\""), bytes.npos);
  EXPECT_NE(bytes.find("the-transaction"), bytes.npos);
  const auto history = *Table(t.handlers(), "/lake/t").History(t.ctx, 1);
  EXPECT_EQ(history[0].info->operation, "TRANSACTION");
  EXPECT_EQ(history[0].info->operation_metrics.at("numFiles"), "3");
  EXPECT_EQ(history[0].info->read_version, 1);
}

TEST_F(TransactionFoldTest, WhatWasWrittenInVainIsKnown) {
  Create();
  Begin();
  Transaction first = Change();
  first.Add(File("c"));
  first.Add(File("d"));
  Take(std::move(first));
  Transaction second = Change();
  second.Remove(At("c"));
  Take(std::move(second));
  EXPECT_EQ(fold->WrittenFiles(nullptr), (std::set<std::string>{"c", "d"}));
  const Transaction whole = fold->Finish(*last);
  EXPECT_EQ(fold->WrittenFiles(&whole), (std::set<std::string>{"c"}));
  EXPECT_FALSE(TransactionFold::EndsWhereItBegan(fold->Finish(*last)));
  Transaction third = Change();
  third.Remove(At("d"));
  Take(std::move(third));
  EXPECT_TRUE(TransactionFold::EndsWhereItBegan(fold->Finish(*last)));
}

TEST_F(TransactionFoldTest, TheLastDeletionVectorCounts) {
  Create({{"delta.enableDeletionVectors", "true"}});
  Begin();
  for (const char* name : {"first", "second"}) {
    Transaction change = Change();
    change.SetDeletionVector(At("a"), Vector(name));
    Take(std::move(change));
  }
  Transaction change = Change();
  change.Add(File("c"));
  Take(std::move(change));
  Transaction again = Change();
  again.SetDeletionVector(At("c"), Vector("third"));
  Take(std::move(again));
  ASSERT_EQ(Finish(), "");
  EXPECT_EQ(Files(*Latest()), "a-second b c-third");
}

TEST_F(TransactionFoldTest, AConcurrentChangeOfWhatWasReadIsAConflict) {
  Create();
  Begin();
  Transaction change = Change();
  change.Remove(At("a"));
  change.ReadFile(At("a"));
  Take(std::move(change));
  Transaction append = Change();
  append.Add(File("c"));
  Take(std::move(append));
  Transaction other(t.handlers(), Latest());
  other.Remove(*Latest()->files().Find("a"));
  t.Commit(other);
  EXPECT_EQ(Finish(), "DELTA_CONCURRENT_DELETE_READ");
  EXPECT_EQ(Latest()->version(), 2);
}

TEST_F(TransactionFoldTest, AppendsGoOnTopOfOthers) {
  Create();
  Begin();
  for (const char* name : {"c", "d"}) {
    Transaction append = Change();
    append.Add(File(name));
    Take(std::move(append));
  }
  Transaction other(t.handlers(), Latest());
  other.Add(File("e"));
  t.Commit(other);
  ASSERT_EQ(Finish(), "");
  EXPECT_EQ(Files(*Latest()), "a b c d e");
  EXPECT_EQ(Latest()->version(), 3);
}

TEST_F(TransactionFoldTest, RowIdsAreGivenOutAtTheCommit) {
  Create({{"delta.enableRowTracking", "true"}});
  Begin();
  for (const char* name : {"c", "d"}) {
    Transaction append = Change();
    append.Add(File(name, 5));
    Take(std::move(append));
  }
  EXPECT_EQ(last->files().default_row_commit_version(At("d")), 2);
  Transaction other(t.handlers(), Latest());
  other.Add(File("e", 7));
  t.Commit(other);
  ASSERT_EQ(Finish(), "");
  const auto latest = Latest();
  const FileSet& files = latest->files();
  EXPECT_EQ(files.base_row_id(*files.Find("e")), 20);
  EXPECT_EQ(files.base_row_id(*files.Find("c")), 27);
  EXPECT_EQ(files.base_row_id(*files.Find("d")), 32);
  EXPECT_EQ(files.default_row_commit_version(*files.Find("d")), 3);
  EXPECT_EQ(RowIdHighWaterMark(latest->domains().at(kRowTrackingDomain)), 36);
}

TEST_F(TransactionFoldTest, RowIdsThatWereWrittenDownStay) {
  Create({{"delta.enableRowTracking", "true"}});
  for (const bool alone : {true, false}) {
    Begin();
    const int64_t mark = RowIdHighWaterMark(last->domains().at(kRowTrackingDomain));
    const std::string name = alone ? "c" : "d";
    Transaction append = Change();
    append.Add(File(name, 5));
    Take(std::move(append));
    // Takes rows of that file along, with their ids in it.
    Transaction update = Change();
    update.Remove(At(name));
    update.Add(File(name + "2", 5));
    Take(std::move(update));
    if (!alone) {
      Transaction other(t.handlers(), Latest());
      other.Add(File("e", 7));
      t.Commit(other);
      EXPECT_EQ(Finish(), "DELTA_CONCURRENT_APPEND");
      continue;
    }
    ASSERT_EQ(Finish(), "");
    const auto latest = Latest();
    const FileSet& files = latest->files();
    EXPECT_EQ(files.base_row_id(*files.Find("c2")), mark + 6);
    EXPECT_EQ(files.default_row_commit_version(*files.Find("c2")), 2);
    EXPECT_EQ(RowIdHighWaterMark(Latest()->domains().at(kRowTrackingDomain)), mark + 10);
  }
}

TEST_F(TransactionFoldTest, MetadataTransactionsAndDomainsComeAlong) {
  Create();
  Begin();
  Transaction first = Change();
  Metadata metadata = last->metadata();
  metadata.schema.fields.push_back({"y", TypeId::kString});
  ASSERT_TRUE(first.SetMetadata(std::move(metadata)).ok());
  first.SetTransactionVersion("app", 1);
  Take(std::move(first));
  Transaction second = Change();
  second.SetTransactionVersion("app", 2);
  second.Add(File("c"));
  Take(std::move(second));
  ASSERT_EQ(Finish(), "");
  EXPECT_EQ(Latest()->schema().fields.size(), 2u);
  EXPECT_EQ(Latest()->TransactionVersion("app"), 2);
  EXPECT_EQ(Files(*Latest()), "a b c");
}

TEST_F(TransactionFoldTest, ThePendingLogHidesWhatOthersCommit) {
  Create();
  Begin();
  Transaction other(t.handlers(), Latest());
  other.Add(File("e"));
  t.Commit(other);
  EXPECT_EQ((*view->Latest(t.ctx))->version(), 1);
  EXPECT_EQ((*view->Latest(t.ctx, last)).get(), last.get());
  Transaction append = Change();
  append.Add(File("c"));
  Take(std::move(append));
  EXPECT_GT(pending->bytes(), 0);
  // From scratch, too.
  EXPECT_EQ(Files(**view->Latest(t.ctx)), "a b c");
  EXPECT_EQ(view->History(t.ctx)->size(), 3u);
  // Nor is what others' versions are said to be that of the pending ones.
  t.Put("_delta_log/00000000000000000002.crc", "{}");
  EXPECT_FALSE((*pending->Stat(t.ctx, "_delta_log/00000000000000000002.crc")).has_value());
  EXPECT_EQ(Files(*Latest()), "a b e");
}

}  // namespace
}  // namespace tarn::delta
