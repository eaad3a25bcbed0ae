#include "tarn/delta/pruning.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tarn/base/json_string.h"
#include "tarn/delta/statistics.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::kProtocolLine;
using test::MetadataLine;
using test::TestTable;

std::string Stats(const std::string& json) {
  std::string out = R"(,"stats":)";
  AppendJsonString(json, &out);
  return out;
}

Predicate Make(PredicateOp op, std::vector<std::string> column, std::vector<Value> values = {}) {
  Predicate predicate;
  predicate.op = op;
  predicate.column = std::move(column);
  predicate.values = std::move(values);
  return predicate;
}

class PruningTest : public ::testing::Test {
 protected:
  void Table(const std::string& fields, const std::vector<std::string>& partitions,
             const std::vector<std::string>& adds,
             const std::map<std::string, std::string>& configuration = {},
             const std::string& protocol = kProtocolLine) {
    std::vector<std::string> lines = {protocol, MetadataLine(fields, partitions, configuration)};
    lines.insert(lines.end(), adds.begin(), adds.end());
    t.Commit(0, lines);
    auto loaded = delta::Table(t.handlers(), "/lake/t").Latest(t.ctx);
    ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
    snapshot = *loaded;
  }
  std::string Kept(Conjunction predicates, const char* zone = "UTC") {
    const PruneResult result =
        FilePruner(snapshot, std::move(predicates), *FindTimeZone(zone)).Run();
    EXPECT_EQ(result.total,
              result.kept.size() + result.pruned_by_partition + result.pruned_by_statistics);
    std::string out;
    for (const uint32_t i : result.kept) out += std::string(snapshot->files().path(i));
    return out;
  }

  TestTable t;
  std::shared_ptr<const Snapshot> snapshot;
};

TEST_F(PruningTest, PartitionValuesOfAllTypes) {
  struct Case {
    const char* type;
    const char* a;
    const char* b;
    Value value;  // equals b, greater than a
  };
  const std::vector<Case> cases = {
      {"string", "x", "y z", Value::String("y z")},
      {"integer", "-5", "7", Value::Int(7)},
      {"long", "-9223372036854775808", "3", Value::Long(3)},
      {"byte", "-128", "127", Value::Of(TypeId::kByte, int64_t{127})},
      {"double", "-1.5E10", "NaN", Value::Double(std::nan(""))},
      {"float", "0.1", "0.2", Value::Of(TypeId::kFloat, double{0.2f})},
      {"decimal(10,2)", "1.5", "2.25", Value::Of(DataType::Decimal(10, 2), Int128{225})},
      {"boolean", "false", "true", Value::Boolean(true)},
      {"date", "1969-12-31", "2024-02-29", Value::Of(TypeId::kDate, int64_t{19782})},
      {"timestamp", "1970-01-01T00:00:00.000000Z", "1970-01-01 00:00:01.000001",
       Value::Of(TypeId::kTimestamp, int64_t{1000001})},
  };
  for (const Case& c : cases) {
    const std::string a = std::string(R"({"p":")") + c.a + "\"}";
    const std::string b = std::string(R"({"p":")") + c.b + "\"}";
    Table(FieldJson("x", "integer") + "," + FieldJson("p", c.type), {"p"},
          {AddLine("a", a), AddLine("b", b), AddLine("n", R"({"p":null})"),
           AddLine("e", R"({"p":""})")});
    // A float partition text is the shortest of the float.
    const Value value = std::string(c.type) == "float" ? Value::Of(TypeId::kFloat, 0.2) : c.value;
    EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"p"}, {value})}), "b") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kLess, {"P"}, {value})}), "a") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kGreaterOrEqual, {"p"}, {value})}), "b") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kNotEqual, {"p"}, {value})}), "a") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kIsNull, {"p"})}), "ne") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kIsNotNull, {"p"})}), "ab") << c.type;
    EXPECT_EQ(Kept({Make(PredicateOp::kNullSafeEqual, {"p"}, {Value::Null(value.type())})}), "ne");
    EXPECT_EQ(Kept({Make(PredicateOp::kIn, {"p"}, {value, Value::Null(value.type())})}), "b");
    EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"p"}, {Value::Null(value.type())})}), "");
  }
}

