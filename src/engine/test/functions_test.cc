#include <gtest/gtest.h>

#include "plan_builder.h"
#include "tarn/engine/engine.h"

namespace tarn::engine {
namespace {

// One engine for all tests of this file: starting one takes longer than a call. It ends with the
// last test and not with the process, where DuckDB's thread-local state is gone before static
// objects are.
class SharedEngine : public testing::Environment {
 public:
  static Engine& Get() {
    TARN_CHECK(engine != nullptr);
    return *engine;
  }

  void SetUp() override {
    auto started = StartDuckEngine({});
    TARN_CHECK(started.ok());
    engine = std::move(started).value();
  }
  void TearDown() override { engine.reset(); }

 private:
  static inline std::unique_ptr<Engine> engine;
};

[[maybe_unused]] testing::Environment* const shared_engine =
    testing::AddGlobalTestEnvironment(new SharedEngine);

// The rows of one expression as text, or its error's condition.
std::string Eval(plan::ExprPtr expr, const std::string& zone = "UTC") {
  ExecutionSettings settings;
  settings.session_zone = zone;
  const plan::Query query = QueryOf(ProjectOf(OneRow(), Items_(Named(1, std::move(expr)))));
  auto stream = SharedEngine::Get().Execute({}, query, settings);
  if (!stream.ok()) return std::string(stream.error().name());
  auto batch = (*stream)->NextRendered();
  if (!batch.ok())
    return std::string(batch.error().name()) +
           (batch.error().name() == "INTERNAL_ERROR" ? batch.error().ToString() : "");
  return batch->empty() ? "no row" : (*batch)[0][0].value_or("NULL");
}

plan::ExprPtr Real(double value) { return Lit(Value::Double(value)); }
plan::ExprPtr Decimal(int64_t unscaled, int precision, int scale) {
  return Lit(Value::Of(DataType::Decimal(precision, scale), Int128{unscaled}));
}
plan::ExprPtr To(plan::ExprPtr input, DataType type, plan::CastMode mode = plan::CastMode::kAnsi) {
  return plan::MakeCast(std::move(input), std::move(type), mode, false);
}
plan::ExprPtr Try(plan::ExprPtr input, DataType type) {
  return To(std::move(input), std::move(type), plan::CastMode::kTry);
}
plan::ExprPtr Ints(std::vector<int> items) {
  std::vector<plan::ExprPtr> list;
  for (const int item : items) list.push_back(Int(item));
  return std::move(plan::BuildCall("array", std::move(list))).value();
}
plan::ExprPtr Date(std::string text) { return To(Text(std::move(text)), TypeId::kDate); }
plan::ExprPtr Stamp(std::string text) { return To(Text(std::move(text)), TypeId::kTimestamp); }

TEST(SparkCast, TextToNumbers) {
  EXPECT_EQ(Eval(To(Text(" 12 "), TypeId::kInt)), "12");
  EXPECT_EQ(Eval(To(Text("1.5"), TypeId::kInt)), "CAST_INVALID_INPUT");
  EXPECT_EQ(Eval(Try(Text("x"), TypeId::kInt)), "NULL");
  EXPECT_EQ(Eval(To(Text("300"), TypeId::kByte)), "CAST_INVALID_INPUT");
  EXPECT_EQ(Eval(To(Text("1e3"), TypeId::kDouble)), "1000.0");
  EXPECT_EQ(Eval(To(Text("-Infinity"), TypeId::kDouble)), "-Infinity");
  EXPECT_EQ(Eval(To(Text("123.456"), DataType::Decimal(5, 2))), "123.46");
  EXPECT_EQ(Eval(To(Text("12345.678"), DataType::Decimal(5, 2))),
            "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION");
  EXPECT_EQ(Eval(To(Text("yes"), TypeId::kBoolean)), "true");
}

TEST(SparkCast, NumbersToNumbers) {
  EXPECT_EQ(Eval(To(Int(128), TypeId::kByte)), "CAST_OVERFLOW");
  EXPECT_EQ(Eval(Try(Int(128), TypeId::kByte)), "NULL");
  EXPECT_EQ(Eval(To(Real(-1.9), TypeId::kInt)), "-1");
  EXPECT_EQ(Eval(To(Real(1e30), TypeId::kLong)), "CAST_OVERFLOW");
  EXPECT_EQ(Eval(To(Decimal(-123455, 6, 3), DataType::Decimal(5, 2))), "-123.46");
  EXPECT_EQ(Eval(To(Decimal(19, 2, 1), TypeId::kInt)), "1");
  EXPECT_EQ(Eval(To(Real(0.1), DataType::Decimal(3, 2))), "0.10");
}

TEST(SparkCast, TimesInTheSessionsZone) {
  EXPECT_EQ(Eval(To(Stamp("2024-01-01 00:00:00"), TypeId::kLong), "America/New_York"),
            "1704085200");
  EXPECT_EQ(Eval(To(Stamp("2024-01-01 05:00:00Z"), TypeId::kString), "America/New_York"),
            "2024-01-01 00:00:00");
  EXPECT_EQ(Eval(To(Date("2024-02-29"), TypeId::kTimestamp)), "2024-02-29 00:00:00");
  EXPECT_EQ(Eval(To(Decimal(15, 2, 1), TypeId::kTimestamp)), "1970-01-01 00:00:01.5");
}

TEST(SparkCast, Nested) {
  EXPECT_EQ(Eval(To(Ints({1, 2}), DataType::Array(TypeId::kString))), "[1, 2]");
  EXPECT_EQ(Eval(To(Ints({1, 2}), TypeId::kString)), "[1, 2]");
  EXPECT_EQ(
      Eval(To(Fn("named_struct", Text("a"), Int(1)), DataType::Struct({{"x", TypeId::kString}}))),
      "{1}");
  EXPECT_EQ(Eval(To(Fn("map", Int(1), Text("2")), DataType::Map(TypeId::kString, TypeId::kInt))),
            "{1 -> 2}");
}

TEST(SparkArithmetic, IntegersAndDecimals) {
  EXPECT_EQ(Eval(Fn("+", Int(2147483647), Int(1))), "ARITHMETIC_OVERFLOW");
  EXPECT_EQ(Eval(Fn("try_add", Int(2147483647), Int(1))), "NULL");
  EXPECT_EQ(Eval(Fn("/", Int(3), Int(2))), "1.5");
  EXPECT_EQ(Eval(Fn("/", Int(1), Int(0))), "DIVIDE_BY_ZERO");
  EXPECT_EQ(Eval(Fn("%", Int(-7), Int(3))), "-1");
  EXPECT_EQ(Eval(Fn("pmod", Int(-7), Int(3))), "2");
  EXPECT_EQ(Eval(Fn("div", Int(7), Int(2))), "3");
  EXPECT_EQ(Eval(Fn("*", Decimal(150, 10, 2), Decimal(2500, 10, 3))), "3.75000");
  EXPECT_EQ(Eval(Fn("+", Decimal(150, 10, 2), Decimal(2500, 18, 3))), "4.000");
  EXPECT_EQ(Eval(Fn("/", Decimal(100, 3, 2), Decimal(300, 3, 2))), "0.333333");
  EXPECT_EQ(Eval(Fn("%", Int(2), Decimal(18, 2, 1))), "0.2");
}

TEST(SparkArithmetic, DatesAndIntervals) {
  EXPECT_EQ(Eval(Fn("+", Date("2024-01-31"), Lit(Value::Of(DataType::YearMonth(), int64_t{1})))),
            "2024-02-29");
  EXPECT_EQ(Eval(Fn("-", Date("2024-03-01"), Date("2024-02-01"))), "INTERVAL '29' DAY");
  EXPECT_EQ(Eval(Fn("add_months", Date("2016-08-31"), Int(1))), "2016-09-30");
  EXPECT_EQ(Eval(Fn("*", Lit(Value::Of(DataType::YearMonth(), int64_t{14})), Real(1.5))),
            "INTERVAL '1-9' YEAR TO MONTH");
}

TEST(SparkText, Basics) {
  EXPECT_EQ(Eval(Fn("substring", Text("Spark SQL"), Int(-3))), "SQL");
  EXPECT_EQ(Eval(Fn("initcap", Text("sPark sql"))), "Spark Sql");
  EXPECT_EQ(Eval(Fn("lpad", Text("hi"), Int(5), Text("??"))), "???hi");
  EXPECT_EQ(Eval(Fn("btrim", Text("SSparkSQLS"), Text("SL"))), "parkSQ");
  EXPECT_EQ(Eval(Fn("translate", Text("AaBbCc"), Text("abc"), Text("123"))), "A1B2C3");
  EXPECT_EQ(Eval(Fn("concat_ws", Text("/"), Text("foo"), Text("bar"))), "foo/bar");
  EXPECT_EQ(Eval(Fn("like", Text("a%b"), Text("a\\%_"))), "true");
  EXPECT_EQ(Eval(Fn("split", Text("oneAtwoBthreeC"), Text("[ABC]"))), "[one, two, three, ]");
  EXPECT_EQ(Eval(Fn("regexp_extract", Text("100-200"), Text("(\\d+)-(\\d+)"), Int(1))), "100");
  EXPECT_EQ(Eval(Fn("regexp_replace", Text("100-200"), Text("(\\d+)"), Text("num"))), "num-num");
  EXPECT_EQ(Eval(Fn("format_string", Text("Hello World %d %s"), Int(100), Text("days"))),
            "Hello World 100 days");
  EXPECT_EQ(Eval(Fn("format_number", Real(12332.123456), Int(4))), "12,332.1235");
  EXPECT_EQ(Eval(Fn("to_number", Text("12,454.8-"), Text("99,999.9S"))), "-12454.8");
  EXPECT_EQ(Eval(Fn("to_char", Decimal(-124548, 6, 1), Text("99G999D9S"))), "12,454.8-");
  EXPECT_EQ(Eval(Fn("soundex", Text("Miller"))), "M460");
}

TEST(SparkText, DigestsAndHashes) {
  EXPECT_EQ(Eval(Fn("sha2", Text("Spark"), Int(256))),
            "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b");
  EXPECT_EQ(Eval(Fn("md5", Text("Spark"))), "8cde774d6f7333752ed72cacddb05126");
  EXPECT_EQ(Eval(Fn("sha1", Text("Spark"))), "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c");
  EXPECT_EQ(Eval(Fn("crc32", Text("Spark"))), "1557323817");
  EXPECT_EQ(Eval(Fn("hash", Text("Spark"), Ints({123}), Int(2))), "-1321691492");
  EXPECT_EQ(Eval(Fn("xxhash64", Text("Spark"), Ints({123}), Int(2))), "5602566077635097486");
}

TEST(SparkCollections, ArraysAndMaps) {
  EXPECT_EQ(Eval(Fn("array_except", Ints({1, 2, 3}), Ints({1, 3, 5}))), "[2]");
  EXPECT_EQ(Eval(Fn("element_at", Ints({1, 2, 3}), Int(-1))), "3");
  EXPECT_EQ(Eval(Fn("element_at", Ints({1, 2, 3}), Int(4))), "INVALID_ARRAY_INDEX_IN_ELEMENT_AT");
  EXPECT_EQ(Eval(Fn("getitem", Ints({1, 2, 3}), Int(0))), "1");
  EXPECT_EQ(Eval(Fn("getitem", Ints({1, 2, 3}), Int(3))), "INVALID_ARRAY_INDEX");
  EXPECT_EQ(Eval(Fn("map", Int(1), Text("a"), Int(1), Text("b"))), "DUPLICATED_MAP_KEY");
  EXPECT_EQ(Eval(Fn("sequence", Int(5), Int(1))), "[5, 4, 3, 2, 1]");
  EXPECT_EQ(Eval(Fn("slice", Ints({1, 2, 3, 4}), Int(-2), Int(2))), "[3, 4]");
  EXPECT_EQ(Eval(Fn("array_insert", Ints({5, 3, 2, 1}), Int(-4), Int(4))), "[5, 4, 3, 2, 1]");
}

TEST(SparkMath, Rounding) {
  EXPECT_EQ(Eval(Fn("round", Decimal(25, 2, 1), Int(0))), "3");
  EXPECT_EQ(Eval(Fn("bround", Decimal(25, 2, 1), Int(0))), "2");
  EXPECT_EQ(Eval(Fn("bround", Int(25), Int(-1))), "20");
  EXPECT_EQ(Eval(Fn("ceil", Decimal(31411, 5, 4), Int(-3))), "1000");
  EXPECT_EQ(Eval(Fn("floor", Decimal(-1, 1, 1))), "-1");
  EXPECT_EQ(Eval(Fn("round", Real(2.5))), "3.0");
  EXPECT_EQ(Eval(Fn("conv", Text("100"), Int(2), Int(10))), "4");
}

}  // namespace
}  // namespace tarn::engine
