#include "rescued_data.h"

#include "tarn/base/json_string.h"

namespace tarn::format {

void RescuedData::AddJson(std::string_view name, std::string_view json) {
  json_ += json_.empty() ? '{' : ',';
  AppendJsonString(name, &json_);
  json_ += ':';
  json_ += json;
}

void RescuedData::AddText(std::string_view name, std::string_view text) {
  AddJson(name, JsonString(text));
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
