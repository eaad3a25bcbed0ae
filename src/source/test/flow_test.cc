#include "flow_fixture.h"

namespace tarn::source {
namespace {

const char* const kCopy = "SELECT `partition` AS p, offset AS o, value AS v FROM STREAM queue";

TEST_F(FlowTest, ReadsOnlyWhatIsNewInBatches) {
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  for (int i = 0; i < 4; ++i) queue_->Push(i % 2, {"k", "v" + std::to_string(i)});
  const auto first = RunAll(kCopy, folder);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(*first, 2);
  EXPECT_EQ(*RunAll(kCopy, folder), 0);
  queue_->Push(1, {"k", "late"});
  EXPECT_EQ(*RunAll(kCopy, folder), 1);
  EXPECT_EQ(Query("SELECT p, o, v FROM target ORDER BY p, o"),
            (std::vector<std::string>{"0|0|v0", "0|1|v2", "1|0|v1", "1|1|v3", "1|2|late"}));
}

TEST_F(FlowTest, EachRecordOnceWhateverCallOfTheCheckpointFails) {
  for (const io::DiskFault fault : {io::DiskFault::kFail, io::DiskFault::kLostAnswer,
                                    io::DiskFault::kTorn, io::DiskFault::kPowerCut}) {
    for (int k = 1; k < 60; k += 2) {
      Query("CREATE OR REPLACE TABLE target (p INT, o BIGINT, v STRING)");
      Query("DROP TABLE target");
      Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
      queue_ = std::make_shared<Queue>(2);
      sources_ = std::make_unique<TestSources>(*session_, queue_, 3);
      std::shared_ptr<io::FaultyObjectStore> folder = io::NewFaultyStore(7919 * k);
      for (int i = 0; i < 8; ++i) queue_->Push(i % 2, {"k", std::to_string(i)});
      folder->FailCall(k, fault);
      for (int attempt = 0;; ++attempt) {
        ASSERT_LT(attempt, 3);
        const auto done = RunAll(kCopy, folder);
        if (done.ok()) break;
        if (!folder->powered()) folder->Restart();
      }
      ASSERT_EQ(Query("SELECT count(*), count(DISTINCT p, o) FROM target"),
                std::vector<std::string>{"8|8"})
          << "fault " << static_cast<int>(fault) << " at call " << k;
    }
  }
}

TEST_F(FlowTest, ALostCheckpointIsRefused) {
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  queue_->Push(0, {"k", "v"});
  ASSERT_TRUE(RunAll(kCopy, io::NewMemoryStore()).ok());
  const auto again = RunAll(kCopy, io::NewMemoryStore());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().name(), "STREAM_CHECKPOINT_LOST");
}

TEST_F(FlowTest, ATableMadeAnewReadsEverythingAgain) {
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  queue_->Push(0, {"k", "v"});
  ASSERT_TRUE(RunAll(kCopy, folder).ok());
  Query("DROP TABLE target");
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  EXPECT_EQ(*RunAll(kCopy, folder), 1);
  EXPECT_EQ(Query("SELECT count(*) FROM target"), std::vector<std::string>{"1"});
}

TEST_F(FlowTest, OtherSourcesThanBeforeAreRefused) {
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  queue_->Push(0, {"k", "v"});
  ASSERT_TRUE(RunAll(kCopy, folder).ok());
  const auto other = RunAll(std::string(kCopy) + " UNION ALL " + kCopy, folder);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().name(), "STREAM_SOURCES_CHANGED");
}

TEST_F(FlowTest, ExpectationsCountAndDropInOnePass) {
  Query("CREATE TABLE target (p INT, o BIGINT NOT NULL, v STRING)");
  for (int i = 0; i < 3; ++i) queue_->Push(0, {"k", i == 1 ? "bad" : "good"});
  const auto ran = RunAll(
      "SELECT `partition` AS p, if(value = 'bad', NULL, offset) AS o, value AS v FROM STREAM queue",
      io::NewMemoryStore(),
      {{"is_good", "v = 'good'", {}, engine::OnViolation::kDropRow},
       {"first", "o = 0", {}, engine::OnViolation::kKeepRow}});
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  EXPECT_EQ(counts_[0].passed, 2);
  EXPECT_EQ(counts_[0].failed, 1);
  EXPECT_EQ(counts_[1].passed, 1);
  EXPECT_EQ(counts_[1].failed, 2);
  EXPECT_EQ(Query("SELECT o, v FROM target ORDER BY o"),
            (std::vector<std::string>{"0|good", "2|good"}));
}

TEST_F(FlowTest, AnExpectationThatFailsTheUpdateLeavesTheTable) {
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  queue_->Push(0, {"k", "bad"});
  const auto ran = RunAll(kCopy, io::NewMemoryStore(),
                          {{"is_good", "v = 'good'", {}, engine::OnViolation::kFail}});
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "EXPECTATION_VIOLATION");
  EXPECT_EQ(Query("SELECT count(*) FROM target"), std::vector<std::string>{"0"});
}

