#include "number_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "tarn/types/datetime.h"

namespace tarn::delta {
namespace {

constexpr int kDecimalDigitsMax = 38;

int64_t MaxOf(const DataType& type) {
  switch (type.id()) {
    case TypeId::kByte:
      return std::numeric_limits<int8_t>::max();
    case TypeId::kShort:
      return std::numeric_limits<int16_t>::max();
    case TypeId::kInt:
      return std::numeric_limits<int32_t>::max();
    default:
      return std::numeric_limits<int64_t>::max();
  }
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<int64_t> ParseIntegerText(std::string_view text, const DataType& type) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const size_t dot = text.find('.'); dot != std::string_view::npos) {
    if (text.find_first_not_of('0', dot + 1) != std::string_view::npos) return std::nullopt;
    text = text.substr(0, dot);
  }
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const int64_t max = MaxOf(type);
  if (number > max || number < -max - 1) return std::nullopt;
  return number;
}

std::optional<double> ParseRealText(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity" || text == "+Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Int128> ParseDecimalText(std::string_view text, int precision, int scale) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (exponent > 1000 || exponent < -1000) return std::nullopt;
    text = text.substr(0, e);
  }
  Int128 unscaled = 0;
  int digits = 0;
  int fraction = 0;
  bool seen_dot = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !seen_dot) {
      seen_dot = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (seen_dot) ++fraction;
    if (unscaled != 0 || c != '0') ++digits;
    if (digits > kDecimalDigitsMax) return std::nullopt;
    unscaled = unscaled * 10 + (c - '0');
  }
  if (!any) return std::nullopt;
  int shift = scale - fraction + exponent;
  for (; shift < 0 && unscaled % 10 == 0 && unscaled != 0; ++shift) unscaled /= 10;
  if (unscaled == 0) return Int128{0};
  if (shift < 0 || shift > precision) return std::nullopt;
  if (unscaled >= PowerOfTen(precision - shift)) return std::nullopt;
  unscaled *= PowerOfTen(shift);
  return negative ? -unscaled : unscaled;
}

std::string IsoTimestamp(int64_t micros, int digits) {
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  char text[64];
  std::snprintf(text, sizeof(text), "T%02d:%02d:%02d", static_cast<int>(rest / kMicrosPerHour),
                static_cast<int>(rest / kMicrosPerMinute % 60),
                static_cast<int>(rest / kMicrosPerSecond % 60));
  std::string out = RenderDate(static_cast<int32_t>(days)) + text;
  if (digits > 0) {
    std::snprintf(text, sizeof(text), ".%06d", static_cast<int>(rest % kMicrosPerSecond));
    out.append(text, static_cast<size_t>(digits) + 1);
  }
  return out;
}

}  // namespace tarn::delta
