#include "tarn/delta/transaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tarn/io/faulty_object_store.h"
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

using Names = std::vector<std::string>;

Names Paths(const Snapshot& snapshot) {
  Names out;
  for (size_t i = 0; i < snapshot.files().size(); ++i) out.emplace_back(snapshot.files().path(i));
  std::sort(out.begin(), out.end());
  return out;
}

AddFile File(const std::string& path,
             std::vector<std::pair<std::string, PartitionText>> partition_values = {}) {
  AddFile add;
  add.path = path;
  add.partition_values = std::move(partition_values);
  add.size = 10;
  add.modification_time_ms = 1;
  add.stats = R"({"numRecords":1})";
  return add;
}

Predicate Equal(const std::string& column, Value value) {
  Predicate predicate;
  predicate.column = {column};
  predicate.values = {std::move(value)};
  return predicate;
}

class TransactionTest : public ::testing::Test {
 protected:
  Table table() { return Table(t.handlers(), "/lake/t"); }
  std::shared_ptr<const Snapshot> Latest() {
    auto snapshot = table().Latest(t.ctx);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return *snapshot;
  }
  Metadata SimpleMetadata() {
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}, {"p", TypeId::kString}};
    return metadata;
  }
  void Create(Metadata metadata) {
    Transaction txn(t.handlers(), "/lake/t");
    const Status set = txn.SetMetadata(std::move(metadata));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
    ExpectCommitted(txn, 0);
  }
  void CreatePartitioned() {
    Metadata metadata = SimpleMetadata();
    metadata.partition_columns = {"p"};
    Create(metadata);
  }
  void ExpectCommitted(Transaction& txn, Version version) {
    const CommitResult result = txn.Commit(t.ctx, committer());
    const auto* committed = std::get_if<Committed>(&result);
    if (const auto* conflicted = std::get_if<Conflicted>(&result)) {
      FAIL() << conflicted->error.ToString();
    }
    ASSERT_NE(committed, nullptr);
    EXPECT_EQ(committed->version, version);
  }
  void ExpectConflict(Transaction& txn, Condition condition) {
    const CommitResult result = txn.Commit(t.ctx, committer());
    const auto* conflicted = std::get_if<Conflicted>(&result);
    ASSERT_NE(conflicted, nullptr);
    EXPECT_EQ(conflicted->error.condition(), condition) << conflicted->error.ToString();
  }
  void Append(const std::string& path, std::vector<std::pair<std::string, PartitionText>> p = {}) {
    Transaction txn(t.handlers(), Latest());
    txn.Add(File(path, std::move(p)));
    const CommitResult result = txn.Commit(t.ctx, committer());
    ASSERT_TRUE(std::holds_alternative<Committed>(result));
  }
  Committer& committer() {
    committer_ = std::make_unique<FileSystemCommitter>(t.log);
    return *committer_;
  }

  TestTable t;
  std::unique_ptr<Committer> committer_;
};

TEST_F(TransactionTest, CreatesATableThatReadsBack) {
  Metadata metadata = SimpleMetadata();
  metadata.partition_columns = {"p"};
  metadata.description = "it's \"fine\"";
  metadata.configuration["owner"] = "ann";
  Create(metadata);
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->metadata().description, "it's \"fine\"");
  EXPECT_EQ(snapshot->metadata().configuration.at("owner"), "ann");
  EXPECT_EQ(snapshot->metadata().partition_columns, (Names{"p"}));
  EXPECT_EQ(snapshot->schema(), metadata.schema);
  EXPECT_EQ(snapshot->metadata().id.size(), 36u);
  EXPECT_TRUE(snapshot->metadata().created_time_ms.has_value());
  EXPECT_EQ(snapshot->protocol(), (Protocol{1, 2, {}, {}}));
}

TEST_F(TransactionTest, ASecondCreationConflicts) {
  Transaction first(t.handlers(), "/lake/t");
  Transaction second(t.handlers(), "/lake/t");
  ASSERT_TRUE(first.SetMetadata(SimpleMetadata()).ok());
  ASSERT_TRUE(second.SetMetadata(SimpleMetadata()).ok());
  ExpectCommitted(first, 0);
  ExpectConflict(second, Condition("DELTA_PROTOCOL_CHANGED"));
}

