// Arithmetic of dates, times and intervals.

#include <cmath>
#include <limits>

#include "duck/functions/arithmetic.h"
#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::nullopt_t IntervalOverflow(const Call& call, bool suggest) {
  if (!IsTry(call)) {
    Raise(suggest ? Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION")
                  : Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"),
          {{"functionName", "the try_ form of the function"}});
  }
  return std::nullopt;
}

template <typename T>
std::optional<T> Bounded(const Call& call, Int128 value, bool suggest = true) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    return IntervalOverflow(call, suggest);
  }
  return static_cast<T>(value);
}

template <typename T>
std::optional<T> RoundedReal(const Call& call, double value) {
  if (!std::isfinite(value)) return IntervalOverflow(call, false);
  const double rounded = std::round(value);
  if (rounded >= static_cast<double>(std::numeric_limits<T>::max()) + 1.0 ||
      rounded < static_cast<double>(std::numeric_limits<T>::min())) {
    return IntervalOverflow(call, false);
  }
  return static_cast<T>(rounded);
}

std::nullopt_t IntervalByZero(const Call& call) {
  if (!IsTry(call)) Raise(Condition("INTERVAL_DIVIDED_BY_ZERO"));
  return std::nullopt;
}

Int128 DivideHalfUp(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  const Int128 rest = a % b < 0 ? -(a % b) : a % b;
  const Int128 size = b < 0 ? -b : b;
  return rest * 2 >= size ? quotient + ((a < 0) != (b < 0) ? -1 : 1) : quotient;
}

template <typename T>
void ScaleKernels(FunctionSet& set, const std::string& type) {
  set.Kernel(
      "add_" + type,
      [](Call& call, T a, T b) { return Bounded<T>(call, static_cast<Int128>(a) + b); }, kFallible);
  set.Kernel(
      "subtract_" + type,
      [](Call& call, T a, T b) { return Bounded<T>(call, static_cast<Int128>(a) - b); }, kFallible);
  set.Kernel(
      "multiply_" + type + "_bigint",
      [](Call& call, T a, int64_t b) { return Bounded<T>(call, static_cast<Int128>(a) * b); },
      kFallible);
  set.Kernel(
      "multiply_" + type + "_double",
      [](Call& call, T a, double b) { return RoundedReal<T>(call, b * static_cast<double>(a)); },
      kFallible);
  set.Kernel(
      "multiply_" + type + "_decimal",
      [](Call& call, T a, Dec b) -> std::optional<T> {
        const auto product = MultiplyDecimals(a, b.value, call.info.args[1].scale(), 38);
        if (!product) return IntervalOverflow(call, false);
        return Bounded<T>(call, *product, false);
      },
      kFallible);
  set.Kernel(
      "divide_" + type + "_bigint",
      [](Call& call, T a, int64_t b) -> std::optional<T> {
        if (b == 0) return IntervalByZero(call);
        return Bounded<T>(call, DivideHalfUp(a, b));
      },
      kFallible);
  set.Kernel(
      "divide_" + type + "_double",
      [](Call& call, T a, double b) -> std::optional<T> {
        if (b == 0) return IntervalByZero(call);
        return RoundedReal<T>(call, static_cast<double>(a) / b);
      },
      kFallible);
  set.Kernel(
      "divide_" + type + "_decimal",
      [](Call& call, T a, Dec b) -> std::optional<T> {
        if (b.value == 0) return IntervalByZero(call);
        const auto quotient = DivideDecimals(a, b.value, call.info.args[1].scale(), 38);
        if (!quotient) return IntervalOverflow(call, false);
        return Bounded<T>(call, *quotient, false);
      },
      kFallible);
  set.Kernel(
      "div_" + type,
      [](Call& call, T a, T b) -> std::optional<int64_t> {
        if (b == 0) return IntervalByZero(call);
        return Bounded<int64_t>(call, static_cast<Int128>(a) / b);
      },
      kFallible);
}

/// What a datetime is moved by: months and microseconds, whole days counted in local time.
std::optional<int64_t> MoveTimestamp(const Call& call, int64_t micros, Int128 months, Int128 by,
                                     bool zoned) {
  const auto months64 = Bounded<int32_t>(call, months, false);
  const auto by64 = Bounded<int64_t>(call, by, false);
  if (!months64 || !by64) return std::nullopt;
  if (zoned) {
    const int64_t days = *by64 / kMicrosPerDay;
    return AddToTimestamp(micros, *months64, days, *by64 - days * kMicrosPerDay, *call.info.zone);
  }
  int64_t result = 0;
  if (__builtin_add_overflow(AddMonthsToMicros(micros, *months64), *by64, &result)) {
    if (!IsTry(call))
      Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "the addition of an interval"}});
    return std::nullopt;
  }
  return result;
}

