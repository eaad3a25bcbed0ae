#include "text_values.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace tarn::format {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

int TwoDigits(const char* p) { return (p[0] - '0') * 10 + (p[1] - '0'); }

/// Days of "yyyy-MM-dd", the usual form of a date.
std::optional<int32_t> IsoDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (const size_t at : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!IsDigit(text[at])) return std::nullopt;
  }
  const int year = TwoDigits(text.data()) * 100 + TwoDigits(text.data() + 2);
  const int month = TwoDigits(text.data() + 5), day = TwoDigits(text.data() + 8);
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  return static_cast<int32_t>(DaysFromCivil(year, month, day));
}

/// Local microseconds of "yyyy-MM-dd HH:mm:ss" (or T between them), the usual form.
std::optional<int64_t> IsoTimestamp(std::string_view text) {
  if (text.size() != 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const std::optional<int32_t> days = IsoDate(text.substr(0, 10));
  if (!days) return std::nullopt;
  for (const size_t at : {11, 12, 14, 15, 17, 18}) {
    if (!IsDigit(text[at])) return std::nullopt;
  }
  const int hour = TwoDigits(text.data() + 11), minute = TwoDigits(text.data() + 14);
  const int second = TwoDigits(text.data() + 17);
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return *days * kMicrosPerDay + hour * kMicrosPerHour + minute * kMicrosPerMinute +
         second * kMicrosPerSecond;
}

/// Of "2000-01-01T00:00GMT+01:00", as old files have it, the usual form of the zone.
std::string WithoutGmt(std::string_view text) {
  std::string cleaned(text);
  if (const size_t at = cleaned.find("GMT"); at != cleaned.npos) cleaned.erase(at, 3);
  return cleaned;
}

/// The parts of a BigDecimal's text: digits without point, and the power of ten they stand for.
struct DecimalText {
  bool negative = false;
  std::string digits;  // without leading zeros
  int64_t scale = 0;
};

std::optional<DecimalText> SplitDecimal(std::string_view text) {
  DecimalText result;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    result.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool point = false, any = false;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (IsDigit(text[at])) {
      any = true;
      if (point) ++result.scale;
      if (!result.digits.empty() || text[at] != '0') result.digits += text[at];
    } else if (text[at] == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  if (at == text.size()) return result;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  std::string_view exponent = text.substr(at + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  int32_t power = 0;
  const auto [end, failure] =
      std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  if (failure != std::errc() || end != exponent.data() + exponent.size() || exponent.empty())
    return std::nullopt;
  result.scale -= power;
  return result;
}

template <typename T>
std::optional<int64_t> Ranged(int64_t value) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max())
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text, TypeId type) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t value = 0;
  if (text.size() <= 18) {
    for (const char c : text) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + static_cast<uint64_t>(c - '0');
    }
  } else {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value > (uint64_t{1} << 63) - (negative ? 0 : 1)) return std::nullopt;
  }
  const auto number = static_cast<int64_t>(negative ? 0 - value : value);
  switch (type) {
    case TypeId::kByte:
      return Ranged<int8_t>(number);
    case TypeId::kShort:
      return Ranged<int16_t>(number);
    case TypeId::kInt:
      return Ranged<int32_t>(number);
    default:
      return number;
  }
}

std::optional<double> ParseReal(std::string_view text) {
  text = Trimmed(text);
  const std::string_view whole = text;
  if (text.empty()) return std::nullopt;
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") {
    return (negative ? -1 : 1) * std::numeric_limits<double>::infinity();
  }
  if (text.empty() || !(IsDigit(text[0]) || text[0] == '.')) return std::nullopt;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    // Java wants the binary exponent.
    if (text.find_first_of("pP") == text.npos) return std::nullopt;
    const std::string copy(whole);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    return *end == '\0' ? std::optional(value) : std::nullopt;
  }
  // Java reads "1.5f" and "1d" too.
  if (text.size() > 1 && (IsDigit(text[text.size() - 2]) || text[text.size() - 2] == '.') &&
      std::string_view("fFdD").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // Too large or too small: strtod tells which.
  if (failure == std::errc::result_out_of_range)
    value = std::strtod(std::string(text).c_str(), nullptr);
  else if (failure != std::errc())
    return std::nullopt;
  return negative ? -value : value;
}

std::optional<Int128> ParseDecimalAs(std::string_view text, int precision, int scale) {
  const std::optional<DecimalText> parts = SplitDecimal(text);
  if (!parts) return std::nullopt;
  // Digits that stay, once the point is moved to `scale`.
  const int64_t kept = static_cast<int64_t>(parts->digits.size()) + scale - parts->scale;
  if (parts->digits.empty() || kept < 0) return Int128{0};
  if (kept > 38) return std::nullopt;
  Int128 value = 0;
  for (int64_t i = 0; i < kept; ++i) {
    const auto at = static_cast<size_t>(i);
    value = value * 10 + (at < parts->digits.size() ? parts->digits[at] - '0' : 0);
  }
  const auto next = static_cast<size_t>(kept);
  if (next < parts->digits.size() && parts->digits[next] >= '5') ++value;
  Int128 limit = 1;
  for (int i = 0; i < precision; ++i) limit *= 10;
  if (value >= limit) return std::nullopt;
  return parts->negative ? -value : value;
}

