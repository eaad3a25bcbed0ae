// Dates and times: fields, calendar steps, the clock.

#include <algorithm>
#include <cmath>

#include "duck/functions/arithmetic.h"
#include "duck/functions/casting.h"
#include "duck/functions/datetime_functions.h"
#include "duck/functions/datetime_pattern.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Monday = 0.
int DayOfWeek(int64_t days) { return static_cast<int>(((days + 3) % 7 + 7) % 7); }

/// The Monday of the week that holds 4 January: where ISO's first week begins.
int64_t FirstIsoMonday(int64_t year) {
  const int64_t fourth = DaysFromCivil(year, 1, 4);
  return fourth - DayOfWeek(fourth);
}

int64_t IsoYear(int64_t days) {
  const int64_t year = CivilFromDays(days).year;
  if (days < FirstIsoMonday(year)) return year - 1;
  return days >= FirstIsoMonday(year + 1) ? year + 1 : year;
}

int32_t IsoWeek(int64_t days) {
  return static_cast<int32_t>((days - FirstIsoMonday(IsoYear(days))) / 7) + 1;
}

int32_t DateField(const std::string& field, int64_t days) {
  const CivilDate date = CivilFromDays(days);
  if (field == "YEAR") return static_cast<int32_t>(date.year);
  if (field == "YEAROFWEEK") return static_cast<int32_t>(IsoYear(days));
  if (field == "QUARTER") return (date.month - 1) / 3 + 1;
  if (field == "MONTH") return date.month;
  if (field == "WEEK") return IsoWeek(days);
  if (field == "DAY") return date.day;
  if (field == "DAYOFWEEK") return (DayOfWeek(days) + 1) % 7 + 1;
  if (field == "DAYOFWEEK_ISO") return DayOfWeek(days) + 1;
  if (field == "WEEKDAY") return DayOfWeek(days);
  return static_cast<int32_t>(days - DaysFromCivil(date.year, 1, 1)) + 1;  // DOY
}

/// The canonical name of an extract field.
std::string CanonicalField(std::string_view name) {
  const std::string upper = ToUpperUtf8(name);
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"Y", "YEAR"},         {"YEARS", "YEAR"},
      {"YR", "YEAR"},        {"YRS", "YEAR"},
      {"QTR", "QUARTER"},    {"MON", "MONTH"},
      {"MONS", "MONTH"},     {"MONTHS", "MONTH"},
      {"W", "WEEK"},         {"WEEKS", "WEEK"},
      {"D", "DAY"},          {"DAYS", "DAY"},
      {"DOW", "DAYOFWEEK"},  {"DOW_ISO", "DAYOFWEEK_ISO"},
      {"H", "HOUR"},         {"HOURS", "HOUR"},
      {"HR", "HOUR"},        {"HRS", "HOUR"},
      {"M", "MINUTE"},       {"MIN", "MINUTE"},
      {"MINS", "MINUTE"},    {"MINUTES", "MINUTE"},
      {"S", "SECOND"},       {"SEC", "SECOND"},
      {"SECONDS", "SECOND"}, {"SECS", "SECOND"}};
  for (const auto& [alias, field] : kNames) {
    if (upper == alias) return std::string(field);
  }
  return upper;
}

int64_t UnitOf(const std::string& field) {
  return field == "HOUR" ? kMicrosPerHour : field == "MINUTE" ? kMicrosPerMinute : kMicrosPerSecond;
}

DuckExpr LowerExtract(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                      DuckArgs args) {
  const auto* literal = call.args[0]->As<plan::Literal>();
  const std::string field = CanonicalField(literal ? literal->value.text() : "");
  const DataType& source = call.args[1]->type;
  const std::vector<DataType> types = {source};
  const auto kernel = [&](const char* name) {
    return CallKernel(context, name, expr.type, types, MakeArgs(std::move(args[1])), field);
  };
  if (source.Is(TypeId::kYearMonthInterval)) return kernel("extract_ym");
  if (source.Is(TypeId::kDayTimeInterval))
    return kernel(field == "SECOND" ? "extract_dt_second" : "extract_dt");
  if (source.Is(TypeId::kCalendarInterval))
    return kernel(field == "SECOND" ? "extract_calendar_second" : "extract_calendar");
  if (source.Is(TypeId::kTime))
    return kernel(field == "SECOND" ? "extract_seconds_time" : "extract_time");
  if (field == "HOUR" || field == "MINUTE" || field == "SECOND") {
    if (source.Is(TypeId::kDate)) {
      args[1] = context.Cast(std::move(args[1]), source, TypeId::kTimestamp);
      return CallKernel(context, field == "SECOND" ? "extract_seconds" : "extract_clock", expr.type,
                        {TypeId::kTimestamp}, MakeArgs(std::move(args[1])), field);
    }
    return kernel(field == "SECOND" ? "extract_seconds" : "extract_clock");
  }
  if (!source.Is(TypeId::kDate)) args[1] = context.Cast(std::move(args[1]), source, TypeId::kDate);
  return CallKernel(context, "date_field", expr.type, {TypeId::kDate}, MakeArgs(std::move(args[1])),
                    field);
}

