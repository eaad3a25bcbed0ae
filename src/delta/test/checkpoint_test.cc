#include <gtest/gtest.h>

#include <algorithm>

#include "tarn/delta/log_cleanup.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/io/faulty_object_store.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::MetadataLine;
using test::ProtocolLine;
using test::RemoveLine;
using test::TestTable;

using Names = std::vector<std::string>;

constexpr char kClassic[] = "_delta_log/00000000000000000002.checkpoint.parquet";

/// A table of three versions with a checkpoint at the last; rows of the checkpoint: protocol,
/// metaData, txn, domainMetadata, (checkpointMetadata,) remove of "gone", adds of "a", "b" and "c".
class CheckpointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string vector =
        R"(,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6},"tags":{"K":"v"},"baseRowId":7)";
    now_ms = std::to_string(t.clock.NowMicros() / 1000);
    t.Commit(0, {ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors", "domainMetadata"}),
                 MetadataLine(FieldJson("x", "integer") + "," + FieldJson("p", "date"), {"p"}),
                 AddLine("a", R"({"p":"2024-01-01"})", R"(,"stats":"{\"numRecords\":2}")"),
                 AddLine("gone", R"({"p":null})")});
    t.Commit(1, {AddLine("b", R"({"p":null})", vector),
                 R"({"remove":{"path":"gone","deletionTimestamp":)" + now_ms +
                     R"(,"dataChange":true}})"});
    t.Commit(2,
             {AddLine("c%20d", R"({"p":"2024-01-02"})"), R"({"txn":{"appId":"app","version":3}})",
              R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})"});
    const Status written = WriteCheckpoint(t.ctx, t.handlers(), *Latest());
    ASSERT_TRUE(written.ok()) << written.error().ToString();
  }
  Table table() { return Table(t.handlers(), "/lake/t"); }
  std::shared_ptr<const Snapshot> Latest() {
    auto snapshot = table().Latest(t.ctx);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return snapshot.ok() ? *snapshot : nullptr;
  }
  void DropCommits(int below) {
    for (int v = 0; v < below; ++v) {
      t.Delete("_delta_log/0000000000000000000" + std::to_string(v) + ".json");
    }
  }
  void ExpectSame(Version checkpoint) {
    const auto snapshot = Latest();
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->version(), 2);
    EXPECT_EQ(snapshot->checkpoint_version(), checkpoint);
    const FileSet& files = snapshot->files();
    ASSERT_EQ(files.size(), 3u);
    const size_t a = *files.Find("a");
    const size_t b = *files.Find("b");
    EXPECT_TRUE(files.Find("c d").has_value());
    EXPECT_EQ(files.num_records(a), 2);
    EXPECT_EQ(files.partition_text(a, 0), "2024-01-01");
    EXPECT_EQ(files.partition_text(b, 0), std::nullopt);
    ASSERT_NE(files.deletion_vector(b), nullptr);
    EXPECT_EQ(files.deletion_vector(b)->UniqueId(), "uab^-aqEH.-t@S}K{vb[*k^@4");
    EXPECT_EQ(files.deletion_vector(a), nullptr);
    EXPECT_EQ(files.base_row_id(b), 7);
    EXPECT_EQ(files.tags(b).at(0).second, "v");
    EXPECT_EQ(snapshot->TransactionVersion("app"), 3);
    EXPECT_EQ(snapshot->domains().size(), 1u);
    EXPECT_EQ(snapshot->protocol().reader_features, (Names{"deletionVectors"}));
    EXPECT_EQ(snapshot->metadata().partition_columns, (Names{"p"}));
  }

  TestTable t;
  std::string now_ms;
};

TEST_F(CheckpointTest, ClassicEqualsTheReplay) {
  ExpectSame(2);
  DropCommits(3);
  ExpectSame(2);
  t.Delete("_delta_log/_last_checkpoint");
  ExpectSame(2);
  t.Put("_delta_log/_last_checkpoint", R"({"version":7})");
  ExpectSame(2);
  EXPECT_EQ(t.parquet->Rows(kClassic), 8u);
}

TEST_F(CheckpointTest, StatisticsAreReadWhenTheyAreAskedFor) {
  const auto snapshot = Latest();
  EXPECT_EQ(t.parquet->reads, 1);
  const FileSet& files = snapshot->files();
  const size_t a = *files.Find("a");
  EXPECT_EQ(files.stats(a), R"({"numRecords":2})");
  EXPECT_EQ(files.num_records(a), 2);
  EXPECT_EQ(files.stats(*files.Find("b")), "");
  EXPECT_EQ(files.num_records(*files.Find("b")), std::nullopt);
  EXPECT_EQ(t.parquet->reads, 2);
}