TEST_F(TransactionTest, WritesWhatSparkWrites) {
  CreatePartitioned();
  Transaction txn(t.handlers(), Latest());
  AddFile add = File("p=a b%3A/f.parquet", {{"p", "a b:"}});
  txn.Add(add);
  txn.Add(File("p=__HIVE_DEFAULT_PARTITION__/g.parquet", {{"p", std::nullopt}}));
  txn.SetTransactionVersion("app", 3);
  txn.SetOperation("WRITE", {{"mode", "Append"}, {"partitionBy", R"(["p"])"}});
  txn.SetMetric("numFiles", 2);
  txn.SetUser("7", "ann");
  ExpectCommitted(txn, 1);
  std::vector<nlohmann::json> lines;
  std::istringstream in(t.Get("_delta_log/00000000000000000001.json"));
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 4u);
  const auto& info = lines[0]["commitInfo"];
  EXPECT_EQ(info["operation"], "WRITE");
  EXPECT_EQ(info["operationParameters"]["partitionBy"], R"(["p"])");
  EXPECT_EQ(info["operationMetrics"]["numFiles"], "2");
  EXPECT_EQ(info["readVersion"], 0);
  EXPECT_EQ(info["isBlindAppend"], true);
  EXPECT_EQ(info["isolationLevel"], "WriteSerializable");
  EXPECT_EQ(info["txnId"], txn.txn_id());
  EXPECT_EQ(info["userName"], "ann");
  EXPECT_EQ(lines[1]["txn"]["version"], 3);
  EXPECT_EQ(lines[2]["add"]["path"], "p=a%20b%253A/f.parquet");
  EXPECT_EQ(lines[2]["add"]["partitionValues"]["p"], "a b:");
  EXPECT_EQ(lines[2]["add"]["stats"], R"({"numRecords":1})");
  EXPECT_TRUE(lines[3]["add"]["partitionValues"]["p"].is_null());
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->TransactionVersion("app"), 3);
  EXPECT_EQ(Paths(*snapshot),
            (Names{"p=__HIVE_DEFAULT_PARTITION__/g.parquet", "p=a b%3A/f.parquet"}));
}

TEST_F(TransactionTest, BlindAppendsPassEachOther) {
  Create(SimpleMetadata());
  const auto snapshot = Latest();
  Transaction first(t.handlers(), snapshot);
  Transaction second(t.handlers(), snapshot);
  first.Add(File("a"));
  second.Add(File("b"));
  ExpectCommitted(first, 1);
  ExpectCommitted(second, 2);
  EXPECT_EQ(Paths(*Latest()), (Names{"a", "b"}));
}

TEST_F(TransactionTest, ARewriteConflictsWithWhatItDidNotSee) {
  CreatePartitioned();
  Append("a", {{"p", "1"}});
  Append("b", {{"p", "2"}});
  const auto snapshot = Latest();
  const size_t a = *snapshot->files().Find("a");
  const auto rewrite_a = [&] {
    Transaction txn(t.handlers(), snapshot);
    txn.ReadMatching({Equal("p", Value::String("1"))});
    txn.ReadFile(a);
    txn.Remove(a);
    txn.Add(File("a" + txn.txn_id(), {{"p", "1"}}));
    return txn;
  };
  Transaction loser = rewrite_a();
  Transaction blind(t.handlers(), snapshot);
  blind.Add(File("c", {{"p", "1"}}));
  // A blind append of the same partition is ordered after the rewrite under WriteSerializable.
  ExpectCommitted(blind, 3);
  Transaction winner = rewrite_a();
  ExpectCommitted(winner, 4);
  ExpectConflict(loser, Condition("DELTA_CONCURRENT_APPEND"));
}

TEST_F(TransactionTest, RewritesOfOtherPartitionsPass) {
  CreatePartitioned();
  Append("a", {{"p", "1"}});
  Append("b", {{"p", "2"}});
  const auto snapshot = Latest();
  const auto rewrite = [&](const std::string& path, const std::string& p) {
    Transaction txn(t.handlers(), snapshot);
    const size_t index = *snapshot->files().Find(path);
    txn.ReadMatching({Equal("p", Value::String(p))});
    txn.ReadFile(index);
    txn.Remove(index);
    txn.Add(File(path + "2", {{"p", p}}));
    return txn;
  };
  Transaction one = rewrite("a", "1");
  Transaction two = rewrite("b", "2");
  ExpectCommitted(one, 3);
  ExpectCommitted(two, 4);
  EXPECT_EQ(Paths(*Latest()), (Names{"a2", "b2"}));
}