void DateKernels(FunctionSet& set) {
  // Dates wrap around as Java's int does.
  set.Kernel("move_date_int", [](Call&, int32_t date, int32_t days) {
    return static_cast<int32_t>(static_cast<uint32_t>(date) + static_cast<uint32_t>(days));
  });
  set.Kernel("move_date_back_int", [](Call&, int32_t date, int32_t days) {
    return static_cast<int32_t>(static_cast<uint32_t>(date) - static_cast<uint32_t>(days));
  });
  set.Kernel(
      "move_date_ym", [](Call&, int32_t date, int32_t months) { return AddMonths(date, months); },
      kFallible);
  set.Kernel(
      "move_date_back_ym",
      [](Call& call, int32_t date, int32_t months) -> std::optional<int32_t> {
        const auto negated = Bounded<int32_t>(call, -static_cast<Int128>(months), false);
        if (!negated) return std::nullopt;
        return AddMonths(date, *negated);
      },
      kFallible);
  set.Kernel("move_date_dt", [](Call&, int32_t date, int64_t micros) {
    return static_cast<int32_t>(date + micros / kMicrosPerDay);
  });
  set.Kernel("move_date_back_dt", [](Call&, int32_t date, int64_t micros) {
    return static_cast<int32_t>(date - micros / kMicrosPerDay);
  });
  set.Kernel(
      "move_date_calendar",
      [](Call&, int32_t date, duckdb::interval_t by) {
        return AddMonths(date, by.months) + by.days;
      },
      kFallible);
  set.Kernel(
      "move_date_back_calendar",
      [](Call&, int32_t date, duckdb::interval_t by) {
        return AddMonths(date, -int64_t{by.months}) - by.days;
      },
      kFallible);
  set.Kernel(
      "subtract_dates",
      [](Call& call, int32_t a, int32_t b) {
        return Bounded<int64_t>(call, (static_cast<Int128>(a) - b) * kMicrosPerDay, false);
      },
      kFallible);
}

void TimestampKernels(FunctionSet& set) {
  for (const bool back : {false, true}) {
    const std::string name = back ? "_back_" : "_";
    if (back) {
      set.Kernel(
          "move_timestamp_back_ym",
          [](Call& c, int64_t at, int32_t by) {
            return MoveTimestamp(c, at, -Int128{by}, 0, c.info.result.Is(TypeId::kTimestamp));
          },
          kFallible);
      set.Kernel(
          "move_timestamp_back_dt",
          [](Call& c, int64_t at, int64_t by) {
            return MoveTimestamp(c, at, 0, -Int128{by}, c.info.result.Is(TypeId::kTimestamp));
          },
          kFallible);
      set.Kernel(
          "move_timestamp_back_calendar",
          [](Call& c, int64_t at, duckdb::interval_t by) {
            return AddToTimestamp(at, -int64_t{by.months}, -int64_t{by.days}, -by.micros,
                                  *c.info.zone);
          },
          kFallible);
      continue;
    }
    set.Kernel(
        "move_timestamp_ym",
        [](Call& c, int64_t at, int32_t by) {
          return MoveTimestamp(c, at, by, 0, c.info.result.Is(TypeId::kTimestamp));
        },
        kFallible);
    set.Kernel(
        "move_timestamp_dt",
        [](Call& c, int64_t at, int64_t by) {
          return MoveTimestamp(c, at, 0, by, c.info.result.Is(TypeId::kTimestamp));
        },
        kFallible);
    set.Kernel(
        "move_timestamp_calendar",
        [](Call& c, int64_t at, duckdb::interval_t by) {
          return AddToTimestamp(at, by.months, by.days, by.micros, *c.info.zone);
        },
        kFallible);
  }
  // The difference of the local times.
  set.Kernel(
      "subtract_timestamps",
      [](Call& call, int64_t a, int64_t b) {
        const bool zoned = call.info.args[0].Is(TypeId::kTimestamp);
        const Int128 left = zoned ? call.info.zone->UtcToLocal(a) : a;
        const Int128 right = zoned ? call.info.zone->UtcToLocal(b) : b;
        return Bounded<int64_t>(call, left - right, false);
      },
      kFallible);
  set.Kernel(
      "move_time",
      [](Call& call, int64_t at, int64_t by) -> std::optional<int64_t> {
        const Int128 moved =
            static_cast<Int128>(at) + (call.info.extra == "back" ? -static_cast<Int128>(by) : by);
        if (moved < 0 || moved >= kMicrosPerDay) {
          Raise(Condition("DATETIME_OVERFLOW"),
                {{"operation", "the addition of an interval to a time"}});
        }
        return static_cast<int64_t>(moved);
      },
      kFallible);
}

