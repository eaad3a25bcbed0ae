// Transactions of several statements, by sessions that work at once.

#include "open_transaction.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tarn/session/session.h"

namespace tarn::session {
namespace {

constexpr const char* kManaged = " TBLPROPERTIES ('delta.feature.catalogManaged' = 'supported')";

class OpenTransactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = std::filesystem::temp_directory_path() / "tarn-session-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    InstanceOptions options;
    options.home = folder_ + "/lake";
    options.memory_bytes_max = 256 << 20;
    options.threads = 1;
    RequestContext context;
    context.principal = "ann";
    auto instance = Instance::Open(context, options);
    ASSERT_TRUE(instance.ok()) << instance.error().ToString();
    instance_ = std::move(*instance);
    mine_ = instance_->NewSession({.principal = "ann"});
    other_ = instance_->NewSession({.principal = "ben"});
  }
  void TearDown() override {
    mine_.reset();
    other_.reset();
    instance_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// The rows, their values parted by blanks; or the condition of the error.
  static std::string Run(Session& session, const std::string& sql) {
    auto result = session.Execute(session.NewContext(), sql);
    if (!result.ok()) return std::string(result.error().name());
    std::string text;
    while (true) {
      auto batch = result->rows->NextRendered();
      if (!batch.ok()) return std::string(batch.error().name());
      if (batch->empty()) return text;
      for (const auto& row : *batch) {
        if (!text.empty()) text += "\n";
        for (size_t i = 0; i < row.size(); ++i) {
          text += (i > 0 ? " " : "") + row[i].value_or("NULL");
        }
      }
    }
  }
  std::string Mine(const std::string& sql) { return Run(*mine_, sql); }
  std::string Other(const std::string& sql) { return Run(*other_, sql); }

  /// The files of all tables but those of their logs.
  size_t DataFiles() const {
    size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_ + "/lake/tables")) {
      const std::string path = entry.path();
      files += entry.is_regular_file() && path.find("_delta_log") == path.npos ? 1 : 0;
    }
    return files;
  }

  std::string folder_;
  std::unique_ptr<Instance> instance_;
  std::unique_ptr<Session> mine_;
  std::unique_ptr<Session> other_;
};

TEST_F(OpenTransactionTest, NobodySeesItBeforeTheCommit) {
  Mine(std::string("CREATE TABLE a (id INT)") + kManaged);
  Mine(std::string("CREATE TABLE b (id INT)") + kManaged);
  EXPECT_EQ(Mine("BEGIN TRANSACTION"), "");
  Mine("INSERT INTO a VALUES (1)");
  Mine("INSERT INTO b VALUES (1), (2)");
  EXPECT_EQ(Mine("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"), "1 2");
  EXPECT_EQ(Other("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"), "0 0");
  EXPECT_EQ(Mine("COMMIT"), "");
  EXPECT_FALSE(mine_->in_transaction());
  EXPECT_EQ(Other("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"), "1 2");
  // Each table's version has its checksum.
  size_t checksums = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_ + "/lake/tables")) {
    checksums += entry.path().filename() == "00000000000000000001.crc" ? 1 : 0;
  }
  EXPECT_EQ(checksums, 2u);
  EXPECT_EQ(Mine("SELECT operation FROM (DESCRIBE HISTORY a) ORDER BY version DESC LIMIT 1"),
            "WRITE");
}

TEST_F(OpenTransactionTest, ReadsRepeat) {
  Mine("CREATE TABLE a (id INT)");
  Mine("BEGIN TRANSACTION");
  EXPECT_EQ(Mine("SELECT count(*) FROM a"), "0");
  Other("INSERT INTO a VALUES (1)");
  EXPECT_EQ(Mine("SELECT count(*) FROM a"), "0");
  EXPECT_EQ(Mine("COMMIT"), "");
  EXPECT_EQ(Mine("SELECT count(*) FROM a"), "1");
}

TEST_F(OpenTransactionTest, AppendsOfOthersAreNoConflict) {
  Mine("CREATE TABLE a (id INT)");
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (1)");
  Mine("INSERT INTO a VALUES (2)");
  Other("INSERT INTO a VALUES (3)");
  EXPECT_EQ(Mine("COMMIT"), "");
  EXPECT_EQ(Mine("SELECT sum(id) FROM a"), "6");
}

TEST_F(OpenTransactionTest, AConflictInOneTableFailsAll) {
  Mine(std::string("CREATE TABLE a (id INT)") + kManaged);
  Mine(std::string("CREATE TABLE b (id INT)") + kManaged);
  Mine("INSERT INTO b VALUES (1), (2)");
  const size_t files = DataFiles();
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (1)");
  Mine("UPDATE b SET id = id + 10 WHERE id = 1");
  EXPECT_EQ(Other("DELETE FROM b"), "2");
  EXPECT_EQ(Mine("COMMIT"), "DELTA_CONCURRENT_DELETE_READ");
  EXPECT_TRUE(mine_->in_transaction());
  EXPECT_EQ(Mine("COMMIT"), "TRANSACTION_ROLLBACK_REQUIRED_AFTER_ABORT.PREVIOUS_QUERY_FAILURE");
  EXPECT_EQ(Mine("ROLLBACK"), "");
  EXPECT_EQ(Mine("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"), "0 0");
  EXPECT_EQ(DataFiles(), files);
}