TEST_F(TransactionTest, DeletesConflictWithReadersAndDeleters) {
  Create(SimpleMetadata());
  Append("a");
  Append("b");
  const auto snapshot = Latest();
  const size_t a = *snapshot->files().Find("a");
  const size_t b = *snapshot->files().Find("b");
  Transaction reader(t.handlers(), snapshot);
  reader.ReadFile(a);
  reader.Add(File("c"));
  Transaction whole(t.handlers(), snapshot);
  whole.ReadWholeTable();
  whole.Add(File("d"));
  Transaction deleter(t.handlers(), snapshot);
  deleter.Remove(a);
  Transaction other(t.handlers(), snapshot);
  other.Remove(b);
  Transaction winner(t.handlers(), snapshot);
  winner.Remove(a);
  ExpectCommitted(winner, 3);
  ExpectConflict(reader, Condition("DELTA_CONCURRENT_DELETE_READ"));
  ExpectConflict(whole, Condition("DELTA_CONCURRENT_DELETE_READ"));
  ExpectConflict(deleter, Condition("DELTA_CONCURRENT_DELETE_DELETE"));
  ExpectCommitted(other, 4);
}

TEST_F(TransactionTest, SerializableTablesRefuseToReorderBlindAppends) {
  Metadata metadata = SimpleMetadata();
  metadata.configuration["delta.isolationLevel"] = "Serializable";
  Create(metadata);
  Append("a");
  const auto snapshot = Latest();
  Transaction rewrite(t.handlers(), snapshot);
  rewrite.ReadMatching({});
  rewrite.ReadFile(0);
  rewrite.Remove(0);
  Append("b");
  ExpectConflict(rewrite, Condition("DELTA_CONCURRENT_APPEND"));
}

TEST_F(TransactionTest, ChangedMetadataProtocolAndApplicationsConflict) {
  Create(SimpleMetadata());
  const auto snapshot = Latest();
  Transaction append(t.handlers(), snapshot);
  append.Add(File("a"));
  Transaction widen(t.handlers(), snapshot);
  Metadata metadata = snapshot->metadata();
  metadata.schema.fields.push_back({"y", TypeId::kLong});
  ASSERT_TRUE(widen.SetMetadata(metadata).ok());
  ExpectCommitted(widen, 1);
  ExpectConflict(append, Condition("DELTA_METADATA_CHANGED"));

  const auto second = Latest();
  Transaction stream(t.handlers(), second);
  stream.ReadTransaction("app");
  stream.SetTransactionVersion("app", 2);
  stream.Add(File("s"));
  Transaction twin(t.handlers(), second);
  twin.SetTransactionVersion("app", 2);
  ExpectCommitted(twin, 2);
  ExpectConflict(stream, Condition("DELTA_CONCURRENT_TRANSACTION"));

  Transaction late(t.handlers(), Latest());
  late.Add(File("z"));
  t.Commit(3, {ProtocolLine(1, 7, {}, {"appendOnly"})});
  ExpectConflict(late, Condition("DELTA_PROTOCOL_CHANGED"));
}

TEST_F(TransactionTest, OverwriteRemovesEverythingAndKeepsLaterBlindAppends) {
  Create(SimpleMetadata());
  Append("a");
  Append("b");
  Transaction overwrite(t.handlers(), Latest());
  Append("late");
  overwrite.RemoveAll();
  overwrite.Add(File("n"));
  ExpectCommitted(overwrite, 4);
  EXPECT_EQ(Paths(*Latest()), (Names{"late", "n"}));
}

TEST_F(TransactionTest, AppendOnlyTablesKeepTheirRows) {
  Metadata metadata = SimpleMetadata();
  metadata.configuration["delta.appendOnly"] = "true";
  Create(metadata);
  Append("a");
  Transaction remove(t.handlers(), Latest());
  remove.Remove(0);
  ExpectConflict(remove, Condition("DELTA_CANNOT_MODIFY_APPEND_ONLY"));
  Transaction rearrange(t.handlers(), Latest());
  rearrange.Remove(0, false);
  AddFile add = File("b");
  add.data_change = false;
  rearrange.Add(add);
  ExpectCommitted(rearrange, 2);
}