TEST_F(PruningTest, PartitionTimestampsWithoutZoneFollowTheReader) {
  Table(FieldJson("x", "integer") + "," + FieldJson("p", "timestamp"), {"p"},
        {AddLine("a", R"({"p":"2024-01-01 00:00:00"})")});
  const auto at = [](int64_t hours) {
    return Make(PredicateOp::kEqual, {"p"},
                {Value::Of(TypeId::kTimestamp, 1704067200000000 + hours * kMicrosPerHour)});
  };
  EXPECT_EQ(Kept({at(0)}), "a");
  EXPECT_EQ(Kept({at(0)}, "America/New_York"), "");
  EXPECT_EQ(Kept({at(5)}, "America/New_York"), "a");
}

TEST_F(PruningTest, UnreadablePartitionValuesAreKept) {
  Table(FieldJson("x", "integer") + "," + FieldJson("p", "integer"), {"p"},
        {AddLine("a", R"({"p":"one"})"), AddLine("b", R"({"p":"2"})")});
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"p"}, {Value::Int(1)})}), "a");
  EXPECT_FALSE(snapshot->files().partition_value(0, 0, **FindTimeZone("UTC")).ok());
}

TEST_F(PruningTest, StatisticsOfNumbersAndNulls) {
  Table(
      FieldJson("x", "integer"), {},
      {AddLine(
           "a", "{}",
           Stats(
               R"({"numRecords":3,"minValues":{"x":1},"maxValues":{"x":5},"nullCount":{"x":0}})")),
       AddLine(
           "b", "{}",
           Stats(
               R"({"numRecords":3,"minValues":{"x":7},"maxValues":{"x":7},"nullCount":{"x":1}})")),
       AddLine("n", "{}",
               Stats(R"({"numRecords":3,"minValues":{},"maxValues":{},"nullCount":{"x":3}})")),
       AddLine("u"), AddLine("t", "{}", Stats("{\"numRecords\":"))});
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"x"}, {Value::Int(3)})}), "aut");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"x"}, {Value::Long(7)})}), "but");
  EXPECT_EQ(Kept({Make(PredicateOp::kNotEqual, {"x"}, {Value::Int(7)})}), "aut");
  EXPECT_EQ(Kept({Make(PredicateOp::kGreater, {"x"}, {Value::Int(5)})}), "but");
  EXPECT_EQ(Kept({Make(PredicateOp::kLessOrEqual, {"x"}, {Value::Int(1)})}), "aut");
  EXPECT_EQ(Kept({Make(PredicateOp::kIsNull, {"x"})}), "bnut");
  EXPECT_EQ(Kept({Make(PredicateOp::kIsNotNull, {"x"})}), "abut");
  EXPECT_EQ(Kept({Make(PredicateOp::kIn, {"x"}, {Value::Int(0), Value::Int(7)})}), "but");
  EXPECT_EQ(Kept({Make(PredicateOp::kFalse, {})}), "");
  // A literal of a foreign type decides nothing.
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"x"}, {Value::String("3")})}), "abnut");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"nowhere"}, {Value::Int(3)})}), "abnut");
}

TEST_F(PruningTest, AlternativesAndReasons) {
  Table(FieldJson("x", "integer") + "," + FieldJson("p", "string"), {"p"},
        {AddLine("a", R"({"p":"1"})", Stats(R"({"minValues":{"x":1},"maxValues":{"x":5}})")),
         AddLine("b", R"({"p":"2"})", Stats(R"({"minValues":{"x":6},"maxValues":{"x":9}})")),
         AddLine("c", R"({"p":"3"})", Stats(R"({"minValues":{"x":6},"maxValues":{"x":9}})"))});
  Predicate any;
  any.op = PredicateOp::kAny;
  any.alternatives = {{Make(PredicateOp::kEqual, {"p"}, {Value::String("1")})},
                      {Make(PredicateOp::kEqual, {"p"}, {Value::String("2")}),
                       Make(PredicateOp::kLess, {"x"}, {Value::Int(6)})}};
  const PruneResult result = FilePruner(snapshot, {any}, *FindTimeZone("UTC")).Run();
  EXPECT_EQ(result.kept, (std::vector<uint32_t>{0}));
  EXPECT_EQ(result.pruned_by_partition, 1u);
  EXPECT_EQ(result.pruned_by_statistics, 1u);
  EXPECT_EQ(result.kept_bytes, 100);
  const FilePruner whole(snapshot,
                         {Make(PredicateOp::kIn, {"p"}, {Value::String("1"), Value::String("3")})},
                         *FindTimeZone("UTC"));
  EXPECT_TRUE(whole.partition_only());
  EXPECT_TRUE(whole.AllRowsMatch(0));
  EXPECT_FALSE(whole.AllRowsMatch(1));
  EXPECT_FALSE(FilePruner(snapshot, {any}, *FindTimeZone("UTC")).partition_only());
}

