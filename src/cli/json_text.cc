#include "json_text.h"

#include <cmath>
#include <cstdint>

#include "tarn/base/json_string.h"

namespace tarn::cli {

namespace {

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * j)) & 63];
    }
  }
  return text;
}

void AppendReal(std::string& json, const Value& value) {
  if (!std::isfinite(value.real())) {
    json += JsonString(RenderAsString(value, "UTC"));
    return;
  }
  json += RenderAsString(value, "UTC");
}

void AppendNested(std::string& json, const Value& value) {
  const std::vector<Value>& children = value.children();
  if (value.type().Is(TypeId::kArray)) {
    json += '[';
    for (size_t i = 0; i < children.size(); ++i) {
      if (i > 0) json += ',';
      AppendJsonValue(json, children[i]);
    }
    json += ']';
    return;
  }
  json += '{';
  const bool is_map = value.type().Is(TypeId::kMap);
  for (size_t i = 0; i < children.size(); i += is_map ? 2 : 1) {
    if (i > 0) json += ',';
    json += JsonString(is_map ? RenderAsString(children[i], "UTC") : value.type().fields()[i].name);
    json += ':';
    AppendJsonValue(json, children[is_map ? i + 1 : i]);
  }
  json += '}';
}

}  // namespace

void AppendJsonValue(std::string& json, const Value& value) {
  if (value.is_null()) {
    json += "null";
    return;
  }
  switch (value.type().id()) {
    case TypeId::kBoolean:
      json += value.boolean() ? "true" : "false";
      return;
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      json += std::to_string(value.integer());
      return;
    case TypeId::kFloat:
    case TypeId::kDouble:
      AppendReal(json, value);
      return;
    case TypeId::kDecimal:
      json += RenderDecimal(value.decimal(), value.type().scale());
      return;
    case TypeId::kBinary:
      json += JsonString(Base64(value.text()));
      return;
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      AppendNested(json, value);
      return;
    default:
      json += JsonString(RenderAsString(value, "UTC"));
  }
}

}  // namespace tarn::cli