int64_t LocalTime(const Call& call, int64_t micros) {
  const int64_t local =
      call.info.args[0].Is(TypeId::kTimestamp) ? call.info.zone->UtcToLocal(micros) : micros;
  return local - FloorDiv(local, kMicrosPerDay) * kMicrosPerDay;
}

int64_t PartOfInterval(const std::string& field, int64_t micros) {
  if (field == "DAY") return micros / kMicrosPerDay;
  if (field == "HOUR") return micros % kMicrosPerDay / kMicrosPerHour;
  return micros % kMicrosPerHour / kMicrosPerMinute;
}

void Fields(FunctionSet& set) {
  set.Kernel("date_field",
             [](Call& call, int32_t days) { return DateField(call.info.extra, days); });
  set.Kernel("extract_clock", [](Call& call, int64_t micros) {
    const int64_t time = LocalTime(call, micros);
    return static_cast<int32_t>(time / UnitOf(call.info.extra) %
                                (call.info.extra == "HOUR" ? 24 : 60));
  });
  set.Kernel("extract_seconds", [](Call& call, int64_t micros) {
    return Dec{LocalTime(call, micros) % kMicrosPerMinute};
  });
  set.Kernel("extract_time", [](Call& call, int64_t time) {
    return static_cast<int32_t>(time / UnitOf(call.info.extra) %
                                (call.info.extra == "HOUR" ? 24 : 60));
  });
  set.Kernel("extract_seconds_time",
             [](Call&, int64_t time) { return Dec{time % kMicrosPerMinute}; });
  // Parts of intervals are int or tinyint: both are written as decimals of no scale.
  set.Kernel("extract_ym", [](Call& call, int32_t months) {
    return Dec{call.info.extra == "YEAR" ? months / 12 : months % 12};
  });
  set.Kernel("extract_dt", [](Call& call, int64_t micros) {
    return Dec{PartOfInterval(call.info.extra, micros)};
  });
  set.Kernel("extract_dt_second",
             [](Call&, int64_t micros) { return Dec{micros % kMicrosPerMinute}; });
  set.Kernel("extract_calendar", [](Call& call, duckdb::interval_t value) -> Dec {
    const std::string& field = call.info.extra;
    if (field == "YEAR") return Dec{value.months / 12};
    if (field == "MONTH") return Dec{value.months % 12};
    if (field == "DAY") return Dec{value.days};
    return Dec{field == "HOUR" ? value.micros / kMicrosPerHour
                               : PartOfInterval(field, value.micros)};
  });
  set.Kernel("extract_calendar_second",
             [](Call&, duckdb::interval_t value) { return Dec{value.micros % kMicrosPerMinute}; });
  for (const char* name : {"extract", "date_part", "datepart"}) set.Template(name, LowerExtract);
  constexpr std::pair<const char*, const char*> kDateFields[] = {
      {"year", "YEAR"},     {"quarter", "QUARTER"}, {"month", "MONTH"},
      {"day", "DAY"},       {"dayofmonth", "DAY"},  {"dayofweek", "DAYOFWEEK"},
      {"dayofyear", "DOY"}, {"weekday", "WEEKDAY"}, {"weekofyear", "WEEK"}};
  for (const auto& [name, field] : kDateFields) set.Use(name, "date_field", field);
  constexpr std::pair<const char*, const char*> kClockFields[] = {
      {"hour", "HOUR"}, {"minute", "MINUTE"}, {"second", "SECOND"}};
  for (const auto& [name, field] : kClockFields) set.Use(name, "extract_clock", field);
  set.Function("dayname", [](Call&, int32_t days) { return DayName(DayOfWeek(days) + 1, false); });
  set.Function("monthname",
               [](Call&, int32_t days) { return MonthName(CivilFromDays(days).month, false); });
}

int32_t LastDay(int32_t days) {
  const CivilDate date = CivilFromDays(days);
  return static_cast<int32_t>(
      DaysFromCivil(date.year, date.month, DaysInMonth(date.year, date.month)));
}