TEST_F(FlowTest, AnExpectationFailsTheUpdateForARowThatAnotherOneDrops) {
  Query("CREATE TABLE target (p INT, o BIGINT, v STRING)");
  queue_->Push(0, {"k", "bad"});
  const auto ran = RunAll(kCopy, io::NewMemoryStore(),
                          {{"dropped", "v = 'good'", {}, engine::OnViolation::kDropRow},
                           {"is_good", "v = 'good'", {}, engine::OnViolation::kFail}});
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "EXPECTATION_VIOLATION");
}

TEST_F(FlowTest, FilesAreReadOnceWithNewColumnsAfterARestart) {
  const std::string landing = folder_ + "/landing";
  std::filesystem::create_directories(landing);
  std::ofstream(landing + "/a.json") << "{\"id\":1}\n{\"id\":2}\n";
  Query("CREATE TABLE target (id BIGINT, name STRING)");
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  const std::string sql =
      "SELECT * EXCEPT (_rescued_data) FROM STREAM read_files('" + landing + "', format => 'json')";
  auto ran = RunAll(sql, folder);
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  EXPECT_EQ(*ran, 1);
  EXPECT_EQ(*RunAll(sql, folder), 0);
  std::ofstream(landing + "/b.json") << "{\"id\":3,\"name\":\"x\"}\n";
  ran = RunAll(sql, folder);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
  EXPECT_EQ(*RunAll(sql, folder), 1);
  EXPECT_EQ(Query("SELECT * FROM target ORDER BY id"),
            (std::vector<std::string>{"1|NULL", "2|NULL", "3|x"}));
}

