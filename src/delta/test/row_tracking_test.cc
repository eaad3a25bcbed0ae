#include "tarn/delta/row_tracking.h"

#include <gtest/gtest.h>

#include "tarn/delta/protocol.h"
#include "tarn/delta/transaction.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::kProtocolLine;
using test::MetadataLine;
using test::TestTable;

AddFile File(const std::string& path, int64_t records) {
  AddFile add;
  add.path = path;
  add.size = 10;
  add.modification_time_ms = 1;
  add.stats = R"({"numRecords":)" + std::to_string(records) + "}";
  return add;
}

class RowTrackingTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }

  std::optional<Error> Commit(Transaction& txn) {
    FileSystemCommitter committer(t.log);
    CommitResult result = txn.Commit(t.ctx, committer);
    if (auto* conflicted = std::get_if<Conflicted>(&result)) return std::move(conflicted->error);
    EXPECT_TRUE(std::holds_alternative<Committed>(result));
    return std::nullopt;
  }

  void Create(std::map<std::string, std::string> properties) {
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}};
    metadata.configuration = std::move(properties);
    Transaction txn(t.handlers(), "/lake/t");
    const Status set = txn.SetMetadata(std::move(metadata));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
    ASSERT_EQ(Commit(txn), std::nullopt);
  }

  void Append(const std::string& path, int64_t records) {
    Transaction txn(t.handlers(), Latest());
    txn.Add(File(path, records));
    ASSERT_EQ(Commit(txn), std::nullopt);
  }

  Status SetProperties(Transaction& txn, std::map<std::string, std::string> properties) {
    Metadata metadata = Latest()->metadata();
    for (auto& [key, value] : properties) metadata.configuration[key] = value;
    return txn.SetMetadata(std::move(metadata));
  }

  /// "path:base:version …", in the order of paths.
  std::string Ids() {
    const auto snapshot = Latest();
    std::map<std::string, std::string> ids;
    for (size_t i = 0; i < snapshot->files().size(); ++i) {
      const FileSet& files = snapshot->files();
      const auto text = [](std::optional<int64_t> id) { return id ? std::to_string(*id) : "-"; };
      ids[std::string(files.path(i))] =
          text(files.base_row_id(i)) + ":" + text(files.default_row_commit_version(i));
    }
    std::string out;
    for (const auto& [path, id] : ids) out += (out.empty() ? "" : " ") + path + ":" + id;
    return out;
  }

  int64_t Mark() {
    const auto snapshot = Latest();
    const auto found = snapshot->domains().find(kRowTrackingDomain);
    return found == snapshot->domains().end() ? -1 : RowIdHighWaterMark(found->second);
  }

  TestTable t;
};

TEST_F(RowTrackingTest, FilesOfANewTableGetIdsOneAfterTheOther) {
  Create({{"delta.enableRowTracking", "true"}});
  const auto created = Latest();
  EXPECT_TRUE(SupportsFeature(created->protocol(), "rowTracking"));
  EXPECT_TRUE(SupportsFeature(created->protocol(), "domainMetadata"));
  const auto columns = TrackedColumns(created->metadata());
  ASSERT_TRUE(columns.has_value());
  EXPECT_TRUE(columns->row_id.starts_with("_row-id-col-")) << columns->row_id;
  EXPECT_NE(columns->row_id, columns->row_commit_version);
  Append("a", 3);
  Append("b", 5);
  EXPECT_EQ(Ids(), "a:0:1 b:3:2");
  EXPECT_EQ(Mark(), 7);
}

TEST_F(RowTrackingTest, ACommitThatLosesARaceGetsIdsBehindTheWinners) {
  Create({{"delta.enableRowTracking", "true"}});
  Transaction slow(t.handlers(), Latest());
  slow.Add(File("slow", 2));
  Append("a", 3);
  Append("b", 4);
  ASSERT_EQ(Commit(slow), std::nullopt);
  EXPECT_EQ(Ids(), "a:0:1 b:3:2 slow:7:3");
  EXPECT_EQ(Mark(), 8);
}

TEST_F(RowTrackingTest, ADeletionVectorKeepsTheIdsOfItsFile) {
  Create({{"delta.enableRowTracking", "true"}, {"delta.enableDeletionVectors", "true"}});
  Append("a", 3);
  Append("b", 3);
  Transaction txn(t.handlers(), Latest());
  DeletionVectorDescriptor vector;
  vector.path_or_inline = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";
  vector.size_in_bytes = 44;
  vector.cardinality = 1;
  txn.SetDeletionVector(*Latest()->files().Find("b"), vector);
  ASSERT_EQ(Commit(txn), std::nullopt);
  EXPECT_EQ(Ids(), "a:0:1 b:3:2");
  EXPECT_EQ(Mark(), 5);
}

