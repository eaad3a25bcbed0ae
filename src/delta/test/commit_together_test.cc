#include <gtest/gtest.h>

#include <array>

#include "tarn/delta/catalog_committer.h"
#include "test/memory_coordinator.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::MemoryCoordinator;
using test::TestTable;

/// A catalog with two tables.
class CommitTogetherTest : public ::testing::Test {
 protected:
  struct One {
    TestTable t;
    std::string root;
    std::unique_ptr<CatalogCommitter> committer;
  };

  void SetUp() override {
    for (size_t i = 0; i < tables.size(); ++i) {
      One& one = tables[i];
      one.root = "/lake/t" + std::to_string(i);
      one.committer = std::make_unique<CatalogCommitter>(one.t.log, SystemIds(), coordinator,
                                                         "table-" + std::to_string(i));
      one.t.Create({{"delta.feature.catalogManaged", "supported"}}, one.root);
    }
  }
  std::shared_ptr<const Snapshot> Latest(One& one) {
    return *Table(one.t.handlers(), one.root).Latest(one.t.ctx);
  }
  Transaction Append(One& one, const std::string& path) {
    Transaction append(one.t.handlers(), Latest(one));
    AddFile add;
    add.path = path;
    add.size = 10;
    add.stats = R"({"numRecords":1})";
    append.Add(std::move(add));
    return append;
  }
  void CommitOther(One& one, const std::string& path) {
    Transaction other = Append(one, path);
    ASSERT_TRUE(std::holds_alternative<Committed>(other.Commit(one.t.ctx, *one.committer)));
  }
  CatalogCommitResult Commit(Transaction& a, Transaction& b) {
    return CommitTogether(tables[0].t.ctx,
                          {{&a, tables[0].committer.get()}, {&b, tables[1].committer.get()}},
                          *coordinator);
  }
  size_t Staged() {
    size_t staged = 0;
    for (One& one : tables) {
      staged += one.t.log->List(one.t.ctx, "_delta_log/_staged_commits", "")->size();
    }
    return staged;
  }
  std::vector<Version> Versions() {
    std::vector<Version> versions;
    for (One& one : tables) versions.push_back(Latest(one)->version());
    return versions;
  }

  std::array<One, 2> tables;
  std::shared_ptr<MemoryCoordinator> coordinator = std::make_shared<MemoryCoordinator>();
};

TEST_F(CommitTogetherTest, AllAreCommitted) {
  Transaction a = Append(tables[0], "a");
  Transaction b = Append(tables[1], "b");
  const auto result = Commit(a, b);
  const auto* committed = std::get_if<std::vector<Committed>>(&result);
  ASSERT_NE(committed, nullptr);
  EXPECT_EQ((*committed)[0].version, 1);
  EXPECT_EQ((*committed)[1].version, 1);
  EXPECT_EQ(Versions(), (std::vector<Version>{1, 1}));
  EXPECT_EQ(Staged(), 0u);
}

TEST_F(CommitTogetherTest, OneTakenVersionSendsThatTableOn) {
  Transaction a = Append(tables[0], "a");
  Transaction b = Append(tables[1], "b");
  CommitOther(tables[1], "c");
  CommitOther(tables[1], "d");
  const auto result = Commit(a, b);
  const auto* committed = std::get_if<std::vector<Committed>>(&result);
  ASSERT_NE(committed, nullptr);
  EXPECT_EQ((*committed)[0].version, 1);
  EXPECT_EQ((*committed)[1].version, 3);
  EXPECT_EQ(Staged(), 0u);
}

TEST_F(CommitTogetherTest, AConflictInOneTableLeavesAllAsTheyWere) {
  Transaction a = Append(tables[0], "a");
  Transaction b = Append(tables[1], "b");
  b.RemoveAll();
  b.ReadWholeTable();
  Transaction other = Append(tables[1], "c");
  other.ReadWholeTable();
  ASSERT_TRUE(
      std::holds_alternative<Committed>(other.Commit(tables[1].t.ctx, *tables[1].committer)));
  const auto result = Commit(a, b);
  const auto* conflicted = std::get_if<Conflicted>(&result);
  ASSERT_NE(conflicted, nullptr);
  EXPECT_EQ(conflicted->error.condition(), Condition("DELTA_CONCURRENT_APPEND"));
  EXPECT_EQ(Versions(), (std::vector<Version>{0, 1}));
  EXPECT_EQ(Staged(), 0u);
}

TEST_F(CommitTogetherTest, ASilentCatalogIsAskedAgain) {
  coordinator->silent_once = true;
  Transaction a = Append(tables[0], "a");
  Transaction b = Append(tables[1], "b");
  const auto result = Commit(a, b);
  ASSERT_NE(std::get_if<std::vector<Committed>>(&result), nullptr);
  EXPECT_EQ(Versions(), (std::vector<Version>{1, 1}));
  EXPECT_EQ(Staged(), 0u);
}

TEST_F(CommitTogetherTest, ARefusalLeavesNothing) {
  coordinator->refuses = true;
  Transaction a = Append(tables[0], "a");
  Transaction b = Append(tables[1], "b");
  const auto result = Commit(a, b);
  ASSERT_NE(std::get_if<Conflicted>(&result), nullptr);
  EXPECT_EQ(Versions(), (std::vector<Version>{0, 0}));
  EXPECT_EQ(Staged(), 0u);
}

}  // namespace
}  // namespace tarn::delta