TEST_F(TransactionTest, UnsupportedWriterFeaturesAreNamed) {
  t.Commit(0,
           {ProtocolLine(1, 7, {}, {"appendOnly", "materializePartitionColumns", "domainMetadata"}),
            MetadataLine(FieldJson("x", "integer"))});
  Transaction append(t.handlers(), Latest());
  append.Add(File("a"));
  const CommitResult result = append.Commit(t.ctx, committer());
  const auto* conflicted = std::get_if<Conflicted>(&result);
  ASSERT_NE(conflicted, nullptr);
  EXPECT_EQ(conflicted->error.condition(), Condition("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE"));
  EXPECT_EQ(conflicted->error.parameter("unsupported"), "materializePartitionColumns");
}

TEST_F(TransactionTest, AFileOfUnknownLengthGetsNoDeletionVector) {
  t.Commit(0, {ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors"}),
               MetadataLine(FieldJson("x", "integer")), AddLine("a")});
  Transaction txn(t.handlers(), Latest());
  DeletionVectorDescriptor vector;
  vector.path_or_inline = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";
  vector.size_in_bytes = 44;
  vector.cardinality = 1;
  txn.SetDeletionVector(0, vector);
  ExpectConflict(txn, Condition("DELTA_LOG_CORRUPT"));
}

TEST_F(TransactionTest, RemovedFilesKeepTheirDeletionVector) {
  const std::string vector =
      R"(,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6})";
  t.Commit(0, {ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors"}),
               MetadataLine(FieldJson("x", "integer")), AddLine("a", "{}", vector)});
  Transaction txn(t.handlers(), Latest());
  txn.Remove(0);
  txn.Add(File("b"));
  ExpectCommitted(txn, 1);
  EXPECT_EQ(Paths(*Latest()), (Names{"b"}));
}

TEST_F(TransactionTest, InCommitTimestampsCanBeginLater) {
  Create(SimpleMetadata());
  Append("a");
  t.clock.Advance(5'000'000);
  Transaction enable(t.handlers(), Latest());
  Metadata metadata = Latest()->metadata();
  metadata.configuration["delta.enableInCommitTimestamps"] = "true";
  ASSERT_TRUE(enable.SetMetadata(metadata).ok());
  // Another commit lands first: the version is that of the commit as it is made.
  Transaction other(t.handlers(), Latest());
  other.SetTransactionVersion("app", 1);
  ExpectCommitted(other, 2);
  ExpectCommitted(enable, 3);
  const auto snapshot = Latest();
  EXPECT_EQ(*snapshot->metadata().Property("delta.inCommitTimestampEnablementVersion"), "3");
  EXPECT_EQ(*snapshot->metadata().Property("delta.inCommitTimestampEnablementTimestamp"),
            std::to_string(snapshot->timestamp_ms()));
  EXPECT_TRUE(SupportsFeature(snapshot->protocol(), "inCommitTimestamp"));
  t.clock.Advance(5'000'000);
  Append("b");
  const auto before = table().VersionAtTimestamp(t.ctx, snapshot->timestamp_ms() - 1);
  ASSERT_TRUE(before.ok()) << before.error().ToString();
  EXPECT_EQ(*before, 2);
  EXPECT_EQ(*table().VersionAtTimestamp(t.ctx, snapshot->timestamp_ms()), 3);
  EXPECT_EQ(*table().VersionAtTimestamp(t.ctx, Latest()->timestamp_ms()), 4);
  // Later metadata keeps when it began; without timestamps there is nothing to keep.
  Transaction again(t.handlers(), Latest());
  ASSERT_TRUE(again.SetMetadata(metadata).ok());
  ExpectCommitted(again, 5);
  EXPECT_EQ(*Latest()->metadata().Property("delta.inCommitTimestampEnablementVersion"), "3");
  Transaction disable(t.handlers(), Latest());
  Metadata without = Latest()->metadata();
  without.configuration.erase("delta.enableInCommitTimestamps");
  ASSERT_TRUE(disable.SetMetadata(without).ok());
  ExpectCommitted(disable, 6);
  EXPECT_EQ(Latest()->metadata().Property("delta.inCommitTimestampEnablementVersion"), nullptr);
}

