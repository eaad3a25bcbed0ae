// Casts from text.

#include <charconv>
#include <cmath>
#include <limits>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/interval_text.h"
#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

std::string_view TrimAll(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool IsTry(const Call& call) { return call.info.extra == "try"; }

std::nullopt_t MalformedInput(const Call& call, std::string_view text) {
  if (!IsTry(call)) {
    Raise(Condition("CAST_INVALID_INPUT"),
          {{"expression", "'" + std::string(text) + "'"},
           {"sourceType", "\"STRING\""},
           {"targetType", "\"" + call.info.result.ToSql() + "\""}});
  }
  return std::nullopt;
}

namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

template <typename T>
std::optional<T> ToInteger(std::string_view text) {
  text = TrimAll(text);
  bool plus = text.starts_with('+');
  if (plus) text.remove_prefix(1);
  if (text.empty() || (plus && text[0] == '-')) return std::nullopt;
  T value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename T>
void IntegerKernel(FunctionSet& set, std::string_view name) {
  set.Kernel(
      name,
      [](Call& call, std::string_view text) -> std::optional<T> {
        const auto value = ToInteger<T>(text);
        if (!value) return MalformedInput(call, text);
        return value;
      },
      kFallible);
}

template <typename T>
void RealKernel(FunctionSet& set, std::string_view name) {
  set.Kernel(
      name,
      [](Call& call, std::string_view text) -> std::optional<T> {
        const auto value = TextToDouble(text);
        if (!value) return MalformedInput(call, text);
        return static_cast<T>(*value);
      },
      kFallible);
}

}  // namespace

std::optional<double> TextToDouble(std::string_view text) {
  text = TrimAll(text);
  const std::string lower = Lower(text);
  if (lower == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (lower == "inf" || lower == "+inf" || lower == "infinity" || lower == "+infinity") {
    return std::numeric_limits<double>::infinity();
  }
  if (lower == "-inf" || lower == "-infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  // Java reads "1.5f" and "1d" too.
  if (text.size() > 1 && (digit(text[text.size() - 2]) || text[text.size() - 2] == '.') &&
      std::string_view("fFdD").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  const std::string_view unsigned_text = text.starts_with('-') ? text.substr(1) : text;
  if (unsigned_text.empty() || !(digit(unsigned_text[0]) || unsigned_text[0] == '.'))
    return std::nullopt;
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (failure == std::errc::result_out_of_range) {
    // Too large or too small: strtod tells which.
    return std::strtod(std::string(text).c_str(), nullptr);
  }
  if (failure != std::errc()) return std::nullopt;
  return value;
}

std::optional<int64_t> TextToTime(std::string_view text) {
  text = TrimAll(text);
  // A time is what follows a date in a timestamp.
  const auto micros = ParseTimestampNtz("1970-01-01 " + std::string(text), false);
  if (!micros || *micros < 0 || *micros >= kMicrosPerDay || text.find(':') == text.npos)
    return std::nullopt;
  return micros;
}

void RegisterTextCasts(FunctionSet& set) {
  set.Kernel(
      "cast_text_boolean",
      [](Call& call, std::string_view text) -> std::optional<bool> {
        const std::string lower = Lower(TrimAll(text));
        if (lower == "t" || lower == "true" || lower == "y" || lower == "yes" || lower == "1")
          return true;
        if (lower == "f" || lower == "false" || lower == "n" || lower == "no" || lower == "0")
          return false;
        return MalformedInput(call, text);
      },
      kFallible);
  IntegerKernel<int8_t>(set, "cast_text_tinyint");
  IntegerKernel<int16_t>(set, "cast_text_smallint");
  IntegerKernel<int32_t>(set, "cast_text_int");
  IntegerKernel<int64_t>(set, "cast_text_bigint");
  set.Kernel(
      "cast_text_float",
      [](Call& call, std::string_view text) -> std::optional<float> {
        const auto value = TextToDouble(text);
        if (!value) return MalformedInput(call, text);
        // Rounded once, from the text.
        const std::string trimmed(TrimAll(text));
        if (!std::isfinite(*value)) return static_cast<float>(*value);
        return std::strtof(trimmed.c_str(), nullptr);
      },
      kFallible);
  RealKernel<double>(set, "cast_text_double");
  set.Kernel(
      "cast_text_decimal",
      [](Call& call, std::string_view text) -> std::optional<Dec> {
        const auto parsed = ParseDecimal(TrimAll(text));
        if (!parsed) return MalformedInput(call, text);
        const DataType& type = call.info.result;
        const auto value = ToDecimal(*parsed, type.precision(), type.scale());
        if (!value) return OutOfDecimalRange(call, TrimAll(text));
        return Dec{*value};
      },
      kFallible);
  set.Kernel(
      "cast_text_date",
      [](Call& call, std::string_view text) -> std::optional<int32_t> {
        const auto days = ParseDate(text);
        if (!days) return MalformedInput(call, text);
        return days;
      },
      kFallible);
  set.Kernel(
      "cast_text_timestamp",
      [](Call& call, std::string_view text) -> std::optional<int64_t> {
        const auto micros = ParseTimestamp(text, *call.info.zone);
        if (!micros) return MalformedInput(call, text);
        return micros;
      },
      kFallible);
  set.Kernel(
      "cast_text_timestamp_ntz",
      [](Call& call, std::string_view text) -> std::optional<int64_t> {
        const auto micros = ParseTimestampNtz(text, true);
        if (!micros) return MalformedInput(call, text);
        return micros;
      },
      kFallible);
  set.Kernel(
      "cast_text_time",
      [](Call& call, std::string_view text) -> std::optional<int64_t> {
        const auto micros = TextToTime(text);
        if (!micros) return MalformedInput(call, text);
        return micros;
      },
      kFallible);
  set.Kernel(
      "cast_text_ym",
      [](Call& call, std::string_view text) -> std::optional<int32_t> {
        const auto months = ParseYearMonth(text, call.info.result);
        if (!months && !IsTry(call)) MalformedInterval(text, call.info.result);
        return months;
      },
      kFallible);
  set.Kernel(
      "cast_text_dt",
      [](Call& call, std::string_view text) -> std::optional<int64_t> {
        const auto micros = ParseDayTime(text, call.info.result);
        if (!micros && !IsTry(call)) MalformedInterval(text, call.info.result);
        return micros;
      },
      kFallible);
  set.Kernel("cast_text_calendar",
             [](Call&, std::string_view text) -> std::optional<duckdb::interval_t> {
               const auto interval = ParseCalendarInterval(text);
               if (!interval) return std::nullopt;
               return duckdb::interval_t{interval->months, interval->days, interval->micros};
             });
}

}  // namespace tarn::engine::duck
