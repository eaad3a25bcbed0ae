#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/result.h"

namespace tarn {

/// The types of Spark SQL (and of Delta tables).
enum class TypeId : uint8_t {
  kNull,  ///< the type of a bare NULL, "void"
  kBoolean,
  kByte,
  kShort,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kChar,     ///< char(n): only in declarations; values are strings
  kVarchar,  ///< varchar(n): only in declarations; values are strings
  kBinary,
  kDate,               ///< int32 days since 1970-01-01
  kTime,               ///< int64 microseconds since midnight, time(6)
  kTimestamp,          ///< int64 microseconds since the epoch, UTC; shown in the session's zone
  kTimestampNtz,       ///< int64 microseconds of local time
  kYearMonthInterval,  ///< int32 months
  kDayTimeInterval,    ///< int64 microseconds
  kCalendarInterval,   ///< months, days, microseconds: only in intermediate expressions
  kArray,
  kMap,
  kStruct,
  kVariant,
};

/// The fields an interval type spans, in Spark's numbering for each family.
enum class IntervalField : uint8_t {
  kYear = 0,
  kMonth = 1,
  kDay = 0,
  kHour = 1,
  kMinute = 2,
  kSecond = 3,
};

struct Field;

/// A type, compared by value. Immutable; cheap to copy (nested parts are shared). Thread-safe.
class DataType {
 public:
  DataType() = default;  ///< kNull
  DataType(TypeId id);   // NOLINT: implicit, for types without parameters

  static DataType Decimal(int precision, int scale);
  static DataType Char(int length);
  static DataType Varchar(int length);
  static DataType YearMonth(IntervalField start = IntervalField::kYear,
                            IntervalField end = IntervalField::kMonth);
  static DataType DayTime(IntervalField start = IntervalField::kDay,
                          IntervalField end = IntervalField::kSecond);
  static DataType Array(DataType element, bool contains_null = true);
  static DataType Map(DataType key, DataType value, bool value_contains_null = true);
  static DataType Struct(std::vector<Field> fields);

  TypeId id() const { return id_; }
  bool Is(TypeId id) const { return id_ == id; }

  int precision() const { return a_; }    ///< kDecimal
  int scale() const { return b_; }        ///< kDecimal
  int length() const { return length_; }  ///< kChar, kVarchar
  IntervalField interval_start() const { return static_cast<IntervalField>(a_); }
  IntervalField interval_end() const { return static_cast<IntervalField>(b_); }

  const DataType& element() const;                ///< kArray
  bool contains_null() const { return a_ != 0; }  ///< kArray: of its elements; kMap: of its values
  const DataType& key() const;                    ///< kMap
  const DataType& value() const;                  ///< kMap
  const std::vector<Field>& fields() const;       ///< kStruct

  bool IsNumeric() const { return id_ >= TypeId::kByte && id_ <= TypeId::kDecimal; }
  bool IsIntegral() const { return id_ >= TypeId::kByte && id_ <= TypeId::kLong; }
  bool IsFractional() const { return id_ == TypeId::kFloat || id_ == TypeId::kDouble; }
  bool IsString() const { return id_ >= TypeId::kString && id_ <= TypeId::kVarchar; }
  bool IsDatetime() const {
    return id_ == TypeId::kDate || id_ == TypeId::kTimestamp || id_ == TypeId::kTimestampNtz;
  }
  bool IsInterval() const {
    return id_ >= TypeId::kYearMonthInterval && id_ <= TypeId::kCalendarInterval;
  }
  bool IsNested() const { return id_ >= TypeId::kArray && id_ <= TypeId::kStruct; }

  /// Equal in everything, nullability of nested parts and field names (with case) included;
  /// field metadata excluded.
  bool operator==(const DataType& other) const;
  /// As ==, but nullability of nested parts doesn't matter and field names compare without case.
  bool EquivalentTo(const DataType& other) const;

  /// Spark's simpleString: "decimal(10,2)", "struct<a:int,b:array<string>>", "interval day to
  /// second".
  std::string ToString() const;
  /// As SQL writes it in messages: "DECIMAL(10,2)", "STRUCT<a: INT NOT NULL, b: ARRAY<STRING>>".
  std::string ToSql() const;

 private:
  struct Nested;
  TypeId id_ = TypeId::kNull;
  uint8_t a_ = 0;  // precision, interval start, or "contains null"
  uint8_t b_ = 0;  // scale or interval end
  int32_t length_ = 0;
  std::shared_ptr<const Nested> nested_;
};

/// A named member of a struct type, or a column of a table.
struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  /// The column's metadata as (key, JSON text) pairs in their order, e.g.
  /// {"delta.columnMapping.id", "1"}, {"comment", "\"unique\""}.
  std::vector<std::pair<std::string, std::string>> metadata;

  /// The JSON text of a metadata entry, or "" if there is none.
  std::string_view Metadata(std::string_view key) const;
  void SetMetadata(std::string key, std::string json);
  /// The comment as plain text, or "".
  std::string Comment() const;
  void SetComment(std::string_view comment);
};

/// The columns of a table: a struct's fields.
struct Schema {
  std::vector<Field> fields;

  bool operator==(const Schema& other) const { return AsStruct() == other.AsStruct(); }
  DataType AsStruct() const { return DataType::Struct(fields); }
  /// Index of a top-level column by name without regard to case, or -1.
  int Find(std::string_view name) const;
};

bool operator==(const Field& a, const Field& b);

/// Names compare without regard to case (ASCII and simple Unicode lower-casing).
bool SameName(std::string_view a, std::string_view b);
/// The lower-cased form under which a name is looked up.
std::string FoldName(std::string_view name);

/// Quotes an identifier with back-ticks: a`b → `a``b`.
std::string QuoteIdentifier(std::string_view name);
/// Quotes only where an identifier needs it.
std::string QuoteIfNeeded(std::string_view name);

/// Nesting deeper than this is refused wherever types come from outside.
inline constexpr int kTypeDepthMax = 100;

}  // namespace tarn
