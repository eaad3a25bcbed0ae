#include "duck/functions/text_values.h"

#include <charconv>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"
#include "tarn/base/base64.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

template <typename T>
std::optional<int64_t> Integer(const std::string& text) {
  T value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadInteger(const std::string& text, TypeId type) {
  switch (type) {
    case TypeId::kByte:
      return Integer<int8_t>(text);
    case TypeId::kShort:
      return Integer<int16_t>(text);
    case TypeId::kInt:
      return Integer<int32_t>(text);
    default:
      return Integer<int64_t>(text);
  }
}

}  // namespace

TextOptions::TextOptions(const duckdb::Value* map, std::shared_ptr<const TimeZone> zone)
    : zone_(std::move(zone)) {
  if (map && !map->IsNull()) {
    for (const duckdb::Value& entry : duckdb::MapValue::GetChildren(*map)) {
      const auto& pair = duckdb::StructValue::GetChildren(entry);
      if (!pair[1].IsNull()) options_[ToLowerUtf8(pair[0].ToString())] = pair[1].ToString();
    }
  }
  if (const std::string name = Get("timezone"); !name.empty()) {
    auto found = FindTimeZone(name);
    if (found.ok()) zone_ = *found;
  }
  if (const std::string pattern = Get("timestampformat"); !pattern.empty()) {
    timestamp_writer_ = std::make_shared<DatetimePattern>(pattern, false);
    timestamp_reader_ = std::make_shared<DatetimePattern>(pattern, true);
  }
  if (const std::string pattern = Get("dateformat"); !pattern.empty()) {
    date_writer_ = std::make_shared<DatetimePattern>(pattern, false);
    date_reader_ = std::make_shared<DatetimePattern>(pattern, true);
  }
}

std::string TextOptions::Get(const std::string& name, std::string otherwise) const {
  const auto found = options_.find(name);
  return found == options_.end() ? otherwise : found->second;
}

bool TextOptions::Flag(const std::string& name, bool otherwise) const {
  const auto found = options_.find(name);
  return found == options_.end() ? otherwise : ToLowerUtf8(found->second) == "true";
}

std::string TextOptions::Render(const Value& value) const {
  switch (value.type().id()) {
    case TypeId::kDate: {
      if (!date_writer_) break;
      const int64_t micros = value.integer() * kMicrosPerDay;
      return date_writer_->Format(micros, micros, *zone_);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: {
      const bool zoned = value.type().Is(TypeId::kTimestamp);
      const int64_t local = zoned ? zone_->UtcToLocal(value.integer()) : value.integer();
      if (timestamp_writer_) return timestamp_writer_->Format(local, value.integer(), *zone_);
      static const DatetimePattern kZoned("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", false);
      static const DatetimePattern kLocal("yyyy-MM-dd'T'HH:mm:ss.SSS", false);
      return (zoned ? kZoned : kLocal).Format(local, value.integer(), *zone_);
    }
    case TypeId::kBinary:
      return EncodeBase64(value.text());
    default:
      break;
  }
  return RenderAsString(value, zone_->name());
}

std::optional<Value> TextOptions::Read(const std::string& text, const DataType& type) const {
  switch (type.id()) {
    case TypeId::kBoolean: {
      const std::string lower = ToLowerUtf8(text);
      if (lower != "true" && lower != "false") return std::nullopt;
      return Value::Boolean(lower == "true");
    }
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong: {
      const auto number = ReadInteger(text, type.id());
      return number ? std::optional(Value::Of(type, *number)) : std::nullopt;
    }
    case TypeId::kFloat:
    case TypeId::kDouble: {
      const auto number = TextToDouble(text);
      return number ? std::optional(Value::Of(type, *number)) : std::nullopt;
    }
    case TypeId::kDecimal: {
      const auto parsed = ParseDecimal(text);
      const auto number =
          parsed ? ToDecimal(*parsed, type.precision(), type.scale()) : std::nullopt;
      return number ? std::optional(Value::Of(type, *number)) : std::nullopt;
    }
    case TypeId::kDate: {
      if (date_reader_) {
        const auto parsed = date_reader_->Parse(text);
        if (!parsed) return std::nullopt;
        return Value::Of(type, FloorDiv(parsed->micros_local, kMicrosPerDay));
      }
      const auto days = ParseDate(text);
      return days ? std::optional(Value::Of(type, int64_t{*days})) : std::nullopt;
    }
    case TypeId::kTimestamp: {
      if (timestamp_reader_) {
        const auto parsed = timestamp_reader_->Parse(text);
        if (!parsed) return std::nullopt;
        return Value::Of(type,
                         (parsed->zone ? *parsed->zone : *zone_).LocalToUtc(parsed->micros_local));
      }
      const auto micros = ParseTimestamp(text, *zone_);
      return micros ? std::optional(Value::Of(type, *micros)) : std::nullopt;
    }
    case TypeId::kTimestampNtz: {
      const auto micros = ParseTimestampNtz(text, true);
      return micros ? std::optional(Value::Of(type, *micros)) : std::nullopt;
    }
    case TypeId::kTime: {
      const auto micros = TextToTime(text);
      return micros ? std::optional(Value::Of(type, *micros)) : std::nullopt;
    }
    case TypeId::kBinary:
      return Value::Binary(text);
    default:
      return Value::Of(type, text);
  }
}

std::optional<DataType> InferNumber(const std::string& text) {
  if (text.find_first_of(".eE") == text.npos) {
    if (Integer<int64_t>(text)) return DataType(TypeId::kLong);
    const int digits = static_cast<int>(text.size()) - (text.starts_with('-') ? 1 : 0);
    if (text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) != text.npos)
      return std::nullopt;
    return digits <= 38 ? DataType::Decimal(digits, 0) : DataType(TypeId::kDouble);
  }
  return TextToDouble(text) ? std::optional(DataType(TypeId::kDouble)) : std::nullopt;
}

}  // namespace tarn::engine::duck
