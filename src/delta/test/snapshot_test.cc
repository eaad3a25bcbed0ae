#include "tarn/delta/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::kProtocolLine;
using test::MetadataLine;
using test::ProtocolLine;
using test::RemoveLine;
using test::TestTable;

std::string SimpleMetadata() { return MetadataLine(FieldJson("x", "integer")); }

std::vector<std::string> Paths(const Snapshot& snapshot) {
  std::vector<std::string> out;
  for (size_t i = 0; i < snapshot.files().size(); ++i) {
    out.emplace_back(snapshot.files().path(i));
  }
  std::sort(out.begin(), out.end());
  return out;
}

class SnapshotTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> Latest(const std::shared_ptr<const Snapshot>& known = nullptr) {
    auto snapshot = table().Latest(t.ctx, known);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return snapshot.ok() ? *snapshot : nullptr;
  }
  Error LatestError() {
    auto snapshot = table().Latest(t.ctx);
    EXPECT_FALSE(snapshot.ok());
    return snapshot.ok() ? InternalError("none") : snapshot.error();
  }
  Table table() { return Table(t.handlers(), "/lake/t"); }

  TestTable t;
};

using Names = std::vector<std::string>;

TEST_F(SnapshotTest, AnEmptyDirectoryIsNoTable) {
  EXPECT_EQ(LatestError().condition(), Condition("DELTA_TABLE_NOT_FOUND"));
  EXPECT_FALSE(*table().Exists(t.ctx));
}

TEST_F(SnapshotTest, ReconcilesAddsAndRemoves) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a"), AddLine("b")});
  t.Commit(1, {RemoveLine("a"), AddLine("c")});
  t.Commit(
      2, {AddLine("a"), RemoveLine("b"), R"({"txn":{"appId":"app","version":7,"lastUpdated":3}})"});
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->version(), 2);
  EXPECT_EQ(Paths(*snapshot), (Names{"a", "c"}));
  EXPECT_EQ(snapshot->files().total_size(), 200);
  EXPECT_EQ(snapshot->TransactionVersion("app"), 7);
  EXPECT_EQ(snapshot->TransactionVersion("other"), std::nullopt);
  EXPECT_EQ(snapshot->metadata().id, "11111111-2222-4333-8444-555555555555");
}

TEST_F(SnapshotTest, ASecondAddOfAFileReplacesTheFirst) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.Commit(1, {AddLine("a", "{}", R"(,"stats":"{\"numRecords\":5}")")});
  const auto snapshot = Latest();
  ASSERT_EQ(snapshot->files().size(), 1u);
  EXPECT_EQ(snapshot->files().num_records(0), 5);
}

TEST_F(SnapshotTest, DeletionVectorsAreInTheIdentityOfAFile) {
  const std::string vector =
      R"(,"deletionVector":{"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L","sizeInBytes":40,"cardinality":6})";
  t.Commit(0, {ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors"}), SimpleMetadata(),
               AddLine("a"), AddLine("b")});
  t.Commit(1, {RemoveLine("a"), AddLine("a", "{}", vector)});
  auto snapshot = Latest();
  ASSERT_EQ(Paths(*snapshot), (Names{"a", "b"}));
  const size_t i = *snapshot->files().Find("a");
  ASSERT_NE(snapshot->files().deletion_vector(i), nullptr);
  EXPECT_EQ(snapshot->files().deletion_vector(i)->cardinality, 6);
  EXPECT_EQ(snapshot->files().deletion_vector(*snapshot->files().Find("b")), nullptr);
  t.Commit(2, {RemoveLine("a", vector)});
  EXPECT_EQ(Paths(*Latest()), (Names{"b"}));
  EXPECT_EQ(Paths(*Latest(snapshot)), (Names{"b"}));
}

TEST_F(SnapshotTest, RefreshReadsOnlyWhatIsNew) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a"), AddLine("b")});
  const auto first = Latest();
  EXPECT_EQ(Latest(first), first);
  t.Commit(1, {RemoveLine("a"), AddLine("c")});
  t.Commit(2,
           {AddLine("d"), MetadataLine(FieldJson("x", "integer") + "," + FieldJson("y", "long"))});
  const auto second = Latest(first);
  EXPECT_EQ(second->version(), 2);
  EXPECT_EQ(Paths(*second), (Names{"b", "c", "d"}));
  EXPECT_EQ(second->schema().fields.size(), 2u);
  EXPECT_EQ(Paths(*first), (Names{"a", "b"}));
}

TEST_F(SnapshotTest, RefreshNoticesAReplacedTable) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.Commit(1, {AddLine("b")});
  const auto first = Latest();
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("new")});
  t.Commit(1, {AddLine("newer")});
  EXPECT_EQ(Paths(*Latest(first)), (Names{"new", "newer"}));
  t.Delete("_delta_log/00000000000000000001.json");
  EXPECT_EQ(Paths(*Latest(first)), (Names{"new"}));
}