std::optional<DecimalShape> DecimalShapeOf(std::string_view text) {
  const std::optional<DecimalText> parts = SplitDecimal(text);
  if (!parts || parts->scale > 1'000'000 || parts->scale < -1'000'000) return std::nullopt;
  return DecimalShape{std::max(1, static_cast<int>(parts->digits.size())),
                      static_cast<int>(parts->scale)};
}

Result<TextValues> TextValues::Of(const ReadSpec& spec) {
  TextValues values;
  values.zone_ = spec.zone;
  if (const std::string zone = spec.options.Text("timeZone"); !zone.empty() || !values.zone_) {
    TARN_ASSIGN(values.zone_, FindTimeZone(zone.empty() ? "UTC" : zone));
  }
  const auto compile = [&](std::string_view option, PatternReader* pattern) -> Status {
    const std::optional<std::string> text = spec.options.Find({option});
    if (!text) return {};
    if (!spec.patterns) return UnsupportedFeature("The option " + std::string(option));
    TARN_ASSIGN(*pattern, spec.patterns(*text));
    return {};
  };
  TARN_TRY(compile("dateFormat", &values.date_pattern_));
  TARN_TRY(compile("timestampFormat", &values.timestamp_pattern_));
  TARN_TRY(compile("timestampNTZFormat", &values.timestamp_ntz_pattern_));
  values.nan_ = spec.options.Text("nanValue", "NaN");
  values.positive_inf_ = spec.options.Text("positiveInf", "Inf");
  values.negative_inf_ = spec.options.Text("negativeInf", "-Inf");
  return values;
}

std::optional<int32_t> TextValues::Date(std::string_view text) const {
  if (date_pattern_) {
    const std::optional<LocalTime> time = date_pattern_(text);
    if (!time) return std::nullopt;
    return static_cast<int32_t>(FloorDiv(time->micros, kMicrosPerDay));
  }
  if (const auto days = IsoDate(text)) return days;
  return ParseDate(text);
}

bool TextValues::IsDate(std::string_view text) const {
  return date_pattern_ ? date_pattern_(text).has_value() : IsoDate(text).has_value();
}

std::optional<int64_t> TextValues::Timestamp(std::string_view text) const {
  if (timestamp_pattern_) {
    const std::optional<LocalTime> time = timestamp_pattern_(text);
    if (!time) return std::nullopt;
    return (time->zone ? *time->zone : *zone_).LocalToUtc(time->micros);
  }
  if (const auto local = IsoTimestamp(text)) return zone_->LocalToUtc(*local);
  if (const auto micros = ParseTimestamp(text, *zone_)) return micros;
  return text.find("GMT") == text.npos ? std::nullopt : ParseTimestamp(WithoutGmt(text), *zone_);
}

std::optional<int64_t> TextValues::TimestampNtz(std::string_view text) const {
  if (timestamp_ntz_pattern_) {
    const std::optional<LocalTime> time = timestamp_ntz_pattern_(text);
    return time && !time->zone ? std::optional(time->micros) : std::nullopt;
  }
  if (const auto local = IsoTimestamp(text)) return local;
  return ParseTimestampNtz(text, false);
}

std::optional<double> TextValues::Real(std::string_view text) const {
  if (text == nan_) return std::numeric_limits<double>::quiet_NaN();
  if (text == positive_inf_) return std::numeric_limits<double>::infinity();
  if (text == negative_inf_) return -std::numeric_limits<double>::infinity();
  return ParseReal(text);
}

namespace {

std::optional<int64_t> ParseBoolean(std::string_view text) {
  if (SameName(text, "true")) return 1;
  if (SameName(text, "false")) return 0;
  return std::nullopt;
}

/// A time of day is what follows a date in a timestamp.
std::optional<int64_t> ParseTime(std::string_view text) {
  const auto micros = ParseTimestampNtz("1970-01-01 " + std::string(text), false);
  if (!micros || *micros < 0 || *micros >= kMicrosPerDay || text.find(':') == text.npos)
    return std::nullopt;
  return micros;
}

bool AppendIf(std::optional<int64_t> value, Column& column) {
  if (value) column.AppendInteger(*value);
  return value.has_value();
}

}  // namespace

bool TextValues::Append(std::string_view text, Column& column) const {
  const DataType& type = column.type();
  switch (type.id()) {
    case TypeId::kBoolean:
      return AppendIf(ParseBoolean(text), column);
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return AppendIf(ParseInteger(text, type.id()), column);
    case TypeId::kFloat:
    case TypeId::kDouble: {
      const std::optional<double> value = Real(text);
      if (value) column.AppendReal(*value);
      return value.has_value();
    }
    case TypeId::kDecimal: {
      std::string plain(text);
      std::erase(plain, ',');
      const auto value = ParseDecimalAs(plain, type.precision(), type.scale());
      if (value) column.AppendDecimal(*value);
      return value.has_value();
    }
    case TypeId::kDate:
      return AppendIf(Date(text), column);
    case TypeId::kTimestamp:
      return AppendIf(Timestamp(text), column);
    case TypeId::kTimestampNtz:
      return AppendIf(TimestampNtz(text), column);
    case TypeId::kTime:
      return AppendIf(ParseTime(text), column);
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
      column.AppendText(text);
      return true;
    default:
      return false;
  }
}

}  // namespace tarn::format
