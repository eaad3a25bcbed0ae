#include <gtest/gtest.h>

#include <limits>

#include "tarn/types/interval.h"
#include "tarn/types/value.h"

namespace tarn {
namespace {

TEST(Render, DoublesAsJavaDoes) {
  EXPECT_EQ(RenderDouble(1), "1.0");
  EXPECT_EQ(RenderDouble(-0.0), "-0.0");
  EXPECT_EQ(RenderDouble(0.1), "0.1");
  EXPECT_EQ(RenderDouble(0.001), "0.001");
  EXPECT_EQ(RenderDouble(0.00123), "0.00123");
  EXPECT_EQ(RenderDouble(0.0001), "1.0E-4");
  EXPECT_EQ(RenderDouble(1234567.5), "1234567.5");
  EXPECT_EQ(RenderDouble(1e7), "1.0E7");
  EXPECT_EQ(RenderDouble(123456789.125), "1.23456789125E8");
  EXPECT_EQ(RenderDouble(1e300), "1.0E300");
  EXPECT_EQ(RenderDouble(4.9e-324), "4.9E-324");
  EXPECT_EQ(RenderDouble(std::numeric_limits<double>::max()), "1.7976931348623157E308");
  EXPECT_EQ(RenderDouble(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(RenderDouble(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(RenderFloat(0.1F), "0.1");
  EXPECT_EQ(RenderFloat(1e10F), "1.0E10");
  EXPECT_EQ(RenderFloat(3.4028235e38F), "3.4028235E38");
}

TEST(Render, DecimalsWithAllDigitsOfTheirScale) {
  EXPECT_EQ(RenderDecimal(12345, 2), "123.45");
  EXPECT_EQ(RenderDecimal(-5, 3), "-0.005");
  EXPECT_EQ(RenderDecimal(0, 2), "0.00");
  EXPECT_EQ(RenderDecimal(100, 0), "100");
  Int128 nines = 0;
  for (int i = 0; i < 38; ++i) nines = nines * 10 + 9;
  EXPECT_EQ(RenderDecimal(-nines, 38), "-0." + std::string(38, '9'));
}

TEST(Render, IntervalsWithTheFieldsOfTheirType) {
  EXPECT_EQ(RenderYearMonthInterval(-14, DataType::YearMonth()), "INTERVAL '-1-2' YEAR TO MONTH");
  EXPECT_EQ(RenderYearMonthInterval(
                14, DataType::YearMonth(IntervalField::kMonth, IntervalField::kMonth)),
            "INTERVAL '14' MONTH");
  EXPECT_EQ(RenderDayTimeInterval(93784500000, DataType::DayTime()),
            "INTERVAL '1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(RenderDayTimeInterval(
                -4500000, DataType::DayTime(IntervalField::kSecond, IntervalField::kSecond)),
            "INTERVAL '-04.5' SECOND");
  EXPECT_EQ(RenderDayTimeInterval(std::numeric_limits<int64_t>::min(), DataType::DayTime()),
            "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND");
  EXPECT_EQ(RenderCalendarInterval({14, -3, -3661500000}),
            "1 years 2 months -3 days -1 hours -1 minutes -1.5 seconds");
  EXPECT_EQ(RenderCalendarInterval({}), "0 seconds");
}

TEST(Render, NestedValuesAsSparkCastsThem) {
  const DataType ints = DataType::Array(TypeId::kInt);
  const Value list = Value::Of(ints, std::vector<Value>{Value::Int(1), Value::Null(TypeId::kInt)});
  EXPECT_EQ(RenderAsString(list, "UTC"), "[1, null]");
  EXPECT_EQ(RenderAsSqlLiteral(list, "UTC"), "ARRAY(1, CAST(NULL AS INT))");
  const Value map = Value::Of(DataType::Map(TypeId::kString, TypeId::kInt),
                              std::vector<Value>{Value::String("a"), Value::Int(1)});
  EXPECT_EQ(RenderAsString(map, "UTC"), "{a -> 1}");
  const Value row = Value::Of(DataType::Struct({{"x", TypeId::kInt}, {"y", ints}}),
                              std::vector<Value>{Value::Int(7), list});
  EXPECT_EQ(RenderAsString(row, "UTC"), "{7, [1, null]}");
  EXPECT_EQ(RenderAsSqlLiteral(row, "UTC"),
            "NAMED_STRUCT('x', 7, 'y', ARRAY(1, CAST(NULL AS INT)))");
}

TEST(Render, LiteralsReadBack) {
  EXPECT_EQ(RenderAsSqlLiteral(Value::String("it's \\"), "UTC"), R"('it\'s \\')");
  EXPECT_EQ(RenderAsSqlLiteral(Value::Of(TypeId::kDate, int64_t{19723}), "UTC"),
            "DATE '2024-01-01'");
  EXPECT_EQ(RenderAsSqlLiteral(Value::Of(TypeId::kTimestamp, int64_t{0}), "America/New_York"),
            "TIMESTAMP '1969-12-31 19:00:00'");
  EXPECT_EQ(RenderAsSqlLiteral(Value::Of(DataType::Decimal(10, 2), Int128{100}), "UTC"),
            "CAST(1.00BD AS DECIMAL(10,2))");
  EXPECT_EQ(RenderAsSqlLiteral(Value::Binary(std::string("\x00\xff", 2)), "UTC"), "X'00FF'");
}

TEST(ValueCompare, PutsNanLastAndComparesBytesUnsigned) {
  const Value nan = Value::Double(std::numeric_limits<double>::quiet_NaN());
  EXPECT_GT(Compare(nan, Value::Double(std::numeric_limits<double>::infinity())), 0);
  EXPECT_EQ(Compare(nan, nan), 0);
  EXPECT_TRUE(nan == nan);
  EXPECT_EQ(Compare(Value::Double(-0.0), Value::Double(0.0)), 0);
  EXPECT_GT(Compare(Value::String("\xC3\xA9"), Value::String("z")), 0);
}

}  // namespace
}  // namespace tarn
