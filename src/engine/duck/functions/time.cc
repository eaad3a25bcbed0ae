// Times of day, and buckets of time.

#include "duck/functions/arithmetic.h"
#include "duck/functions/casting.h"
#include "duck/functions/datetime_pattern.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/interval_text.h"
#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

int64_t InDay(Int128 micros, const std::string& what) {
  if (micros < 0 || micros >= kMicrosPerDay) {
    Raise(Condition("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"),
          {{"rangeMessage", what + " must be within a day"}});
  }
  return static_cast<int64_t>(micros);
}

int64_t MakeTime(Call&, int32_t hour, int32_t minute, Dec second) {
  const auto check = [](Int128 value, int64_t end, const char* what) {
    if (value < 0 || value >= end) {
      Raise(Condition("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"),
            {{"rangeMessage", std::string("the ") + what + " is out of range"}});
    }
  };
  check(hour, 24, "hour");
  check(minute, 60, "minute");
  check(second.value, kMicrosPerMinute, "second");
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + static_cast<int64_t>(second.value);
}

/// The microseconds of a unit of time_trunc and time_diff.
int64_t UnitOf(const Call& call, std::string_view name) {
  const std::string unit = ToUpperUtf8(name);
  if (unit == "HOUR") return kMicrosPerHour;
  if (unit == "MINUTE") return kMicrosPerMinute;
  if (unit == "SECOND") return kMicrosPerSecond;
  if (unit == "MILLISECOND") return 1000;
  if (unit == "MICROSECOND") return 1;
  Raise(Condition("INVALID_PARAMETER_VALUE.TIME_UNIT"),
        {{"functionName", "`" + call.info.function + "`"},
         {"parameter", "`unit`"},
         {"invalidValue", "'" + std::string(name) + "'"}});
}

std::optional<int64_t> ParseTime(Call& call, std::string_view text, std::string_view pattern) {
  auto& reader = call.State<std::optional<DatetimePattern>>();
  if (!reader || reader->source() != pattern) reader.emplace(pattern, true);
  const auto parsed = reader->Parse(text);
  if (parsed) {
    return parsed->micros_local - FloorDiv(parsed->micros_local, kMicrosPerDay) * kMicrosPerDay;
  }
  if (IsTry(call)) return std::nullopt;
  Raise(Condition("CANNOT_PARSE_TIME"),
        {{"input", "'" + std::string(text) + "'"}, {"format", "'" + std::string(pattern) + "'"}});
}

CallTemplate ReadingTime(bool tried) {
  return [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                 DuckArgs args) -> DuckExpr {
    if (call.args.size() == 2) {
      return CallKernel(context, "parse_time", expr, call, std::move(args), tried ? "try" : "");
    }
    return context.Cast(std::move(args[0]), TypeId::kString, TypeId::kTime,
                        tried ? plan::CastMode::kTry : plan::CastMode::kAnsi);
  };
}

/// The start of the bucket of `width` that holds the moment, counted from the origin.
int64_t BucketOfMicros(Call&, int64_t width, int64_t at, int64_t origin) {
  if (width <= 0) {
    Raise(Condition("INVALID_PARAMETER_VALUE.TIME_BUCKET_WIDTH"),
          {{"functionName", "`time_bucket`"}, {"parameter", "`bucketWidth`"}});
  }
  const Int128 distance = static_cast<Int128>(at) - origin;
  Int128 whole = distance / width;
  if (distance % width < 0) --whole;
  return static_cast<int64_t>(origin + whole * width);
}

