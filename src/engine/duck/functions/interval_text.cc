#include "duck/functions/interval_text.h"

#include <charconv>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

namespace {

constexpr std::string_view kDayTimeNames[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
constexpr int64_t kUnits[] = {kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

/// Removes "INTERVAL [sign]'" and "' <fields>" if they are there; the fields must be the type's.
std::optional<std::string> Unwrap(std::string_view text, const std::string& fields,
                                  bool* negative) {
  text = TrimAll(text);
  *negative = false;
  const std::string upper = Upper(text);
  if (!upper.starts_with("INTERVAL")) return std::string(text);
  text = TrimAll(text.substr(8));
  if (text.starts_with('-') || text.starts_with('+')) {
    *negative = text[0] == '-';
    text = TrimAll(text.substr(1));
  }
  if (!text.starts_with('\'')) return std::nullopt;
  const size_t close = text.find('\'', 1);
  if (close == text.npos) return std::nullopt;
  if (Upper(TrimAll(text.substr(close + 1))) != fields) return std::nullopt;
  return std::string(text.substr(1, close - 1));
}

std::optional<int64_t> TakeNumber(std::string_view* text) {
  if (text->empty() || (*text)[0] < '0' || (*text)[0] > '9') return std::nullopt;
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

bool TakeSign(std::string_view* text) {
  const bool negative = text->starts_with('-');
  if (negative || text->starts_with('+')) text->remove_prefix(1);
  return negative;
}

/// Digits after the point as microseconds; more than six are an error to Spark only beyond nine.
std::optional<int64_t> TakeFraction(std::string_view* text) {
  if (!text->starts_with('.')) return 0;
  text->remove_prefix(1);
  int64_t micros = 0;
  int digits = 0;
  while (!text->empty() && (*text)[0] >= '0' && (*text)[0] <= '9') {
    if (digits < 6) micros = micros * 10 + ((*text)[0] - '0');
    ++digits;
    text->remove_prefix(1);
  }
  if (digits > 9) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

std::string FieldsOf(const DataType& type) {
  const std::string sql = type.ToSql();
  return sql.substr(9);
}

}  // namespace

std::optional<int32_t> ParseYearMonth(std::string_view text, const DataType& type) {
  bool outer_negative = false;
  const auto inner = Unwrap(text, FieldsOf(type), &outer_negative);
  if (!inner) return std::nullopt;
  std::string_view rest = TrimAll(*inner);
  const bool negative = TakeSign(&rest) != outer_negative;
  const auto first = TakeNumber(&rest);
  if (!first || *first > 1000000000000) return std::nullopt;
  int64_t months = *first;
  if (type.interval_start() == IntervalField::kYear) months *= 12;
  if (type.interval_start() != type.interval_end()) {
    if (!rest.starts_with('-')) return std::nullopt;
    rest.remove_prefix(1);
    const auto second = TakeNumber(&rest);
    if (!second || *second > 11) return std::nullopt;
    months += *second;
  }
  if (negative) months = -months;
  if (!rest.empty() || months != static_cast<int32_t>(months)) return std::nullopt;
  return static_cast<int32_t>(months);
}

std::optional<int64_t> ParseDayTime(std::string_view text, const DataType& type) {
  bool outer_negative = false;
  const auto inner = Unwrap(text, FieldsOf(type), &outer_negative);
  if (!inner) return std::nullopt;
  std::string_view rest = TrimAll(*inner);
  const bool negative = TakeSign(&rest) != outer_negative;
  const int start = static_cast<int>(type.interval_start());
  const int end = static_cast<int>(type.interval_end());
  Int128 micros = 0;
  for (int field = start; field <= end; ++field) {
    if (field > start) {
      if (!rest.starts_with(field == 1 ? ' ' : ':')) return std::nullopt;
      rest.remove_prefix(1);
    }
    const auto number = TakeNumber(&rest);
    if (!number) return std::nullopt;
    constexpr int64_t kLimits[] = {0, 23, 59, 59};
    if (field > start && *number > kLimits[field]) return std::nullopt;
    micros += static_cast<Int128>(*number) * kUnits[field];
    if (field == 3) {
      const auto fraction = TakeFraction(&rest);
      if (!fraction) return std::nullopt;
      micros += *fraction;
    }
  }
  if (negative) micros = -micros;
  if (!rest.empty() || micros != static_cast<int64_t>(micros)) return std::nullopt;
  return static_cast<int64_t>(micros);
}

std::optional<CalendarInterval> ParseCalendarInterval(std::string_view text) {
  std::string upper = Upper(TrimAll(text));
  std::string_view rest = upper;
  if (rest.starts_with("INTERVAL")) rest = TrimAll(rest.substr(8));
  if (rest.empty()) return std::nullopt;
  CalendarInterval result;
  while (!rest.empty()) {
    const bool negative = TakeSign(&rest);
    rest = TrimAll(rest);
    auto number = TakeNumber(&rest);
    if (!number) return std::nullopt;
    int64_t fraction = 0;
    const bool has_fraction = rest.starts_with('.');
    if (has_fraction) {
      const auto micros = TakeFraction(&rest);
      if (!micros) return std::nullopt;
      fraction = *micros;
    }
    rest = TrimAll(rest);
    size_t end = 0;
    while (end < rest.size() && rest[end] >= 'A' && rest[end] <= 'Z') ++end;
    std::string_view unit = rest.substr(0, end);
    rest = TrimAll(rest.substr(end));
    if (unit.ends_with('S')) unit.remove_suffix(1);
    const int64_t count = negative ? -*number : *number;
    if (negative) fraction = -fraction;
    if (has_fraction && unit != "SECOND") return std::nullopt;
    if (unit == "YEAR") {
      result.months += static_cast<int32_t>(count * 12);
    } else if (unit == "MONTH") {
      result.months += static_cast<int32_t>(count);
    } else if (unit == "WEEK") {
      result.days += static_cast<int32_t>(count * 7);
    } else if (unit == "DAY") {
      result.days += static_cast<int32_t>(count);
    } else if (unit == "HOUR") {
      result.micros += count * kMicrosPerHour;
    } else if (unit == "MINUTE") {
      result.micros += count * kMicrosPerMinute;
    } else if (unit == "SECOND") {
      result.micros += count * kMicrosPerSecond + fraction;
    } else if (unit == "MILLISECOND") {
      result.micros += count * 1000;
    } else if (unit == "MICROSECOND") {
      result.micros += count;
    } else {
      return std::nullopt;
    }
  }
  return result;
}

void MalformedInterval(std::string_view text, const DataType& type) {
  const bool notice = type.Is(TypeId::kDayTimeInterval);
  Raise(notice ? Condition("INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE")
               : Condition("INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING"),
        {{"input", std::string(text)}, {"typeName", type.ToString()}});
}

}  // namespace tarn::engine::duck