TEST_F(CheckpointTest, StatisticsOfACheckpointThatWasWrittenAgainAreFoundByPath) {
  const auto snapshot = Latest();
  t.parquet->Reverse(kClassic);
  const FileSet& files = snapshot->files();
  EXPECT_EQ(files.num_records(*files.Find("a")), 2);
  EXPECT_EQ(files.num_records(*files.Find("b")), std::nullopt);
  EXPECT_TRUE(files.LoadStatistics(t.ctx).ok());
}

TEST_F(CheckpointTest, StatisticsThatAreGoneCountAsUnknownButNotForACheckpoint) {
  const auto snapshot = Latest();
  t.Delete(kClassic);
  const FileSet& files = snapshot->files();
  EXPECT_EQ(files.num_records(*files.Find("a")), std::nullopt);
  EXPECT_EQ(files.stats(*files.Find("a")), "");
  const Status load = files.LoadStatistics(t.ctx);
  ASSERT_FALSE(load.ok());
  EXPECT_EQ(load.error().condition(), Condition("PATH_NOT_FOUND"));
  EXPECT_FALSE(WriteCheckpoint(t.ctx, t.handlers(), *snapshot).ok());
}

TEST_F(CheckpointTest, FilesArePrunedByStatisticsThatCameLater) {
  t.Commit(
      3,
      {AddLine(
           "low", R"({"p":null})",
           R"(,"stats":"{\"numRecords\":5,\"minValues\":{\"x\":1},\"maxValues\":{\"x\":9},\"nullCount\":{\"x\":0}}")"),
       AddLine(
           "high", R"({"p":null})",
           R"(,"stats":"{\"numRecords\":5,\"minValues\":{\"x\":10},\"maxValues\":{\"x\":19},\"nullCount\":{\"x\":5}}")")});
  ASSERT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *Latest()).ok());
  const auto snapshot = Latest();
  ASSERT_EQ(snapshot->checkpoint_version(), 3);
  Predicate predicate;
  predicate.column = {"x"};
  predicate.values = {Value::Int(7)};
  for (int i = 0; i < 2; ++i) {
    const PruneResult found = FilePruner(snapshot, {predicate}, *FindTimeZone("UTC")).Run();
    Names kept;
    for (const uint32_t file : found.kept) kept.emplace_back(snapshot->files().path(file));
    std::ranges::sort(kept);
    // Of the others nothing is known.
    EXPECT_EQ(kept, (Names{"a", "b", "c d", "low"}));
    EXPECT_EQ(found.pruned_by_statistics, 1u);
  }
}

TEST_F(CheckpointTest, AnUnreadableCheckpointDoesNotMatterWhileTheLogIsThere) {
  t.Put("_delta_log/00000000000000000001.checkpoint.parquet", "torn");
  t.parquet->Copy(kClassic, "elsewhere");
  t.Delete(kClassic);
  ExpectSame(kNoVersion);
  DropCommits(1);
  auto broken = table().Latest(t.ctx);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().condition(), Condition("DELTA_LOG_CORRUPT"));
}

TEST_F(CheckpointTest, MultiPartNeedsAllItsParts) {
  const std::string base = "_delta_log/00000000000000000002.checkpoint.000000000";
  for (int part = 1; part <= 3; ++part) {
    const std::string path = base + std::to_string(part) + ".0000000003.parquet";
    t.parquet->Copy(kClassic, path);
    t.parquet->Filter(path, [&](size_t row) { return static_cast<int>(row % 3) == part - 1; });
  }
  t.Delete(kClassic);
  ExpectSame(2);
  DropCommits(3);
  ExpectSame(2);
  t.Delete(base + "2.0000000003.parquet");
  EXPECT_FALSE(table().Latest(t.ctx).ok());
}

TEST_F(CheckpointTest, V2WithSidecarsInJsonAndParquet) {
  // The file actions go into two sidecars.
  for (int part = 0; part < 2; ++part) {
    const std::string path = "_delta_log/_sidecars/s" + std::to_string(part) + ".parquet";
    t.parquet->Copy(kClassic, path);
    t.parquet->Filter(path,
                      [&](size_t row) { return row >= 4 && static_cast<int>(row % 2) == part; });
  }
  t.Delete(kClassic);
  t.Put("_delta_log/00000000000000000002.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
        R"({"checkpointMetadata":{"version":2}})"
        "\n" +
            ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors", "domainMetadata"}) + "\n" +
            MetadataLine(FieldJson("x", "integer") + "," + FieldJson("p", "date"), {"p"}) + "\n" +
            R"({"txn":{"appId":"app","version":3}})"
            "\n"
            R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})"
            "\n"
            R"({"sidecar":{"path":"s0.parquet","sizeInBytes":4,"modificationTime":1}})"
            "\n"
            R"({"sidecar":{"path":"s1.parquet","sizeInBytes":4,"modificationTime":1}})"
            "\n");
  DropCommits(3);
  ExpectSame(2);
}