TEST_F(PruningTest, BoundsThatDontSayAllAreTakenWide) {
  const std::string long_text(32, 'm');
  Table(
      FieldJson("t", "timestamp") + "," + FieldJson("d", "double") + "," +
          FieldJson("s", "string") + "," + FieldJson("e", "decimal(38,2)"),
      {},
      {AddLine(
          "a", "{}",
          Stats(
              R"({"numRecords":9,"minValues":{"t":"2024-01-01T00:00:00.000Z","d":1.0,"s":"b","e":1.1},)"
              R"("maxValues":{"t":"2024-01-01T00:00:00.005Z","d":2.0,"s":")" +
              long_text + R"(","e":123456789012345678901234567890123456.78}})"))});
  const int64_t base = 1704067200000000;
  const auto timestamp = [&](PredicateOp op, int64_t micros) {
    return Make(op, {"t"}, {Value::Of(TypeId::kTimestamp, base + micros)});
  };
  EXPECT_EQ(Kept({timestamp(PredicateOp::kEqual, 5999)}), "a");
  EXPECT_EQ(Kept({timestamp(PredicateOp::kGreater, 5998)}), "a");
  EXPECT_EQ(Kept({timestamp(PredicateOp::kEqual, 6000)}), "");
  EXPECT_EQ(Kept({timestamp(PredicateOp::kLess, 0)}), "");
  // NaN may hide above a maximum.
  EXPECT_EQ(Kept({Make(PredicateOp::kGreater, {"d"}, {Value::Double(5)})}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"d"}, {Value::Double(std::nan(""))})}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"d"}, {Value::Double(5)})}), "");
  EXPECT_EQ(Kept({Make(PredicateOp::kLess, {"d"}, {Value::Double(1)})}), "");
  // A maximum of 32 characters may have been cut.
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"s"}, {Value::String(long_text + "x")})}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"s"}, {Value::String("n")})}), "");
  EXPECT_EQ(Kept({Make(PredicateOp::kStartsWith, {"s"}, {Value::String("mm")})}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kStartsWith, {"s"}, {Value::String("a")})}), "");
  EXPECT_EQ(Kept({Make(PredicateOp::kStartsWith, {"s"}, {Value::String("n")})}), "");
  // Exact to the last digit, across scales.
  const auto decimal = [](int scale, Int128 unscaled) {
    return std::vector<Value>{Value::Of(DataType::Decimal(38, scale), unscaled)};
  };
  const Int128 big = Int128{12345678901234567} * Int128{1000000000000000000} * 1000 +
                     Int128{890123456789012345} * 1000 + 678;
  EXPECT_EQ(Kept({Make(PredicateOp::kGreater, {"e"}, decimal(2, big))}), "");
  EXPECT_EQ(Kept({Make(PredicateOp::kGreaterOrEqual, {"e"}, decimal(2, big))}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kLess, {"e"}, decimal(1, 11))}), "");
  EXPECT_EQ(Kept({Make(PredicateOp::kLess, {"e"}, decimal(3, 1101))}), "a");
}

TEST_F(PruningTest, NestedAndMappedColumnsAreFoundByPhysicalName) {
  const std::string annotated =
      R"({"name":"s","type":{"type":"struct","fields":[{"name":"u","type":"long","nullable":true,"metadata":{"delta.columnMapping.id":2,"delta.columnMapping.physicalName":"col-u"}}]},"nullable":true,"metadata":{"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"col-s"}})";
  const std::string p =
      FieldJson("p", "string", true,
                R"({"delta.columnMapping.id":3,"delta.columnMapping.physicalName":"col-p"})");
  Table(
      annotated + "," + p, {"p"},
      {AddLine(
           "a", R"({"col-p":"1"})",
           Stats(
               R"({"numRecords":1,"minValues":{"col-s":{"col-u":1}},"maxValues":{"col-s":{"col-u":5}},"nullCount":{"col-s":{"col-u":0}}})")),
       AddLine(
           "b", R"({"col-p":"2"})",
           Stats(
               R"({"numRecords":1,"minValues":{"col-s":{"col-u":6}},"maxValues":{"col-s":{"col-u":9}}})"))},
      {{"delta.columnMapping.mode", "name"}, {"delta.columnMapping.maxColumnId", "3"}},
      R"({"protocol":{"minReaderVersion":2,"minWriterVersion":5}})");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"s", "u"}, {Value::Long(5)})}), "a");
  EXPECT_EQ(Kept({Make(PredicateOp::kEqual, {"p"}, {Value::String("2")})}), "b");
  EXPECT_EQ(snapshot->files().ToAdd(0).partition_values[0].first, "col-p");
}

