#include "bundle.h"

#include <algorithm>

#include "tarn/io/file_listing.h"

namespace tarn::pipeline {

namespace {

/// Maps are merged key by key; anything else is replaced.
void Merge(Json* onto, const Json& from) {
  if (!onto->is_object() || !from.is_object()) {
    *onto = from;
    return;
  }
  for (const auto& [key, value] : from.items()) {
    if (onto->contains(key)) {
      Merge(&(*onto)[key], value);
    } else {
      (*onto)[key] = value;
    }
  }
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

void AnchorPath(Json* owner, const char* key, const std::string& folder) {
  const auto found = owner->find(key);
  if (found == owner->end() || !found->is_string()) return;
  const std::string path = found->get<std::string>();
  if (path.starts_with('/') || path.starts_with("${workspace.")) return;
  *found = folder + "/" + path;
}

/// Paths of libraries are meant from the file in which they are written.
void AnchorLibraries(Json* resources, const std::string& folder) {
  if (!resources->is_object() || !resources->contains("pipelines")) return;
  for (auto& [key, pipeline] : (*resources)["pipelines"].items()) {
    if (!pipeline.is_object() || !pipeline.contains("libraries")) continue;
    for (Json& library : pipeline["libraries"]) {
      if (!library.is_object()) continue;
      if (library.contains("file") && library["file"].is_object()) {
        AnchorPath(&library["file"], "path", folder);
      }
      if (library.contains("notebook") && library["notebook"].is_object()) {
        AnchorPath(&library["notebook"], "path", folder);
      }
      if (library.contains("glob") && library["glob"].is_object()) {
        AnchorPath(&library["glob"], "include", folder);
      }
    }
  }
}

Result<Json> ReadBundleFile(const std::string& path) {
  TARN_ASSIGN(Json json, ReadYaml(path));
  if (json.is_null()) return Json::object();
  if (!json.is_object()) return InvalidProject(path, "it isn't a map");
  const std::string folder = FolderOf(path);
  if (json.contains("resources")) AnchorLibraries(&json["resources"], folder);
  if (json.contains("targets") && json["targets"].is_object()) {
    for (auto& [name, target] : json["targets"].items()) {
      if (target.is_object() && target.contains("resources")) {
        AnchorLibraries(&target["resources"], folder);
      }
    }
  }
  return json;
}

Result<Json> ReadWithIncludes(const RequestContext& context, const std::string& path,
                              const std::string& folder) {
  TARN_ASSIGN(Json bundle, ReadBundleFile(path));
  const auto include = bundle.find("include");
  if (include == bundle.end()) return bundle;
  if (!include->is_array()) return InvalidProject(path, "include isn't a list");
  const Json patterns = *include;
  for (const Json& pattern : patterns) {
    if (!pattern.is_string()) return InvalidProject(path, "an include isn't a path");
    TARN_ASSIGN(const auto files,
                io::ListFiles(context, folder + "/" + pattern.get<std::string>(), {}));
    for (const io::ObjectInfo& file : files) {
      TARN_ASSIGN(const Json part, ReadBundleFile("/" + file.path.str()));
      Merge(&bundle, part);
    }
  }
  return bundle;
}

/// Takes the chosen target's settings over the bundle's own.
Result<std::string> ApplyTarget(const std::string& path, const std::string& wanted, Json* bundle) {
  const auto targets = bundle->find("targets");
  if (targets == bundle->end() || !targets->is_object() || targets->empty()) {
    if (wanted.empty()) return std::string();
    return InvalidProject(path, "it has no target " + wanted);
  }
  std::string chosen = wanted;
  std::string names;
  for (const auto& [name, target] : targets->items()) {
    names += (names.empty() ? "" : ", ") + name;
    if (wanted.empty() && target.is_object() && TextOf(target, "default") == "true") chosen = name;
  }
  if (chosen.empty() && targets->size() == 1) chosen = targets->begin().key();
  if (chosen.empty()) return InvalidProject(path, "choose one by --target: " + names);
  if (!targets->contains(chosen)) {
    return InvalidProject(path, "it has no target " + chosen + ", but " + names);
  }
  const Json target = (*targets)[chosen];
  if (target.is_object()) {
    for (const char* part : {"resources", "workspace", "bundle"}) {
      if (target.contains(part)) Merge(&(*bundle)[part], target[part]);
    }
    if (target.contains("variables") && target["variables"].is_object()) {
      for (const auto& [name, value] : target["variables"].items()) {
        Json& variable = (*bundle)["variables"][name];
        if (value.is_object()) {
          Merge(&variable, value);
        } else {
          variable["default"] = value;
        }
      }
    }
  }
  return chosen;
}

/// Replaces ${…} in all strings.
class Interpolation {
 public:
  Interpolation(const std::string& path, const Json& bundle, const ProjectOptions& options,
                std::string target)
      : path_(path), bundle_(bundle), options_(options), target_(std::move(target)) {}

  Status Apply(Json* json, int depth = 0) {
    if (json->is_string()) {
      TARN_ASSIGN(std::string text, Expand(json->get<std::string>(), 0));
      *json = std::move(text);
      return {};
    }
    if (!json->is_structured()) return {};
    for (Json& item : *json) TARN_TRY(Apply(&item, depth + 1));
    return {};
  }

 private:
  static constexpr int kDepthMax = 20;
  static constexpr size_t kTextMax = 1 << 20;

  Result<std::string> Expand(const std::string& text, int depth) {
    if (depth > kDepthMax)
      return InvalidProject(path_, "variables refer to each other in a circle");
    std::string result;
    size_t at = 0;
    while (true) {
      const size_t open = text.find("${", at);
      const size_t close = open == text.npos ? text.npos : text.find('}', open);
      result += text.substr(at, open == text.npos ? text.npos : open - at);
      if (close == text.npos) {
        if (open != text.npos) result += text.substr(open);
        break;
      }
      TARN_ASSIGN(const std::string value, ValueOf(text.substr(open + 2, close - open - 2)));
      TARN_ASSIGN(const std::string expanded, Expand(value, depth + 1));
      result += expanded;
      at = close + 1;
      if (result.size() > kTextMax) return InvalidProject(path_, "a value grows too long");
    }
    return result;
  }

  Result<std::string> ValueOf(const std::string& reference) {
    if (reference.starts_with("var.")) return VariableOf(reference.substr(4));
    if (reference == "bundle.target" || reference == "bundle.environment") return target_;
    if (reference == "workspace.current_user.userName" ||
        reference == "workspace.current_user.short_name") {
      return options_.user;
    }
    if (reference == "workspace.file_path" || reference == "workspace.root_path") {
      return options_.folder;
    }
    // Any other scalar of the bundle by its path.
    const Json* node = &bundle_;
    std::string_view rest = reference;
    while (node != nullptr && !rest.empty()) {
      const std::string key(rest.substr(0, rest.find('.')));
      rest.remove_prefix(std::min(rest.size(), key.size() + 1));
      const auto found = node->is_object() ? node->find(key) : node->end();
      node = node->is_object() && found != node->end() ? &*found : nullptr;
    }
    if (node != nullptr && node->is_string()) return node->get<std::string>();
    return Unknown("${" + reference + "}");
  }

  Result<std::string> VariableOf(const std::string& name) {
    for (const auto& [given, value] : options_.variables) {
      if (given == name) return value;
    }
    const auto variables = bundle_.find("variables");
    if (variables == bundle_.end() || !variables->is_object() || !variables->contains(name)) {
      return Unknown("${var." + name + "}");
    }
    const Json& variable = (*variables)[name];
    if (variable.is_object() && variable.contains("default") && variable["default"].is_string()) {
      return variable["default"].get<std::string>();
    }
    return Error(Condition("PROJECT_VARIABLE_UNKNOWN"),
                 {{"reference", "${var." + name + "}"}, {"file", path_}})
        .WithHint("The variable has no default: give it by --var " + name + "=VALUE.");
  }

  Error Unknown(std::string reference) const {
    return Error(Condition("PROJECT_VARIABLE_UNKNOWN"),
                 {{"reference", std::move(reference)}, {"file", path_}});
  }

  const std::string& path_;
  const Json& bundle_;
  const ProjectOptions& options_;
  const std::string target_;
};

Status AddLibrary(const RequestContext& context, const std::string& path, const Json& library,
                  const std::string& folder, PipelineSpec* spec) {
  if (library.is_object() && library.size() == 1) {
    const std::string kind = library.begin().key();
    const Json& value = library.begin().value();
    if ((kind == "file" || kind == "notebook") && value.is_object() && value.contains("path")) {
      return AddSourceFiles(context, TextOf(value, "path"), folder, spec);
    }
    if (kind == "glob" && value.is_object() && value.contains("include")) {
      return AddSourceFiles(context, TextOf(value, "include"), folder, spec);
    }
    if (kind == "jar" || kind == "maven" || kind == "whl") {
      return UnsupportedFeature("The library " + kind + " of pipeline " + spec->key);
    }
  }
  return InvalidProject(
      path, "a library of pipeline " + spec->key + " is neither file, notebook nor glob");
}

Result<PipelineSpec> ReadPipeline(const RequestContext& context, const std::string& path,
                                  const std::string& key, const Json& json,
                                  const std::string& folder) {
  PipelineSpec spec;
  spec.key = key;
  if (!json.is_object()) return InvalidProject(path, "pipeline " + key + " isn't a map");
  if (json.contains("ingestion_definition") || json.contains("gateway_definition")) {
    return UnsupportedFeature("ingestion_definition of pipeline " + key);
  }
  spec.name = TextOf(json, "name", key);
  spec.catalog = TextOf(json, "catalog", spec.catalog);
  spec.schema = TextOf(json, "schema", TextOf(json, "target", spec.schema));
  // `target` may be written as catalog.schema.
  if (const size_t dot = spec.schema.find('.'); dot != spec.schema.npos) {
    spec.catalog = spec.schema.substr(0, dot);
    spec.schema = spec.schema.substr(dot + 1);
  }
  if (const auto found = json.find("configuration"); found != json.end() && found->is_object()) {
    for (const auto& [name, value] : found->items()) {
      spec.configuration[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  const auto libraries = json.find("libraries");
  if (libraries == json.end() || !libraries->is_array() || libraries->empty()) {
    return InvalidProject(path, "pipeline " + key + " has no libraries");
  }
  for (const Json& library : *libraries) {
    TARN_TRY(AddLibrary(context, path, library, folder, &spec));
  }
  return spec;
}

}  // namespace

Result<Project> LoadBundle(const RequestContext& context, const std::string& path,
                           const ProjectOptions& options) {
  TARN_ASSIGN(Json bundle, ReadWithIncludes(context, path, options.folder));
  Project project;
  project.file = path;
  TARN_ASSIGN(project.target, ApplyTarget(path, options.target, &bundle));
  const Json raw = bundle;
  const auto resources = bundle.find("resources");
  if (resources == bundle.end() || !resources->is_object() || !resources->contains("pipelines") ||
      !(*resources)["pipelines"].is_object()) {
    return InvalidProject(path, "it has no resources.pipelines");
  }
  Json& pipelines = (*resources)["pipelines"];
  Interpolation interpolation(path, raw, options, project.target);
  TARN_TRY(interpolation.Apply(&pipelines));
  for (const auto& [key, json] : pipelines.items()) {
    TARN_ASSIGN(PipelineSpec spec, ReadPipeline(context, path, key, json, options.folder));
    project.pipelines.push_back(std::move(spec));
  }
  return project;
}

}  // namespace tarn::pipeline