double MonthsBetween(Call& call, int64_t a, int64_t b, bool round_off) {
  const int64_t left = call.info.zone->UtcToLocal(a);
  const int64_t right = call.info.zone->UtcToLocal(b);
  const int64_t days1 = FloorDiv(left, kMicrosPerDay);
  const int64_t days2 = FloorDiv(right, kMicrosPerDay);
  const CivilDate date1 = CivilFromDays(days1);
  const CivilDate date2 = CivilFromDays(days2);
  const auto months =
      static_cast<double>((date1.year - date2.year) * 12 + date1.month - date2.month);
  const bool last1 = date1.day == DaysInMonth(date1.year, date1.month);
  const bool last2 = date2.day == DaysInMonth(date2.year, date2.month);
  if (date1.day == date2.day || (last1 && last2)) return months;
  const int64_t seconds1 = (left - days1 * kMicrosPerDay) / kMicrosPerSecond;
  const int64_t seconds2 = (right - days2 * kMicrosPerDay) / kMicrosPerSecond;
  const int64_t difference = (date1.day - date2.day) * int64_t{86400} + seconds1 - seconds2;
  const double result = months + static_cast<double>(difference) / (31.0 * 86400.0);
  return round_off ? std::round(result * 1e8) / 1e8 : result;
}

std::optional<int> DayByName(std::string_view name) {
  const std::string upper = ToUpperUtf8(TrimAll(name));
  for (int day = 1; day <= 7; ++day) {
    const std::string full = ToUpperUtf8(DayName(day, true));
    if (upper == full || upper == full.substr(0, 3) || upper == full.substr(0, 2)) return day - 1;
  }
  return std::nullopt;
}

void CalendarSteps(FunctionSet& set) {
  set.Function("last_day", [](Call&, int32_t days) { return LastDay(days); });
  set.Function(
      "next_day",
      [](Call&, int32_t days, std::string_view name) -> int32_t {
        const auto wanted = DayByName(name);
        if (!wanted) Raise(Condition("ILLEGAL_DAY_OF_WEEK"), {{"string", std::string(name)}});
        const int ahead = (*wanted - DayOfWeek(days) + 7) % 7;
        return days + (ahead == 0 ? 7 : ahead);
      },
      kFallible);
  set.Function("months_between", MonthsBetween);
  for (const char* name : {"date_diff", "datediff"}) {
    set.Function(name, [](Call&, int32_t end, int32_t start) { return end - start; });
  }
  set.Function("date_from_unix_date", [](Call&, int32_t days) { return days; });
  set.Function("unix_date", [](Call&, int32_t days) { return days; });
  set.Function(
      "make_date",
      [](Call&, int32_t year, int32_t month, int32_t day) -> int32_t {
        if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) {
          Raise(Condition("DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION"),
                {{"rangeMessage", "invalid date " + std::to_string(year) + "-" +
                                      std::to_string(month) + "-" + std::to_string(day)},
                 {"suggestedFunc", "`try_make_date`"}});
        }
        const int64_t days = DaysFromCivil(year, month, day);
        if (days != static_cast<int32_t>(days)) {
          Raise(Condition("DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION"),
                {{"rangeMessage", "the year " + std::to_string(year) + " is out of range"},
                 {"suggestedFunc", "`try_make_date`"}});
        }
        return static_cast<int32_t>(days);
      },
      kFallible);
}

void EpochSteps(FunctionSet& set) {
  set.Function("unix_seconds",
               [](Call&, int64_t micros) { return FloorDiv(micros, kMicrosPerSecond); });
  set.Function("unix_millis", [](Call&, int64_t micros) { return FloorDiv(micros, 1000); });
  set.Function("unix_micros", [](Call&, int64_t micros) { return micros; });
  set.Function("timestamp_micros", [](Call&, int64_t micros) { return micros; });
  set.Function(
      "timestamp_millis",
      [](Call&, int64_t millis) -> int64_t {
        int64_t micros = 0;
        if (__builtin_mul_overflow(millis, int64_t{1000}, &micros)) {
          Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "timestamp_millis"}});
        }
        return micros;
      },
      kFallible);
  set.Kernel(
      "timestamp_whole_seconds",
      [](Call&, int64_t seconds) -> int64_t {
        int64_t micros = 0;
        if (__builtin_mul_overflow(seconds, kMicrosPerSecond, &micros)) {
          Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "timestamp_seconds"}});
        }
        return micros;
      },
      kFallible);
  set.Template("timestamp_seconds",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 // A cast would give the last timestamp there is for what is beyond it.
                 if (call.args[0]->type.Is(TypeId::kLong)) {
                   return CallKernel(context, "timestamp_whole_seconds", expr, call,
                                     std::move(args), "");
                 }
                 return context.Cast(std::move(args[0]), call.args[0]->type, expr.type);
               });
}

