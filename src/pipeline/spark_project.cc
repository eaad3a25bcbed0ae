#include <algorithm>

#include "bundle.h"
#include "source_files.h"

namespace tarn::pipeline {

namespace {

/// A file, or a folder and all below it; no other patterns.
bool IsSparkGlob(std::string_view pattern) {
  if (pattern.ends_with("/**")) pattern.remove_suffix(3);
  return pattern.find_first_of("*?[") == std::string_view::npos;
}

Status CheckKeys(const Yaml& yaml) {
  static constexpr std::string_view kKnown[] = {"name",   "storage",       "catalog",  "database",
                                                "schema", "configuration", "libraries"};
  for (const YamlMember& member : yaml.members) {
    if (std::find(std::begin(kKnown), std::end(kKnown), member.key) == std::end(kKnown)) {
      return InvalidProject(member.place, "the key " + member.key + " isn't known");
    }
  }
  if (yaml.TextOf("name").empty()) return InvalidProject(yaml.place, "it has no name");
  return {};
}

Status ReadConfiguration(const Yaml& yaml, PipelineSpec* spec) {
  const Yaml* configuration = yaml.Find("configuration");
  if (configuration == nullptr) return {};
  if (!configuration->IsMap()) {
    return InvalidProject(configuration->place, "configuration isn't a map");
  }
  for (const YamlMember& member : configuration->members) {
    if (!member.value.IsText()) {
      return InvalidProject(member.place, "configuration " + member.key + " isn't a text");
    }
    spec->configuration[member.key] = member.value.text;
  }
  return {};
}

Status ReadLibraries(const RequestContext& context, const Yaml& yaml, const std::string& folder,
                     PipelineSpec* spec) {
  const Yaml* libraries = yaml.Find("libraries");
  if (libraries == nullptr || !libraries->IsList() || libraries->items.empty()) {
    return InvalidProject(libraries ? libraries->place : yaml.place, "it has no libraries");
  }
  for (const Yaml& library : libraries->items) {
    const Yaml* include = library.FindPath("glob.include");
    if (include == nullptr || !include->IsText() || include->text.empty()) {
      return InvalidProject(library.place, "a library is written as glob: include: PATH");
    }
    if (!IsSparkGlob(include->text)) {
      return InvalidProject(include->place,
                            "include is a file's path or a folder with /**, not " + include->text);
    }
    TARN_TRY(AddSourceFiles(context, LibraryKind::kSparkGlob, *include, folder, spec));
  }
  return {};
}

}  // namespace

Result<Project> LoadSparkProject(const RequestContext& context, const YamlFile& file,
                                 const ProjectOptions& options) {
  TARN_ASSIGN(const Yaml yaml, ReadYaml(file));
  if (!yaml.IsMap()) return InvalidProject(yaml.place, "it isn't a map");
  if (!options.target.empty()) {
    return InvalidProject(yaml.place, "it has no targets, and --target names " + options.target);
  }
  if (!options.variables.empty()) {
    return Error(Condition("PROJECT_VARIABLE_UNKNOWN"),
                 {{"reference", "--var " + options.variables[0].first}, {"file", file.name}});
  }
  TARN_TRY(CheckKeys(yaml));
  PipelineSpec spec;
  spec.name = yaml.TextOf("name");
  spec.key = spec.name;
  spec.catalog = yaml.TextOf("catalog", spec.catalog);
  spec.schema = yaml.TextOf("database", yaml.TextOf("schema", spec.schema));
  TARN_TRY(ReadConfiguration(yaml, &spec));
  TARN_TRY(ReadLibraries(context, yaml, options.folder, &spec));
  Project project;
  project.file = file.path;
  project.pipelines.push_back(std::move(spec));
  return project;
}

}  // namespace tarn::pipeline
