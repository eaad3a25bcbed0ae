#include "json_text.h"

#include <cmath>
#include <cstdint>

namespace tarn::cli {

namespace {

/// Length of the well-formed UTF-8 sequence at `at`, or 0.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80    ? 1
                        : lead >= 0xF5 ? 0
                        : lead >= 0xF0 ? 4
                        : lead >= 0xE0 ? 3
                        : lead >= 0xC2 ? 2
                                       : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

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

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    const size_t length = SequenceLength(text, at);
    if (length == 0) {
      json += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (length > 1) {
      json += text.substr(at, length);
    } else if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\t') {
      json += "\\t";
    } else if (c == '\r') {
      json += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kHex[] = "0123456789abcdef";
      json += "\\u00";
      json += kHex[c >> 4];
      json += kHex[c & 15];
    } else {
      json += c;
    }
    at += length;
  }
  return json + '"';
}

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