std::string Suffix(const DataType& by) {
  if (by.Is(TypeId::kYearMonthInterval)) return "ym";
  if (by.Is(TypeId::kDayTimeInterval)) return "dt";
  return by.Is(TypeId::kCalendarInterval) ? "calendar" : "int";
}

}  // namespace

int32_t AddMonths(int32_t days, int64_t months) {
  const CivilDate date = CivilFromDays(days);
  const int64_t total = date.year * 12 + (date.month - 1) + months;
  const int64_t year = FloorDiv(total, 12);
  const int month = static_cast<int>(total - year * 12) + 1;
  const int64_t result = DaysFromCivil(year, month, std::min(date.day, DaysInMonth(year, month)));
  if (result != static_cast<int32_t>(result)) {
    Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "the addition of months"}});
  }
  return static_cast<int32_t>(result);
}

int64_t AddMonthsToMicros(int64_t micros, int64_t months) {
  if (months == 0) return micros;
  const int64_t days = FloorDiv(micros, kMicrosPerDay);
  const int64_t moved = AddMonths(static_cast<int32_t>(days), months);
  int64_t result = 0;
  if (__builtin_mul_overflow(moved, kMicrosPerDay, &result) ||
      __builtin_add_overflow(result, micros - days * kMicrosPerDay, &result)) {
    Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "the addition of months"}});
  }
  return result;
}

int64_t AddToTimestamp(int64_t micros, int64_t months, int64_t days, int64_t more_micros,
                       const TimeZone& zone) {
  if (months != 0 || days != 0) {
    int64_t local = AddMonthsToMicros(zone.UtcToLocal(micros), months);
    if (__builtin_add_overflow(local, days * kMicrosPerDay, &local)) {
      Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "the addition of an interval"}});
    }
    micros = zone.LocalToUtc(local);
  }
  if (__builtin_add_overflow(micros, more_micros, &micros)) {
    Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "the addition of an interval"}});
  }
  return micros;
}

DuckExpr LowerTimeArithmetic(LoweringContext& context, const plan::Expr& expr,
                             const plan::Call& call, DuckArgs& args, std::string_view symbol,
                             bool try_mode) {
  const DataType& left = call.args[0]->type;
  const DataType& right = call.args[1]->type;
  const bool timed =
      left.IsDatetime() || left.IsInterval() || left.Is(TypeId::kTime) || right.IsInterval();
  if (!timed) return nullptr;
  const char* extra = try_mode ? "try" : "";
  const auto kernel = [&](const std::string& name, std::string_view more) {
    return CallKernel(context, name, expr, call, std::move(args), more);
  };
  const bool minus = symbol == "-";
  if (left.Is(TypeId::kTime)) {
    if (right.Is(TypeId::kTime)) {
      return CallKernel(context, "subtract_dt", expr, call, std::move(args), extra);
    }
    return kernel("move_time", minus ? "back" : "");
  }
  if (left.IsDatetime()) {
    if (right.IsDatetime())
      return kernel(left.Is(TypeId::kDate) ? "subtract_dates" : "subtract_timestamps", extra);
    std::string name = left.Is(TypeId::kDate) ? "move_date_" : "move_timestamp_";
    if (minus) name += "back_";
    return kernel(name + Suffix(right), extra);
  }
  const std::string family = Suffix(left);
  if (left.IsInterval() && right.IsInterval()) {
    if (symbol == "div") return kernel("div_" + family, extra);
    return kernel((minus ? "subtract_" : "add_") + family, extra);
  }
  std::string by = "double";
  if (right.IsIntegral()) {
    by = "bigint";
    args[1] = CastNative(std::move(args[1]), duckdb::LogicalType::BIGINT);
  } else if (right.Is(TypeId::kDecimal)) {
    by = "decimal";
  } else {
    args[1] = CastNative(std::move(args[1]), duckdb::LogicalType::DOUBLE);
  }
  return kernel((symbol == "*" ? "multiply_" : "divide_") + family + "_" + by, extra);
}

void RegisterIntervalArithmetic(FunctionSet& set) {
  ScaleKernels<int32_t>(set, "ym");
  ScaleKernels<int64_t>(set, "dt");
  DateKernels(set);
  TimestampKernels(set);
  set.Kernel("add_calendar", [](Call&, duckdb::interval_t a, duckdb::interval_t b) {
    return duckdb::interval_t{a.months + b.months, a.days + b.days, a.micros + b.micros};
  });
  set.Kernel("subtract_calendar", [](Call&, duckdb::interval_t a, duckdb::interval_t b) {
    return duckdb::interval_t{a.months - b.months, a.days - b.days, a.micros - b.micros};
  });
  set.Use("date_add", "move_date_int");
  set.Use("dateadd", "move_date_int");
  set.Use("date_sub", "move_date_back_int");
  set.Use("add_months", "move_date_ym");
}

}  // namespace tarn::engine::duck
