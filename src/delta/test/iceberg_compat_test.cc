#include "tarn/delta/iceberg_compat.h"

#include <gtest/gtest.h>

#include "tarn/delta/column_mapping.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/transaction.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::TestTable;

Metadata Compatible(int version) {
  Metadata metadata;
  metadata.schema.fields = {{"x", TypeId::kInt}, {"p", TypeId::kString}};
  metadata.configuration["delta.enableIcebergCompatV" + std::to_string(version)] = "true";
  return metadata;
}

AddFile File(const std::string& stats) {
  AddFile add;
  add.path = "a.parquet";
  add.size = 10;
  add.modification_time_ms = 1;
  add.stats = stats;
  return add;
}

class IcebergCompatTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }
  std::string Commit(Transaction& transaction) {
    FileSystemCommitter committer(t.handlers().log);
    const CommitResult result = transaction.Commit(t.ctx, committer);
    const auto* conflicted = std::get_if<Conflicted>(&result);
    return conflicted == nullptr ? "" : NameOf(conflicted->error);
  }
  std::string Create(Metadata metadata) {
    Transaction transaction(t.handlers(), "/lake/t");
    const Status set = transaction.SetMetadata(std::move(metadata));
    return set.ok() ? Commit(transaction) : NameOf(set.error());
  }
  /// What changing the properties of the table answers.
  std::string Set(const std::map<std::string, std::string>& properties) {
    Transaction transaction(t.handlers(), Latest());
    Metadata metadata = Latest()->metadata();
    for (const auto& [key, value] : properties) metadata.configuration[key] = value;
    const Status set = transaction.SetMetadata(std::move(metadata));
    return set.ok() ? Commit(transaction) : NameOf(set.error());
  }
  static std::string NameOf(const Error& error) {
    std::string name(InfoOf(error.condition()).name);
    const std::string prefix = "DELTA_ICEBERG_COMPAT_VIOLATION.";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  }
  TestTable t;
};

TEST_F(IcebergCompatTest, ANewTableGetsColumnMappingByName) {
  ASSERT_EQ(Create(Compatible(1)), "");
  EXPECT_EQ(*Latest()->metadata().Property("delta.columnMapping.mode"), "name");
  EXPECT_TRUE(SupportsFeature(Latest()->protocol(), "icebergCompatV1"));
  EXPECT_TRUE(SupportsFeature(Latest()->protocol(), "columnMapping"));
  EXPECT_EQ(Latest()->protocol().reader_version, 2);
}

TEST_F(IcebergCompatTest, AnExistingTableMustHaveColumnMapping) {
  Metadata plain = Compatible(1);
  plain.configuration.clear();
  ASSERT_EQ(Create(plain), "");
  EXPECT_EQ(Set({{"delta.enableIcebergCompatV1", "true"}}), "WRONG_REQUIRED_TABLE_PROPERTY");
  EXPECT_EQ(Set({{"delta.enableIcebergCompatV1", "true"}, {"delta.columnMapping.mode", "name"}}),
            "");
  EXPECT_EQ(Set({{"delta.columnMapping.mode", "none"}}), "WRONG_REQUIRED_TABLE_PROPERTY");
}

TEST_F(IcebergCompatTest, WhatDoesNotGoTogetherIsRefused) {
  Metadata metadata = Compatible(1);
  metadata.configuration["delta.enableIcebergCompatV2"] = "true";
  EXPECT_EQ(Create(metadata), "VERSION_MUTUAL_EXCLUSIVE");
  metadata = Compatible(2);
  metadata.configuration["delta.enableDeletionVectors"] = "true";
  EXPECT_EQ(Create(metadata), "DELETION_VECTORS_SHOULD_BE_DISABLED");
  metadata = Compatible(1);
  metadata.schema.fields[0].type = DataType::Struct({{"a", DataType::Array(TypeId::kInt)}});
  EXPECT_EQ(Create(metadata), "UNSUPPORTED_DATA_TYPE");
  metadata = Compatible(2);
  metadata.schema.fields[0].type = TypeId::kVariant;
  EXPECT_EQ(Create(metadata), "UNSUPPORTED_DATA_TYPE");
  metadata = Compatible(2);
  metadata.schema.fields[1].type = DataType::Decimal(5, 2);
  metadata.partition_columns = {"p"};
  EXPECT_EQ(Create(metadata), "UNSUPPORTED_PARTITION_DATA_TYPE");
  metadata = Compatible(1);
  metadata.schema.fields[0].type = TypeId::kDouble;
  metadata.schema.fields[0].SetMetadata("delta.typeChanges",
                                        R"([{"toType":"double","fromType":"integer"}])");
  EXPECT_EQ(Create(metadata), "UNSUPPORTED_TYPE_WIDENING");
  metadata.schema.fields[0].SetMetadata("delta.typeChanges",
                                        R"([{"toType":"double","fromType":"float"}])");
  EXPECT_EQ(Create(metadata), "");
}

