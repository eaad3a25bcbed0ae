#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tarn/types/datetime.h"
#include "tarn/types/interval.h"
#include "tarn/types/value.h"

namespace tarn {

namespace {

/// Java's rule: the shortest digits that read back as this number, but at least two of them are
/// considered, and of equally short ones the nearest.
template <typename T>
std::string RenderReal(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  char buffer[40];
  char* end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  if (std::memchr(buffer, '.', end - buffer) == nullptr) {
    char two[40];
    char* two_end =
        std::to_chars(two, two + sizeof two, value, std::chars_format::scientific, 1).ptr;
    T back = 0;
    std::from_chars(two, two_end, back);
    if (back == value) {
      std::memcpy(buffer, two, two_end - two);
      end = buffer + (two_end - two);
    }
  }
  const std::string_view text(buffer, end - buffer);
  const size_t e = text.find('e');
  int exponent = 0;
  const size_t exponent_at = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + exponent_at, text.data() + text.size(), exponent);
  std::string digits;
  std::string out;
  for (const char c : text.substr(0, e)) {
    if (c == '-') out += '-';
    if (c >= '0' && c <= '9') digits += c;
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  const int count = static_cast<int>(digits.size());
  if (exponent >= -3 && exponent < 0) {
    out += "0." + std::string(-exponent - 1, '0') + digits;
  } else if (exponent >= 0 && exponent < 7) {
    if (count <= exponent + 1) {
      out += digits + std::string(exponent + 1 - count, '0') + ".0";
    } else {
      out += digits.substr(0, exponent + 1) + "." + digits.substr(exponent + 1);
    }
  } else {
    out += digits.substr(0, 1) + "." + (count > 1 ? digits.substr(1) : "0") + "E" +
           std::to_string(exponent);
  }
  return out;
}

std::string QuoteString(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const unsigned char c : bytes) {
    text += kDigits[c >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

int64_t ToLocal(int64_t micros, std::string_view zone) {
  const auto found = FindTimeZone(zone);
  return found.ok() ? (*found)->UtcToLocal(micros) : micros;
}

std::string RenderNested(const Value& value, std::string_view zone) {
  const auto item = [&](const Value& child) {
    if (child.is_null()) return std::string("null");
    // Within other types a variant is its JSON, as in Spark.
    return child.type().Is(TypeId::kVariant) ? child.text() : RenderAsString(child, zone);
  };
  const bool is_array = value.type().Is(TypeId::kArray);
  const bool is_map = value.type().Is(TypeId::kMap);
  std::string text = is_array ? "[" : "{";
  const auto& children = value.children();
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) text += is_map && i % 2 == 1 ? " -> " : ", ";
    text += item(children[i]);
  }
  return text + (is_array ? "]" : "}");
}

std::string NestedLiteral(const Value& value, std::string_view zone) {
  const DataType& type = value.type();
  std::string text = type.Is(TypeId::kArray) ? "ARRAY("
                     : type.Is(TypeId::kMap) ? "MAP("
                                             : "NAMED_STRUCT(";
  const auto& children = value.children();
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) text += ", ";
    if (type.Is(TypeId::kStruct)) text += QuoteString(type.fields()[i].name) + ", ";
    text += RenderAsSqlLiteral(children[i], zone);
  }
  return text + ")";
}

std::string RealLiteral(const Value& value, const std::string& text) {
  const bool is_float = value.type().Is(TypeId::kFloat);
  if (!std::isfinite(value.real())) {
    return "CAST('" + text + "' AS " + (is_float ? "FLOAT)" : "DOUBLE)");
  }
  return is_float ? "CAST(" + text + " AS FLOAT)" : text + "D";
}

}  // namespace

std::string RenderDouble(double value) { return RenderReal(value); }

std::string RenderFloat(float value) { return RenderReal(value); }

std::string RenderDecimal(Int128 unscaled, int scale) {
  char buffer[44];
  int at = sizeof buffer;
  auto rest = static_cast<unsigned __int128>(unscaled);
  if (unscaled < 0) rest = -rest;
  int written = 0;
  do {
    if (scale > 0 && written == scale) buffer[--at] = '.';
    buffer[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    ++written;
  } while (rest != 0 || written <= scale);
  if (unscaled < 0) buffer[--at] = '-';
  return std::string(buffer + at, sizeof buffer - at);
}

/// A variant is kept as JSON; cast to a string, one that is a text is the text itself.
std::string RenderVariant(const std::string& json) {
  if (!json.starts_with('"')) return json;
  const auto text = nlohmann::json::parse(json, nullptr, false);
  return text.is_string() ? text.get<std::string>() : json;
}

std::string RenderAsString(const Value& value, std::string_view zone) {
  if (value.is_null()) return "null";
  switch (value.type().id()) {
    case TypeId::kNull:
      return "null";
    case TypeId::kBoolean:
      return value.boolean() ? "true" : "false";
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return std::to_string(value.integer());
    case TypeId::kFloat:
      return RenderFloat(static_cast<float>(value.real()));
    case TypeId::kDouble:
      return RenderDouble(value.real());
    case TypeId::kDecimal:
      return RenderDecimal(value.decimal(), value.type().scale());
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
      return value.text();
    case TypeId::kVariant:
      return RenderVariant(value.text());
    case TypeId::kDate:
      return RenderDate(static_cast<int32_t>(value.integer()));
    case TypeId::kTime:
      return RenderTime(value.integer());
    case TypeId::kTimestamp:
      return RenderTimestamp(ToLocal(value.integer(), zone));
    case TypeId::kTimestampNtz:
      return RenderTimestamp(value.integer());
    case TypeId::kYearMonthInterval:
      return RenderYearMonthInterval(static_cast<int32_t>(value.integer()), value.type());
    case TypeId::kDayTimeInterval:
      return RenderDayTimeInterval(value.integer(), value.type());
    case TypeId::kCalendarInterval:
      return RenderCalendarInterval(value.interval());
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      return RenderNested(value, zone);
  }
  TARN_UNREACHABLE();
}

std::string RenderAsSqlLiteral(const Value& value, std::string_view zone) {
  if (value.is_null()) {
    return value.type().Is(TypeId::kNull) ? "NULL" : "CAST(NULL AS " + value.type().ToSql() + ")";
  }
  const std::string text = value.type().IsNested() ? std::string() : RenderAsString(value, zone);
  switch (value.type().id()) {
    case TypeId::kByte:
      return text + "Y";
    case TypeId::kShort:
      return text + "S";
    case TypeId::kLong:
      return text + "L";
    case TypeId::kFloat:
    case TypeId::kDouble:
      return RealLiteral(value, text);
    case TypeId::kDecimal:
      return "CAST(" + text + "BD AS " + value.type().ToSql() + ")";
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
      return QuoteString(text);
    case TypeId::kBinary:
      return "X'" + Hex(text) + "'";
    case TypeId::kDate:
      return "DATE '" + text + "'";
    case TypeId::kTime:
      return "TIME '" + text + "'";
    case TypeId::kTimestamp:
      return "TIMESTAMP '" + text + "'";
    case TypeId::kTimestampNtz:
      return "TIMESTAMP_NTZ '" + text + "'";
    case TypeId::kCalendarInterval:
      return "INTERVAL '" + text + "'";
    case TypeId::kVariant:
      return "PARSE_JSON(" + QuoteString(value.text()) + ")";
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      return NestedLiteral(value, zone);
    default:
      return text;
  }
}

}  // namespace tarn
