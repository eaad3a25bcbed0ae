#include "tarn/delta/type_widening.h"

#include <gtest/gtest.h>

namespace tarn::delta {
namespace {

TEST(TypeWideningTest, AllowsWhatTheProtocolAllows) {
  EXPECT_TRUE(IsTypeWidening(TypeId::kByte, TypeId::kShort));
  EXPECT_TRUE(IsTypeWidening(TypeId::kInt, TypeId::kLong));
  EXPECT_TRUE(IsTypeWidening(TypeId::kInt, TypeId::kDouble));
  EXPECT_TRUE(IsTypeWidening(TypeId::kFloat, TypeId::kDouble));
  EXPECT_TRUE(IsTypeWidening(TypeId::kDate, TypeId::kTimestampNtz));
  EXPECT_TRUE(IsTypeWidening(TypeId::kLong, DataType::Decimal(20, 0)));
  EXPECT_TRUE(IsTypeWidening(TypeId::kByte, DataType::Decimal(10, 0)));
  EXPECT_TRUE(IsTypeWidening(DataType::Decimal(5, 1), DataType::Decimal(7, 2)));
  EXPECT_FALSE(IsTypeWidening(TypeId::kLong, TypeId::kInt));
  EXPECT_FALSE(IsTypeWidening(TypeId::kLong, TypeId::kDouble));
  EXPECT_FALSE(IsTypeWidening(TypeId::kLong, TypeId::kString));
  EXPECT_FALSE(IsTypeWidening(TypeId::kByte, DataType::Decimal(9, 0)));
  EXPECT_FALSE(IsTypeWidening(TypeId::kLong, DataType::Decimal(21, 2)));
  EXPECT_FALSE(IsTypeWidening(DataType::Decimal(5, 1), DataType::Decimal(6, 3)));
  EXPECT_FALSE(IsTypeWidening(TypeId::kDate, TypeId::kTimestamp));
}

TEST(TypeWideningTest, WidenedFor_FindsADecimalForBoth) {
  EXPECT_EQ(WidenedFor(TypeId::kInt, DataType::Decimal(5, 2)), DataType::Decimal(12, 2));
  EXPECT_EQ(WidenedFor(TypeId::kLong, DataType::Decimal(5, 2)), DataType::Decimal(22, 2));
  EXPECT_EQ(WidenedFor(DataType::Decimal(10, 1), DataType::Decimal(5, 4)),
            DataType::Decimal(13, 4));
  EXPECT_EQ(WidenedFor(DataType::Decimal(30, 0), DataType::Decimal(20, 19)), std::nullopt);
  EXPECT_EQ(WidenedFor(TypeId::kLong, TypeId::kInt), std::nullopt);
}

TEST(TypeWideningTest, WidenColumn_NotesEachChange) {
  Field column{"a", TypeId::kShort};
  WidenColumn(column, TypeId::kInt);
  WidenColumn(column, TypeId::kLong);
  EXPECT_EQ(column.type, DataType(TypeId::kLong));
  EXPECT_EQ(column.Metadata("delta.typeChanges"),
            "[{\"toType\":\"integer\",\"fromType\":\"short\"},"
            "{\"toType\":\"long\",\"fromType\":\"integer\"}]");
}

}  // namespace
}  // namespace tarn::delta