TEST_F(TransactionTest, InCommitTimestampsRise) {
  Metadata metadata = SimpleMetadata();
  metadata.configuration["delta.enableInCommitTimestamps"] = "true";
  Create(metadata);
  EXPECT_EQ(Latest()->protocol().writer_version, 7);
  const int64_t first = Latest()->timestamp_ms();
  t.clock.Advance(-10'000'000);
  Transaction a(t.handlers(), Latest());
  Transaction b(t.handlers(), Latest());
  ExpectCommitted(a, 1);
  EXPECT_EQ(Latest()->timestamp_ms(), first + 1);
  ExpectCommitted(b, 2);
  EXPECT_EQ(Latest()->timestamp_ms(), first + 2);
}

TEST_F(TransactionTest, CheckpointsAreWrittenAtTheInterval) {
  Metadata metadata = SimpleMetadata();
  metadata.partition_columns = {"p"};
  metadata.configuration["delta.checkpointInterval"] = "3";
  Create(metadata);
  for (int i = 1; i <= 2; ++i) Append("f" + std::to_string(i), {{"p", "x y"}});
  Transaction txn(t.handlers(), Latest());
  txn.Remove(*Latest()->files().Find("f1"));
  txn.SetTransactionVersion("app", 9);
  CommitResult result = txn.Commit(t.ctx, committer());
  ASSERT_TRUE(std::holds_alternative<Committed>(result));
  EXPECT_TRUE(std::get<Committed>(result).checkpointed);
  EXPECT_TRUE(t.Has("_delta_log/00000000000000000003.checkpoint.parquet"));
  EXPECT_NE(t.Get("_delta_log/_last_checkpoint").find(R"("version":3,"size":5)"),
            std::string::npos);
  for (int v = 0; v <= 2; ++v) {
    t.Delete("_delta_log/0000000000000000000" + std::to_string(v) + ".json");
  }
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->checkpoint_version(), 3);
  EXPECT_EQ(Paths(*snapshot), (Names{"f2"}));
  EXPECT_EQ(snapshot->files().partition_text(0, 0), "x y");
  EXPECT_EQ(snapshot->files().num_records(0), 1);
  EXPECT_EQ(snapshot->TransactionVersion("app"), 9);
  EXPECT_EQ(*table().EarliestVersion(t.ctx), 3);
  // The tombstone of f1 goes on into the next checkpoint.
  for (int i = 4; i <= 6; ++i) Append("f" + std::to_string(i), {{"p", std::nullopt}});
  EXPECT_EQ(Latest()->checkpoint_version(), 6);
  EXPECT_EQ(t.parquet->Rows("_delta_log/00000000000000000006.checkpoint.parquet"), 3u + 1u + 4u);
  EXPECT_EQ(Latest()->files().partition_text(*Latest()->files().Find("f5"), 0), std::nullopt);
}

TEST_F(TransactionTest, WithoutAnIntervalACheckpointIsWrittenWhenEnoughIsNew) {
  Create(SimpleMetadata());
  Transaction many(t.handlers(), Latest());
  for (int i = 0; i < 2000; ++i) many.Add(File("f" + std::to_string(i)));
  ExpectCommitted(many, 1);
  Transaction all(t.handlers(), Latest());
  all.RemoveAll();
  ExpectCommitted(all, 2);
  std::vector<int> checkpoints;
  for (int v = 3; v <= 130; ++v) {
    Append("g" + std::to_string(v));
    const std::string digits = std::to_string(v);
    if (t.Has("_delta_log/" + std::string(20 - digits.size(), '0') + digits +
              ".checkpoint.parquet")) {
      checkpoints.push_back(v);
    }
  }
  // The first one holds 2,000 tombstones, which the next one would have to write again.
  EXPECT_EQ(checkpoints, (std::vector<int>{10, 110}));
  Transaction half(t.handlers(), Latest());
  for (int i = 0; i < 1000; ++i) half.Add(File("h" + std::to_string(i)));
  ExpectCommitted(half, 131);
  for (int v = 132; v <= 140; ++v) Append("i" + std::to_string(v));
  EXPECT_TRUE(t.Has("_delta_log/00000000000000000140.checkpoint.parquet"));
}

