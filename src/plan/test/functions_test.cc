#include <gtest/gtest.h>

#include "ddl_type.h"
#include "signature.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::plan {
namespace {

std::string TypeOf(std::string_view name, std::vector<DataType> types) {
  std::vector<ExprPtr> args;
  for (DataType& type : types) {
    args.push_back(MakeColumnRef(ColumnId(args.size()), "c", std::move(type), true));
  }
  auto call = BuildCall(name, std::move(args));
  return call.ok() ? (*call)->type.ToString() : std::string(call.error().name());
}

TEST(Functions, EveryRowHasAValidRule) {
  for (const std::string_view name : FunctionNames()) {
    const FunctionSpec* function = FindFunction(name);
    ASSERT_NE(function, nullptr) << name;
    if (function->typing == nullptr) {
      EXPECT_FALSE(SignaturesOf(*function).empty()) << name;
    }
  }
  EXPECT_GT(FunctionNames().size(), 380u);
}

TEST(Functions, ArithmeticFollowsSparksTypes) {
  const DataType d = DataType::Decimal(10, 2);
  EXPECT_EQ(TypeOf("+", {TypeId::kInt, TypeId::kLong}), "bigint");
  EXPECT_EQ(TypeOf("+", {d, TypeId::kInt}), "decimal(13,2)");
  EXPECT_EQ(TypeOf("*", {d, d}), "decimal(21,4)");
  EXPECT_EQ(TypeOf("/", {d, d}), "decimal(23,13)");
  EXPECT_EQ(TypeOf("/", {TypeId::kInt, TypeId::kInt}), "double");
  EXPECT_EQ(TypeOf("+", {TypeId::kDate, TypeId::kInt}), "date");
  EXPECT_EQ(TypeOf("-", {TypeId::kDate, TypeId::kDate}), "interval day");
  EXPECT_EQ(TypeOf("-", {TypeId::kTimestamp, TypeId::kDate}), "interval day to second");
  EXPECT_EQ(TypeOf("+", {TypeId::kDate, DataType::DayTime()}), "timestamp");
  EXPECT_EQ(TypeOf("*", {TypeId::kInt, DataType::YearMonth()}), "interval year to month");
  EXPECT_EQ(TypeOf("+", {TypeId::kString, TypeId::kInt}), "bigint");
  EXPECT_EQ(TypeOf("+", {TypeId::kBoolean, TypeId::kInt}),
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

TEST(Functions, AggregatesWiden) {
  EXPECT_EQ(TypeOf("sum", {DataType::Decimal(10, 2)}), "decimal(20,2)");
  EXPECT_EQ(TypeOf("avg", {DataType::Decimal(10, 2)}), "decimal(14,6)");
  EXPECT_EQ(TypeOf("sum", {TypeId::kByte}), "bigint");
  EXPECT_EQ(TypeOf("collect_list", {TypeId::kInt}), "array<int>");
}

TEST(DdlType, ReadsColumnsTypesAndJson) {
  EXPECT_EQ(ParseDdlType("a INT, b DOUBLE")->ToString(), "struct<a:int,b:double>");
  EXPECT_EQ(ParseDdlType("STRUCT<teacher: STRING, s: ARRAY<STRUCT<n: STRING, r: decimal(10, 2)>>>")
                ->ToString(),
            "struct<teacher:string,s:array<struct<n:string,r:decimal(10,2)>>>");
  EXPECT_EQ(ParseDdlType("map<string, int>")->ToString(), "map<string,int>");
  EXPECT_EQ(ParseDdlType("time Timestamp")->ToString(), "struct<time:timestamp>");
  EXPECT_EQ(ParseDdlType("\"integer\"")->ToString(), "int");
  EXPECT_FALSE(ParseDdlType("a INTT").has_value());
}

}  // namespace
}  // namespace tarn::plan
