#include "tarn/pipeline/project.h"

#include <algorithm>
#include <filesystem>

#include "bundle.h"
#include "tarn/io/file_listing.h"

namespace tarn::pipeline {

Error InvalidProject(const std::string& path, std::string detail) {
  return Error(Condition("PROJECT_INVALID"),
               {{"file", path}, {"line", "1"}, {"detail", std::move(detail)}});
}

std::string TextOf(const Json& object, const char* key, std::string otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::move(otherwise);
}

Status AddSourceFiles(const RequestContext& context, const std::string& pattern,
                      const std::string& folder, PipelineSpec* spec) {
  // "folder/**" stands for everything below it.
  std::string path = pattern;
  if (path.ends_with("/**")) path.resize(path.size() - 3);
  TARN_ASSIGN(auto found, io::ListFiles(context, path, {}));
  if (found.empty() && path.find('.', path.rfind('/')) == path.npos) {
    // A notebook is named without its extension.
    TARN_ASSIGN(found, io::ListFiles(context, path + ".{sql,py,scala}", {}));
  }
  if (found.empty()) {
    return Error(Condition("PATH_NOT_FOUND"), {{"path", pattern}})
        .WithHint("The pipeline " + spec->key + " names it among its libraries.");
  }
  for (const io::ObjectInfo& info : found) {
    const std::string absolute = "/" + info.path.str();
    const bool sql = absolute.ends_with(".sql");
    if (!sql && !absolute.ends_with(".py") && found.size() > 1) continue;
    const bool known = std::any_of(spec->files.begin(), spec->files.end(),
                                   [&](const SourceFile& file) { return file.path == absolute; });
    if (known) continue;
    const bool inside = absolute.starts_with(folder + "/");
    spec->files.push_back({absolute, inside ? absolute.substr(folder.size() + 1) : absolute});
  }
  return {};
}

Result<Project> LoadProject(const RequestContext& context, const ProjectOptions& options) {
  std::error_code ignored;
  for (const char* name : {"databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml"}) {
    const std::string path = options.folder + "/" + name;
    if (std::filesystem::exists(path, ignored)) return LoadBundle(context, path, options);
  }
  for (const char* name :
       {"spark-pipeline.yml", "spark-pipeline.yaml", "pipeline.yml", "pipeline.yaml"}) {
    const std::string path = options.folder + "/" + name;
    if (std::filesystem::exists(path, ignored)) return LoadSparkProject(context, path, options);
  }
  return Error(Condition("PROJECT_NOT_FOUND"), {{"path", options.folder}});
}

Result<Project> LoadSparkProject(const RequestContext& context, const std::string& path,
                                 const ProjectOptions& options) {
  if (!options.target.empty()) {
    return InvalidProject(path, "it has no targets, and --target names " + options.target);
  }
  TARN_ASSIGN(const Json json, ReadYaml(path));
  if (!json.is_object()) return InvalidProject(path, "it isn't a map");
  for (const auto& [key, value] : json.items()) {
    static constexpr std::string_view kKnown[] = {"name",          "libraries", "definitions",
                                                  "storage",       "catalog",   "database",
                                                  "configuration", "schema"};
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown)) {
      return InvalidProject(path, "the key " + key + " isn't known");
    }
  }
  PipelineSpec spec;
  spec.name = TextOf(json, "name");
  if (spec.name.empty()) return InvalidProject(path, "it has no name");
  spec.key = spec.name;
  spec.catalog = TextOf(json, "catalog", spec.catalog);
  spec.schema = TextOf(json, "database", TextOf(json, "schema", spec.schema));
  if (const auto found = json.find("configuration"); found != json.end() && found->is_object()) {
    for (const auto& [key, value] : found->items()) {
      spec.configuration[key] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  const auto libraries = json.find("libraries");
  if (libraries == json.end() || !libraries->is_array()) {
    return InvalidProject(path, "it has no libraries");
  }
  for (const Json& library : *libraries) {
    const auto glob = library.find("glob");
    const std::string include =
        glob != library.end() && glob->is_object() ? TextOf(*glob, "include") : std::string();
    if (include.empty()) return InvalidProject(path, "a library is written as glob: include: PATH");
    TARN_TRY(AddSourceFiles(context, options.folder + "/" + include, options.folder, &spec));
  }
  Project project;
  project.file = path;
  project.pipelines.push_back(std::move(spec));
  return project;
}

}  // namespace tarn::pipeline