/// The start of the unit of a date; nullopt for names that are no units of dates.
std::optional<int64_t> TruncateDays(int64_t days, const std::string& unit) {
  const CivilDate date = CivilFromDays(days);
  if (unit == "YEAR" || unit == "YYYY" || unit == "YY") return DaysFromCivil(date.year, 1, 1);
  if (unit == "QUARTER") return DaysFromCivil(date.year, (date.month - 1) / 3 * 3 + 1, 1);
  if (unit == "MONTH" || unit == "MM" || unit == "MON")
    return DaysFromCivil(date.year, date.month, 1);
  if (unit == "WEEK") return days - DayOfWeek(days);
  return std::nullopt;
}

std::optional<int64_t> TruncateTimestamp(Call& call, std::string_view unit_name, int64_t micros) {
  const std::string unit = ToUpperUtf8(unit_name);
  int64_t step = 0;
  if (unit == "MICROSECOND") return micros;
  if (unit == "MILLISECOND") step = 1000;
  if (unit == "SECOND") step = kMicrosPerSecond;
  if (step > 0) return FloorDiv(micros, step) * step;
  const int64_t local = call.info.zone->UtcToLocal(micros);
  if (unit == "MINUTE") step = kMicrosPerMinute;
  if (unit == "HOUR") step = kMicrosPerHour;
  if (step > 0) return micros - (local - FloorDiv(local, step) * step);
  const int64_t days = FloorDiv(local, kMicrosPerDay);
  const auto start = unit == "DAY" || unit == "DD" ? std::optional(days) : TruncateDays(days, unit);
  if (!start) return std::nullopt;
  return call.info.zone->LocalToUtc(*start * kMicrosPerDay);
}

std::shared_ptr<const TimeZone> ZoneNamed(Call& call, std::string_view name) {
  struct Known {
    std::string name;
    std::shared_ptr<const TimeZone> zone;
  };
  auto& known = call.State<Known>();
  if (!known.zone || known.name != name) {
    auto zone = FindTimeZone(name);
    if (!zone.ok())
      Raise(Condition("INVALID_TIMEZONE"), {{"timeZone", "'" + std::string(name) + "'"}});
    known = {std::string(name), *zone};
  }
  return known.zone;
}

void Zones(FunctionSet& set) {
  set.Function(
      "from_utc_timestamp",
      [](Call& call, int64_t micros, std::string_view name) {
        const auto zone = ZoneNamed(call, name);
        const int64_t local = call.info.zone->UtcToLocal(micros);
        return call.info.zone->LocalToUtc(zone->UtcToLocal(local));
      },
      kFallible);
  set.Function(
      "to_utc_timestamp",
      [](Call& call, int64_t micros, std::string_view name) {
        const auto zone = ZoneNamed(call, name);
        const int64_t local = call.info.zone->UtcToLocal(micros);
        return call.info.zone->LocalToUtc(zone->LocalToUtc(local));
      },
      kFallible);
  set.Function(
      "convert_timezone",
      [](Call& call, std::string_view from, std::string_view to, int64_t micros) {
        const int64_t utc = ZoneNamed(call, from)->LocalToUtc(micros);
        return ZoneNamed(call, to)->UtcToLocal(utc);
      },
      kFallible);
}

void Clock(FunctionSet& set) {
  const auto now = [](LoweringContext& context, const DataType& type) -> DuckExpr {
    DuckExpr instant = Constant(
        duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(context.settings().statement_start_us)));
    return context.Cast(std::move(instant), TypeId::kTimestamp, type);
  };
  for (const char* name : {"current_timestamp", "now", "current_date", "localtimestamp"}) {
    set.Template(name,
                 [now](LoweringContext& context, const plan::Expr& expr, const plan::Call&,
                       DuckArgs) -> DuckExpr { return now(context, expr.type); });
  }
}

}  // namespace

void RegisterDatetimeKernels(FunctionSet& set) {
  Fields(set);
  CalendarSteps(set);
  EpochSteps(set);
  set.Function("trunc", [](Call&, int32_t days, std::string_view unit) -> std::optional<int32_t> {
    const auto start = TruncateDays(days, ToUpperUtf8(unit));
    return start ? std::optional(static_cast<int32_t>(*start)) : std::nullopt;
  });
  set.Function("date_trunc", TruncateTimestamp);
  Zones(set);
  Clock(set);
  RegisterDatetimeTexts(set);
  RegisterDatetimeMaking(set);
}

}  // namespace tarn::engine::duck
