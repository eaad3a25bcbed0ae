#include "rescued_data.h"

namespace tarn::format {

void AppendJsonText(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  *out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        *out += '\\';
        *out += c;
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\r':
        *out += "\\r";
        break;
      case '\t':
        *out += "\\t";
        break;
      case '\b':
        *out += "\\b";
        break;
      case '\f':
        *out += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          *out += "\\u00";
          *out += kHex[c >> 4];
          *out += kHex[c & 15];
        } else {
          *out += c;
        }
    }
  }
  *out += '"';
}

void RescuedData::AddJson(std::string_view name, std::string_view json) {
  json_ += json_.empty() ? '{' : ',';
  AppendJsonText(name, &json_);
  json_ += ':';
  json_ += json;
}

void RescuedData::AddText(std::string_view name, std::string_view text) {
  std::string json;
  AppendJsonText(text, &json);
  AddJson(name, json);
}

std::string_view RescuedData::FinishNested() {
  json_ += '}';
  return json_;
}

std::string_view RescuedData::Finish(std::string_view path) {
  AddText("_file_path", path);
  return FinishNested();
}

}  // namespace tarn::format
