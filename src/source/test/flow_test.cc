#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "files/known_files.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/source/queue_source.h"
#include "tarn/source/session_sources.h"
#include "tarn/sql/parser.h"
#include "tarn/stream/flow_runner.h"

namespace tarn::source {
namespace {

/// Gives the test's queue for STREAM queue, and what the session knows for the rest.
class TestSources final : public stream::SourceOpener {
 public:
  TestSources(session::Session& session, std::shared_ptr<Queue> queue, int64_t records_max)
      : session_(session), queue_(std::move(queue)), records_max_(records_max) {}
  Result<std::unique_ptr<stream::Source>> Open(const RequestContext& context,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool look) override {
    if (!reference.table.empty() && reference.table[2] == "queue") {
      return std::unique_ptr<stream::Source>(std::make_unique<QueueSource>(queue_, records_max_));
    }
    return session_.Open(context, reference, std::move(state), look);
  }

 private:
  SessionSources session_;
  std::shared_ptr<Queue> queue_;
  int64_t records_max_;
};

class FlowTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tarn-flow-" + std::to_string(getpid()) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    context_.principal = "ann";
    session::InstanceOptions options;
    options.home = folder_ + "/lake";
    options.memory_bytes_max = 256 << 20;
    options.threads = 2;
    auto instance = session::Instance::Open(context_, options);
    ASSERT_TRUE(instance.ok()) << instance.error().ToString();
    instance_ = std::move(*instance);
    session_ = instance_->NewSession({.principal = "ann"});
    sources_ = std::make_unique<TestSources>(*session_, queue_, 3);
  }
  void TearDown() override {
    sources_.reset();
    session_.reset();
    instance_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<std::string> Query(const std::string& sql) {
    std::vector<std::string> rows;
    auto answer = session_->Execute(session_->NewContext(), sql);
    if (!answer.ok()) return {answer.error().ToString()};
    while (true) {
      auto batch = answer->rows->NextRendered();
      if (!batch.ok()) return {batch.error().ToString()};
      if (batch->empty()) return rows;
      for (const auto& row : *batch) {
        std::string text;
        for (const auto& cell : row) text += (text.empty() ? "" : "|") + cell.value_or("NULL");
        rows.push_back(text);
      }
    }
  }

  /// Runs the flow until there is no news; the number of batches.
  Result<int> RunAll(const std::string& sql, std::shared_ptr<io::ObjectStore> folder,
                     std::vector<session::Expectation> expectations = {}) {
    TARN_ASSIGN(const sql::QueryPtr query, sql::ParseQuery(sql));
    stream::Flow flow;
    flow.id = "test.flow";
    flow.name = "flow";
    stream::TableSink sink(*session_, {sql, query.get()}, {"main", "default", "target"},
                           std::move(expectations));
    stream::FlowRunner runner({&sink, sources_.get(), nullptr}, flow, std::move(folder));
    TARN_TRY(runner.Start(context_));
    int batches = 0;
    while (true) {
      TARN_ASSIGN(const auto report, runner.RunBatch(context_));
      if (!report) return batches;
      ++batches;
      counts_ = report->expectations;
    }
  }

  std::string folder_;
  RequestContext context_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>(2);
  std::unique_ptr<session::Instance> instance_;
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<TestSources> sources_;
  std::vector<engine::CheckCount> counts_;
};

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

TEST_F(FlowTest, FilesAreReadOnceWithNewColumnsAfterARestart) {
  const std::string landing = folder_ + "/landing";
  std::filesystem::create_directories(landing);
  std::ofstream(landing + "/a.json") << "{\"id\":1}\n{\"id\":2}\n";
  Query("CREATE TABLE target (id BIGINT, name STRING)");
  const std::shared_ptr<io::ObjectStore> folder = io::NewMemoryStore();
  const std::string sql = "SELECT * FROM STREAM read_files('" + landing + "', format => 'json')";
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

TEST(KnownFiles, ManyAppendsStayFewSegmentsAndAreFoundAgain) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto known = KnownFiles::Load(context, state, KnownFiles::Identity::kPath);
  ASSERT_TRUE(known.ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(known->Append(context, {{"/a\t%\n/" + std::to_string(i), i, i}}).ok());
  }
  EXPECT_LE(state->ListAll(context, io::ObjectPath() / "files")->size(), 8u);
  auto again = KnownFiles::Load(context, state, KnownFiles::Identity::kPath);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->count(), 100);
  EXPECT_TRUE(again->Has({"/a\t%\n/42", 0, 0}));
  EXPECT_FALSE(again->Has({"/a\t%\n/100", 0, 0}));
  const auto range = again->Range(context, 41, 43);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ((*range)[1].path, "/a\t%\n/42");
  EXPECT_EQ((*range)[1].size, 42);
}

}  // namespace
}  // namespace tarn::source
