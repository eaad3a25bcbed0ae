// Casts between dates, times and numbers, and of everything to text.

#include <cmath>
#include <limits>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/text.h"
#include "tarn/types/interval.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

int64_t Saturated(Int128 value) {
  if (value > std::numeric_limits<int64_t>::max()) return std::numeric_limits<int64_t>::max();
  if (value < std::numeric_limits<int64_t>::min()) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

std::optional<int64_t> DayStart(const Call& call, int32_t days) {
  int64_t micros = 0;
  if (__builtin_mul_overflow(int64_t{days}, kMicrosPerDay, &micros)) {
    if (!IsTry(call))
      Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "the conversion of a date"}});
    return std::nullopt;
  }
  return micros;
}

template <typename To>
void SecondsKernel(FunctionSet& set, const std::string& to) {
  set.Kernel(
      "cast_timestamp_" + to,
      [](Call& call, int64_t micros) -> std::optional<To> {
        const int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
        if (seconds < std::numeric_limits<To>::min() || seconds > std::numeric_limits<To>::max()) {
          return CastOverflow(
              call, "TIMESTAMP '" + RenderTimestamp(call.info.zone->UtcToLocal(micros)) + "'");
        }
        return static_cast<To>(seconds);
      },
      kFallible);
}

void ToText(FunctionSet& set) {
  set.Kernel("cast_bigint_text", [](Call&, int64_t value) { return std::to_string(value); });
  set.Kernel("cast_boolean_text",
             [](Call&, bool value) { return std::string_view(value ? "true" : "false"); });
  set.Kernel("cast_double_text", [](Call&, double value) { return RenderDouble(value); });
  set.Kernel("cast_float_text", [](Call&, float value) { return RenderFloat(value); });
  set.Kernel("cast_decimal_text", [](Call& call, Dec value) {
    return RenderDecimal(value.value, call.info.args[0].scale());
  });
  set.Kernel("cast_binary_text",
             [](Call&, std::string_view bytes) { return ReplaceInvalidUtf8(bytes); });
  set.Kernel("cast_date_text", [](Call&, int32_t days) { return RenderDate(days); });
  set.Kernel("cast_time_text", [](Call&, int64_t micros) { return RenderTime(micros); });
  set.Kernel("cast_timestamp_text", [](Call& call, int64_t micros) {
    return RenderTimestamp(call.info.zone->UtcToLocal(micros));
  });
  set.Kernel("cast_timestamp_ntz_text",
             [](Call&, int64_t micros) { return RenderTimestamp(micros); });
  set.Kernel("cast_ym_text", [](Call& call, int32_t months) {
    return RenderYearMonthInterval(months, call.info.args[0]);
  });
  set.Kernel("cast_dt_text", [](Call& call, int64_t micros) {
    return RenderDayTimeInterval(micros, call.info.args[0]);
  });
  set.Kernel("cast_calendar_text", [](Call&, duckdb::interval_t value) {
    return RenderCalendarInterval({value.months, value.days, value.micros});
  });
  set.Kernel("cast_nested_text", [](Call& call, duckdb::Value value) {
    return RenderAsString(FromDuckValue(value, call.info.args[0]), call.info.zone->name());
  });
  set.Kernel("cast_variant_text", [](Call&, std::string_view json) -> std::optional<std::string> {
    // A variant that is null becomes NULL of any type.
    if (json == "null") return std::nullopt;
    return UnquoteJson(json);
  });
}

void FromNumbers(FunctionSet& set) {
  set.Kernel("cast_bigint_timestamp", [](Call&, int64_t seconds) {
    return Saturated(static_cast<Int128>(seconds) * kMicrosPerSecond);
  });
  set.Kernel(
      "cast_double_timestamp",
      [](Call& call, double seconds) -> std::optional<int64_t> {
        if (!std::isfinite(seconds)) {
          if (IsTry(call)) return std::nullopt;
          Raise(Condition("CAST_INVALID_INPUT"), {{"expression", RenderDouble(seconds)},
                                                  {"sourceType", "\"DOUBLE\""},
                                                  {"targetType", "\"TIMESTAMP\""}});
        }
        const double micros = seconds * 1e6;
        if (micros >= 9223372036854775807.0 || micros < -9223372036854775808.0) {
          return CastOverflow(call, RenderDouble(seconds));
        }
        return static_cast<int64_t>(micros);
      },
      kFallible);
  set.Kernel("cast_decimal_timestamp", [](Call& call, Dec value) {
    const auto micros = MultiplyDecimals(value.value, 1000000, call.info.args[0].scale(), 38);
    // As Java's longValue does, the low 64 bits count. A decimal has no more than 10^38 units.
    return micros ? static_cast<int64_t>(*micros) : std::numeric_limits<int64_t>::max();
  });
}

}  // namespace

void RegisterTimeCasts(FunctionSet& set) {
  set.Kernel(
      "cast_date_timestamp",
      [](Call& call, int32_t days) -> std::optional<int64_t> {
        const auto local = DayStart(call, days);
        if (!local) return std::nullopt;
        return call.info.zone->LocalToUtc(*local);
      },
      kFallible);
  set.Kernel(
      "cast_date_timestamp_ntz", [](Call& call, int32_t days) { return DayStart(call, days); },
      kFallible);
  set.Kernel("cast_timestamp_date", [](Call& call, int64_t micros) {
    return static_cast<int32_t>(FloorDiv(call.info.zone->UtcToLocal(micros), kMicrosPerDay));
  });
  set.Kernel("cast_timestamp_ntz_date", [](Call&, int64_t micros) {
    return static_cast<int32_t>(FloorDiv(micros, kMicrosPerDay));
  });
  set.Kernel("cast_timestamp_timestamp_ntz",
             [](Call& call, int64_t micros) { return call.info.zone->UtcToLocal(micros); });
  set.Kernel("cast_timestamp_ntz_timestamp",
             [](Call& call, int64_t micros) { return call.info.zone->LocalToUtc(micros); });
  set.Kernel("cast_timestamp_time", [](Call& call, int64_t micros) {
    const int64_t local = call.info.zone->UtcToLocal(micros);
    return local - FloorDiv(local, kMicrosPerDay) * kMicrosPerDay;
  });
  set.Kernel("cast_timestamp_ntz_time", [](Call&, int64_t micros) {
    return micros - FloorDiv(micros, kMicrosPerDay) * kMicrosPerDay;
  });
  SecondsKernel<int8_t>(set, "tinyint");
  SecondsKernel<int16_t>(set, "smallint");
  SecondsKernel<int32_t>(set, "int");
  SecondsKernel<int64_t>(set, "bigint");
  set.Kernel("cast_timestamp_double", [](Call&, int64_t micros) {
    return static_cast<double>(micros) / static_cast<double>(kMicrosPerSecond);
  });
  // Times and timestamps as microseconds of scale 6.
  set.Kernel(
      "cast_micros_decimal",
      [](Call& call, int64_t micros) -> std::optional<Dec> {
        const DataType& type = call.info.result;
        const auto value = Rescale(micros, 6, type.precision(), type.scale());
        if (!value) return OutOfDecimalRange(call, RenderDecimal(micros, 6));
        return Dec{*value};
      },
      kFallible);
  FromNumbers(set);
  ToText(set);
}

}  // namespace tarn::engine::duck