TEST_F(TransactionTest, AFailedCheckpointDoesNotFailTheCommit) {
  Metadata metadata = SimpleMetadata();
  metadata.configuration["delta.checkpointInterval"] = "1";
  Create(metadata);
  t.parquet->fail_writes = true;
  Transaction txn(t.handlers(), Latest());
  txn.Add(File("a"));
  const CommitResult result = txn.Commit(t.ctx, committer());
  ASSERT_TRUE(std::holds_alternative<Committed>(result));
  EXPECT_FALSE(std::get<Committed>(result).checkpointed);
  EXPECT_TRUE(std::get<Committed>(result).checkpoint_error.has_value());
  EXPECT_EQ(Latest()->version(), 1);
}

TEST_F(TransactionTest, AttemptsAreBounded) {
  Create(SimpleMetadata());
  /// Says "taken" and shows nothing, for ever.
  class Contested : public Committer {
   public:
    Result<LogPut> Put(const RequestContext&, Version, std::string_view) override {
      return LogPut::kExists;
    }
    Result<std::string> Read(const RequestContext&, Version) override {
      return Error(Condition("PATH_NOT_FOUND"), {{"path", "x"}});
    }
    Status MakeDurable(const RequestContext&, Version) override { return {}; }
  } contested;
  Transaction txn(t.handlers(), Latest());
  txn.SetAttemptsMax(7);
  txn.Add(File("a"));
  const CommitResult result = txn.Commit(t.ctx, contested);
  const auto* conflicted = std::get_if<Conflicted>(&result);
  ASSERT_NE(conflicted, nullptr);
  EXPECT_EQ(conflicted->error.condition(), Condition("DELTA_CONCURRENT_WRITE"));
  EXPECT_EQ(conflicted->error.parameter("attempts"), "7");
}

TEST_F(TransactionTest, AnUnknownOutcomeIsResolvedByTheTransactionId) {
  /// Does the work of the file system, but doesn't tell.
  class Silent : public FileSystemCommitter {
   public:
    Silent(std::shared_ptr<LogStore> store, bool works)
        : FileSystemCommitter(store), works_(works) {}
    Result<LogPut> Put(const RequestContext& ctx, Version version, std::string_view b) override {
      if (works_) {
        auto put = FileSystemCommitter::Put(ctx, version, b);
        if (!put.ok()) return put;
      }
      return LogPut::kUnknown;
    }

   private:
    bool works_;
  };
  Create(SimpleMetadata());
  Silent works(t.log, true);
  Transaction txn(t.handlers(), Latest());
  txn.Add(File("a"));
  CommitResult result = txn.Commit(t.ctx, works);
  ASSERT_TRUE(std::holds_alternative<Committed>(result));
  EXPECT_EQ(std::get<Committed>(result).version, 1);
  // Somebody else's commit under that version is no success.
  Transaction stale(t.handlers(), *table().AtVersion(t.ctx, 0));
  stale.Add(File("b"));
  result = stale.Commit(t.ctx, works);
  ASSERT_TRUE(std::holds_alternative<Committed>(result));
  EXPECT_EQ(std::get<Committed>(result).version, 2);
  Silent lost(t.log, false);
  Transaction never(t.handlers(), Latest());
  never.Add(File("c"));
  result = never.Commit(t.ctx, lost);
  ASSERT_TRUE(std::holds_alternative<Unknown>(result));
  EXPECT_EQ(std::get<Unknown>(result).txn_id, never.txn_id());
  EXPECT_EQ(Paths(*Latest()), (Names{"a", "b"}));
}

TEST_F(TransactionTest, ColumnMappingIsAssigned) {
  Metadata metadata;
  metadata.schema.fields = {
      {"a b", TypeId::kInt},
      {"s", DataType::Struct({{"t", DataType::Array(DataType::Struct({{"u", TypeId::kInt}}))}})}};
  Transaction plain(t.handlers(), "/lake/t");
  const Status refused = plain.SetMetadata(metadata);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().condition(), Condition("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"));
  metadata.configuration["delta.columnMapping.mode"] = "name";
  Create(metadata);
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->protocol(), (Protocol{2, 5, {}, {}}));
  EXPECT_EQ(snapshot->metadata().configuration.at("delta.columnMapping.maxColumnId"), "4");
  const PhysicalField* u = snapshot->physical_schema().Find(std::vector<std::string>{"s"});
  ASSERT_NE(u, nullptr);
  EXPECT_TRUE(u->physical_name.starts_with("col-"));
  EXPECT_EQ(u->field_id, 2);
  EXPECT_EQ(u->children[0].children[0].children[0].field_id, 4);
  // Added columns get the next ids, the old ones stay.
  Metadata wider = snapshot->metadata();
  wider.schema.fields.push_back({"new", TypeId::kDate});
  Transaction widen(t.handlers(), snapshot);
  ASSERT_TRUE(widen.SetMetadata(wider).ok());
  ExpectCommitted(widen, 1);
  EXPECT_EQ(Latest()->physical_schema().Find("new")->field_id, 5);
  EXPECT_EQ(Latest()->physical_schema().Find("s")->physical_name, u->physical_name);
}

