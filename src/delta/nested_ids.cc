#include "nested_ids.h"

#include <nlohmann/json.hpp>

#include "json_text.h"

namespace tarn::delta {

namespace {

void AppendPaths(const std::string& path, const DataType& type, std::vector<std::string>& out) {
  const auto append = [&](const char* part, const DataType& of) {
    out.push_back(path + "." + part);
    AppendPaths(out.back(), of, out);
  };
  if (type.Is(TypeId::kArray)) append("element", type.element());
  if (type.Is(TypeId::kMap)) {
    append("key", type.key());
    append("value", type.value());
  }
}

}  // namespace

std::optional<NestedIds> ParseNestedIds(std::string_view json) {
  NestedIds ids;
  if (json.empty()) return ids;
  const auto object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  for (const auto& [path, id] : object.items()) {
    if (!id.is_number_integer()) return std::nullopt;
    const auto number = id.get<int64_t>();
    if (number < 0 || number > INT32_MAX) return std::nullopt;
    ids[path] = static_cast<int32_t>(number);
  }
  return ids;
}

std::string ToJson(const NestedIds& ids) {
  std::string out;
  ObjectWriter writer(out);
  for (const auto& [path, id] : ids) writer.Int(path, id);
  writer.Close();
  return out;
}

std::vector<std::string> NestedIdPaths(const std::string& physical_name, const DataType& type) {
  std::vector<std::string> paths;
  AppendPaths(physical_name, type, paths);
  return paths;
}

}  // namespace tarn::delta
