#include "bundle.h"

#include <algorithm>

#include "bundle_files.h"
#include "bundle_values.h"
#include "known_keys.h"
#include "source_files.h"

namespace tarn::pipeline {

namespace {

/// Databricks' number for updates that aren't continuous.
constexpr int kUpdateRetriesMax = 5;

/// A prefix as names of schemas can have it: "[dev ann] " is "dev_ann_".
std::string NormalizedPrefix(std::string prefix) {
  std::erase(prefix, '[');
  const size_t begin = prefix.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  prefix = prefix.substr(begin, prefix.find_last_not_of(' ') + 1 - begin);
  return NormalizedName(prefix) + (prefix.ends_with(']') ? "_" : "");
}

/// The resources of a bundle once the target's mode and presets have had their way.
class Resources {
 public:
  Resources(Yaml& bundle, const ProjectOptions& options) : bundle_(bundle), options_(options) {
    mode_ = bundle.TextOf("mode");
  }

  /// A pipeline's schema that the bundle itself describes is that one, whatever its name becomes.
  void CaptureSchemas() {
    for (YamlMember& pipeline : Of("pipelines")) {
      const std::string catalog = pipeline.value.TextOf("catalog");
      for (const char* key : {"schema", "target"}) {
        Yaml* name = pipeline.value.Find(key);
        if (name == nullptr || !name->IsText() || catalog.empty()) continue;
        for (const YamlMember& schema : Of("schemas")) {
          if (schema.value.TextOf("catalog_name") != catalog) continue;
          if (schema.value.TextOf("name") != name->text) continue;
          name->text = "${resources.schemas." + schema.key + ".name}";
          break;
        }
      }
    }
  }

  Status ApplyPresets() {
    const Yaml* presets = bundle_.Find("presets");
    std::string prefix = presets ? presets->TextOf("name_prefix") : std::string();
    const bool development = mode_ == "development";
    if (development && prefix.empty()) prefix = "[dev " + ShortName(options_.user) + "] ";
    const std::string paused =
        presets ? presets->TextOf("trigger_pause_status", development ? "PAUSED" : "")
                : std::string(development ? "PAUSED" : "");
    for (YamlMember& pipeline : Of("pipelines")) {
      TARN_TRY(CheckMode(pipeline));
      Yaml& name = pipeline.value.Member("name");
      name = Yaml::Text(prefix + (name.IsText() ? name.text : pipeline.key), name.place);
      if (paused == "PAUSED") {
        std::erase_if(pipeline.value.members,
                      [](const YamlMember& member) { return member.key == "continuous"; });
      }
    }
    const Yaml* skip = bundle_.FindPath("experimental.skip_name_prefix_for_schema");
    if (skip != nullptr && skip->text == "true") return {};
    for (YamlMember& schema : Of("schemas")) {
      if (Yaml* name = schema.value.Find("name")) {
        name->text = NormalizedPrefix(prefix) + name->text;
      }
    }
    return {};
  }

 private:
  std::vector<YamlMember>& Of(const char* kind) {
    Yaml* resources = bundle_.Find("resources");
    Yaml* found = resources == nullptr ? nullptr : resources->Find(kind);
    return found == nullptr ? none_ : found->members;
  }

  Status CheckMode(const YamlMember& pipeline) const {
    if (!pipeline.value.IsMap()) {
      return InvalidProject(pipeline.place, "pipeline " + pipeline.key + " isn't a map");
    }
    const Yaml* development = pipeline.value.Find("development");
    if (mode_ == "production" && development != nullptr && development->text == "true") {
      return InvalidProject(development->place,
                            "a target of mode production can't have a pipeline with "
                            "development: true");
    }
    return {};
  }

