#include "yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "file_text.h"

namespace tarn::pipeline {

namespace {

constexpr size_t kBytesMax = 16 << 20;
constexpr int kNodesMax = 200'000;
constexpr int kDepthMax = 100;

class Converter {
 public:
  explicit Converter(std::shared_ptr<const YamlFile> file) : file_(std::move(file)) {}

  Result<Yaml> Convert(const YAML::Node& node, int depth) {
    Yaml value;
    value.place = PlaceOf(node.Mark());
    if (depth > kDepthMax) return InvalidProject(value.place, "it is nested too deeply");
    if (++nodes_ > kNodesMax) return InvalidProject(value.place, "it has too many parts");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        value.kind = Yaml::Kind::kText;
        value.text = node.Scalar();
        return value;
      case YAML::NodeType::Sequence:
        value.kind = Yaml::Kind::kList;
        for (const YAML::Node& item : node) {
          TARN_ASSIGN(Yaml converted, Convert(item, depth + 1));
          value.items.push_back(std::move(converted));
        }
        return value;
      case YAML::NodeType::Map:
        TARN_TRY(ConvertMap(node, depth, &value));
        return value;
      default:
        return value;
    }
  }

  YamlPlace PlaceOf(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, mark.column + 1};
  }

 private:
  Status ConvertMap(const YAML::Node& node, int depth, Yaml* map) {
    map->kind = Yaml::Kind::kMap;
    std::vector<Yaml> merged;
    for (const auto& entry : node) {
      const YamlPlace place = PlaceOf(entry.first.Mark());
      if (!entry.first.IsScalar()) return InvalidProject(place, "a key must be plain text");
      const std::string& key = entry.first.Scalar();
      TARN_ASSIGN(Yaml value, Convert(entry.second, depth + 1));
      if (key == "<<") {
        if (!value.IsList()) {
          merged.push_back(std::move(value));
          continue;
        }
        std::move(value.items.begin(), value.items.end(), std::back_inserter(merged));
        continue;
      }
      if (map->Find(key) != nullptr) {
        return InvalidProject(place, "the key " + key + " stands twice");
      }
      map->members.push_back({key, std::move(value), place});
    }
    // What the map says itself stands; of several merged maps the first counts.
    for (const Yaml& from : merged) {
      if (!from.IsMap()) return InvalidProject(from.place, "<< takes a map");
      for (const YamlMember& member : from.members) {
        if (map->Find(member.key) == nullptr) map->members.push_back(member);
      }
    }
    return {};
  }

  std::shared_ptr<const YamlFile> file_;
  int nodes_ = 0;
};

}  // namespace

std::string YamlPlace::ToString() const {
  return (file ? file->name : std::string("the command line")) +
         (line > 0 ? ":" + std::to_string(line) : "");
}

Yaml Yaml::Text(std::string text, YamlPlace place) {
  Yaml value;
  value.kind = Kind::kText;
  value.text = std::move(text);
  value.place = std::move(place);
  return value;
}

const Yaml* Yaml::Find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const YamlMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Yaml* Yaml::Find(std::string_view key) {
  return const_cast<Yaml*>(static_cast<const Yaml*>(this)->Find(key));
}

const Yaml* Yaml::FindPath(std::string_view path) const {
  const Yaml* node = this;
  while (node != nullptr && !path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), key.size() + 1));
    node = node->Find(key);
  }
  return node;
}

std::string Yaml::TextOf(std::string_view key, std::string otherwise) const {
  const Yaml* found = Find(key);
  return found != nullptr && found->IsText() ? found->text : std::move(otherwise);
}

Yaml& Yaml::Member(std::string_view key) {
  kind = Kind::kMap;
  if (Yaml* found = Find(key)) return *found;
  members.push_back({std::string(key), {}, place});
  return members.back().value;
}

Error InvalidProject(const YamlPlace& place, std::string detail) {
  return Error(Condition("PROJECT_INVALID"),
               {{"file", place.file ? place.file->name : "databricks.yml"},
                {"line", std::to_string(std::max(place.line, 1))},
                {"detail", std::move(detail)}});
}

Result<Yaml> ReadYaml(const YamlFile& file) {
  const auto shared = std::make_shared<const YamlFile>(file);
  Converter converter(shared);
  auto text = ReadFileText(file.path, kBytesMax);
  if (!text.ok()) {
    if (text.error().condition() != Condition("IO_ERROR")) {
      return Error(Condition("PROJECT_NOT_FOUND"), {{"path", file.path}});
    }
    return InvalidProject({shared, 1, 1}, std::string(text.error().parameter("detail")));
  }
  try {
    return converter.Convert(YAML::Load(*text), 0);
  } catch (const YAML::Exception& error) {
    return InvalidProject(converter.PlaceOf(error.mark), error.msg);
  }
}

}  // namespace tarn::pipeline
