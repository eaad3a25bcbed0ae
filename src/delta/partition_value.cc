#include "tarn/delta/partition_value.h"

#include "log_reader.h"
#include "number_text.h"

namespace tarn::delta {
namespace {

Error Malformed(std::string_view table, std::string_view text, const DataType& type) {
  return LogCorrupt(table, "partitionValues",
                    "\"" + std::string(text.substr(0, 100)) + "\" is no " + type.ToString());
}

}  // namespace

bool CanPartitionBy(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal:
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      return true;
    default:
      return false;
  }
}

Result<Value> ParsePartitionValue(const std::optional<std::string_view>& text, const DataType& type,
                                  const TimeZone& zone, std::string_view table) {
  if (!text || text->empty()) return Value::Null(type);
  switch (type.id()) {
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
      return Value::Of(type, std::string(*text));
    case TypeId::kBoolean:
      if (SameName(*text, "true")) return Value::Boolean(true);
      if (SameName(*text, "false")) return Value::Boolean(false);
      break;
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      if (const auto number = ParseIntegerText(*text, type)) return Value::Of(type, *number);
      break;
    case TypeId::kFloat:
    case TypeId::kDouble:
      if (const auto number = ParseRealText(*text)) return Value::Of(type, *number);
      break;
    case TypeId::kDecimal:
      if (const auto number = ParseDecimalText(*text, type.precision(), type.scale())) {
        return Value::Of(type, *number);
      }
      break;
    case TypeId::kDate:
      if (const auto days = ParseDate(*text)) return Value::Of(type, int64_t{*days});
      break;
    case TypeId::kTimestamp:
      if (const auto micros = ParseTimestamp(*text, zone)) return Value::Of(type, *micros);
      break;
    case TypeId::kTimestampNtz:
      if (const auto micros = ParseTimestampNtz(*text, true)) return Value::Of(type, *micros);
      break;
    default:
      break;
  }
  return Malformed(table, *text, type);
}

Result<PartitionText> PartitionValueToText(const Value& value) {
  if (value.is_null()) return PartitionText();
  const DataType& type = value.type();
  std::string text;
  switch (type.id()) {
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
      text = value.text();
      break;
    case TypeId::kBoolean:
      text = value.boolean() ? "true" : "false";
      break;
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      text = std::to_string(value.integer());
      break;
    case TypeId::kFloat:
      text = RenderFloat(static_cast<float>(value.real()));
      break;
    case TypeId::kDouble:
      text = RenderDouble(value.real());
      break;
    case TypeId::kDecimal:
      text = RenderDecimal(value.decimal(), type.scale());
      break;
    case TypeId::kDate:
      text = RenderDate(static_cast<int32_t>(value.integer()));
      break;
    case TypeId::kTimestamp:
      text = IsoTimestamp(value.integer(), 6) + "Z";
      break;
    case TypeId::kTimestampNtz:
      text = RenderTimestamp(value.integer());
      break;
    default:
      return InternalError("a partition value of type " + type.ToString());
  }
  // Readers take the empty text for NULL whatever the type.
  if (text.empty()) return PartitionText();
  return PartitionText(std::move(text));
}

}  // namespace tarn::delta
