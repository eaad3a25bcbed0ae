// Dates, times and intervals out of their parts; steps and differences in named units.

#include "duck/functions/arithmetic.h"
#include "duck/functions/casting.h"
#include "duck/functions/datetime_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::nullopt_t OutOfBounds(const Call& call, const std::string& what) {
  if (!IsTry(call)) {
    Raise(Condition("DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION"),
          {{"rangeMessage", what}, {"suggestedFunc", "`try_make_timestamp`"}});
  }
  return std::nullopt;
}

/// Local microseconds of year, month, day, hour, minute and seconds × 10^6; 60 seconds are a
/// minute.
std::optional<int64_t> LocalOf(const Call& call, int32_t year, int32_t month, int32_t day,
                               int32_t hour, int32_t minute, Int128 seconds) {
  if (month < 1 || month > 12) return OutOfBounds(call, "the month must be from 1 to 12");
  if (day < 1 || day > DaysInMonth(year, month))
    return OutOfBounds(call, "there is no such day in the month");
  if (hour < 0 || hour > 23) return OutOfBounds(call, "the hour must be from 0 to 23");
  if (minute < 0 || minute > 59) return OutOfBounds(call, "the minute must be from 0 to 59");
  if (seconds < 0 || seconds > kMicrosPerMinute)
    return OutOfBounds(call, "the second must be from 0 to 60");
  if (year > 290000 || year < -290000) return OutOfBounds(call, "the year is out of range");
  return DaysFromCivil(year, month, day) * kMicrosPerDay + hour * kMicrosPerHour +
         minute * kMicrosPerMinute + static_cast<int64_t>(seconds);
}

std::optional<int64_t> InZone(const Call& call, std::optional<int64_t> local,
                              std::optional<std::string_view> zone_name) {
  if (!local || call.info.result.Is(TypeId::kTimestampNtz)) return local;
  if (!zone_name) return call.info.zone->LocalToUtc(*local);
  const auto zone = FindTimeZone(*zone_name);
  if (!zone.ok())
    Raise(Condition("INVALID_TIMEZONE"), {{"timeZone", "'" + std::string(*zone_name) + "'"}});
  return (*zone)->LocalToUtc(*local);
}

void MakeTimestamps(FunctionSet& set) {
  set.Kernel(
      "make_timestamp_parts",
      [](Call& c, int32_t y, int32_t mo, int32_t d, int32_t h, int32_t mi, Dec s) {
        return InZone(c, LocalOf(c, y, mo, d, h, mi, s.value), std::nullopt);
      },
      kFallible);
  set.Kernel(
      "make_timestamp_zoned",
      [](Call& c, int32_t y, int32_t mo, int32_t d, int32_t h, int32_t mi, Dec s,
         std::string_view zone) { return InZone(c, LocalOf(c, y, mo, d, h, mi, s.value), zone); },
      kFallible);
  set.Kernel(
      "make_timestamp_date",
      [](Call& c, int32_t days) { return InZone(c, int64_t{days} * kMicrosPerDay, std::nullopt); },
      kFallible);
  set.Kernel(
      "make_timestamp_time",
      [](Call& c, int32_t days, int64_t time) {
        return InZone(c, int64_t{days} * kMicrosPerDay + time, std::nullopt);
      },
      kFallible);
  set.Kernel(
      "make_timestamp_time_zoned",
      [](Call& c, int32_t days, int64_t time, std::string_view zone) {
        return InZone(c, int64_t{days} * kMicrosPerDay + time, zone);
      },
      kFallible);
  for (const char* name :
       {"make_timestamp", "make_timestamp_ltz", "make_timestamp_ntz", "try_make_timestamp",
        "try_make_timestamp_ltz", "try_make_timestamp_ntz"}) {
    const bool tried = std::string_view(name).starts_with("try");
    set.Template(
        name,
        [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                DuckArgs args) -> DuckExpr {
          static constexpr const char* kKernels[] = {
              "", "make_timestamp_date",  "make_timestamp_time", "make_timestamp_time_zoned", "",
              "", "make_timestamp_parts", "make_timestamp_zoned"};
          const char* kernel = kKernels[args.size()];
          return CallKernel(context, kernel, expr, call, std::move(args), tried ? "try" : "");
        });
  }
}

std::optional<duckdb::interval_t> MakeInterval(Call& call, int32_t years, int32_t months,
                                               int32_t weeks, int32_t days, int32_t hours,
                                               int32_t minutes, Dec seconds) {
  const int64_t all_months = int64_t{years} * 12 + months;
  const int64_t all_days = int64_t{weeks} * 7 + days;
  const Int128 micros = static_cast<Int128>(hours) * kMicrosPerHour +
                        static_cast<Int128>(minutes) * kMicrosPerMinute + seconds.value;
  if (all_months != static_cast<int32_t>(all_months) ||
      all_days != static_cast<int32_t>(all_days) || micros != static_cast<int64_t>(micros)) {
    if (!IsTry(call)) {
      Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "make_interval"}});
    }
    return std::nullopt;
  }
  return duckdb::interval_t{static_cast<int32_t>(all_months), static_cast<int32_t>(all_days),
                            static_cast<int64_t>(micros)};
}