TEST_F(TransactionTest, MappingAndPartitioningStayWhileFilesDo) {
  Metadata mapped = SimpleMetadata();
  mapped.partition_columns = {"p"};
  mapped.configuration["delta.columnMapping.mode"] = "name";
  Create(mapped);
  Append("a", {{Latest()->physical_schema().Find("p")->physical_name, "1"}});
  const auto change = [&](auto edit, bool replace) {
    Metadata metadata = Latest()->metadata();
    edit(metadata);
    Transaction txn(t.handlers(), Latest());
    EXPECT_TRUE(txn.SetMetadata(metadata).ok());
    if (replace) txn.RemoveAll();
    const CommitResult result = txn.Commit(t.ctx, committer());
    return std::holds_alternative<Committed>(result);
  };
  const auto unmap = [](Metadata& m) { m.configuration.erase("delta.columnMapping.mode"); };
  const auto unpartition = [](Metadata& m) { m.partition_columns.clear(); };
  EXPECT_FALSE(change(unmap, false));
  EXPECT_FALSE(change(unpartition, false));
  // A renamed column keeps its physical name.
  const auto rename = [](Metadata& m) {
    m.schema.fields[1].name = "q";
    m.partition_columns = {"q"};
  };
  EXPECT_TRUE(change(rename, false));
  EXPECT_EQ(Latest()->files().partition_text(0, 0), "1");
  EXPECT_TRUE(change(unpartition, true));
  EXPECT_TRUE(change(unmap, true));
}

TEST_F(TransactionTest, MappingTurnedOnLaterKeepsTheNames) {
  Create(SimpleMetadata());
  Metadata metadata = Latest()->metadata();
  metadata.configuration["delta.columnMapping.mode"] = "name";
  Transaction txn(t.handlers(), Latest());
  ASSERT_TRUE(txn.SetMetadata(metadata).ok());
  ExpectCommitted(txn, 1);
  EXPECT_EQ(Latest()->physical_schema().Find("x")->physical_name, "x");
  EXPECT_EQ(Latest()->physical_schema().Find("x")->field_id, 1);
  EXPECT_EQ(Latest()->protocol(), (Protocol{2, 5, {}, {}}));
}

TEST(ProtocolTest, FollowsFromTheMetadata) {
  const auto protocol = [](std::map<std::string, std::string> configuration,
                           std::vector<Field> fields = {{"x", TypeId::kInt}},
                           std::optional<Protocol> current = std::nullopt) {
    Metadata metadata;
    metadata.schema.fields = std::move(fields);
    metadata.configuration = std::move(configuration);
    auto result = ProtocolFor(metadata, current, "t");
    EXPECT_TRUE(result.ok()) << result.error().ToString();
    return result.ok() ? *result : Protocol{0, 0, {}, {}};
  };
  EXPECT_EQ(protocol({}), (Protocol{1, 2, {}, {}}));
  EXPECT_EQ(protocol({{"delta.constraints.c", "x > 0"}}), (Protocol{1, 3, {}, {}}));
  EXPECT_EQ(protocol({{"delta.enableChangeDataFeed", "true"}}), (Protocol{1, 4, {}, {}}));
  EXPECT_EQ(protocol({}, {{"x", TypeId::kTimestampNtz}}),
            (Protocol{3, 7, {"timestampNtz"}, {"appendOnly", "invariants", "timestampNtz"}}));
  EXPECT_EQ(protocol({{"delta.columnMapping.mode", "id"}}, {{"x", TypeId::kTimestampNtz}}),
            (Protocol{3,
                      7,
                      {"columnMapping", "timestampNtz"},
                      {"appendOnly", "columnMapping", "invariants", "timestampNtz"}}));
  EXPECT_EQ(protocol({{"delta.enableDeletionVectors", "true"}}).reader_features,
            (Names{"deletionVectors"}));
  EXPECT_EQ(protocol({{"delta.feature.domainMetadata", "supported"}}),
            (Protocol{1, 7, {}, {"appendOnly", "domainMetadata", "invariants"}}));
  EXPECT_EQ(protocol({{"delta.minWriterVersion", "4"}}), (Protocol{1, 4, {}, {}}));
  // Nothing is ever lowered.
  EXPECT_EQ(protocol({}, {{"x", TypeId::kInt}}, Protocol{2, 6, {}, {}}), (Protocol{2, 6, {}, {}}));
  EXPECT_EQ(protocol({}, {{"x", TypeId::kTimestampNtz}}, Protocol{2, 5, {}, {}}).reader_features,
            (Names{"columnMapping", "timestampNtz"}));
  Metadata metadata;
  metadata.configuration["delta.enableRowTracking"] = "true";
  EXPECT_EQ(ProtocolFor(metadata, std::nullopt, "t")->writer_features,
            (Names{"appendOnly", "domainMetadata", "invariants", "rowTracking"}));
  metadata.configuration = {{"delta.feature.teleport", "supported"}};
  EXPECT_EQ(ProtocolFor(metadata, std::nullopt, "t").error().parameter("unsupported"), "teleport");
}