TEST_F(SnapshotTest, PartitionValuesAndPathsAreDecoded) {
  t.Commit(0, {kProtocolLine,
               MetadataLine(FieldJson("x", "integer") + "," + FieldJson("d", "date") + "," +
                                FieldJson("s", "string"),
                            {"d", "s"}),
               AddLine("d=2024-01-31/s=a%20b/f", R"({"d":"2024-01-31","s":"a \"b\u00e9"})"),
               AddLine("f2", R"({"s":null,"d":""})"), AddLine("f3", "{}")});
  const auto snapshot = Latest();
  const auto utc = *FindTimeZone("UTC");
  const FileSet& files = snapshot->files();
  EXPECT_EQ(files.path(0), "d=2024-01-31/s=a b/f");
  EXPECT_EQ(files.partition_text(0, 1), "a \"bé");
  EXPECT_EQ(files.partition_value(0, 0, *utc)->integer(), 19753);
  EXPECT_TRUE(files.partition_value(1, 0, *utc)->is_null());
  EXPECT_EQ(files.partition_text(1, 1), std::nullopt);
  EXPECT_EQ(files.partition_text(2, 0), std::nullopt);
}

TEST_F(SnapshotTest, HostilePathsAreRefused) {
  for (const char* path : {"../x", "a/%2e%2e/%2e%2e/x", "/etc/passwd", "file:///etc/passwd",
                           "a\\u0000b", "//x", "a\\\\b"}) {
    t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine(path)});
    EXPECT_EQ(LatestError().condition(), Condition("DELTA_PATH_OUTSIDE_TABLE")) << path;
  }
}

TEST_F(SnapshotTest, TornAndMalformedCommitsAreNamed) {
  const std::vector<std::string> bad = {
      R"({"add":{"path":"a","size":1)",
      R"({"add":{"path":"a","size":"x"}})",
      R"({"add":{"size":1}})",
      R"({"add":{"path":"a","size":-5}})",
      R"({"add":{"path":"a","size":99999999999999999999}})",
      R"({"add":{"path":"a"}} {"add":{"path":"b"}})",
      R"([1,2])",
      R"(nonsense)",
      "{\"add\":{\"path\":\"\xff\"}}",
      R"({"metaData":{"id":"x"}})",
      R"({"metaData":{"id":"x","schemaString":"{"}})",
      std::string(5000, '{'),
      R"({"unknown":)" + std::string(5000, '[') + "}",
  };
  for (const std::string& line : bad) {
    t.Commit(0, {kProtocolLine, SimpleMetadata()});
    t.Commit(1, {line});
    const Error error = LatestError();
    EXPECT_EQ(error.condition(), Condition("DELTA_LOG_CORRUPT")) << line.substr(0, 80);
    EXPECT_NE(error.message().find("00000000000000000001.json"), std::string::npos);
  }
}

TEST_F(SnapshotTest, UnknownActionsAndFieldsAreIgnored) {
  t.Commit(
      0, {kProtocolLine, SimpleMetadata(), R"({"future":{"a":[1,{"b":null}]}})", "", "  ",
          AddLine("a", "{}", R"(,"tags":{"K":"v"},"future":{"x":[true]},"clusteringProvider":"c")"),
          R"({"cdc":{"path":"_change_data/x","size":1,"partitionValues":{}}})"});
  const auto snapshot = Latest();
  EXPECT_EQ(Paths(*snapshot), (Names{"a"}));
  EXPECT_EQ(snapshot->files().tags(0).at(0).second, "v");
}

TEST_F(SnapshotTest, SizesThatAddUpToMoreThanThereCanBe) {
  const auto huge = [](const char* path) {
    return std::string(R"({"add":{"path":")") + path +
           R"(","partitionValues":{},"size":9223372036854775807,"modificationTime":1,"dataChange":true}})";
  };
  t.Commit(0, {kProtocolLine, SimpleMetadata(), huge("a"), huge("b")});
  t.Commit(1, {huge("c")});
  EXPECT_EQ(Latest()->files().total_size(), std::numeric_limits<int64_t>::max());
}

