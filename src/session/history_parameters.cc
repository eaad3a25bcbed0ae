#include "history_parameters.h"

#include "tarn/base/json_string.h"
#include "tarn/types/schema_json.h"

namespace tarn::session {

namespace {

std::string TypeText(const DataType& type) {
  switch (type.id()) {
    case TypeId::kStruct:
      return R"("struct")";
    case TypeId::kArray:
      return R"("array")";
    case TypeId::kMap:
      return R"("map")";
    default:
      return DataTypeToJson(type);
  }
}

}  // namespace

std::string ConditionList(std::string_view sql) {
  return sql.empty() ? "[]" : "[" + JsonString(sql) + "]";
}

std::string NameList(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const std::string& name : names) {
    if (json.size() > 1) json += ',';
    AppendJsonString(name, &json);
  }
  return json + "]";
}

std::string PropertyObject(const std::map<std::string, std::string>& properties) {
  std::string json = "{";
  for (const auto& [key, value] : properties) {
    if (json.size() > 1) json += ',';
    json += JsonString(key) + ":" + JsonString(value);
  }
  return json + "}";
}

std::string ColumnObject(std::string_view name, const Field& field) {
  std::string json = "{\"name\":" + JsonString(name) + ",\"type\":" + TypeText(field.type) +
                     ",\"nullable\":" + (field.nullable ? "true" : "false") + ",\"metadata\":{";
  bool first = true;
  for (const auto& [key, value] : field.metadata) {
    json += (first ? "" : ",") + JsonString(key) + ":" + value;
    first = false;
  }
  return json + "}}";
}

}  // namespace tarn::session
