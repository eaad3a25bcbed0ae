#include "yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

namespace tarn::pipeline {

namespace {

constexpr size_t kBytesMax = 16 << 20;
constexpr int kNodesMax = 200'000;
constexpr int kDepthMax = 100;

Error Invalid(const std::string& path, int line, std::string detail) {
  return Error(Condition("PROJECT_INVALID"),
               {{"file", path}, {"line", std::to_string(line)}, {"detail", std::move(detail)}});
}

class Converter {
 public:
  explicit Converter(const std::string& path) : path_(path) {}

  Result<Json> Convert(const YAML::Node& node, int depth) {
    if (depth > kDepthMax) return Fail(node, "it is nested too deeply");
    if (++nodes_ > kNodesMax) return Fail(node, "it has too many parts");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return Json(node.Scalar());
      case YAML::NodeType::Sequence: {
        Json list = Json::array();
        for (const YAML::Node& item : node) {
          TARN_ASSIGN(Json converted, Convert(item, depth + 1));
          list.push_back(std::move(converted));
        }
        return list;
      }
      case YAML::NodeType::Map: {
        Json map = Json::object();
        for (const auto& entry : node) {
          if (!entry.first.IsScalar()) return Fail(entry.first, "a key must be plain text");
          const std::string& key = entry.first.Scalar();
          if (map.contains(key)) return Fail(entry.first, "the key " + key + " stands twice");
          TARN_ASSIGN(map[key], Convert(entry.second, depth + 1));
        }
        return map;
      }
      default:
        return Json(nullptr);
    }
  }

 private:
  Error Fail(const YAML::Node& node, std::string detail) const {
    return Invalid(path_, node.Mark().line + 1, std::move(detail));
  }

  const std::string& path_;
  int nodes_ = 0;
};

}  // namespace

Result<Json> ReadYaml(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(Condition("PROJECT_NOT_FOUND"), {{"path", path}});
  std::ostringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  if (text.size() > kBytesMax) return Invalid(path, 1, "it is larger than 16 MiB");
  try {
    return Converter(path).Convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    return Invalid(path, error.mark.line + 1, error.msg);
  }
}

}  // namespace tarn::pipeline