TEST_F(SnapshotTest, UnknownReaderFeaturesAreRefusedByName) {
  t.Commit(0, {ProtocolLine(3, 7, {"deletionVectors", "teleport"}, {"deletionVectors", "teleport"}),
               MetadataLine(FieldJson("x", "hologram")), AddLine("a")});
  Error error = LatestError();
  EXPECT_EQ(error.condition(), Condition("DELTA_UNSUPPORTED_FEATURES_FOR_READ"));
  EXPECT_EQ(error.parameter("unsupported"), "teleport");
  t.Commit(0, {ProtocolLine(4, 7, {}, {}), SimpleMetadata()});
  EXPECT_EQ(LatestError().parameter("unsupported"), "reader version 4");
  t.Commit(0, {R"({"protocol":{"minReaderVersion":99999999999,"minWriterVersion":7}})",
               SimpleMetadata()});
  EXPECT_EQ(LatestError().condition(), Condition("DELTA_UNSUPPORTED_FEATURES_FOR_READ"));
}

TEST_F(SnapshotTest, AMissingVersionIsCorruption) {
  t.Commit(0, {kProtocolLine, SimpleMetadata()});
  t.Commit(1, {AddLine("a")});
  t.Commit(3, {AddLine("c")});
  const Error error = LatestError();
  EXPECT_EQ(error.condition(), Condition("DELTA_LOG_CORRUPT"));
  EXPECT_NE(error.message().find("00000000000000000002.json"), std::string::npos);
  t.Delete("_delta_log/00000000000000000000.json");
  EXPECT_EQ(LatestError().condition(), Condition("DELTA_LOG_CORRUPT"));
}

TEST_F(SnapshotTest, ProtocolAndMetadataMustBeThere) {
  t.Commit(0, {SimpleMetadata(), AddLine("a")});
  EXPECT_EQ(LatestError().condition(), Condition("DELTA_LOG_CORRUPT"));
  t.Commit(0, {kProtocolLine, AddLine("a")});
  EXPECT_EQ(LatestError().condition(), Condition("DELTA_LOG_CORRUPT"));
}

TEST_F(SnapshotTest, CompactedFilesStandForTheirCommits) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.Commit(1, {AddLine("b")});
  t.Commit(2, {RemoveLine("b"), AddLine("c")});
  t.Commit(3, {AddLine("d")});
  t.Put("_delta_log/00000000000000000001.00000000000000000002.compacted.json",
        RemoveLine("b") + "\n" + AddLine("c", "{}", R"(,"tags":{"from":"compacted"})") + "\n");
  t.Put("_delta_log/00000000000000000002.00000000000000000009.compacted.json", "torn");
  const auto snapshot = Latest();
  EXPECT_EQ(Paths(*snapshot), (Names{"a", "c", "d"}));
  EXPECT_EQ(snapshot->files().tags(*snapshot->files().Find("c")).size(), 1u);
}

TEST_F(SnapshotTest, TimeTravelByVersion) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.Commit(1, {AddLine("b")});
  t.Commit(2, {RemoveLine("a")});
  EXPECT_EQ(Paths(**table().AtVersion(t.ctx, 0)), (Names{"a"}));
  EXPECT_EQ(Paths(**table().AtVersion(t.ctx, 1)), (Names{"a", "b"}));
  EXPECT_EQ(Paths(**table().AtVersion(t.ctx, 2)), (Names{"b"}));
  for (const Version version : {-1, 3, 1000}) {
    auto missing = table().AtVersion(t.ctx, version);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().condition(), Condition("DELTA_VERSION_NOT_FOUND"));
    EXPECT_EQ(missing.error().parameter("latest"), "2");
  }
}

TEST_F(SnapshotTest, TimeTravelByTimestampIsMonotone) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  const int64_t first_ms = t.clock.NowMicros() / 1000;
  t.Commit(1, {AddLine("b")});
  const int64_t second_ms = t.clock.NowMicros() / 1000;
  // The clock goes back for version 2: it counts as one millisecond after version 1.
  t.clock.Advance(-5'000'000);
  t.Commit(2, {AddLine("c")});
  const Table tab = table();
  EXPECT_EQ(*tab.VersionAtTimestamp(t.ctx, first_ms), 0);
  EXPECT_EQ(*tab.VersionAtTimestamp(t.ctx, second_ms - 1), 0);
  EXPECT_EQ(*tab.VersionAtTimestamp(t.ctx, second_ms), 1);
  EXPECT_EQ(*tab.VersionAtTimestamp(t.ctx, second_ms + 1), 2);
  EXPECT_EQ(tab.VersionAtTimestamp(t.ctx, first_ms - 1).error().condition(),
            Condition("DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION"));
  EXPECT_EQ(tab.VersionAtTimestamp(t.ctx, second_ms + 2).error().condition(),
            Condition("DELTA_TIMESTAMP_GREATER_THAN_COMMIT"));
}

