// What happens to files around a stream: they vanish, are half written, are cleaned, are shown.

#include "auto_loader_fixture.h"
#include "tarn/io/local_object_store.h"

namespace tarn::source {
namespace {

class AutoLoaderFilesTest : public AutoLoaderTest {
 protected:
  void SetUp() override {
    AutoLoaderTest::SetUp();
    context_.clock = &clock_;
  }
  void PassDays(int days) { clock_.Advance(int64_t{days} * 86'400'000'000); }
  bool IsThere(const std::string& name) const {
    return std::filesystem::exists(landing_ + "/" + name);
  }
  ManualClock clock_{kNow * 1'000'000};
};

/// Gives what the stream found, but the file is gone before it is read.
class LosingSources final : public stream::SourceOpener {
 public:
  LosingSources(session::Session& session, std::string path) : session_(session), path_(path) {}
  Result<std::unique_ptr<stream::Source>> Open(const RequestContext& context,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool look) override {
    TARN_ASSIGN(auto source, session_.Open(context, reference, std::move(state), look));
    return std::unique_ptr<stream::Source>(std::make_unique<Losing>(std::move(source), path_));
  }

 private:
  class Losing final : public stream::Source {
   public:
    Losing(std::unique_ptr<stream::Source> inner, std::string path)
        : inner_(std::move(inner)), path_(std::move(path)) {}
    std::string description() const override { return inner_->description(); }
    const Schema& schema() const override { return inner_->schema(); }
    Status Discover(const RequestContext& context,
                    const std::optional<stream::Offset>& from) override {
      return inner_->Discover(context, from);
    }
    Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                               const std::optional<stream::Offset>& from) override {
      auto planned = inner_->Plan(context, from);
      std::filesystem::remove(path_);
      return planned;
    }
    Result<std::vector<plan::Relation>> Rows(const RequestContext& context,
                                             const std::optional<stream::Offset>& from,
                                             const stream::Offset& to) override {
      return inner_->Rows(context, from, to);
    }

   private:
    std::unique_ptr<stream::Source> inner_;
    std::string path_;
  };

  SessionSources session_;
  std::string path_;
};

TEST_F(AutoLoaderFilesTest, AVanishedFileFailsTheBatchByNameOrIsPassedOver) {
  Land("a.json", "{\"id\":1}\n");
  Land("b.json", "{\"id\":2}\n");
  const std::string sql = "SELECT id FROM STREAM read_files('" + landing_ +
                          "', format => 'json', schema => 'id BIGINT'";
  Query("CREATE TABLE target (id BIGINT)");
  LosingSources losing(*session_, landing_ + "/b.json");
  const auto run = [&](const std::string& text) -> Result<int> {
    TARN_ASSIGN(const sql::QueryPtr query, sql::ParseQuery(text));
    stream::Flow flow;
    flow.id = "test.flow";
    flow.name = "flow";
    stream::TableSink sink(*session_, {text, query.get()}, {"main", "default", "target"}, {});
    stream::FlowRunner runner({&sink, &losing, nullptr}, flow, state_);
    TARN_TRY(runner.Start(context_));
    int batches = 0;
    while (true) {
      TARN_ASSIGN(const auto report, runner.RunBatch(context_));
      if (!report) return batches;
      ++batches;
    }
  };
  const Result<int> failed = run(sql + ")");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().name(), "FAILED_READ_FILE.FILE_NOT_EXIST");
  EXPECT_NE(failed.error().ToString().find("b.json"), std::string::npos);
  EXPECT_EQ(Rows("id"), Strings{});
  const Result<int> passed = run(sql + ", ignoreMissingFiles => true)");
  ASSERT_TRUE(passed.ok()) << passed.error().ToString();
  EXPECT_EQ(Rows("id"), Strings{"1"});
}

TEST_F(AutoLoaderFilesTest, ATruncatedFileLeavesTheTableAtTheBatchBefore) {
  Land("a.json", "{\"id\":1}\n", 900);
  Land("b.json.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab", 11), 800);
  const std::string options = "format => 'json', schema => 'id INT', maxFilesPerTrigger => 1";
  EXPECT_EQ(Outcome(options), "FAILED_READ_FILE.NO_HINT");
  EXPECT_NE(said_.find("b.json.gz"), said_.npos) << said_;
  EXPECT_EQ(Rows("id"), Strings{"1"});
}

TEST_F(AutoLoaderFilesTest, FilesThatAreWrittenUnderAHiddenNameAreReadAfterTheRename) {
  Land("a.json", "{\"id\":1}\n");
  Land(".b.json.tmp", "{\"id\":");
  Land("_c.json", "{\"id\":3}\n");
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  Land(".b.json.tmp", "{\"id\":2}\n");
  std::filesystem::rename(landing_ + "/.b.json.tmp", landing_ + "/b.json");
  ASSERT_EQ(Outcome("format => 'json'"), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "2"}));
}