/// Names in a folder that contain a text.
Names Listed(TestTable& t, std::string_view folder, std::string_view part) {
  Names names;
  const auto files = t.log->List(t.ctx, folder, "");
  for (const LogFileInfo& file : *files) {
    if (file.name.find(part) != std::string::npos) names.push_back(file.name);
  }
  return names;
}

TEST_F(CheckpointTest, ThePolicyV2MakesAUuidNamedCheckpointWithASidecar) {
  Metadata metadata = Latest()->metadata();
  metadata.configuration["delta.checkpointPolicy"] = "v2";
  Transaction txn(t.handlers(), Latest());
  ASSERT_TRUE(txn.SetMetadata(metadata).ok());
  FileSystemCommitter committer(t.log);
  ASSERT_TRUE(std::holds_alternative<Committed>(txn.Commit(t.ctx, committer)));
  t.Delete(kClassic);
  ASSERT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *Latest()).ok());
  const Names top = Listed(t, "_delta_log", ".checkpoint.");
  ASSERT_EQ(top.size(), 1u);
  EXPECT_TRUE(top[0].starts_with("00000000000000000003.checkpoint.") && top[0].ends_with(".json"));
  EXPECT_EQ(t.Get("_delta_log/" + top[0]).find("\"add\""), std::string::npos);
  const Names sidecars = Listed(t, "_delta_log/_sidecars", ".parquet");
  ASSERT_EQ(sidecars.size(), 1u);
  EXPECT_EQ(t.parquet->Rows("_delta_log/_sidecars/" + sidecars[0]),
            4u);  // a tombstone, three files
  DropCommits(4);
  const auto snapshot = Latest();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->checkpoint_version(), 3);
  EXPECT_EQ(snapshot->files().size(), 3u);
  EXPECT_EQ(snapshot->files().base_row_id(*snapshot->files().Find("b")), 7);
  EXPECT_EQ(snapshot->TransactionVersion("app"), 3);
  EXPECT_EQ(snapshot->domains().size(), 1u);
  // The tombstone is in the next checkpoint, too.
  ASSERT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *snapshot).ok());
  const auto needed = NeededFiles(t.ctx, t.handlers(), *snapshot, 0);
  ASSERT_TRUE(needed.ok());
  EXPECT_TRUE(needed->contains("gone"));
}

TEST_F(CheckpointTest, SidecarsThatNoCheckpointNamesGoAfterADay) {
  t.Put("_delta_log/_sidecars/orphan.parquet", "x");
  ASSERT_TRUE(CleanUpLog(t.ctx, t.handlers(), *Latest()).ok());
  EXPECT_TRUE(t.Has("_delta_log/_sidecars/orphan.parquet"));  // of a checkpoint being written?
  t.clock.Advance(int64_t{49} * 3600 * 1'000'000);
  t.Put("_delta_log/_sidecars/young.parquet", "x");
  const auto removed = CleanUpLog(t.ctx, t.handlers(), *Latest());
  ASSERT_TRUE(removed.ok()) << removed.error().ToString();
  EXPECT_EQ(*removed, 1);
  EXPECT_FALSE(t.Has("_delta_log/_sidecars/orphan.parquet"));
  EXPECT_TRUE(t.Has("_delta_log/_sidecars/young.parquet"));
}

TEST_F(CheckpointTest, ChecksumsAndCompactedFilesGoWithTheirCommits) {
  const std::string log = "_delta_log/0000000000000000000";
  const Names gone = {"0.json", "0.crc", "0.00000000000000000001.compacted.json",
                      "1.json", "1.crc", "1.00000000000000000002.compacted.json"};
  const Names kept = {"2.json", "2.crc", "2.checkpoint.parquet"};
  for (const Names& names : {gone, kept}) {
    for (const std::string& name : names) {
      if (!t.Has(log + name)) t.Put(log + name, "{}");
    }
  }
  t.clock.Advance(int64_t{49} * 3600 * 1'000'000);
  const auto snapshot = Latest();
  const auto early = CleanUpLog(t.ctx, t.handlers(), *snapshot);
  ASSERT_TRUE(early.ok()) << early.error().ToString();
  EXPECT_EQ(*early, 0);  // within delta.logRetentionDuration
  const auto removed = TruncateLog(t.ctx, t.handlers(), *snapshot, kLogRetentionLeastMs);
  ASSERT_TRUE(removed.ok()) << removed.error().ToString();
  EXPECT_EQ(*removed, static_cast<int64_t>(gone.size()));
  for (const std::string& name : gone) EXPECT_FALSE(t.Has(log + name)) << name;
  for (const std::string& name : kept) EXPECT_TRUE(t.Has(log + name)) << name;
  ExpectSame(2);
}