TEST(ProtocolTest, KnownFeaturesAreWrittenInUseOrNot) {
  Metadata metadata;
  metadata.schema.fields = {{"x", TypeId::kLong}};
  const Protocol legacy{1, 6, {}, {}};
  EXPECT_TRUE(CheckWritable(legacy, metadata, WriteKind::kRewrite, "t").ok());
  metadata.configuration["delta.enableChangeDataFeed"] = "true";
  EXPECT_TRUE(CheckWritable(legacy, metadata, WriteKind::kAppend, "t").ok());
  EXPECT_TRUE(CheckWritable(legacy, metadata, WriteKind::kRewrite, "t").ok());
  const Protocol compat{1, 7, {}, {"icebergCompatV1"}};
  EXPECT_TRUE(CheckWritable(compat, metadata, WriteKind::kAppend, "t").ok());
  metadata.configuration["delta.enableIcebergCompatV1"] = "true";
  EXPECT_TRUE(CheckWritable(compat, metadata, WriteKind::kAppend, "t").ok());
  EXPECT_FALSE(CheckWritable({1, 8, {}, {}}, Metadata(), WriteKind::kAppend, "t").ok());
}

TEST(MetadataTest, WhatNoTableMayHaveIsRefused) {
  const auto condition = [](const Metadata& metadata) {
    const Status status = ValidateMetadata(metadata);
    return status.ok() ? Condition("INTERNAL_ERROR") : status.error().condition();
  };
  Metadata metadata;
  metadata.schema.fields = {{"x", TypeId::kInt}, {"X", TypeId::kInt}};
  EXPECT_EQ(condition(metadata), Condition("COLUMN_ALREADY_EXISTS"));
  metadata.schema.fields = {
      {"x", DataType::Array(DataType::Struct({{"a", TypeId::kInt}, {"A", TypeId::kInt}}))}};
  EXPECT_EQ(condition(metadata), Condition("COLUMN_ALREADY_EXISTS"));
  metadata.schema.fields = {{"x", DataType::Struct({{"a b", TypeId::kInt}})}};
  EXPECT_EQ(condition(metadata), Condition("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"));
  metadata.schema.fields = {{"x", TypeId::kNull}};
  EXPECT_EQ(condition(metadata), Condition("DELTA_UNSUPPORTED_DATA_TYPES"));
  metadata.schema.fields = {{"x", TypeId::kInt}, {"a", DataType::Array(TypeId::kInt)}};
  metadata.partition_columns = {"a"};
  EXPECT_EQ(condition(metadata), Condition("DELTA_INVALID_PARTITION_COLUMN_TYPE"));
  metadata.partition_columns = {"y"};
  EXPECT_EQ(condition(metadata), Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"));
  metadata.schema.fields = {{"x", TypeId::kInt}};
  metadata.partition_columns = {"x"};
  EXPECT_EQ(condition(metadata), Condition("DELTA_NON_PARTITION_COLUMN_ABSENT"));
  metadata.partition_columns = {};
  EXPECT_EQ(condition(metadata), Condition("INTERNAL_ERROR"));
}

}  // namespace
}  // namespace tarn::delta