TEST_F(AutoLoaderFilesTest, AFileThatWasChangedSinceItWasFound_IsReadWhenItIsSettled) {
  Land("a.json", "{\"id\":1}\n{\"id\":2}\n");
  ASSERT_EQ(Outcome("format => 'json', pathGlobFilter => '*.json'"), "1 batches") << said_;
  // A replay reads it as it was known.
  const std::string again =
      "format => 'json', pathGlobFilter => '*.json', replayPathGlobFilter => '*'";
  for (const std::string text : {"", "{\"id\":3}\n", "{\"id\":1}\n{\"id\":2}\n{\"id\":4}\n"}) {
    Land("a.json", text, 5);
    EXPECT_EQ(Outcome(again), "FAILED_READ_FILE.NO_HINT") << text;
    EXPECT_NE(said_.find("changed after it was found (then 18 bytes"), said_.npos) << said_;
    EXPECT_NE(said_.find("a.json"), said_.npos) << said_;
  }
  EXPECT_EQ(Rows("id"), (Strings{"1", "2"}));
  Age(landing_ + "/a.json", 61);
  ASSERT_EQ(Outcome(again), "1 batches") << said_;
  EXPECT_EQ(Rows("id"), (Strings{"1", "1", "2", "2", "4"}));
}

TEST_F(AutoLoaderFilesTest, AParquetFileThatWasChangedSinceItWasFound_IsReadWhenItIsSettled) {
  LandParquet("p.parquet", "SELECT 1L AS id");
  ASSERT_EQ(Outcome("format => 'parquet'"), "1 batches") << said_;
  std::filesystem::remove(landing_ + "/p.parquet");
  LandParquet("p.parquet", "SELECT id FROM range(1000)");
  Age(landing_ + "/p.parquet", 5);
  const std::string again = "format => 'parquet', replayPathGlobFilter => '*'";
  EXPECT_EQ(Outcome(again), "FAILED_READ_FILE.NO_HINT");
  EXPECT_NE(said_.find("changed after it was found"), said_.npos) << said_;
  Age(landing_ + "/p.parquet", 61);
  ASSERT_EQ(Outcome(again), "1 batches") << said_;
  EXPECT_EQ(Rows("count(*)"), Strings{"1001"});
}

TEST_F(AutoLoaderFilesTest, AFileThatVanished_FailsTheBatchOrIsPassedOver) {
  LandParquet("p.parquet", "SELECT 1L AS id");
  Land("a.json", "{\"id\":1}\n");
  for (const std::string format : {"json", "parquet"}) {
    Query("DROP TABLE IF EXISTS target");
    state_ = io::NewMemoryStore();
    const std::string options = "format => '" + format + "', pathGlobFilter => '*." + format + "'";
    ASSERT_EQ(Outcome(options), "1 batches") << said_;
    std::filesystem::remove(landing_ + (format == "json" ? "/a.json" : "/p.parquet"));
    const std::string again = options + ", replayPathGlobFilter => '*'";
    EXPECT_EQ(Outcome(again), "FAILED_READ_FILE.FILE_NOT_EXIST") << said_;
    EXPECT_EQ(Outcome(again + ", ignoreMissingFiles => true"), "1 batches") << said_;
    EXPECT_EQ(Rows("id"), Strings{"1"});
  }
}

