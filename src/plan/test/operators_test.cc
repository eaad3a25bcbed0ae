#include <gtest/gtest.h>

#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::plan {
namespace {

/// The type of `l op r` over columns of the two types, or the condition that refuses it.
std::string TypeOf(std::string_view op, DataType left, DataType right) {
  std::vector<ExprPtr> args;
  args.push_back(MakeColumnRef(ColumnId{1}, "l", std::move(left), true));
  args.push_back(MakeColumnRef(ColumnId{2}, "r", std::move(right), true));
  auto call = BuildCall(op, std::move(args));
  return call.ok() ? (*call)->type.ToString() : std::string(call.error().name());
}

TEST(Operators, TextBesideAnotherTypeIsPromotedBeforeTheOperatorDecides) {
  EXPECT_EQ(TypeOf("+", TypeId::kString, TypeId::kInt), "bigint");
  EXPECT_EQ(TypeOf("+", TypeId::kString, TypeId::kBoolean),
            "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE");
  EXPECT_EQ(TypeOf("&", TypeId::kString, TypeId::kFloat), "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE");
  EXPECT_EQ(TypeOf("div", TypeId::kInt, TypeId::kDouble), "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
  EXPECT_EQ(TypeOf("=", TypeId::kString, DataType::DayTime()),
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

TEST(Operators, TextPlusADayTimeIntervalIsTextAgain) {
  EXPECT_EQ(TypeOf("+", TypeId::kString, DataType::DayTime()), "string");
  EXPECT_EQ(TypeOf("+", DataType::DayTime(), TypeId::kString), "string");
  EXPECT_EQ(TypeOf("-", TypeId::kString, DataType::DayTime()), "string");
  EXPECT_EQ(TypeOf("+", TypeId::kString, DataType::YearMonth()),
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

TEST(Operators, DatesAndIntervalsRefuseByTheirParameter) {
  EXPECT_EQ(TypeOf("+", TypeId::kDate, TypeId::kLong), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
  EXPECT_EQ(TypeOf("-", TypeId::kInt, TypeId::kTimestamp),
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
  EXPECT_EQ(TypeOf("*", DataType::YearMonth(), TypeId::kBoolean),
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
  EXPECT_EQ(TypeOf("/", TypeId::kInt, DataType::YearMonth()),
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

TEST(Operators, ArgumentsMayNarrowImplicitly) {
  EXPECT_EQ(TypeOf("<<", TypeId::kLong, TypeId::kDouble), "bigint");
  EXPECT_EQ(TypeOf("<<", TypeId::kFloat, TypeId::kLong), "int");
  EXPECT_FALSE(CanImplicitlyCast(TypeId::kBoolean, TypeId::kInt));
  EXPECT_TRUE(CanStoreAssign(TypeId::kBoolean, TypeId::kInt));
  EXPECT_FALSE(CanStoreAssign(TypeId::kDate, TypeId::kInt));
}

}  // namespace
}  // namespace tarn::plan