int64_t BucketOfMonths(Call& call, int32_t width, int64_t at, int64_t origin) {
  if (width <= 0) {
    Raise(Condition("INVALID_PARAMETER_VALUE.TIME_BUCKET_WIDTH"),
          {{"functionName", "`time_bucket`"}, {"parameter", "`bucketWidth`"}});
  }
  static const std::shared_ptr<const TimeZone> kUtc = *FindTimeZone("UTC");
  const TimeZone& zone = call.info.result.Is(TypeId::kTimestamp) ? *call.info.zone : *kUtc;
  const int64_t from = zone.UtcToLocal(origin);
  const CivilDate a = CivilFromDays(FloorDiv(from, kMicrosPerDay));
  const CivilDate b = CivilFromDays(FloorDiv(zone.UtcToLocal(at), kMicrosPerDay));
  const int64_t months = (b.year - a.year) * 12 + b.month - a.month;
  int64_t whole = FloorDiv(months, width);
  // The origin's day and time of day may put the bucket's start behind the moment.
  int64_t start = zone.LocalToUtc(AddMonthsToMicros(from, whole * width));
  if (start > at) start = zone.LocalToUtc(AddMonthsToMicros(from, --whole * width));
  return start;
}

/// A length of time in microseconds: a text like '5 minutes', or their number.
int64_t MicrosOf(const duckdb::Value& value) {
  if (value.type().IsIntegral()) return value.GetValue<int64_t>();
  const std::string& text = duckdb::StringValue::Get(value);
  const auto interval = ParseCalendarInterval(text);
  if (!interval) Raise(Condition("CANNOT_PARSE_INTERVAL"), {{"intervalString", "'" + text + "'"}});
  if (interval->months != 0) {
    Raise(Condition("UNSUPPORTED_FEATURE"), {{"feature", "A time window of months or years"}});
  }
  return int64_t{interval->days} * kMicrosPerDay + interval->micros;
}

struct WindowShape {
  bool ready = false;
  int64_t duration = 0;
  int64_t slide = 0;
  int64_t start = 0;
};

void RaiseWindowConstraint(std::string_view left, std::string_view constraint,
                           std::string_view right) {
  Raise(Condition("DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION"),
        {{"sqlExpr", "\"window\""},
         {"leftExprName", std::string(left)},
         {"constraint", std::string(constraint)},
         {"rightExprName", std::string(right)}});
}

WindowShape ShapeOf(const duckdb::vector<duckdb::Value>& args) {
  WindowShape shape;
  shape.ready = true;
  shape.duration = MicrosOf(args[1]);
  shape.slide = args.size() > 2 ? MicrosOf(args[2]) : shape.duration;
  shape.start = args.size() > 3 ? MicrosOf(args[3]) : 0;
  for (const auto& [name, micros] :
       {std::pair{"window_duration", shape.duration}, std::pair{"slide_duration", shape.slide}}) {
    if (micros > 0) continue;
    Raise(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
          {{"sqlExpr", "\"window\""},
           {"exprName", name},
           {"valueRange", "(0, 9223372036854775807]"},
           {"currentValue", std::to_string(micros)}});
  }
  if (shape.slide > shape.duration) {
    RaiseWindowConstraint("slide_duration", "less than or equal to", "window_duration");
  }
  if (std::abs(shape.start) >= shape.slide) {
    RaiseWindowConstraint("abs(start_time)", "less than", "slide_duration");
  }
  constexpr int64_t kWindowsMax = 1 << 20;
  if (shape.duration / shape.slide > kWindowsMax) {
    RaiseWindowConstraint("window_duration", "less than 2^20 times", "slide_duration");
  }
  return shape;
}

