#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/base/check.h"
#include "tarn/types/data_type.h"

namespace tarn {

using Int128 = __int128;

/// A calendar interval (kCalendarInterval).
struct CalendarInterval {
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;
  bool operator==(const CalendarInterval&) const = default;
};

/// One typed value or typed NULL: a literal, a partition value, a statistic, a cell of a small
/// result. Not for bulk data. Representation by type:
///   boolean → bool; byte…long, date, time, timestamps, both intervals → int64_t;
///   float, double → double; decimal → Int128 (unscaled); string, binary → std::string;
///   variant → std::string (its JSON text); array → its elements; struct → its fields;
///   map → key, value, key, value, …
class Value {
 public:
  using Rep = std::variant<std::monostate, bool, int64_t, double, Int128, std::string,
                           CalendarInterval, std::vector<Value>>;

  Value() = default;  ///< NULL of type void
  static Value Null(DataType type) { return Value(std::move(type), std::monostate()); }
  static Value Boolean(bool value) { return Value(TypeId::kBoolean, value); }
  static Value Int(int32_t value) { return Value(TypeId::kInt, int64_t{value}); }
  static Value Long(int64_t value) { return Value(TypeId::kLong, value); }
  static Value Double(double value) { return Value(TypeId::kDouble, value); }
  static Value String(std::string value) { return Value(TypeId::kString, std::move(value)); }
  static Value Binary(std::string bytes) { return Value(TypeId::kBinary, std::move(bytes)); }
  /// A value of any type stored as the representation above says.
  static Value Of(DataType type, Rep rep) { return Value(std::move(type), std::move(rep)); }

  const DataType& type() const { return type_; }
  bool is_null() const { return std::holds_alternative<std::monostate>(rep_); }
  bool boolean() const { return std::get<bool>(rep_); }
  int64_t integer() const { return std::get<int64_t>(rep_); }
  double real() const { return std::get<double>(rep_); }
  Int128 decimal() const { return std::get<Int128>(rep_); }
  const std::string& text() const { return std::get<std::string>(rep_); }
  const CalendarInterval& interval() const { return std::get<CalendarInterval>(rep_); }
  const std::vector<Value>& children() const { return std::get<std::vector<Value>>(rep_); }
  const Rep& rep() const { return rep_; }

  /// Same type and same value; NULL equals NULL, NaN equals NaN.
  bool operator==(const Value& other) const;

 private:
  Value(DataType type, Rep rep) : type_(std::move(type)), rep_(std::move(rep)) {}

  DataType type_;
  Rep rep_;
};

/// Orders two non-null values of one atomic type as Spark does (NaN greatest, strings and binary by
/// unsigned bytes, -0.0 equal to 0.0): negative, zero or positive.
int Compare(const Value& a, const Value& b);

/// What CAST(value AS STRING) gives in Spark 4 ("NULL" never appears: a null value renders as
/// "null" when nested; a top-level NULL is the caller's to show). `zone` is an IANA zone name used
/// for timestamps. Binary renders as its bytes taken for UTF-8.
std::string RenderAsString(const Value& value, std::string_view zone);

/// The value as a SQL literal that parses back ("DATE '2024-01-01'", "CAST(NULL AS INT)",
/// "'it\\'s'").
std::string RenderAsSqlLiteral(const Value& value, std::string_view zone);

/// Decimal text: unscaled 12345, scale 2 → "123.45".
std::string RenderDecimal(Int128 unscaled, int scale);
/// Java's Double.toString / Float.toString: "1.0E10", "NaN", "-Infinity", "0.1".
std::string RenderDouble(double value);
std::string RenderFloat(float value);

}  // namespace tarn