TEST_F(IcebergCompatTest, EveryFileTellsItsRowsAndHasNoDeletionVector) {
  ASSERT_EQ(Create(Compatible(1)), "");
  Transaction unknown(t.handlers(), Latest());
  unknown.Add(File(""));
  EXPECT_EQ(Commit(unknown), "MISSING_NUM_RECORDS");
  Transaction known(t.handlers(), Latest());
  known.Add(File(R"({"numRecords":1})"));
  EXPECT_EQ(Commit(known), "");
}

TEST_F(IcebergCompatTest, PartitionColumnsStayWhereTheTableIsReplaced) {
  Metadata metadata = Compatible(2);
  metadata.partition_columns = {"p"};
  ASSERT_EQ(Create(metadata), "");
  Transaction replacement(t.handlers(), Latest());
  replacement.RemoveAll();
  const Status set = replacement.SetMetadata(Compatible(2));
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(NameOf(set.error()), "REPLACE_TABLE_CHANGE_PARTITION_NAMES");
}

TEST_F(IcebergCompatTest, ElementsKeysAndValuesHaveIdsOfTheirOwn) {
  Metadata metadata = Compatible(2);
  metadata.schema.fields[0].type = DataType::Map(
      TypeId::kString, DataType::Array(DataType::Struct({{"a", DataType::Array(TypeId::kInt)}})));
  ASSERT_EQ(Create(metadata), "");
  const auto first = Latest();
  const PhysicalField& map = first->physical_schema().fields[0];
  const PhysicalField& value = map.children[1];
  const PhysicalField& item = value.children[0];
  const PhysicalField& list = item.children[0];
  std::set<int32_t> ids;
  for (const PhysicalField* field :
       {&map, map.children.data(), &value, &item, &list, list.children.data()}) {
    ASSERT_TRUE(field->field_id.has_value()) << field->name;
    ids.insert(*field->field_id);
  }
  EXPECT_EQ(ids.size(), 6U);
  EXPECT_EQ(*Latest()->metadata().Property("delta.columnMapping.maxColumnId"), "7");
  // Later columns get others, and those that are there keep theirs.
  Metadata more = Latest()->metadata();
  more.schema.fields.push_back({"y", DataType::Array(TypeId::kInt)});
  Transaction adds(t.handlers(), Latest());
  ASSERT_TRUE(adds.SetMetadata(more).ok());
  ASSERT_EQ(Commit(adds), "");
  EXPECT_EQ(Latest()->physical_schema().fields[0].children[0].field_id, map.children[0].field_id);
  EXPECT_EQ(Latest()->physical_schema().fields[2].children[0].field_id, 9);
}

TEST_F(IcebergCompatTest, AnUpgradeSettlesAllIdsBeforehand) {
  Metadata metadata = Compatible(1);
  metadata.configuration = {{"delta.enableDeletionVectors", "true"}};
  metadata.schema.fields[0].type = DataType::Array(TypeId::kInt);
  SeededIds ids(1);
  const auto upgraded = UpgradedForIcebergCompat(metadata, 2, ids);
  ASSERT_TRUE(upgraded.ok());
  EXPECT_EQ(IcebergCompatVersion(*upgraded), 2);
  EXPECT_EQ(*upgraded->Property("delta.enableDeletionVectors"), "false");
  EXPECT_EQ(upgraded->schema.fields[0].Metadata("delta.columnMapping.nested.ids"),
            R"({"x.element":3})");
  EXPECT_EQ(NameOf(UpgradedForIcebergCompat(metadata, 3, ids).error()),
            "COMPAT_VERSION_NOT_SUPPORTED");
}

}  // namespace
}  // namespace tarn::delta
