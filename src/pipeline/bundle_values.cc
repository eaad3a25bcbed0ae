#include "bundle_values.h"

#include <algorithm>

#include "references.h"

namespace tarn::pipeline {

namespace {

constexpr int kDepthMax = 20;
constexpr size_t kTextMax = 1 << 20;

Error Unknown(const std::string& reference, const YamlPlace& place) {
  return Error(Condition("PROJECT_VARIABLE_UNKNOWN"),
               {{"reference", "${" + reference + "}"}, {"file", place.ToString()}});
}

}  // namespace

std::string NormalizedName(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (upper || kept) {
      result += upper ? static_cast<char>(c | 0x20) : c;
    } else if (!result.empty() && result.back() != '_') {
      result += '_';
    }
  }
  if (result.ends_with('_')) result.pop_back();
  return result;
}

std::string ShortName(const std::string& user) {
  return NormalizedName(std::string_view(user).substr(0, user.find('@')));
}

Status BundleValues::CheckGiven() const {
  const Yaml* variables = bundle_.Find("variables");
  for (const auto& [name, value] : options_.variables) {
    if (variables == nullptr || variables->Find(name) == nullptr) {
      return Error(Condition("PROJECT_VARIABLE_UNKNOWN"),
                   {{"reference", "--var " + name}, {"file", bundle_.place.file->name}});
    }
  }
  return {};
}

Status BundleValues::Apply(bool all, Yaml* value, int depth) const {
  if (depth > kDepthMax) {
    return InvalidProject(value->place, "references lead in a circle: " + value->text);
  }
  if (value->IsText()) return ApplyToText(all, value, depth);
  for (Yaml& item : value->items) TARN_TRY(Apply(all, &item, depth));
  for (YamlMember& member : value->members) TARN_TRY(Apply(all, &member.value, depth));
  return {};
}

Status BundleValues::ApplyToText(bool all, Yaml* value, int depth) const {
  const std::vector<Reference> references = FindReferences(value->text);
  if (references.empty()) return {};
  const auto stays = [&](const Reference& reference) {
    return !all && reference.key.starts_with("resources.");
  };
  if (references.size() == 1 && references[0].end - references[0].begin == value->text.size()) {
    if (stays(references[0])) return {};
    TARN_ASSIGN(Yaml found, ValueOf(references[0].key, value->place));
    // What a text stands for is known by the text's place: paths are meant from there.
    const YamlPlace place = value->place;
    *value = std::move(found);
    if (value->IsText()) value->place = place;
    return Apply(all, value, depth + 1);
  }
  const auto text_of = [&](const Reference& reference) -> Result<std::string> {
    if (stays(reference)) return "${" + reference.key + "}";
    TARN_ASSIGN(Yaml found, ValueOf(reference.key, value->place));
    if (!found.IsText()) {
      return InvalidProject(value->place,
                            "${" + reference.key + "} is no text and stands within one");
    }
    found.place = value->place;
    TARN_TRY(Apply(all, &found, depth + 1));
    return found.text;
  };
  TARN_ASSIGN(value->text, ReplaceReferences(value->text, text_of));
  if (value->text.size() > kTextMax) return InvalidProject(value->place, "a value grows too long");
  return {};
}

Result<Yaml> BundleValues::ValueOf(const std::string& reference, const YamlPlace& place) const {
  if (reference.starts_with("var.")) return VariableOf(reference.substr(4), place);
  if (reference == "bundle.target" || reference == "bundle.environment") {
    return Yaml::Text(target_, place);
  }
  if (reference == "workspace.current_user.userName") return Yaml::Text(options_.user, place);
  if (reference == "workspace.current_user.short_name") {
    return Yaml::Text(ShortName(options_.user), place);
  }
  // A project is run where it lies.
  if (reference == "workspace.file_path" || reference == "workspace.root_path") {
    return Yaml::Text(options_.folder, place);
  }
  const Yaml* found = bundle_.FindPath(reference);
  if (found == nullptr || found->kind == Yaml::Kind::kNull) return Unknown(reference, place);
  return *found;
}

const std::string* BundleValues::GivenFor(const std::string& name) const {
  for (const auto* list : {&options_.variables, &options_.environment_variables}) {
    for (const auto& [given, value] : *list) {
      if (given == name) return &value;
    }
  }
  return nullptr;
}

Result<Yaml> BundleValues::VariableOf(const std::string& path, const YamlPlace& place) const {
  const std::string name = path.substr(0, path.find('.'));
  const std::string rest = path.substr(std::min(path.size(), name.size() + 1));
  const Yaml* variables = bundle_.Find("variables");
  const Yaml* variable = variables == nullptr ? nullptr : variables->Find(name);
  if (variable == nullptr) return Unknown("var." + path, place);
  if (const std::string* given = GivenFor(name)) {
    if (variable->TextOf("type") == "complex") {
      return InvalidProject(variable->place,
                            "the variable " + name + " is complex and can't be given by --var");
    }
    return Yaml::Text(*given, place);
  }
  const Yaml* value = variable->Find("default");
  if (value == nullptr && variable->Find("lookup") != nullptr) {
    return UnsupportedFeature("lookup of the variable " + name + " (" + variable->place.ToString() +
                              ")");
  }
  if (value == nullptr) {
    return Unknown("var." + name, place)
        .WithHint("The variable has no value: give it one by --var " + name + "=VALUE.");
  }
  // Within the default, other references may stand on the way to the rest of the path.
  if (!rest.empty()) value = value->FindPath(rest);
  if (value == nullptr) return Unknown("var." + path, place);
  return *value;
}

}  // namespace tarn::pipeline