TEST_F(RowTrackingTest, EnablingItGivesTheFilesThereAreTheirIds) {
  Create({});
  Append("a", 3);
  Append("b", 2);
  EXPECT_EQ(Ids(), "a:-:- b:-:-");
  Transaction enable(t.handlers(), Latest());
  const Status set = SetProperties(enable, {{"delta.enableRowTracking", "true"}});
  ASSERT_TRUE(set.ok()) << set.error().ToString();
  ASSERT_EQ(Commit(enable), std::nullopt);
  EXPECT_EQ(Ids(), "a:0:3 b:3:3");
  EXPECT_EQ(Mark(), 4);
  Append("c", 1);
  EXPECT_EQ(Ids(), "a:0:3 b:3:3 c:5:4");
}

TEST_F(RowTrackingTest, AnAppendDuringTheEnablingIsAConflict) {
  Create({});
  Append("a", 3);
  Transaction enable(t.handlers(), Latest());
  ASSERT_TRUE(SetProperties(enable, {{"delta.enableRowTracking", "true"}}).ok());
  Append("b", 2);
  const auto error = Commit(enable);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->condition(), Condition("DELTA_CONCURRENT_APPEND"));
}

TEST_F(RowTrackingTest, AFileOfUnknownLengthCantGetIds) {
  t.Commit(
      0, {std::string(kProtocolLine), MetadataLine(FieldJson("x", "integer")), AddLine("a", "{}")});
  Transaction enable(t.handlers(), Latest());
  ASSERT_TRUE(SetProperties(enable, {{"delta.enableRowTracking", "true"}}).ok());
  const auto error = Commit(enable);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->condition(), Condition("DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS"));
  EXPECT_EQ(error->parameter("path"), "a");
}

TEST_F(RowTrackingTest, ASuspendedTableGivesOutNoIds) {
  Create({{"delta.feature.rowTracking", "supported"}});
  Append("a", 3);
  EXPECT_EQ(Ids(), "a:0:1");  // supported is enough
  Transaction suspend(t.handlers(), Latest());
  ASSERT_TRUE(SetProperties(suspend, {{"delta.rowTrackingSuspended", "true"}}).ok());
  ASSERT_EQ(Commit(suspend), std::nullopt);
  Append("b", 3);
  EXPECT_EQ(Ids(), "a:0:1 b:-:-");
  Transaction enable(t.handlers(), Latest());
  const Status both = SetProperties(enable, {{"delta.enableRowTracking", "true"}});
  ASSERT_FALSE(both.ok());
  EXPECT_EQ(both.error().condition(), Condition("DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION"));
}

TEST_F(RowTrackingTest, ReplacedMetadataKeepsTheColumnsNames) {
  Create({{"delta.enableRowTracking", "true"}});
  const auto before = TrackedColumns(Latest()->metadata());
  Metadata metadata;
  metadata.schema.fields = {{"y", TypeId::kInt}};
  metadata.configuration["delta.enableRowTracking"] = "true";
  Transaction replace(t.handlers(), Latest());
  ASSERT_TRUE(replace.SetMetadata(std::move(metadata)).ok());
  ASSERT_EQ(Commit(replace), std::nullopt);
  const auto after = TrackedColumns(Latest()->metadata());
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->row_id, before->row_id);
  EXPECT_EQ(after->row_commit_version, before->row_commit_version);
}

TEST_F(RowTrackingTest, AHostileMarkOverflowsNothing) {
  int64_t mark =
      RowIdHighWaterMark({kRowTrackingDomain, R"({"rowIdHighWaterMark":9223372036854775807})"});
  AddFile add = File("a", 5);
  AssignRowIds(add, 1, mark);
  EXPECT_EQ(mark, INT64_MAX - 1);
  for (const char* text :
       {"", "[]", "{}", R"({"rowIdHighWaterMark":"7"})", R"({"rowIdHighWaterMark":-9})"}) {
    EXPECT_EQ(RowIdHighWaterMark({kRowTrackingDomain, text}), -1) << text;
  }
}

}  // namespace
}  // namespace tarn::delta