TEST_F(AutoLoaderFilesTest, ignoreCorruptFiles_IsCountedInTheHistory) {
  LandParquet("a.parquet", "SELECT 1L AS id");
  Land("b.parquet", "PAR1 cut off");
  ASSERT_EQ(Outcome("format => 'parquet', schema => 'id BIGINT', ignoreCorruptFiles => true"),
            "1 batches")
      << said_;
  EXPECT_EQ(Query("SELECT operationMetrics['numSkippedCorruptFiles'] FROM (DESCRIBE HISTORY "
                  "target) WHERE operation = 'STREAMING UPDATE'"),
            Strings{"1"});
}

TEST_F(AutoLoaderFilesTest, EachFileOnceWhateverCallOfTheCheckpointFails) {
  for (int i = 0; i < 3; ++i) {
    Land(std::to_string(i) + ".json", "{\"id\":" + std::to_string(i) + "}\n", 900 - i);
  }
  for (const io::DiskFault fault : {io::DiskFault::kFail, io::DiskFault::kLostAnswer,
                                    io::DiskFault::kTorn, io::DiskFault::kPowerCut}) {
    for (int k = 1; k < 90; k += 3) {
      Query("DROP TABLE target");
      const std::shared_ptr<io::FaultyObjectStore> faulty = io::NewFaultyStore(7919 * k);
      state_ = faulty;
      faulty->FailCall(k, fault);
      for (int attempt = 0;; ++attempt) {
        ASSERT_LT(attempt, 3) << said_;
        if (Outcome("format => 'json', maxFilesPerTrigger => 2").ends_with("batches")) break;
        if (!faulty->powered()) faulty->Restart();
      }
      ASSERT_EQ(Rows("id"), (Strings{"0", "1", "2"}))
          << "fault " << static_cast<int>(fault) << " at call " << k;
    }
  }
}

TEST_F(AutoLoaderFilesTest, cleanSource_DELETE_AfterItsTime) {
  Land("a.json", "{\"id\":1}\n");
  const std::string options =
      "format => 'json', cleanSource => 'DELETE', `cleanSource.retentionDuration` => '8 days'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  PassDays(5);
  Land("b.json", "{\"id\":2}\n");
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_TRUE(IsThere("a.json"));
  PassDays(4);
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_FALSE(IsThere("a.json"));
  EXPECT_TRUE(IsThere("b.json"));
  PassDays(5);
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_FALSE(IsThere("b.json"));
  EXPECT_EQ(Rows("id"), (Strings{"1", "2"}));
}

TEST_F(AutoLoaderFilesTest, cleanSource_DELETE_LeavesWhatIsntAsItWasRead) {
  Land("a.json", "{\"id\":1}\n");
  const std::string options = "format => 'json', cleanSource => 'DELETE'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  Land("a.json", "{\"id\":2}\n", 10);
  PassDays(31);
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_TRUE(IsThere("a.json"));
}

TEST_F(AutoLoaderFilesTest, cleanSource_NeverAFileWhoseBatchIsntDone) {
  Land("a.json.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab", 11));
  const std::string options =
      "format => 'json', schema => 'id INT', cleanSource => 'MOVE', "
      "`cleanSource.moveDestination` => '" +
      folder_ + "/done', `cleanSource.retentionDuration` => '0 seconds'";
  EXPECT_EQ(Outcome(options), "FAILED_READ_FILE.NO_HINT");
  PassDays(40);
  EXPECT_EQ(Outcome(options), "FAILED_READ_FILE.NO_HINT");
  EXPECT_TRUE(IsThere("a.json.gz"));
}

