#include "tarn/delta/drop_feature.h"

#include <gtest/gtest.h>

#include "tarn/delta/protocol.h"
#include "tarn/delta/type_widening.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::MetadataLine;
using test::ProtocolLine;
using test::TestTable;

using Names = std::vector<std::string>;

class DropFeatureTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }
  std::string Refusal(const std::string& feature, bool truncate = false) {
    const Status status = CheckDroppable(*Latest(), feature, truncate);
    return status.ok() ? "" : std::string(status.error().name());
  }

  TestTable t;
};

TEST_F(DropFeatureTest, OnlyWhatTheTableHasAndCanDoWithoutIsDropped) {
  t.Commit(
      0, {ProtocolLine(3, 7, {"deletionVectors"},
                       {"appendOnly", "checkConstraints", "checkpointProtection", "deletionVectors",
                        "domainMetadata", "rowTracking"}),
          MetadataLine(FieldJson("x", "integer"), {}, {{"delta.constraints.small", "x < 9"}})});
  EXPECT_EQ(Refusal("deletionVectors"), "");
  EXPECT_EQ(Refusal("deletionVectors", true), "");
  EXPECT_EQ(Refusal("rowTracking"), "");
  EXPECT_EQ(Refusal("rowTracking", true), "DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED");
  EXPECT_EQ(Refusal("domainMetadata"), "DELTA_FEATURE_DROP_DEPENDENT_FEATURE");
  EXPECT_EQ(Refusal("checkConstraints"), "DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE");
  EXPECT_EQ(Refusal("appendOnly"), "DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE");
  EXPECT_EQ(Refusal("columnMapping"), "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT");
  EXPECT_EQ(Refusal("madeUp"), "DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE");
  EXPECT_EQ(Refusal("delta.enableRowTracking"), "DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY");
  EXPECT_EQ(Refusal("checkpointProtection"),
            "DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION");
  EXPECT_EQ(Refusal("checkpointProtection", true), "");
}

TEST_F(DropFeatureTest, TheProtocolBecomesALegacyOneWhereThatSaysTheSame) {
  const auto without = [](Protocol protocol, const char* feature) {
    return WithoutFeature(protocol, feature);
  };
  EXPECT_EQ(without({3, 7, {"deletionVectors"}, {"appendOnly", "deletionVectors", "invariants"}},
                    "deletionVectors"),
            (Protocol{1, 2, {}, {}}));
  EXPECT_EQ(without({2, 5, {}, {}}, "columnMapping"), (Protocol{1, 4, {}, {}}));
  EXPECT_EQ(without({1, 3, {}, {}}, "checkConstraints"), (Protocol{1, 2, {}, {}}));
  EXPECT_EQ(
      without({3, 7, {"deletionVectors", "timestampNtz"}, {"deletionVectors", "timestampNtz"}},
              "deletionVectors"),
      (Protocol{3, 7, {"timestampNtz"}, {"timestampNtz"}}));
  const Protocol protected_one = WithProtection({1, 2, {}, {}});
  EXPECT_EQ(protected_one,
            (Protocol{1, 7, {}, {"appendOnly", "checkpointProtection", "invariants"}}));
}

TEST_F(DropFeatureTest, TracesAreFoundInFilesAndHistory) {
  const std::string vector =
      R"(,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6})";
  t.Commit(0,
           {ProtocolLine(3, 7, {"deletionVectors"}, {"deletionVectors"}),
            MetadataLine(FieldJson("x", "integer"), {}, {{"delta.enableDeletionVectors", "true"}}),
            AddLine("a", "{}", vector)});
  EXPECT_EQ(FileTracesOf(*Latest(), "deletionVectors"), FileTraces::kDeletedRows);
  EXPECT_EQ(FileTracesOf(*Latest(), "columnMapping"), FileTraces::kNone);
  const Metadata cleaned = WithoutTraces(Latest()->metadata(), "deletionVectors");
  EXPECT_TRUE(cleaned.configuration.empty());
  const Table table(t.handlers(), "/lake/t");
  EXPECT_TRUE(*HistoryUses(t.ctx, table, *Latest(), "deletionVectors"));
  EXPECT_FALSE(*HistoryUses(t.ctx, table, *Latest(), "v2Checkpoint"));
}

TEST_F(DropFeatureTest, ColumnsForgetWhatTheFeatureNoted) {
  Metadata metadata;
  Field column{"x", TypeId::kInt, true, {}};
  WidenColumn(column, TypeId::kLong);
  Field nested{"s", DataType::Struct({column}), true, {}};
  metadata.schema.fields = {column, nested};
  metadata.configuration["delta.enableTypeWidening"] = "true";
  const Metadata without = WithoutTraces(metadata, "typeWidening");
  EXPECT_FALSE(WasWidened(without.schema.fields[0]));
  EXPECT_FALSE(WasWidened(without.schema.fields[1]));
  EXPECT_EQ(without.schema.fields[0].type, DataType(TypeId::kLong));
  EXPECT_TRUE(without.configuration.empty());
}

}  // namespace
}  // namespace tarn::delta
