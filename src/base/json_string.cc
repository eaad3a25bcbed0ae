#include "tarn/base/json_string.h"

#include <algorithm>

#include "tarn/base/utf8.h"

namespace tarn {

namespace {

bool IsEscaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendEscape(char c, std::string* out) {
  static constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kNames = "\"\\bfnrt";
  static constexpr char kHex[] = "0123456789ABCDEF";
  *out += '\\';
  if (const size_t at = kNamed.find(c); at != kNamed.npos) {
    *out += kNames[at];
    return;
  }
  *out += "u00";
  *out += kHex[c >> 4];
  *out += kHex[c & 15];
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    const auto end = std::find_if(text.begin(), text.end(), IsEscaped);
    const auto plain = static_cast<size_t>(end - text.begin());
    AppendValidUtf8(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) break;
    AppendEscape(text.front(), out);
    text.remove_prefix(1);
  }
  *out += '"';
}

std::string JsonString(std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

}  // namespace tarn