/// A table of two versions on a disk that fails.
struct DiskTable {
  explicit DiskTable(uint64_t seed) : disk(io::NewFaultyStore(seed, clock)) { ctx.clock = &clock; }
  Handlers handlers() const { return {log, parquet, &SystemIds()}; }
  Result<std::shared_ptr<const Snapshot>> Latest() const {
    return Table(handlers(), "/lake/t").Latest(ctx);
  }
  void Make(bool v2) {
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}};
    if (v2) metadata.configuration["delta.checkpointPolicy"] = "v2";
    FileSystemCommitter committer(log);
    Transaction create(handlers(), "/lake/t");
    ASSERT_TRUE(create.SetMetadata(std::move(metadata)).ok());
    ASSERT_TRUE(std::holds_alternative<Committed>(create.Commit(ctx, committer)));
    Transaction append(handlers(), *Latest());
    AddFile add;
    add.path = "a";
    append.Add(std::move(add));
    ASSERT_TRUE(std::holds_alternative<Committed>(append.Commit(ctx, committer)));
  }

  ManualClock clock;
  RequestContext ctx;
  std::shared_ptr<io::FaultyObjectStore> disk;
  std::shared_ptr<LogStore> log = NewObjectLogStore(disk);
  std::shared_ptr<test::MemoryParquet> parquet = std::make_shared<test::MemoryParquet>(log);
};

TEST(LogCleanUpTest, ACheckpointThatMayNotBeDurableIsMadeSoBeforeTheLogGoes) {
  for (const bool v2 : {false, true}) {
    bool reached = true;
    for (int64_t call = 1; reached; ++call) {
      for (uint64_t seed = 1; seed <= 20; ++seed) {
        DiskTable t(seed);
        t.Make(v2);
        const auto snapshot = *t.Latest();
        const int64_t before = t.disk->calls();
        t.disk->FailCall(call, io::DiskFault::kFail);
        (void)WriteCheckpoint(t.ctx, t.handlers(), *snapshot);
        reached = t.disk->calls() >= before + call;
        t.clock.Advance(int64_t{60} * 24 * 3600 * 1'000'000);
        (void)CleanUpLog(t.ctx, t.handlers(), *snapshot);
        t.disk->CutPower();
        t.disk->Restart();
        const auto after = t.Latest();
        ASSERT_TRUE(after.ok()) << "call " << call << ", seed " << seed << ": "
                                << after.error().ToString();
        EXPECT_EQ((*after)->version(), 1);
      }
    }
  }
}

TEST(StructStatisticsTest, AreAsGoodAsTextsThroughSeveralCheckpoints) {
  const std::string stats =
      R"({"numRecords":3,"minValues":{"x":1,"s":{"d":"2024-01-01"}},"maxValues":{"x":7,"s":{"d":"2024-02-01"}},)"
      R"("nullCount":{"x":0,"s":{"d":1}},"tightBounds":true})";
  for (const bool v2 : {false, true}) {
    TestTable t;
    Metadata metadata;
    metadata.schema.fields = {
        {"x", TypeId::kInt}, {"s", DataType::Struct({{"d", TypeId::kDate}})}, {"p", TypeId::kDate}};
    metadata.partition_columns = {"p"};
    metadata.configuration = {{"delta.checkpoint.writeStatsAsJson", "false"}};
    // Without being asked for, structs stand in for texts.
    if (!v2) metadata.configuration["delta.checkpoint.writeStatsAsStruct"] = "true";
    if (v2) metadata.configuration["delta.checkpointPolicy"] = "v2";
    Transaction create(t.handlers(), "/lake/t");
    ASSERT_TRUE(create.SetMetadata(std::move(metadata)).ok());
    t.Commit(create);
    for (Version version = 1; version <= 3; ++version) {
      Transaction append(t.handlers(), *Table(t.handlers(), "/lake/t").Latest(t.ctx));
      AddFile add;
      add.path = "file" + std::to_string(version);
      add.partition_values = {{"p", "2024-01-01"}};
      if (version != 2) add.stats = stats;  // The second has none.
      append.Add(std::move(add));
      t.Commit(append);
      ASSERT_TRUE(
          WriteCheckpoint(t.ctx, t.handlers(), **Table(t.handlers(), "/lake/t").Latest(t.ctx))
              .ok());
      for (Version old = 0; old < version; ++old) {
        t.Delete("_delta_log/0000000000000000000" + std::to_string(old) + ".json");
      }
      const auto snapshot = *Table(t.handlers(), "/lake/t").Latest(t.ctx);
      ASSERT_EQ(snapshot->checkpoint_version(), version);
      const FileSet& files = snapshot->files();
      EXPECT_EQ(files.stats(*files.Find("file1")), stats);
      EXPECT_EQ(files.num_records(*files.Find("file1")), 3);
      if (version > 1) {
        EXPECT_EQ(files.stats(*files.Find("file2")), "");
        EXPECT_EQ(files.num_records(*files.Find("file2")), std::nullopt);
      }
      EXPECT_EQ(files.partition_text(*files.Find("file1"), 0), "2024-01-01");
    }
  }
}