void MakeIntervals(FunctionSet& set) {
  set.Function(
      "make_ym_interval",
      [](Call&, int32_t years, int32_t months) -> int32_t {
        const int64_t total = int64_t{years} * 12 + months;
        if (total != static_cast<int32_t>(total)) {
          Raise(Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"));
        }
        return static_cast<int32_t>(total);
      },
      kFallible);
  set.Kernel(
      "make_dt_interval",
      [](Call&, int32_t days, int32_t hours, int32_t minutes, Dec seconds) -> int64_t {
        const Int128 total = static_cast<Int128>(days) * kMicrosPerDay +
                             static_cast<Int128>(hours) * kMicrosPerHour +
                             static_cast<Int128>(minutes) * kMicrosPerMinute + seconds.value;
        if (total != static_cast<int64_t>(total)) {
          Raise(Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"));
        }
        return static_cast<int64_t>(total);
      },
      kFallible);
  set.Use("make_dt_interval", "make_dt_interval");
  set.Kernel("make_interval", MakeInterval, kFallible);
  set.Use("make_interval", "make_interval");
  set.Use("try_make_interval", "make_interval", "try");
}

struct Unit {
  int64_t months = 0;
  int64_t micros = 0;
};

std::optional<Unit> UnitNamed(std::string_view name) {
  const std::string unit = ToUpperUtf8(name);
  if (unit == "YEAR") return Unit{12, 0};
  if (unit == "QUARTER") return Unit{3, 0};
  if (unit == "MONTH") return Unit{1, 0};
  if (unit == "WEEK") return Unit{0, 7 * kMicrosPerDay};
  if (unit == "DAY" || unit == "DAYOFYEAR") return Unit{0, kMicrosPerDay};
  if (unit == "HOUR") return Unit{0, kMicrosPerHour};
  if (unit == "MINUTE") return Unit{0, kMicrosPerMinute};
  if (unit == "SECOND") return Unit{0, kMicrosPerSecond};
  if (unit == "MILLISECOND") return Unit{0, 1000};
  if (unit == "MICROSECOND") return Unit{0, 1};
  return std::nullopt;
}

Unit RequireUnit(const Call& call, std::string_view name) {
  const auto unit = UnitNamed(name);
  if (!unit) {
    Raise(Condition("INVALID_PARAMETER_VALUE"),
          {{"parameter", "`unit`"},
           {"value", "'" + std::string(name) + "'"},
           {"detail", "it is no unit of " + call.info.function}});
  }
  return *unit;
}

int64_t TimestampAdd(Call& call, std::string_view name, int64_t count, int64_t micros) {
  const Unit unit = RequireUnit(call, name);
  static const std::shared_ptr<const TimeZone> kUtc = *FindTimeZone("UTC");
  const TimeZone& zone = call.info.result.Is(TypeId::kTimestamp) ? *call.info.zone : *kUtc;
  if (unit.months > 0) return AddToTimestamp(micros, unit.months * count, 0, 0, zone);
  if (unit.micros >= kMicrosPerDay)
    return AddToTimestamp(micros, 0, unit.micros / kMicrosPerDay * count, 0, zone);
  int64_t total = 0;
  if (__builtin_mul_overflow(unit.micros, count, &total)) {
    Raise(Condition("DATETIME_OVERFLOW"), {{"operation", "timestampadd"}});
  }
  return AddToTimestamp(micros, 0, 0, total, zone);
}

/// Whole units between two instants, in local time.
int64_t TimestampDiff(Call& call, std::string_view name, int64_t start, int64_t end) {
  const Unit unit = RequireUnit(call, name);
  const int64_t from = call.info.zone->UtcToLocal(start);
  const int64_t to = call.info.zone->UtcToLocal(end);
  if (unit.months == 0) return (to - from) / unit.micros;
  const CivilDate a = CivilFromDays(FloorDiv(from, kMicrosPerDay));
  const CivilDate b = CivilFromDays(FloorDiv(to, kMicrosPerDay));
  int64_t months = (b.year - a.year) * 12 + b.month - a.month;
  const int64_t in_month_a =
      a.day * kMicrosPerDay + (from - FloorDiv(from, kMicrosPerDay) * kMicrosPerDay);
  const int64_t in_month_b =
      b.day * kMicrosPerDay + (to - FloorDiv(to, kMicrosPerDay) * kMicrosPerDay);
  if (months > 0 && in_month_b < in_month_a) --months;
  if (months < 0 && in_month_b > in_month_a) ++months;
  return months / unit.months;
}

}  // namespace

void RegisterDatetimeMaking(FunctionSet& set) {
  MakeTimestamps(set);
  MakeIntervals(set);
  set.Function("timestampadd", TimestampAdd, kFallible);
  set.Function("timestampdiff", TimestampDiff, kFallible);
}

}  // namespace tarn::engine::duck
