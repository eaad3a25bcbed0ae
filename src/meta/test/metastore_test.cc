#include "tarn/meta/metastore.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace tarn::meta {
namespace {

class MetastoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tarn_meta_test_XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/metastore.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static SecurableRow Row(std::string id, std::string kind, std::string parent, std::string name) {
    SecurableRow row;
    row.id = std::move(id);
    row.kind = std::move(kind);
    row.parent_id = std::move(parent);
    row.space = row.kind == "table" ? "relation" : row.kind;
    row.name = name;
    row.folded_name = std::move(name);
    return row;
  }

  void SetPragma(const std::string& pragma) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, ("PRAGMA " + pragma).c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
  }

  RequestContext ctx_;
  std::string folder_, path_;
};

TEST_F(MetastoreTest, RowsComeBackAsTheyWereInserted) {
  auto store = *Metastore::Open(path_);
  SecurableRow row = Row("i", "metastore", "", "lake");
  row.owner = "ann";
  row.comment = std::string("a\0b 'quote'", 11);
  row.properties = R"({"k":"v"})";
  row.location = "tables/i";
  row.created_us = 5;
  {
    auto write = *store->Begin(ctx_, TransactionKind::kWrite);
    ASSERT_TRUE(write.Insert(row).ok());
    ASSERT_TRUE(write.Commit().ok());
  }
  auto read = *store->Begin(ctx_, TransactionKind::kRead);
  const auto found = *read.FindById("i");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->comment, row.comment);
  EXPECT_EQ(found->properties, row.properties);
  EXPECT_EQ(found->location, row.location);
  EXPECT_EQ(found->parent_id, "");
  EXPECT_FALSE(found->dropped_us.has_value());
}

TEST_F(MetastoreTest, ATransactionThatIsNotCommittedLeavesNothing) {
  auto store = *Metastore::Open(path_);
  {
    auto write = *store->Begin(ctx_, TransactionKind::kWrite);
    ASSERT_TRUE(write.Insert(Row("i", "metastore", "", "lake")).ok());
  }
  auto read = *store->Begin(ctx_, TransactionKind::kRead);
  EXPECT_FALSE((*read.FindById("i")).has_value());
}

TEST_F(MetastoreTest, ANameIsFreeAgainOnceItsSecurableIsDropped) {
  auto store = *Metastore::Open(path_);
  auto write = *store->Begin(ctx_, TransactionKind::kWrite);
  ASSERT_TRUE(write.Insert(Row("root", "metastore", "", "lake")).ok());
  SecurableRow first = Row("a", "table", "root", "t");
  ASSERT_TRUE(write.Insert(first).ok());
  EXPECT_EQ(write.Insert(Row("b", "table", "root", "t")).error().condition(),
            Condition("METASTORE_ERROR"));
  first.dropped_us = 7;
  ASSERT_TRUE(write.Update(first).ok());
  ASSERT_TRUE(write.Insert(Row("b", "table", "root", "t")).ok());
  EXPECT_EQ((*write.Find("root", "relation", "t"))->id, "b");
  const auto dropped = write.ListDropped("root", "relation");
  ASSERT_EQ(dropped->size(), 1u);
  EXPECT_EQ(dropped->front().id, "a");
}

TEST_F(MetastoreTest, AChildNeedsItsParent) {
  auto store = *Metastore::Open(path_);
  auto write = *store->Begin(ctx_, TransactionKind::kWrite);
  EXPECT_FALSE(write.Insert(Row("a", "table", "nobody", "t")).ok());
}

TEST_F(MetastoreTest, ATableHasOneNewestCommitWhichGoesWithIt) {
  auto store = *Metastore::Open(path_);
  auto write = *store->Begin(ctx_, TransactionKind::kWrite);
  ASSERT_TRUE(write.Insert(Row("root", "metastore", "", "lake")).ok());
  ASSERT_TRUE(write.Insert(Row("a", "table", "root", "t")).ok());
  EXPECT_FALSE((*write.FindTableCommit("a")).has_value());
  ASSERT_TRUE(write.PutTableCommit({"a", 4, "4.json", 1}).ok());
  ASSERT_TRUE(write.PutTableCommit({"a", 5, "5.json", 2}).ok());
  const auto newest = *write.FindTableCommit("a");
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->version, 5);
  EXPECT_EQ(newest->staged_file, "5.json");
  ASSERT_TRUE(write.Remove("a").ok());
  EXPECT_FALSE((*write.FindTableCommit("a")).has_value());
  EXPECT_FALSE(write.PutTableCommit({"nobody", 1, "1.json", 1}).ok());
}

