// Types and values of the plan as DuckDB's, and back.

#include "duck/function_registry.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

LogicalType NestedDuckType(const DataType& type) {
  switch (type.id()) {
    case TypeId::kArray:
      return LogicalType::LIST(ToDuckType(type.element()));
    case TypeId::kMap:
      return LogicalType::MAP(ToDuckType(type.key()), ToDuckType(type.value()));
    default:
      break;
  }
  duckdb::child_list_t<LogicalType> children;
  for (const Field& field : type.fields()) {
    children.emplace_back(field.name, ToDuckType(field.type));
  }
  // DuckDB has no struct without fields.
  if (children.empty()) children.emplace_back("", LogicalType::BOOLEAN);
  return LogicalType::STRUCT(std::move(children));
}

duckdb::hugeint_t ToHugeint(Int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

Int128 FromHugeint(const duckdb::hugeint_t& value) {
  return (static_cast<Int128>(value.upper) << 64) | static_cast<Int128>(value.lower);
}

duckdb::Value DuckDecimal(Int128 unscaled, int precision, int scale) {
  const auto width = static_cast<uint8_t>(precision);
  const auto places = static_cast<uint8_t>(scale);
  if (precision > 18) return duckdb::Value::DECIMAL(ToHugeint(unscaled), width, places);
  if (precision > 9) return duckdb::Value::DECIMAL(static_cast<int64_t>(unscaled), width, places);
  if (precision > 4) return duckdb::Value::DECIMAL(static_cast<int32_t>(unscaled), width, places);
  return duckdb::Value::DECIMAL(static_cast<int16_t>(unscaled), width, places);
}

duckdb::Value DuckNested(const Value& value) {
  const DataType& type = value.type();
  const std::vector<Value>& parts = value.children();
  duckdb::vector<duckdb::Value> children;
  if (type.Is(TypeId::kArray)) {
    for (const Value& part : parts) children.push_back(ToDuckValue(part));
    return duckdb::Value::LIST(ToDuckType(type.element()), std::move(children));
  }
  if (type.Is(TypeId::kMap)) {
    duckdb::vector<duckdb::Value> values;
    for (size_t i = 0; i + 1 < parts.size(); i += 2) {
      children.push_back(ToDuckValue(parts[i]));
      values.push_back(ToDuckValue(parts[i + 1]));
    }
    return duckdb::Value::MAP(ToDuckType(type.key()), ToDuckType(type.value()), std::move(children),
                              std::move(values));
  }
  for (const Value& part : parts) children.push_back(ToDuckValue(part));
  if (children.empty()) children.push_back(duckdb::Value::BOOLEAN(true));
  return duckdb::Value::STRUCT(ToDuckType(type), std::move(children));
}

// Parts of nested values may come with a narrower type than the nest declares (a NULL of type
// void).
duckdb::Value DuckAtomic(const Value& value) {
  switch (value.type().id()) {
    case TypeId::kBoolean:
      return duckdb::Value::BOOLEAN(value.boolean());
    case TypeId::kByte:
      return duckdb::Value::TINYINT(static_cast<int8_t>(value.integer()));
    case TypeId::kShort:
      return duckdb::Value::SMALLINT(static_cast<int16_t>(value.integer()));
    case TypeId::kInt:
    case TypeId::kYearMonthInterval:
      return duckdb::Value::INTEGER(static_cast<int32_t>(value.integer()));
    case TypeId::kLong:
    case TypeId::kDayTimeInterval:
      return duckdb::Value::BIGINT(value.integer());
    case TypeId::kFloat:
      return duckdb::Value::FLOAT(static_cast<float>(value.real()));
    case TypeId::kDouble:
      return duckdb::Value::DOUBLE(value.real());
    case TypeId::kDecimal:
      return DuckDecimal(value.decimal(), value.type().precision(), value.type().scale());
    case TypeId::kBinary:
      return duckdb::Value::BLOB(duckdb::const_data_ptr_cast(value.text().data()),
                                 value.text().size());
    case TypeId::kDate:
      return duckdb::Value::DATE(duckdb::date_t(static_cast<int32_t>(value.integer())));
    case TypeId::kTime:
      return duckdb::Value::TIME(duckdb::dtime_t(value.integer()));
    case TypeId::kTimestamp:
      return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(value.integer()));
    case TypeId::kTimestampNtz:
      return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(value.integer()));
    case TypeId::kCalendarInterval: {
      const CalendarInterval& interval = value.interval();
      return duckdb::Value::INTERVAL(interval.months, interval.days, interval.micros);
    }
    default:
      return duckdb::Value(value.text());  // strings and variants
  }
}

}  // namespace

