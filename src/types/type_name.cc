#include "tarn/base/check.h"
#include "tarn/types/data_type.h"

namespace tarn {

namespace {

constexpr const char* kDayTimeFields[] = {"day", "hour", "minute", "second"};

std::string Upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

std::string IntervalName(const DataType& type) {
  const bool months = type.Is(TypeId::kYearMonthInterval);
  const auto name = [&](IntervalField field) -> std::string {
    if (months) return field == IntervalField::kYear ? "year" : "month";
    return kDayTimeFields[static_cast<int>(field)];
  };
  std::string text = "interval " + name(type.interval_start());
  if (type.interval_start() != type.interval_end()) text += " to " + name(type.interval_end());
  return text;
}

/// The name of a type that has no nested parts, in lower case.
std::string AtomicName(const DataType& type) {
  switch (type.id()) {
    case TypeId::kNull:
      return "void";
    case TypeId::kBoolean:
      return "boolean";
    case TypeId::kByte:
      return "tinyint";
    case TypeId::kShort:
      return "smallint";
    case TypeId::kInt:
      return "int";
    case TypeId::kLong:
      return "bigint";
    case TypeId::kFloat:
      return "float";
    case TypeId::kDouble:
      return "double";
    case TypeId::kDecimal:
      return "decimal(" + std::to_string(type.precision()) + "," + std::to_string(type.scale()) +
             ")";
    case TypeId::kString:
      return "string";
    case TypeId::kChar:
      return "char(" + std::to_string(type.length()) + ")";
    case TypeId::kVarchar:
      return "varchar(" + std::to_string(type.length()) + ")";
    case TypeId::kBinary:
      return "binary";
    case TypeId::kDate:
      return "date";
    case TypeId::kTime:
      return "time(6)";
    case TypeId::kTimestamp:
      return "timestamp";
    case TypeId::kTimestampNtz:
      return "timestamp_ntz";
    case TypeId::kYearMonthInterval:
    case TypeId::kDayTimeInterval:
      return IntervalName(type);
    case TypeId::kCalendarInterval:
      return "interval";
    case TypeId::kVariant:
      return "variant";
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      break;
  }
  TARN_UNREACHABLE();
}

}  // namespace

std::string DataType::ToString() const {
  switch (id_) {
    case TypeId::kArray:
      return "array<" + element().ToString() + ">";
    case TypeId::kMap:
      return "map<" + key().ToString() + "," + value().ToString() + ">";
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (const Field& field : fields()) {
        if (text.size() > 7) text += ',';
        text += field.name + ":" + field.type.ToString();
      }
      return text + ">";
    }
    default:
      return AtomicName(*this);
  }
}

std::string DataType::ToSql() const {
  switch (id_) {
    case TypeId::kArray:
      return "ARRAY<" + element().ToSql() + ">";
    case TypeId::kMap:
      return "MAP<" + key().ToSql() + ", " + value().ToSql() + ">";
    case TypeId::kStruct: {
      std::string text = "STRUCT<";
      for (const Field& field : fields()) {
        if (text.size() > 7) text += ", ";
        text += QuoteIfNeeded(field.name) + ": " + field.type.ToSql();
        if (!field.nullable) text += " NOT NULL";
      }
      return text + ">";
    }
    default:
      return Upper(AtomicName(*this));
  }
}

}  // namespace tarn