  Yaml& bundle_;
  const ProjectOptions& options_;
  std::string mode_;
  std::vector<YamlMember> none_;
};

Status AddLibrary(const RequestContext& context, const Yaml& library, const std::string& folder,
                  PipelineSpec* spec) {
  struct Form {
    const char* key;
    const char* path;
    LibraryKind kind;
  };
  static constexpr Form kForms[] = {{"file", "path", LibraryKind::kFile},
                                    {"notebook", "path", LibraryKind::kNotebook},
                                    {"glob", "include", LibraryKind::kGlob}};
  for (const Form& form : kForms) {
    const Yaml* source = library.Find(form.key);
    const Yaml* path = source == nullptr ? nullptr : source->Find(form.path);
    if (path == nullptr || !path->IsText() || path->text.empty()) continue;
    return AddSourceFiles(context, form.kind, *path, folder, spec);
  }
  for (const char* kind : {"jar", "maven", "whl"}) {
    if (library.Find(kind) == nullptr) continue;
    return UnsupportedFeature("The library " + std::string(kind) + " of pipeline " + spec->key +
                              " (" + library.place.ToString() + ")");
  }
  return InvalidProject(library.place, "a library of pipeline " + spec->key +
                                           " is written as file: path:, notebook: path: or "
                                           "glob: include:");
}

Status ReadConfiguration(const Yaml& pipeline, PipelineSpec* spec) {
  const Yaml* configuration = pipeline.Find("configuration");
  if (configuration == nullptr || configuration->kind == Yaml::Kind::kNull) return {};
  if (!configuration->IsMap()) {
    return InvalidProject(configuration->place, "configuration isn't a map");
  }
  for (const YamlMember& member : configuration->members) {
    if (member.value.IsList() || member.value.IsMap()) {
      return InvalidProject(member.place, "configuration " + member.key + " isn't a text");
    }
    spec->configuration[member.key] = member.value.text;
  }
  return {};
}

Status ReadEventLog(const Yaml& pipeline, PipelineSpec* spec) {
  const Yaml* log = pipeline.Find("event_log");
  if (log == nullptr || log->kind == Yaml::Kind::kNull) return {};
  spec->event_log = {log->TextOf("catalog", spec->catalog), log->TextOf("schema", spec->schema),
                     log->TextOf("name")};
  if (log->IsMap() && !spec->event_log.name.empty()) return {};
  return InvalidProject(log->place,
                        "event_log has a name, and a catalog and schema if it isn't to "
                        "stand where the pipeline's tables do");
}

Result<PipelineSpec> ReadPipeline(const RequestContext& context, const YamlMember& member,
                                  const std::string& folder) {
  const Yaml& pipeline = member.value;
  PipelineSpec spec;
  spec.key = member.key;
  for (const char* managed : {"ingestion_definition", "gateway_definition"}) {
    if (const Yaml* found = pipeline.Find(managed)) {
      return UnsupportedFeature(std::string(managed) + " of pipeline " + member.key + " (" +
                                found->place.ToString() + ")");
    }
  }
  spec.name = pipeline.TextOf("name", member.key);
  spec.catalog = pipeline.TextOf("catalog", spec.catalog);
  spec.schema = pipeline.TextOf("schema", pipeline.TextOf("target", spec.schema));
  if (pipeline.Find("schema") != nullptr && pipeline.Find("target") != nullptr) {
    return InvalidProject(pipeline.Find("target")->place,
                          "schema and target mean the same; keep schema");
  }
  // `target` may be written as catalog.schema.
  if (const size_t dot = spec.schema.find('.'); dot != spec.schema.npos) {
    spec.catalog = spec.schema.substr(0, dot);
    spec.schema = spec.schema.substr(dot + 1);
  }
  spec.continuous = pipeline.TextOf("continuous") == "true";
  TARN_TRY(ReadEventLog(pipeline, &spec));
  TARN_TRY(ReadConfiguration(pipeline, &spec));
  const Yaml* libraries = pipeline.Find("libraries");
  if (libraries == nullptr || !libraries->IsList() || libraries->items.empty()) {
    return InvalidProject(libraries ? libraries->place : member.place,
                          "pipeline " + member.key + " has no libraries");
  }
  for (const Yaml& library : libraries->items) {
    TARN_TRY(AddLibrary(context, library, folder, &spec));
  }
  return spec;
}

Result<ProjectSecurable> ReadVolume(const YamlMember& member) {
  ProjectSecurable volume;
  volume.catalog = member.value.TextOf("catalog_name");
  volume.schema = member.value.TextOf("schema_name");
  volume.name = member.value.TextOf("name");
  volume.comment = member.value.TextOf("comment");
  volume.location = member.value.TextOf("storage_location");
  if (volume.catalog.empty() || volume.schema.empty() || volume.name.empty()) {
    return InvalidProject(member.place,
                          "volume " + member.key + " needs catalog_name, schema_name and name");
  }
  const bool external = member.value.TextOf("volume_type", "MANAGED") == "EXTERNAL";
  if (external != !volume.location.empty()) {
    return InvalidProject(member.place, "volume " + member.key +
                                            " has a storage_location if its volume_type is "
                                            "EXTERNAL, and only then");
  }
  return volume;
}

/// What the bundle wants to be there before its pipelines run.
Result<std::vector<ProjectSecurable>> ReadSecurables(const Yaml& bundle) {
  std::vector<ProjectSecurable> securables;
  if (const Yaml* catalogs = bundle.FindPath("resources.catalogs")) {
    for (const YamlMember& member : catalogs->members) {
      const std::string name = member.value.TextOf("name");
      if (name.empty())
        return InvalidProject(member.place, "catalog " + member.key + " has no name");
      securables.push_back({"", name, member.value.TextOf("comment")});
    }
  }
  if (const Yaml* schemas = bundle.FindPath("resources.schemas")) {
    for (const YamlMember& member : schemas->members) {
      const std::string name = member.value.TextOf("name");
      const std::string catalog = member.value.TextOf("catalog_name");
      if (name.empty() || catalog.empty()) {
        return InvalidProject(member.place,
                              "schema " + member.key + " needs catalog_name and name");
      }
      securables.push_back({catalog, name, member.value.TextOf("comment")});
    }
  }
  if (const Yaml* volumes = bundle.FindPath("resources.volumes")) {
    for (const YamlMember& member : volumes->members) {
      TARN_ASSIGN(ProjectSecurable volume, ReadVolume(member));
      securables.push_back(std::move(volume));
    }
  }
  return securables;
}

}  // namespace

Result<Project> LoadBundle(const RequestContext& context, const YamlFile& file,
                           const ProjectOptions& options) {
  Project project;
  project.file = file.path;
  TARN_ASSIGN(BundleFiles bundle, ReadBundleFiles(context, file, options, &project.warnings));
  project.target = bundle.target;
  Yaml& root = bundle.root;
  const YamlPlace whole = root.place;
  const Yaml* described = root.FindPath("resources.pipelines");
  if (described == nullptr || !described->IsMap()) {
    return InvalidProject(whole, "it has no resources.pipelines");
  }
  // References to resources are settled last: the target's mode renames them first.
  for (const bool all : {false, true}) {
    const Yaml raw = root;
    const BundleValues values(raw, options, bundle.target);
    TARN_TRY(values.CheckGiven());
    for (const char* kind : {"pipelines", "schemas", "catalogs", "volumes"}) {
      Yaml* resources = root.Find("resources")->Find(kind);
      if (resources != nullptr) TARN_TRY(values.Apply(all, resources));
    }
    if (all) break;
    for (const char* part : {"presets", "experimental"}) {
      if (Yaml* found = root.Find(part)) TARN_TRY(values.Apply(true, found));
    }
    Resources resources(root, options);
    resources.CaptureSchemas();
    TARN_TRY(resources.ApplyPresets());
  }
  TARN_ASSIGN(const std::vector<ProjectSecurable> securables, ReadSecurables(root));
  for (const YamlMember& member : root.FindPath("resources.pipelines")->members) {
    WarnOfSettingsNotFollowed(member.value, &project.warnings);
    TARN_ASSIGN(PipelineSpec spec, ReadPipeline(context, member, options.folder));
    spec.securables = securables;
    spec.development =
        member.value.TextOf("development",
                            root.TextOf("mode") == "development" ? "true" : "false") == "true";
    spec.update_retries_max = kUpdateRetriesMax;
    project.pipelines.push_back(std::move(spec));
  }
  return project;
}

}  // namespace tarn::pipeline