LogicalType ToDuckType(const DataType& type) {
  switch (type.id()) {
    case TypeId::kNull:
      return LogicalType::SQLNULL;
    case TypeId::kBoolean:
      return LogicalType::BOOLEAN;
    case TypeId::kByte:
      return LogicalType::TINYINT;
    case TypeId::kShort:
      return LogicalType::SMALLINT;
    case TypeId::kInt:
    case TypeId::kYearMonthInterval:
      return LogicalType::INTEGER;
    case TypeId::kLong:
    case TypeId::kDayTimeInterval:
      return LogicalType::BIGINT;
    case TypeId::kFloat:
      return LogicalType::FLOAT;
    case TypeId::kDouble:
      return LogicalType::DOUBLE;
    case TypeId::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()),
                                  static_cast<uint8_t>(type.scale()));
    case TypeId::kBinary:
      return LogicalType::BLOB;
    case TypeId::kDate:
      return LogicalType::DATE;
    case TypeId::kTime:
      return LogicalType::TIME;
    case TypeId::kTimestamp:
      return LogicalType::TIMESTAMP_TZ;
    case TypeId::kTimestampNtz:
      return LogicalType::TIMESTAMP;
    case TypeId::kCalendarInterval:
      return LogicalType::INTERVAL;
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      return NestedDuckType(type);
    default:
      return LogicalType::VARCHAR;
  }
}

duckdb::Value ToDuckValue(const Value& value) {
  if (value.is_null()) return duckdb::Value(ToDuckType(value.type()));
  return value.type().IsNested() ? DuckNested(value) : DuckAtomic(value);
}

namespace {

Value FromDuckNested(const duckdb::Value& value, const DataType& type) {
  std::vector<Value> parts;
  if (type.Is(TypeId::kArray)) {
    for (const duckdb::Value& child : duckdb::ListValue::GetChildren(value)) {
      parts.push_back(FromDuckValue(child, type.element()));
    }
  } else if (type.Is(TypeId::kMap)) {
    for (const duckdb::Value& entry : duckdb::MapValue::GetChildren(value)) {
      const auto& pair = duckdb::StructValue::GetChildren(entry);
      parts.push_back(FromDuckValue(pair[0], type.key()));
      parts.push_back(FromDuckValue(pair[1], type.value()));
    }
  } else {
    const auto& children = duckdb::StructValue::GetChildren(value);
    for (size_t i = 0; i < type.fields().size(); ++i) {
      parts.push_back(FromDuckValue(children[i], type.fields()[i].type));
    }
  }
  return Value::Of(type, std::move(parts));
}

Int128 UnscaledOf(const duckdb::Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return value.GetValueUnsafe<int16_t>();
    case duckdb::PhysicalType::INT32:
      return value.GetValueUnsafe<int32_t>();
    case duckdb::PhysicalType::INT64:
      return value.GetValueUnsafe<int64_t>();
    default:
      return FromHugeint(value.GetValueUnsafe<duckdb::hugeint_t>());
  }
}

}  // namespace

Value FromDuckValue(const duckdb::Value& value, const DataType& type) {
  if (value.IsNull() || type.Is(TypeId::kNull)) return Value::Null(type);
  if (type.IsNested()) return FromDuckNested(value, type);
  switch (type.id()) {
    case TypeId::kBoolean:
      return Value::Of(type, duckdb::BooleanValue::Get(value));
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kYearMonthInterval:
    case TypeId::kLong:
    case TypeId::kDayTimeInterval:
      return Value::Of(type, value.GetValue<int64_t>());
    case TypeId::kFloat:
      return Value::Of(type, static_cast<double>(duckdb::FloatValue::Get(value)));
    case TypeId::kDouble:
      return Value::Of(type, duckdb::DoubleValue::Get(value));
    case TypeId::kDecimal:
      return Value::Of(type, UnscaledOf(value));
    case TypeId::kDate:
      return Value::Of(type, int64_t{duckdb::DateValue::Get(value).days});
    case TypeId::kTime:
      return Value::Of(type, duckdb::TimeValue::Get(value).micros);
    case TypeId::kTimestamp:
      return Value::Of(type, value.GetValueUnsafe<duckdb::timestamp_tz_t>().value);
    case TypeId::kTimestampNtz:
      return Value::Of(type, value.GetValueUnsafe<duckdb::timestamp_t>().value);
    case TypeId::kCalendarInterval: {
      const duckdb::interval_t interval = duckdb::IntervalValue::Get(value);
      return Value::Of(type, CalendarInterval{interval.months, interval.days, interval.micros});
    }
    default:
      return Value::Of(type, std::string(duckdb::StringValue::Get(value)));
  }
}

}  // namespace tarn::engine::duck