/// The windows that a moment lies in, the latest first.
duckdb::Value WindowsOf(Call& call, const duckdb::vector<duckdb::Value>& args) {
  const duckdb::LogicalType row = ToDuckType(call.info.result.element());
  duckdb::vector<duckdb::Value> windows;
  auto& shape = call.State<WindowShape>();
  if (!shape.ready) shape = ShapeOf(args);
  if (args[0].IsNull()) return duckdb::Value::LIST(row, std::move(windows));
  const auto moment = args[0].GetValueUnsafe<int64_t>();
  const bool zoned = args[0].type().id() == duckdb::LogicalTypeId::TIMESTAMP_TZ;
  const auto value = [&](int64_t micros) {
    return zoned ? duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros))
                 : duckdb::Value::TIMESTAMP(duckdb::timestamp_t(micros));
  };
  const int64_t into = ((moment - shape.start) % shape.slide + shape.slide) % shape.slide;
  for (int64_t begin = moment - into; begin + shape.duration > moment; begin -= shape.slide) {
    duckdb::vector<duckdb::Value> fields = {value(begin), value(begin + shape.duration)};
    windows.push_back(duckdb::Value::STRUCT(row, std::move(fields)));
  }
  return duckdb::Value::LIST(row, std::move(windows));
}

}  // namespace

void RegisterTimes(FunctionSet& set) {
  set.Batch("window", ByValues(WindowsOf), kFallible);
  set.Use("window", "window");
  set.Kernel("window_time", [](Call&, int64_t end) { return end - 1; });
  set.Template("window_time",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call&,
                  DuckArgs args) -> DuckExpr {
                 DuckExpr end = CallNativeOf("struct_extract_at", std::move(args[0]),
                                             Constant(duckdb::Value::BIGINT(2)));
                 return CallKernel(context, "window_time", expr.type, {expr.type},
                                   MakeArgs(std::move(end)));
               });
  set.Kernel(
      "time_precision",
      [](Call&, int64_t micros, int32_t digits) {
        if (digits < 0 || digits > 6) {
          Raise(Condition("UNSUPPORTED_TIME_PRECISION"), {{"precision", std::to_string(digits)}});
        }
        return micros - micros % static_cast<int64_t>(PowerOfTen(6 - digits));
      },
      kFallible);
  set.Template("current_time",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 DuckExpr now = Constant(duckdb::Value::TIMESTAMPTZ(
                     duckdb::timestamp_tz_t(context.settings().statement_start_us)));
                 now = context.Cast(std::move(now), TypeId::kTimestamp, TypeId::kTime);
                 return CallKernel(context, "time_precision", expr.type,
                                   {TypeId::kTime, TypeId::kInt},
                                   MakeArgs(std::move(now), std::move(args[0])));
               });
  set.Function("make_time", MakeTime, kFallible);
  set.Function(
      "time_from_seconds", [](Call&, Dec s) { return InDay(s.value, "the seconds"); }, kFallible);
  set.Function(
      "time_from_millis",
      [](Call&, int64_t ms) { return InDay(static_cast<Int128>(ms) * 1000, "the milliseconds"); },
      kFallible);
  set.Function(
      "time_from_micros", [](Call&, int64_t us) { return InDay(us, "the microseconds"); },
      kFallible);
  set.Function("time_to_seconds", [](Call&, int64_t micros) { return Dec{micros}; });
  set.Function("time_to_millis", [](Call&, int64_t micros) { return micros / 1000; });
  set.Function("time_to_micros", [](Call&, int64_t micros) { return micros; });
  set.Function(
      "time_trunc",
      [](Call& call, std::string_view unit, int64_t micros) {
        return micros - micros % UnitOf(call, unit);
      },
      kFallible);
  set.Function(
      "time_diff",
      [](Call& call, std::string_view unit, int64_t start, int64_t end) {
        return (end - start) / UnitOf(call, unit);
      },
      kFallible);
  set.Kernel("parse_time", ParseTime, kFallible);
  set.Template("to_time", ReadingTime(false));
  set.Template("try_to_time", ReadingTime(true));
  set.Kernel("time_bucket_dt", BucketOfMicros, kFallible);
  set.Kernel("time_bucket_ym", BucketOfMonths, kFallible);
  set.Template("time_bucket",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 const bool months = call.args[0]->type.Is(TypeId::kYearMonthInterval);
                 return CallKernel(context, months ? "time_bucket_ym" : "time_bucket_dt", expr,
                                   call, std::move(args));
               });
}

}  // namespace tarn::engine::duck