TEST(StatisticsTest, AreWrittenAsSparkWritesThem) {
  FileStatistics statistics;
  statistics.num_records = 3;
  const auto column = [&](std::vector<std::string> path, Value min, Value max) {
    statistics.columns.push_back({std::move(path), std::move(min), std::move(max), 0});
  };
  column({"i"}, Value::Int(-1), Value::Int(2));
  column({"s", "u"}, Value::Of(DataType::Decimal(10, 2), Int128{-150}),
         Value::Of(DataType::Decimal(10, 2), Int128{150}));
  column({"s", "v"}, Value::Of(TypeId::kDate, int64_t{0}), Value::Of(TypeId::kDate, int64_t{1}));
  column({"t"}, Value::Of(TypeId::kTimestamp, int64_t{1999}),
         Value::Of(TypeId::kTimestamp, int64_t{2001}));
  column({"d"}, Value::Double(1), Value::Double(1e300));
  column({"f"}, Value::Of(TypeId::kFloat, double{0.1f}), Value::Of(TypeId::kFloat, double{0.1f}));
  column({"b"}, Value::Boolean(false), Value::Boolean(true));
  EXPECT_EQ(
      StatisticsToJson(statistics),
      R"({"numRecords":3,"minValues":{"i":-1,"s":{"u":-1.50,"v":"1970-01-01"},"t":"1970-01-01T00:00:00.001Z","d":1.0,"f":0.1},)"
      R"("maxValues":{"i":2,"s":{"u":1.50,"v":"1970-01-02"},"t":"1970-01-01T00:00:00.003Z","d":1e+300,"f":0.1},)"
      R"("nullCount":{"i":0,"s":{"u":0,"v":0},"t":0,"d":0,"f":0,"b":0},"tightBounds":true})");
  EXPECT_EQ(NumRecordsOf(StatisticsToJson(statistics)), 3);
  EXPECT_EQ(NumRecordsOf(R"({ "minValues":{"numRecords":9}, "numRecords" : 4 })"), 4);
  EXPECT_EQ(NumRecordsOf("{"), std::nullopt);
}

TEST(StatisticsTest, LongStringsAreCutWithHonestBounds) {
  const auto bounds = [](const std::string& text) {
    FileStatistics statistics;
    statistics.columns.push_back({{"s"}, Value::String(text), Value::String(text), std::nullopt});
    const std::string json = StatisticsToJson(statistics);
    const size_t min = json.find("\"minValues\":");
    const size_t max = json.find(",\"maxValues\":");
    return std::make_pair(json.substr(min + 12, max - min - 12),
                          json.substr(max + 13, json.find(",\"nullCount\"") - max - 13));
  };
  const std::string a(32, 'a');
  EXPECT_EQ(bounds(a).second, "{\"s\":\"" + a + "\"}");
  EXPECT_EQ(bounds(a + "b").first, "{\"s\":\"" + a + "\"}");
  EXPECT_EQ(bounds(a + "b").second, "{\"s\":\"" + a + "\x7F\"}");
  EXPECT_EQ(bounds(a + "é").second, "{\"s\":\"" + a + "\xF4\x8F\xBF\xBF\"}");
  EXPECT_EQ(bounds(a + "\xF4\x8F\xBF\xBF").second, "{}");
  EXPECT_EQ(bounds("\xff").first, "{}");
}

TEST(StatisticsTest, ColumnsAreTheFirstLeavesOrTheNamedOnes) {
  Metadata metadata;
  metadata.schema.fields = {{"p", TypeId::kString},
                            {"s", DataType::Struct({{"u", TypeId::kInt}, {"v", TypeId::kBinary}})},
                            {"l", DataType::Array(TypeId::kInt)},
                            {"x", TypeId::kDate}};
  metadata.partition_columns = {"p"};
  const PhysicalSchema schema = *MakePhysicalSchema(metadata);
  TableProperties properties;
  auto columns = StatisticsColumns(metadata, schema, properties);
  ASSERT_EQ(columns.size(), 4u);
  EXPECT_EQ(columns[0].physical_path, (std::vector<std::string>{"s", "u"}));
  EXPECT_FALSE(columns[1].bounds);
  EXPECT_FALSE(columns[2].bounds);
  properties.data_skipping_num_indexed_cols = 2;
  EXPECT_EQ(StatisticsColumns(metadata, schema, properties).size(), 2u);
  properties.data_skipping_columns = {"x", "s"};
  columns = StatisticsColumns(metadata, schema, properties);
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[2].physical_path, (std::vector<std::string>{"x"}));
}

