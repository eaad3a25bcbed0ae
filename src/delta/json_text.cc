#include "json_text.h"

#include <cstdint>

#include "tarn/base/json_string.h"
#include "tarn/base/utf8.h"

namespace tarn::delta {
namespace {

bool ReadHex4(std::string_view text, uint32_t& code) {
  if (text.size() < 4) return false;
  code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[i];
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return false;
    }
    code = code * 16 + digit;
  }
  return true;
}

/// Reads the escape after "\u" at `i` (the first hexadecimal digit) and moves `i` behind it.
bool ReadUnicodeEscape(std::string_view content, size_t& i, std::string& out) {
  uint32_t code = 0;
  if (!ReadHex4(content.substr(i), code)) return false;
  i += 4;
  if (code >= 0xD800 && code < 0xDC00 && content.substr(i, 2) == "\\u") {
    uint32_t low = 0;
    if (ReadHex4(content.substr(i + 2), low) && low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      i += 6;
    }
  }
  AppendCodePoint(code, &out);
  return true;
}

}  // namespace

bool UnescapeJson(std::string_view content, std::string& out) {
  out.clear();
  out.reserve(content.size());
  size_t i = 0;
  while (i < content.size()) {
    const size_t slash = content.find('\\', i);
    if (slash == std::string_view::npos) {
      out += content.substr(i);
      return true;
    }
    out += content.substr(i, slash - i);
    if (slash + 1 >= content.size()) return false;
    const char c = content[slash + 1];
    i = slash + 2;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
      if (!ReadUnicodeEscape(content, i, out)) return false;
    } else if (const size_t at = kNames.find(c); at != std::string_view::npos) {
      out.push_back(kValues[at]);
    } else {
      return false;
    }
  }
  return true;
}

void ObjectWriter::Key(std::string_view key) {
  if (!first_) out_.push_back(',');
  first_ = false;
  AppendJsonString(key, &out_);
  out_.push_back(':');
}

void ObjectWriter::Text(std::string_view key, std::string_view value) {
  Key(key);
  AppendJsonString(value, &out_);
}

void ObjectWriter::Int(std::string_view key, int64_t value) {
  Key(key);
  out_ += std::to_string(value);
}

void ObjectWriter::Bool(std::string_view key, bool value) {
  Key(key);
  out_ += value ? "true" : "false";
}

void ObjectWriter::Raw(std::string_view key, std::string_view json) {
  Key(key);
  out_ += json;
}

void ObjectWriter::TextMap(std::string_view key, const std::map<std::string, std::string>& values) {
  Key(key);
  ObjectWriter inner(out_);
  for (const auto& [name, value] : values) inner.Text(name, value);
  inner.Close();
}

void ObjectWriter::TextList(std::string_view key, const std::vector<std::string>& values) {
  Key(key);
  out_.push_back('[');
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out_.push_back(',');
    AppendJsonString(values[i], &out_);
  }
  out_.push_back(']');
}

void ObjectWriter::OptionalTextMap(
    std::string_view key,
    const std::vector<std::pair<std::string, std::optional<std::string>>>& values) {
  Key(key);
  ObjectWriter inner(out_);
  for (const auto& [name, value] : values) {
    if (value) {
      inner.Text(name, *value);
    } else {
      inner.Raw(name, "null");
    }
  }
  inner.Close();
}

}  // namespace tarn::delta