TEST_F(AutoLoaderFilesTest, cleanSource_NeverAFileThatIsToBeReplayed) {
  Land("a.json", "{\"id\":1}\n");
  const std::string options = "format => 'json', cleanSource => 'DELETE'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  PassDays(31);
  ASSERT_EQ(Outcome(options + ", replayPathGlobFilter => 'a*'"), "1 batches") << said_;
  EXPECT_TRUE(IsThere("a.json"));
  PassDays(31);
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_FALSE(IsThere("a.json"));
  EXPECT_EQ(Rows("id"), (Strings{"1", "1"}));
}

TEST_F(AutoLoaderFilesTest, cleanSource_MOVE_KeepsFolders) {
  Land("x/a.json", "{\"id\":1}\n");
  const std::string options =
      "format => 'json', cleanSource => 'MOVE', `cleanSource.moveDestination` => '" + folder_ +
      "/done', `cleanSource.retentionDuration` => '1 hour'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  EXPECT_TRUE(IsThere("x/a.json"));
  PassDays(1);
  ASSERT_EQ(Outcome(options), "0 batches") << said_;
  EXPECT_FALSE(IsThere("x/a.json"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/done/x/a.json"));
}

TEST_F(AutoLoaderFilesTest, cleanSource_Values) {
  Land("a.json", "{\"id\":1}\n");
  EXPECT_EQ(Outcome("format => 'json', cleanSource => 'BURN'"), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Outcome("format => 'json', cleanSource => 'MOVE'"), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Outcome("format => 'json', cleanSource => 'DELETE', `cleanSource.retentionDuration` "
                    "=> '7 days'"),
            "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(Outcome("format => 'json', cleanSource => 'DELETE', allowOverwrites => true"),
            "CF_CLEAN_SOURCE_ALLOW_OVERWRITES_BOTH_ON");
  EXPECT_EQ(Outcome("format => 'json', cleanSource => 'off', `cleanSource.waitForCompletion` => "
                    "true"),
            "1 batches");
}

TEST_F(AutoLoaderFilesTest, cloud_files_state_ShowsEachFileAndItsTimes) {
  const std::string checkpoint = folder_ + "/checkpoint";
  std::filesystem::create_directories(checkpoint);
  auto store = io::OpenLocalStore(checkpoint);
  ASSERT_TRUE(store.ok());
  state_ = std::move(*store);
  Land("a.json", "{\"id\":1}\n", 50);
  const std::string options =
      "format => 'json', cleanSource => 'MOVE', `cleanSource.moveDestination` => '" + folder_ +
      "/done', `cleanSource.retentionDuration` => '1 hour'";
  ASSERT_EQ(Outcome(options), "1 batches") << said_;
  PassDays(1);
  Land("b.json", "{\"id\":\n", 40);
  ASSERT_EQ(Outcome(options + ", mode => 'FAILFAST', maxFilesPerTrigger => 1"),
            "FAILED_READ_FILE.NO_HINT")
      << said_;
  const std::string columns =
      "SELECT replace(path, '" + landing_ +
      "', ''), size, unix_seconds(create_time) - 1750000000, unix_seconds(discovery_time) - "
      "1750000000, unix_seconds(commit_time) - 1750000000, archive_time IS NOT NULL, "
      "archive_mode, replace(move_location, '" +
      folder_ + "', ''), source_id, flow_name FROM cloud_files_state('" + checkpoint;
  const Strings wanted = {"file:/a.json|9|-50|0|0|true|MOVE|/done|0|NULL",
                          "file:/b.json|7|-40|86400|NULL|false|NULL|NULL|0|NULL"};
  EXPECT_EQ(Query(columns + "') ORDER BY 1"), wanted);
  EXPECT_EQ(Query(columns + "/0') ORDER BY 1"), wanted);
}

TEST_F(AutoLoaderFilesTest, cloud_files_state_OfNoCheckpoint) {
  EXPECT_NE(Query("SELECT * FROM cloud_files_state('" + landing_ + "')")
                .at(0)
                .find("CF_STATE_INVALID_CHECKPOINT_PATH"),
            std::string::npos);
}

}  // namespace
}  // namespace tarn::source