TEST_F(FlowTest, ATableIsFollowedAndItsChangesAreRefusedOrSkipped) {
  Query("CREATE TABLE events (id INT)");
  Query("INSERT INTO events VALUES (1), (2)");
  Query("CREATE TABLE target (id INT)");
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  auto ran = RunAll("SELECT id FROM STREAM events", folder);
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  EXPECT_EQ(*RunAll("SELECT id FROM STREAM events", folder), 0);
  Query("INSERT INTO events VALUES (3)");
  Query("INSERT INTO events VALUES (4)");
  EXPECT_EQ(*RunAll("SELECT id FROM STREAM events", folder), 1);
  Query("DELETE FROM events WHERE id = 1");
  Query("INSERT INTO events VALUES (5)");
  ran = RunAll("SELECT id FROM STREAM events", folder);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "DELTA_SOURCE_TABLE_IGNORE_CHANGES");
  ran = RunAll("SELECT id FROM STREAM events WITH (skipChangeCommits = true)", folder);
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  EXPECT_EQ(Query("SELECT id FROM target ORDER BY id"),
            (std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

/// A table with a feed, and a target that takes it.
class FeedFlowTest : public FlowTest {
 protected:
  void SetUp() override {
    FlowTest::SetUp();
    Query(
        "CREATE TABLE events (id INT, v STRING) TBLPROPERTIES "
        "('delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = 'true')");
    Query("INSERT INTO events VALUES (1, 'a'), (2, 'b')");
    StartAnew();
  }
  /// An empty target, and no checkpoint.
  void StartAnew() {
    state_ = io::NewMemoryStore();
    Query("DROP TABLE IF EXISTS target");
    Query(
        "CREATE TABLE target (id INT, v STRING, _change_type STRING, _commit_version BIGINT, "
        "_commit_timestamp TIMESTAMP)");
  }
  /// Runs the feed into the target; the number of batches, or what went wrong.
  std::string Follow(const std::string& options = "") {
    const auto ran =
        RunAll("SELECT * FROM STREAM events WITH (readChangeFeed = true" + options + ")", state_);
    return ran.ok() ? std::to_string(*ran) : std::string(ran.error().name());
  }
  std::vector<std::string> Landed() {
    return Query(
        "SELECT _commit_version, _change_type, id, v FROM target "
        "ORDER BY _commit_version, id, _change_type DESC");
  }
  std::vector<std::string> Changes(const std::string& from) {
    return Query("SELECT _commit_version, _change_type, id, v FROM table_changes('events', " +
                 from + ") ORDER BY _commit_version, id, _change_type DESC");
  }

  std::shared_ptr<io::ObjectStore> state_;
};

TEST_F(FeedFlowTest, AFeedBeginsWithTheRowsThatThereAreAndGoesOnWithTheirChanges) {
  EXPECT_EQ(Follow(), "1");
  EXPECT_EQ(Landed(), (std::vector<std::string>{"1|insert|1|a", "1|insert|2|b"}));
  EXPECT_EQ(Follow(), "0");
  Query("UPDATE events SET v = 'B' WHERE id = 2");
  Query("DELETE FROM events WHERE id = 1");
  Query("INSERT INTO events VALUES (3, 'c')");
  Query("OPTIMIZE events");
  EXPECT_EQ(Follow(), "1");
  EXPECT_EQ(Follow(), "0");
  EXPECT_EQ(Landed(),
            (std::vector<std::string>{"1|insert|1|a", "1|insert|2|b", "2|update_preimage|2|b",
                                      "2|update_postimage|2|B", "3|delete|1|a", "4|insert|3|c"}));
  EXPECT_EQ(Landed(), Changes("1"));
  EXPECT_EQ(Query("SELECT count(*) FROM target t JOIN table_changes('events', 1) c "
                  "ON t._commit_version = c._commit_version AND t.id = c.id "
                  "AND t._change_type = c._change_type "
                  "AND t._commit_timestamp = c._commit_timestamp"),
            std::vector<std::string>{"6"});
}

TEST_F(FeedFlowTest, AFeedBeginsWhereItIsToldTo) {
  Query("UPDATE events SET v = upper(v)");
  EXPECT_EQ(Follow(", startingVersion = 2"), "1");
  EXPECT_EQ(Landed(), Changes("2"));
  StartAnew();
  // The place is kept though there is nothing new there, and rows that come later are seen.
  EXPECT_EQ(Follow(", startingVersion = 'latest'"), "1");
  EXPECT_EQ(Landed(), std::vector<std::string>{});
  Query("DELETE FROM events WHERE id = 2");
  EXPECT_EQ(Follow(", startingVersion = 'latest'"), "1");
  EXPECT_EQ(Landed(), Changes("3"));
  StartAnew();
  EXPECT_EQ(Follow(", startingTimestamp = '2001-02-03T04:05:06Z'"), "2");
  EXPECT_EQ(Landed(), Changes("0"));
  StartAnew();
  EXPECT_EQ(Follow(", startingTimestamp = '2999-01-01'"), "DELTA_TIMESTAMP_GREATER_THAN_COMMIT");
  EXPECT_EQ(Follow(", startingTimestamp = 'noon'"), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Follow(", startingTimestamp = '2001-01-01', startingVersion = 1"),
            "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Follow(", skipChangeCommits = true"), "INVALID_PARAMETER_VALUE");
}

TEST_F(FeedFlowTest, AFeedIsReadInBatchesOfWholeCommits) {
  for (int i = 10; i < 14; ++i) {
    const std::string id = std::to_string(i);
    Query("INSERT INTO events VALUES (" + id + ", 'x')");
  }
  Query("UPDATE events SET v = v || '!'");
  EXPECT_EQ(Follow(", startingVersion = 1, maxFilesPerTrigger = 2"), "3");
  EXPECT_EQ(Landed(), Changes("1"));
}

TEST_F(FeedFlowTest, AFeedNeedsATableThatWritesOne) {
  Query("CREATE TABLE plain (id INT)");
  auto ran = RunAll("SELECT id FROM STREAM plain WITH (readChangeFeed = true)", state_);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "DELTA_MISSING_CHANGE_DATA");
  EXPECT_EQ(Follow(), "1");
  // The rows and their changes are two streams: one doesn't go on where the other stopped.
  ran = RunAll("SELECT id, v FROM STREAM events", state_);
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().name(), "STREAM_SOURCES_CHANGED");
  Query("ALTER TABLE events SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'false')");
  Query("INSERT INTO events VALUES (3, 'c')");
  Query("ALTER TABLE events SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
  EXPECT_EQ(Follow(), "DELTA_MISSING_CHANGE_DATA");
}

TEST_F(FeedFlowTest, NewColumnsAreEmptyInOlderChanges) {
  EXPECT_EQ(Follow(), "1");
  Query("DELETE FROM events WHERE id = 1");
  Query("ALTER TABLE events ADD COLUMN w INT");
  Query("ALTER TABLE target ADD COLUMN w INT");
  Query("INSERT INTO events VALUES (3, 'c', 30)");
  EXPECT_EQ(Follow(), "1");
  EXPECT_EQ(Query("SELECT id, w FROM target ORDER BY id, _commit_version"),
            (std::vector<std::string>{"1|NULL", "1|NULL", "2|NULL", "3|30"}));
}

TEST_F(FlowTest, RowsThatComeAfterTheLatestVersionAreSeen) {
  Query("CREATE TABLE events (id INT)");
  Query("INSERT INTO events VALUES (1)");
  Query("CREATE TABLE target (id INT)");
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  const std::string sql = "SELECT id FROM STREAM events WITH (startingVersion = 'latest')";
  auto ran = RunAll(sql, folder);
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  Query("INSERT INTO events VALUES (2)");
  EXPECT_EQ(*RunAll(sql, folder), 1);
  EXPECT_EQ(*RunAll(sql, folder), 0);
  EXPECT_EQ(Query("SELECT id FROM target"), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace tarn::source