TEST(PropertiesTest, AreParsedAndChecked) {
  EXPECT_EQ(ParseByteSize("128mb"), int64_t{128} << 20);
  EXPECT_EQ(ParseByteSize(" 1 GB "), int64_t{1} << 30);
  EXPECT_EQ(ParseByteSize("1000"), 1000);
  EXPECT_EQ(ParseByteSize("x"), std::nullopt);
  EXPECT_EQ(ParseByteSize("99999999999tb"), std::nullopt);
  EXPECT_EQ(ParseIntervalMs("interval 30 days"), int64_t{30} * 86400000);
  EXPECT_EQ(ParseIntervalMs("INTERVAL 1 week 2 hours"), int64_t{7} * 86400000 + 7200000);
  EXPECT_EQ(ParseIntervalMs("soon"), std::nullopt);
  Metadata metadata;
  const auto check = [&](const char* key, const char* value) {
    metadata.configuration = {{key, value}};
    const Status status = ValidateTableProperties(metadata);
    return status.ok() ? Condition("INTERNAL_ERROR") : status.error().condition();
  };
  EXPECT_EQ(check("delta.targetFileSize", "64mb"), Condition("INTERNAL_ERROR"));
  EXPECT_EQ(check("delta.targetFileSize", "huge"), Condition("INVALID_PARAMETER_VALUE"));
  EXPECT_EQ(check("delta.appendOnly", "yes"), Condition("INVALID_PARAMETER_VALUE"));
  EXPECT_EQ(check("delta.checkpointInterval", "0"), Condition("INVALID_PARAMETER_VALUE"));
  EXPECT_EQ(check("delta.noSuchThing", "1"), Condition("DELTA_UNKNOWN_CONFIGURATION"));
  EXPECT_EQ(check("my.own", "1"), Condition("INTERNAL_ERROR"));
  // A foreign table's odd values don't stop its readers.
  metadata.configuration = {{"delta.checkpointInterval", "often"}, {"delta.targetFileSize", "-3"}};
  EXPECT_EQ(ReadTableProperties(metadata)->checkpoint_interval, 10);
  EXPECT_EQ(ReadTableProperties(metadata)->target_file_size, int64_t{128} << 20);
}

TEST(ConstraintsTest, AreSurfacedTyped) {
  Metadata metadata;
  Field x{"x", TypeId::kInt, false, {}};
  x.SetMetadata("delta.invariants", R"("{\"expression\": {\"expression\": \"x > 3\"}}")");
  Field g{"g", TypeId::kInt, true, {}};
  g.SetMetadata("delta.generationExpression", R"("x + 1")");
  Field d{"d", DataType::Struct({{"n", TypeId::kInt, false, {}}}), true, {}};
  d.SetMetadata("CURRENT_DEFAULT", R"("'it\\'s'")");
  Field i{"i", TypeId::kLong, true, {}};
  i.SetMetadata("delta.identity.start", "5");
  i.SetMetadata("delta.identity.step", "-2");
  i.SetMetadata("delta.identity.highWaterMark", "1");
  i.SetMetadata("delta.identity.allowExplicitInsert", "true");
  metadata.schema.fields = {x, g, d, i};
  metadata.configuration = {{"delta.constraints.positive", "x > 0"}};
  const auto constraints = ConstraintsOf(metadata);
  ASSERT_TRUE(constraints.ok()) << constraints.error().ToString();
  EXPECT_EQ(constraints->checks.at(0).name, "positive");
  EXPECT_EQ(constraints->checks.at(0).sql, "x > 0");
  EXPECT_EQ(constraints->invariants.at(0).sql, "x > 3");
  EXPECT_EQ(constraints->generated.at(0).sql, "x + 1");
  EXPECT_EQ(constraints->defaults.at(0).sql, "'it\\'s'");
  EXPECT_EQ(constraints->not_null.size(), 2u);
  EXPECT_EQ(constraints->not_null[1], (std::vector<std::string>{"d", "n"}));
  EXPECT_EQ(constraints->identity.at(0).step, -2);
  EXPECT_EQ(constraints->identity.at(0).high_water_mark, 1);
  metadata.schema.fields[0].SetMetadata("delta.invariants", "7");
  EXPECT_FALSE(ConstraintsOf(metadata).ok());
}

}  // namespace
}  // namespace tarn::delta