TEST_F(OpenTransactionTest, WhatASelectReadOfATableIsReadByItsChange) {
  Mine("CREATE TABLE a (id INT)");
  Mine("INSERT INTO a VALUES (1)");
  Mine("BEGIN TRANSACTION");
  EXPECT_EQ(Mine("SELECT max(id) FROM a"), "1");
  Mine("INSERT INTO a VALUES (2)");
  Other("UPDATE a SET id = 5");
  EXPECT_EQ(Mine("COMMIT"), "DELTA_CONCURRENT_APPEND");
  Mine("ROLLBACK");
}

TEST_F(OpenTransactionTest, ATableThatIsOnlyReadMayChange) {
  Mine("CREATE TABLE a (id INT)");
  Mine("CREATE TABLE b (id INT)");
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a SELECT count(*) FROM b");
  Other("INSERT OVERWRITE b VALUES (1)");
  EXPECT_EQ(Mine("COMMIT"), "");
}

TEST_F(OpenTransactionTest, WhatWasWrittenInVainGoes) {
  Mine("CREATE TABLE a (id INT)");
  Mine("INSERT INTO a VALUES (1)");
  const size_t files = DataFiles();
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (2)");
  Mine("INSERT INTO a VALUES (3)");
  EXPECT_EQ(DataFiles(), files + 2);
  Mine("ROLLBACK");
  EXPECT_EQ(DataFiles(), files);
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (2)");
  EXPECT_EQ(Mine("SELECT 1 / 0"), "DIVIDE_BY_ZERO");
  EXPECT_EQ(DataFiles(), files);
  Mine("ROLLBACK");
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (2)");
  Mine("UPDATE a SET id = 4 WHERE id = 2");
  Mine("COMMIT");
  EXPECT_EQ(DataFiles(), files + 1);
  EXPECT_EQ(Mine("SELECT sum(id) FROM a"), "5");
  // The session's end, too.
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (2)");
  mine_.reset();
  EXPECT_EQ(DataFiles(), files + 1);
}

TEST_F(OpenTransactionTest, ADroppedTableFailsAll) {
  Mine(std::string("CREATE TABLE a (id INT)") + kManaged);
  Mine(std::string("CREATE TABLE b (id INT)") + kManaged);
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (1)");
  Mine("INSERT INTO b VALUES (1)");
  Other("DROP TABLE b");
  EXPECT_EQ(Mine("COMMIT"), "TABLE_OR_VIEW_NOT_FOUND");
  Mine("ROLLBACK");
  EXPECT_EQ(Mine("SELECT count(*) FROM a"), "0");
}

TEST_F(OpenTransactionTest, AFolderThatBecameAnothersTakesNothing) {
  const std::string place = " LOCATION '" + folder_ + "/place'";
  Mine("CREATE TABLE a (id INT)" + place);
  Mine("BEGIN TRANSACTION");
  Mine("INSERT INTO a VALUES (1)");
  Other("DROP TABLE a");
  std::filesystem::remove_all(folder_ + "/place");
  ASSERT_EQ(Other("CREATE TABLE b (id INT)" + place), "");
  EXPECT_EQ(Mine("COMMIT"), "DELTA_METADATA_CHANGED");
  Mine("ROLLBACK");
  EXPECT_EQ(Mine("SELECT count(*) FROM b"), "0");
}

TEST_F(OpenTransactionTest, TransfersAtOnceKeepTheSum) {
  Mine(std::string("CREATE TABLE a (id INT, n INT)") + kManaged);
  Mine(std::string("CREATE TABLE b (id INT, n INT)") + kManaged);
  Mine("INSERT INTO a VALUES (1, 100)");
  Mine("INSERT INTO b VALUES (1, 0)");
  constexpr int kTransfers = 10;
  const auto transfer = [](Session& session) {
    int done = 0;
    while (done < kTransfers) {
      const std::string outcome = Run(session,
                                      "BEGIN ATOMIC UPDATE a SET n = n - 1; UPDATE b SET n = n + "
                                      "1; SELECT a.n + b.n FROM a, b; END");
      if (outcome == "100") {
        ++done;
      } else {
        EXPECT_TRUE(outcome.starts_with("DELTA_CONCURRENT")) << outcome;
      }
    }
  };
  std::thread thread([&] { transfer(*other_); });
  transfer(*mine_);
  thread.join();
  EXPECT_EQ(Mine("SELECT a.n, b.n FROM a, b"), "80 20");
}

TEST_F(OpenTransactionTest, ATransactionHasBounds) {
  Mine("CREATE TABLE a (id INT)");
  Mine("BEGIN TRANSACTION");
  const size_t tables = OpenTransaction::kTablesMax;
  std::string last;
  for (size_t i = 0; i <= tables; ++i) {
    const std::string name = "t" + std::to_string(i);
    Other("CREATE TABLE " + name + " (id INT)");
    last = Mine("SELECT count(*) FROM " + name);
    if (i < tables) {
      ASSERT_EQ(last, "0");
    }
  }
  EXPECT_EQ(last, "TRANSACTION_NOT_SUPPORTED.MAX_ACCESSED_TABLES_EXCEEDED");
}

}  // namespace
}  // namespace tarn::session