TEST_F(SnapshotTest, InCommitTimestampsWin) {
  const std::string meta =
      MetadataLine(FieldJson("x", "integer"), {}, {{"delta.enableInCommitTimestamps", "true"}});
  const std::string protocol = ProtocolLine(1, 7, {}, {"inCommitTimestamp"});
  t.Commit(0, {R"({"commitInfo":{"inCommitTimestamp":1000,"timestamp":1}})", protocol, meta});
  t.Commit(1, {R"({"commitInfo":{"inCommitTimestamp":2000,"timestamp":1}})", AddLine("a")});
  EXPECT_EQ(Latest()->timestamp_ms(), 2000);
  EXPECT_EQ(*table().VersionAtTimestamp(t.ctx, 1999), 0);
  EXPECT_EQ(*table().VersionAtTimestamp(t.ctx, 2000), 1);
  EXPECT_EQ((*table().History(t.ctx))[0].timestamp_ms, 2000);
}

TEST_F(SnapshotTest, HistoryTellsWhoDidWhat) {
  t.Commit(
      0,
      {kProtocolLine, SimpleMetadata(),
       R"({"commitInfo":{"timestamp":5,"operation":"CREATE TABLE","operationParameters":{"isManaged":"false","partitionBy":"[]","n":7,"deep":{"a":1}},"userName":"ann","engineInfo":"E/1","isBlindAppend":true,"readVersion":-1,"operationMetrics":{"numFiles":"2"}}})"});
  t.Commit(1, {AddLine("a")});
  const auto history = table().History(t.ctx);
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ((*history)[0].version, 1);
  EXPECT_FALSE((*history)[0].info.has_value());
  const CommitInfo& info = *(*history)[1].info;
  EXPECT_EQ(info.operation, "CREATE TABLE");
  EXPECT_EQ(info.operation_parameters.at("partitionBy"), "[]");
  EXPECT_EQ(info.operation_parameters.at("n"), "7");
  EXPECT_EQ(info.operation_parameters.at("deep"), R"({"a":1})");
  EXPECT_EQ(info.operation_metrics.at("numFiles"), "2");
  EXPECT_EQ(info.is_blind_append, true);
  EXPECT_EQ(info.user_name, "ann");
  EXPECT_EQ(table().History(t.ctx, 1)->size(), 1u);
  EXPECT_EQ(*table().EarliestVersion(t.ctx), 0);
}

TEST_F(SnapshotTest, DomainsAreKeptUntilRemoved) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(),
               R"({"domainMetadata":{"domain":"d","configuration":"{\"k\":1}","removed":false}})",
               R"({"domainMetadata":{"domain":"e","configuration":"","removed":false}})"});
  t.Commit(1, {R"({"domainMetadata":{"domain":"e","configuration":"","removed":true}})"});
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->domains().size(), 1u);
  EXPECT_EQ(snapshot->domains().at("d").configuration, R"({"k":1})");
}

TEST_F(SnapshotTest, V2CheckpointInJsonWithoutSidecars) {
  t.Put("_delta_log/00000000000000000004.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
        R"({"checkpointMetadata":{"version":4}})"
        "\n" +
            ProtocolLine(3, 7, {"v2Checkpoint"}, {"v2Checkpoint"}) + "\n" + SimpleMetadata() +
            "\n" + AddLine("a") + "\n" + RemoveLine("old") + "\n");
  t.Commit(5, {AddLine("b"), RemoveLine("a")});
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->version(), 5);
  EXPECT_EQ(snapshot->checkpoint_version(), 4);
  EXPECT_EQ(Paths(*snapshot), (Names{"b"}));
  EXPECT_EQ(*table().EarliestVersion(t.ctx), 4);
  EXPECT_EQ(table().AtVersion(t.ctx, 3).error().condition(), Condition("DELTA_VERSION_NOT_FOUND"));
}

TEST_F(SnapshotTest, ALastCheckpointFileOfAnyContentDoesNotMatter) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.Commit(1, {AddLine("b")});
  for (const char* content :
       {"", "{", "{\"version\":", "{\"version\":1,\"size\":3}", "{\"version\":99}",
        "{\"version\":-1}", "[]", "{\"version\":\"x\"}", "\xff\xfe"}) {
    t.Put("_delta_log/_last_checkpoint", content);
    EXPECT_EQ(Paths(*Latest()), (Names{"a", "b"})) << content;
  }
}

TEST_F(SnapshotTest, CancellationStopsTheReading) {
  t.Commit(0, {kProtocolLine, SimpleMetadata(), AddLine("a")});
  t.ctx.cancellation->Cancel();
  EXPECT_EQ(LatestError().condition(), Condition("OPERATION_CANCELED"));
}

}  // namespace
}  // namespace tarn::delta