TEST_F(MetastoreTest, AnOlderFormatIsMigrated) {
  (void)*Metastore::Open(path_);
  // As the first format left it.
  SetPragma("user_version=1; DROP TABLE table_commits");
  auto store = *Metastore::Open(path_);
  auto read = *store->Begin(ctx_, TransactionKind::kRead);
  EXPECT_FALSE((*read.FindTableCommit("a")).has_value());
}

TEST_F(MetastoreTest, ANewerFormatIsRefusedAndLeftAlone) {
  (void)*Metastore::Open(path_);
  SetPragma("user_version=99");
  const auto opened = Metastore::Open(path_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().condition(), Condition("LAKE_VERSION_TOO_NEW"));
  EXPECT_EQ(opened.error().parameter("found"), "99");
}

TEST_F(MetastoreTest, AForeignFileIsRefused) {
  SetPragma("application_id=1234");
  EXPECT_EQ(Metastore::Open(path_).error().condition(), Condition("METASTORE_ERROR"));
  std::filesystem::remove(path_);
  FILE* file = std::fopen(path_.c_str(), "w");
  std::fputs(
      "this is no database, but a text of more than a hundred bytes "
      "so that SQLite looks for its header and doesn't find it there",
      file);
  std::fclose(file);
  EXPECT_EQ(Metastore::Open(path_).error().condition(), Condition("METASTORE_ERROR"));
}

TEST_F(MetastoreTest, GenerationGrowsWithChangesOfThisAndOfOtherConnections) {
  auto one = *Metastore::Open(path_);
  auto two = *Metastore::Open(path_);
  const uint64_t start = *one->Generation();
  EXPECT_EQ(*one->Generation(), start);
  const auto insert = [&](Metastore& store, const char* id) {
    auto write = *store.Begin(ctx_, TransactionKind::kWrite);
    ASSERT_TRUE(write.Insert(Row(id, "metastore", "", id)).ok());
    ASSERT_TRUE(write.Commit().ok());
  };
  insert(*two, "a");
  const uint64_t after_other = *one->Generation();
  EXPECT_NE(after_other, start);
  insert(*one, "b");
  EXPECT_NE(*one->Generation(), after_other);
}

TEST_F(MetastoreTest, AWriterWaitsForOthersAndThenReportsBusy) {
  auto one = *Metastore::Open(path_);
  auto two = *Metastore::Open(path_, {.busy_timeout_ms = 10});
  auto write = *one->Begin(ctx_, TransactionKind::kWrite);
  EXPECT_EQ(two->Begin(ctx_, TransactionKind::kWrite).error().condition(),
            Condition("METASTORE_BUSY"));
  EXPECT_TRUE(two->Begin(ctx_, TransactionKind::kRead).ok());
}

TEST_F(MetastoreTest, ABackupHoldsWhatWasCommitted) {
  auto store = *Metastore::Open(path_);
  {
    auto write = *store->Begin(ctx_, TransactionKind::kWrite);
    ASSERT_TRUE(write.Insert(Row("i", "metastore", "", "lake")).ok());
    ASSERT_TRUE(write.Commit().ok());
  }
  ASSERT_TRUE(store->BackupTo(folder_ + "/copy.db").ok());
  auto copy = *Metastore::Open(folder_ + "/copy.db");
  auto read = *copy->Begin(ctx_, TransactionKind::kRead);
  EXPECT_TRUE((*read.FindById("i")).has_value());
}

TEST_F(MetastoreTest, ProcessesOpeningANewLakeAtOnceAllSucceed) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(Metastore::Open(path_).ok() ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(*(*Metastore::Open(path_))->CheckIntegrity(), "ok");
}

}  // namespace
}  // namespace tarn::meta
