#include "stats_struct.h"

#include <gtest/gtest.h>

namespace tarn::delta {
namespace {

std::vector<StatisticsColumn> Leaves() {
  return {{{"i"}, TypeId::kInt, true},
          {{"s"}, TypeId::kString, true},
          {{"d"}, TypeId::kDate, true},
          {{"t"}, TypeId::kTimestamp, true},
          {{"n"}, TypeId::kTimestampNtz, true},
          {{"dec"}, DataType::Decimal(20, 3), true},
          {{"f"}, TypeId::kFloat, true},
          {{"g"}, TypeId::kDouble, true},
          {{"b"}, TypeId::kBoolean, false},
          {{"st", "x"}, TypeId::kLong, true},
          {{"st", "y", "z"}, TypeId::kString, true},
          {{"st", "y", "w"}, DataType::Array(TypeId::kInt), false}};
}

std::string ThereAndBack(StatsStruct& structs, std::string_view text) {
  ParquetColumn column = EmptyColumn(structs.type());
  structs.Append(text, column);
  return structs.TextOf(column, 0);
}

TEST(StatsStructTest, TextOf_GivesWhatWasAppended) {
  StatsStruct structs(Leaves());
  for (
      const std::string text :
      {R"({"numRecords":7,"minValues":{"i":-1,"s":"a\"b","d":"2024-01-01","t":"2024-01-01T00:00:00.123Z",)"
       R"("n":"2024-01-01T00:00:00.123","dec":-12345678901234567.890,"f":0.1,"g":0.1,"st":{"x":9007199254740993,"y":{"z":"é"}}},)"
       R"("maxValues":{"i":2147483647,"s":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz)"
       "\x7F"
       R"(","t":"2024-01-01T00:00:00.124Z","dec":0.001,"st":{"y":{"z":"é"}}},)"
       R"("nullCount":{"i":0,"b":3,"st":{"x":1,"y":{"z":2,"w":7}}},"tightBounds":false})",
       R"({"numRecords":0,"minValues":{},"maxValues":{},"nullCount":{},"tightBounds":true})"}) {
    EXPECT_EQ(ThereAndBack(structs, text), text);
  }
}

TEST(StatsStructTest, TextOf_MovesADoublesBoundOutwardsOnce) {
  StatsStruct structs({{{"g"}, TypeId::kDouble, true}});
  const std::string once = ThereAndBack(
      structs, R"({"numRecords":1,"minValues":{"g":0.1},"maxValues":{"g":0.1},"nullCount":{}})");
  EXPECT_EQ(once, R"({"numRecords":1,"minValues":{"g":0.1},"maxValues":{"g":0.10000000149011612},)"
                  R"("nullCount":{},"tightBounds":true})");
  EXPECT_EQ(ThereAndBack(structs, once), once);
}

TEST(StatsStructTest, TextOf_IsEmptyWithoutANumberOfRows) {
  StatsStruct structs(Leaves());
  for (const std::string text : {"", "{}", "[]", "{\"numRecords\":-1}", "{\"numRecords\":null}",
                                 "{\"minValues\":{\"i\":1}}", "{\"numRecords\":1"}) {
    EXPECT_EQ(ThereAndBack(structs, text), "") << text;
  }
}

TEST(StatsStructTest, Append_LeavesOutWhatDoesNotFitTheColumn) {
  StatsStruct structs(Leaves());
  EXPECT_EQ(
      ThereAndBack(structs,
                   R"({"numRecords":1,"minValues":{"i":9999999999,"d":"x","s":5,"st":7,"t":true},)"
                   R"("maxValues":3,"nullCount":{"i":"0"}})"),
      R"({"numRecords":1,"minValues":{"s":"5"},"maxValues":{},"nullCount":{},"tightBounds":true})");
}

TEST(StatsStructTest, TextOf_DropsABoundThatIsNotUtf8) {
  StatsStruct structs({{{"s"}, TypeId::kString, true}});
  ParquetColumn column = EmptyColumn(structs.type());
  structs.Append(R"({"numRecords":1,"minValues":{"s":"ab"},"maxValues":{"s":"cd"}})", column);
  column.children[2].children[0].bytes = "\xFF\xFF";
  EXPECT_EQ(structs.TextOf(column, 0),
            R"({"numRecords":1,"minValues":{"s":"ab"},"maxValues":{},"nullCount":{},)"
            R"("tightBounds":true})");
}

TEST(StatsStructTest, TextOf_TakesColumnsWithoutParts) {
  StatsStruct structs(Leaves());
  // As a reader gives what a file lacks: a struct that is NULL in all rows has empty children.
  ParquetColumn column = EmptyColumn(structs.type());
  column.valid = {0, 0};
  EXPECT_EQ(structs.TextOf(column, 1), "");
  column.valid = {1, 1};
  column.children[0].valid = {1, 1};
  column.children[0].integers = {4, 5};
  for (size_t i = 1; i < column.children.size(); ++i) column.children[i].valid = {0, 0};
  EXPECT_EQ(structs.TextOf(column, 1),
            R"({"numRecords":5,"minValues":{},"maxValues":{},"nullCount":{},"tightBounds":true})");
}

TEST(StatsStructTest, Type_HasNothingWithoutLeaves) {
  EXPECT_EQ(StatsStruct({}).type().ToString(), "struct<numRecords:bigint,tightBounds:boolean>");
  StatsStruct only_counts({{{"b"}, TypeId::kBoolean, false}});
  EXPECT_EQ(only_counts.type().ToString(),
            "struct<numRecords:bigint,nullCount:struct<b:bigint>,tightBounds:boolean>");
  EXPECT_EQ(ThereAndBack(only_counts, R"({"numRecords":2,"nullCount":{"b":1}})"),
            R"({"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{"b":1},)"
            R"("tightBounds":true})");
}

}  // namespace
}  // namespace tarn::delta
