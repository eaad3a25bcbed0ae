// Casts between numbers, booleans and intervals.

#include <cmath>
#include <limits>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"

namespace tarn::engine::duck {

std::nullopt_t CastOverflow(const Call& call, std::string_view value) {
  if (!IsTry(call)) {
    Raise(Condition("CAST_OVERFLOW"), {{"value", std::string(value)},
                                       {"sourceType", "\"" + call.info.args[0].ToSql() + "\""},
                                       {"targetType", "\"" + call.info.result.ToSql() + "\""}});
  }
  return std::nullopt;
}

std::nullopt_t OutOfDecimalRange(const Call& call, std::string_view value) {
  if (!IsTry(call)) {
    Raise(Condition("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"),
          {{"value", std::string(value)},
           {"precision", std::to_string(call.info.result.precision())},
           {"scale", std::to_string(call.info.result.scale())}});
  }
  return std::nullopt;
}

namespace {

template <typename To>
std::optional<To> Narrow(const Call& call, int64_t value) {
  if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) {
    return CastOverflow(call, std::to_string(value));
  }
  return static_cast<To>(value);
}

template <typename To>
std::optional<To> FromReal(const Call& call, double value) {
  constexpr auto kMin = static_cast<double>(std::numeric_limits<To>::min());
  constexpr auto kMax = static_cast<double>(std::numeric_limits<To>::max());
  if (!(std::floor(value) <= kMax && std::ceil(value) >= kMin))
    return CastOverflow(call, RenderDouble(value));
  // 2^63 passes the test, as in Java, and saturates.
  if (value >= kMax) return std::numeric_limits<To>::max();
  return static_cast<To>(value);
}

template <typename To>
std::optional<To> FromDecimal(const Call& call, Dec value) {
  const int scale = call.info.args[0].scale();
  const Int128 whole = DropDigits(value.value, scale, Rounding::kDown);
  if (whole < std::numeric_limits<To>::min() || whole > std::numeric_limits<To>::max()) {
    return CastOverflow(call, RenderDecimal(value.value, scale));
  }
  return static_cast<To>(whole);
}

template <typename To>
void IntegerTargets(FunctionSet& set, const std::string& to) {
  set.Kernel(
      "cast_bigint_" + to, [](Call& call, int64_t value) { return Narrow<To>(call, value); },
      kFallible);
  set.Kernel(
      "cast_double_" + to, [](Call& call, double value) { return FromReal<To>(call, value); },
      kFallible);
  set.Kernel(
      "cast_decimal_" + to, [](Call& call, Dec value) { return FromDecimal<To>(call, value); },
      kFallible);
}

std::optional<Dec> DecimalOf(const Call& call, Int128 value, int scale) {
  const DataType& type = call.info.result;
  const auto result = Rescale(value, scale, type.precision(), type.scale());
  if (!result) return OutOfDecimalRange(call, RenderDecimal(value, scale));
  return Dec{*result};
}

int64_t MicrosOfField(IntervalField field) {
  switch (field) {
    case IntervalField::kDay:
      return kMicrosPerDay;
    case IntervalField::kHour:
      return kMicrosPerHour;
    case IntervalField::kMinute:
      return kMicrosPerMinute;
    default:
      return kMicrosPerSecond;
  }
}

void IntervalCasts(FunctionSet& set) {
  // Only whole units of the target's last field are kept.
  set.Kernel("cast_ym_ym", [](Call& call, int32_t months) -> int32_t {
    return call.info.result.interval_end() == IntervalField::kYear ? months - months % 12 : months;
  });
  set.Kernel("cast_dt_dt", [](Call& call, int64_t micros) -> int64_t {
    if (call.info.result.interval_end() == IntervalField::kSecond) return micros;
    return micros - micros % MicrosOfField(call.info.result.interval_end());
  });
  set.Kernel(
      "cast_decimal_ym",
      [](Call& call, Dec value) -> std::optional<int32_t> {
        const bool years = call.info.result.interval_end() == IntervalField::kYear;
        Int128 months = DropDigits(value.value, call.info.args[0].scale());
        if (years) months *= 12;
        if (months != static_cast<int32_t>(months)) {
          return CastOverflow(call, RenderDecimal(value.value, call.info.args[0].scale()));
        }
        return static_cast<int32_t>(months);
      },
      kFallible);
  set.Kernel(
      "cast_decimal_dt",
      [](Call& call, Dec value) -> std::optional<int64_t> {
        const int64_t unit = MicrosOfField(call.info.result.interval_end());
        const int scale = call.info.args[0].scale();
        const auto micros = MultiplyDecimals(value.value, unit, scale, 19);
        if (!micros || *micros != static_cast<int64_t>(*micros)) {
          return CastOverflow(call, RenderDecimal(value.value, scale));
        }
        if (call.info.result.interval_end() != IntervalField::kSecond) {
          return static_cast<int64_t>(DropDigits(value.value, scale) * unit);
        }
        return static_cast<int64_t>(*micros);
      },
      kFallible);
  // The value in units of the interval's last field, as decimal(20,6).
  set.Kernel("cast_dt_decimal", [](Call& call, int64_t micros) -> Dec {
    const int64_t unit = MicrosOfField(call.info.args[0].interval_end());
    return Dec{static_cast<Int128>(micros) * 1000000 / unit};
  });
  set.Kernel("cast_ym_bigint", [](Call& call, int32_t months) -> int64_t {
    return call.info.args[0].interval_end() == IntervalField::kYear ? months / 12 : months;
  });
}

}  // namespace

void RegisterNumberCasts(FunctionSet& set) {
  IntegerTargets<int8_t>(set, "tinyint");
  IntegerTargets<int16_t>(set, "smallint");
  IntegerTargets<int32_t>(set, "int");
  IntegerTargets<int64_t>(set, "bigint");
  set.Kernel("cast_double_float", [](Call&, double value) { return static_cast<float>(value); });
  set.Kernel("cast_double_boolean", [](Call&, double value) { return value != 0; });
  set.Kernel("cast_decimal_boolean", [](Call&, Dec value) { return value.value != 0; });
  set.Kernel("cast_decimal_double", [](Call& call, Dec value) {
    return DecimalToDouble(value.value, call.info.args[0].scale());
  });
  set.Kernel("cast_decimal_float", [](Call& call, Dec value) {
    const std::string text = RenderDecimal(value.value, call.info.args[0].scale());
    return std::strtof(text.c_str(), nullptr);
  });
  set.Kernel(
      "cast_decimal_decimal",
      [](Call& call, Dec value) { return DecimalOf(call, value.value, call.info.args[0].scale()); },
      kFallible);
  set.Kernel(
      "cast_bigint_decimal", [](Call& call, int64_t value) { return DecimalOf(call, value, 0); },
      kFallible);
  set.Kernel(
      "cast_double_decimal",
      [](Call& call, double value) -> std::optional<Dec> {
        if (!std::isfinite(value)) return std::nullopt;
        // Spark goes by the shortest text of the number.
        const std::string text = call.info.args[0].Is(TypeId::kFloat)
                                     ? RenderFloat(static_cast<float>(value))
                                     : RenderDouble(value);
        const auto parsed = ParseDecimal(text);
        const DataType& type = call.info.result;
        const auto result =
            parsed ? ToDecimal(*parsed, type.precision(), type.scale()) : std::nullopt;
        if (!result) return OutOfDecimalRange(call, text);
        return Dec{*result};
      },
      kFallible);
  IntervalCasts(set);
}

}  // namespace tarn::engine::duck