TEST_F(CheckpointTest, SidecarsOutsideTheTableAreRefused) {
  t.Delete(kClassic);
  DropCommits(3);
  for (const char* path : {"../../../etc/x.parquet", "/etc/x.parquet", "file:///x.parquet"}) {
    t.Put("_delta_log/00000000000000000002.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
          ProtocolLine(1, 2, {}, {}) + "\n" + MetadataLine(FieldJson("x", "integer")) +
              "\n{\"sidecar\":{\"path\":\"" + path + "\",\"sizeInBytes\":4}}\n");
    auto snapshot = table().Latest(t.ctx);
    ASSERT_FALSE(snapshot.ok());
    EXPECT_EQ(snapshot.error().condition(), Condition("DELTA_PATH_OUTSIDE_TABLE"));
  }
}

TEST_F(CheckpointTest, CommitsAfterTheCheckpointWin) {
  DropCommits(2);
  t.Commit(3, {RemoveLine("a"), AddLine("new", R"({"p":null})"),
               R"({"txn":{"appId":"app","version":4}})",
               R"({"domainMetadata":{"domain":"d","configuration":"","removed":true}})"});
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->version(), 3);
  EXPECT_FALSE(snapshot->files().Find("a").has_value());
  EXPECT_TRUE(snapshot->files().Find("new").has_value());
  EXPECT_EQ(snapshot->files().size(), 3u);
  EXPECT_EQ(snapshot->TransactionVersion("app"), 4);
  EXPECT_TRUE(snapshot->domains().empty());
  EXPECT_EQ((*table().AtVersion(t.ctx, 2))->files().size(), 3u);
  EXPECT_EQ(*table().EarliestVersion(t.ctx), 2);
  EXPECT_EQ(table().History(t.ctx)->size(), 2u);
}

TEST_F(CheckpointTest, ALongChainOfRefreshesMovesToANewerCheckpoint) {
  auto snapshot = Latest();
  for (int v = 3; v <= 1010; ++v) {
    t.Commit(v, {AddLine("f" + std::to_string(v), R"({"p":null})")});
    auto next = table().Latest(t.ctx, snapshot);
    ASSERT_TRUE(next.ok()) << next.error().ToString();
    snapshot = *next;
  }
  EXPECT_EQ(snapshot->checkpoint_version(), 2);
  ASSERT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *snapshot).ok());
  t.Commit(1011, {RemoveLine("a")});
  auto moved = table().Latest(t.ctx, snapshot);
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_EQ((*moved)->checkpoint_version(), 1010);
  EXPECT_EQ((*moved)->files().size(), snapshot->files().size() - 1);
  // The tombstones of the first checkpoint may be gone with it.
  t.Delete(kClassic);
  EXPECT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *snapshot).ok());
}

TEST_F(CheckpointTest, ExpiredTombstonesAreForgotten) {
  t.clock.Advance(int64_t{8} * 24 * 3600 * 1'000'000);
  ASSERT_TRUE(WriteCheckpoint(t.ctx, t.handlers(), *Latest()).ok());
  EXPECT_EQ(t.parquet->Rows(kClassic), 7u);
}

TEST_F(CheckpointTest, ATableWithoutParquetReaderIsReadFromItsJson) {
  Handlers handlers = t.handlers();
  handlers.parquet = nullptr;
  auto snapshot = Table(handlers, "/lake/t").Latest(t.ctx);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  EXPECT_EQ((*snapshot)->files().size(), 3u);
}

}  // namespace
}  // namespace tarn::delta
