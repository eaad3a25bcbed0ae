#include "bundle_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "known_keys.h"
#include "source_files.h"
#include "tarn/io/file_listing.h"

namespace tarn::pipeline {

namespace {

bool IsYamlName(const std::string& path) {
  return path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".json");
}

Result<Yaml> ReadBundleFile(const YamlFile& file, std::vector<ProjectWarning>* warnings) {
  TARN_ASSIGN(Yaml yaml, ReadYaml(file));
  if (yaml.kind == Yaml::Kind::kNull) yaml.kind = Yaml::Kind::kMap;
  if (!yaml.IsMap()) return InvalidProject(yaml.place, "it isn't a map");
  WarnOfUnknownBundleKeys(yaml, warnings);
  return yaml;
}

/// A resource is described in one file.
Status CheckResourcesUnique(const Yaml& bundle, const Yaml& part) {
  const Yaml* kinds = part.Find("resources");
  if (kinds == nullptr) return {};
  for (const YamlMember& kind : kinds->members) {
    const Yaml* known = bundle.FindPath("resources." + kind.key);
    if (known == nullptr) continue;
    for (const YamlMember& resource : kind.value.members) {
      const Yaml* other = known->Find(resource.key);
      if (other == nullptr) continue;
      return InvalidProject(resource.place, "the resource " + kind.key + "." + resource.key +
                                                " is also in " + other->place.ToString());
    }
  }
  return {};
}

/// Merges the files that `include` lists.
Status MergeIncludes(const RequestContext& context, const YamlFile& file,
                     const ProjectOptions& options, std::vector<ProjectWarning>* warnings,
                     Yaml* bundle) {
  const Yaml* include = bundle->Find("include");
  if (include == nullptr || include->kind == Yaml::Kind::kNull) return {};
  if (!include->IsList()) return InvalidProject(include->place, "include isn't a list");
  const std::vector<Yaml> patterns = include->items;
  std::set<std::string> seen{file.path};
  for (const Yaml& pattern : patterns) {
    if (!pattern.IsText() || pattern.text.starts_with('/')) {
      return InvalidProject(pattern.place, "an include is a path seen from the bundle's folder");
    }
    const std::string path = AbsolutePath(options.folder, pattern.text);
    TARN_ASSIGN(const auto found, io::ListFiles(context, path, {.recursive = false}));
    if (found.empty() && pattern.text.find_first_of("*?[") == std::string::npos) {
      return InvalidProject(pattern.place, "no file is " + pattern.text);
    }
    for (const io::ObjectInfo& info : found) {
      const std::string absolute = "/" + info.path.str();
      if (!seen.insert(absolute).second) continue;
      if (!IsYamlName(absolute)) {
        return InvalidProject(pattern.place, "an included file is YAML or JSON, and " +
                                                 NameInFolder(options.folder, absolute) +
                                                 " is neither");
      }
      TARN_ASSIGN(const Yaml part,
                  ReadBundleFile({absolute, NameInFolder(options.folder, absolute)}, warnings));
      TARN_TRY(CheckResourcesUnique(*bundle, part));
      Merge(bundle, part);
    }
  }
  return {};
}

Result<std::string> ChooseTarget(const Yaml& targets, const std::string& wanted) {
  std::string names;
  std::vector<std::string> defaults;
  for (const YamlMember& target : targets.members) {
    names += (names.empty() ? "" : ", ") + target.key;
    if (target.value.TextOf("default") == "true") defaults.push_back(target.key);
  }
  if (!wanted.empty()) {
    if (targets.Find(wanted) != nullptr) return wanted;
    return InvalidProject(targets.place, "it has no target " + wanted + ", but " + names);
  }
  if (targets.members.size() == 1) return targets.members[0].key;
  if (defaults.size() > 1) {
    return InvalidProject(targets.place,
                          "the targets " + defaults[0] + " and " + defaults[1] + " are default");
  }
  if (defaults.empty()) {
    return InvalidProject(targets.place, "no target is default; choose one by --target: " + names);
  }
  return defaults[0];
}

/// A target gives a variable another value, or parts of its definition.
Status ApplyVariables(const Yaml& target, Yaml* bundle) {
  const Yaml* given = target.Find("variables");
  if (given == nullptr) return {};
  for (const YamlMember& member : given->members) {
    Yaml* variables = bundle->Find("variables");
    Yaml* variable = variables == nullptr ? nullptr : variables->Find(member.key);
    if (variable == nullptr) {
      return InvalidProject(member.place,
                            "the variable " + member.key + " isn't declared under variables");
    }
    const bool definition = member.value.IsMap() && (member.value.Find("default") != nullptr ||
                                                     member.value.Find("lookup") != nullptr);
    if (!definition) {
      variable->Member("default") = member.value;
      continue;
    }
    for (const YamlMember& part : member.value.members) variable->Member(part.key) = part.value;
    // A lookup of the target counts more than a default of the bundle.
    if (member.value.Find("default") == nullptr) {
      std::erase_if(variable->members, [](const YamlMember& m) { return m.key == "default"; });
    }
  }
  return {};
}

/// What Databricks' extension for editors and `bundle` itself keep of a person's own values.
Status ApplyVariableOverrides(const ProjectOptions& options, const std::string& target,
                              Yaml* bundle) {
  const std::string name =
      ".databricks/bundle/" + (target.empty() ? "default" : target) + "/variable-overrides.json";
  const YamlFile file{options.folder + "/" + name, name};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file.path, ignored)) return {};
  TARN_ASSIGN(const Yaml values, ReadYaml(file));
  if (values.kind == Yaml::Kind::kNull) return {};
  if (!values.IsMap()) return InvalidProject(values.place, "it isn't an object");
  for (const YamlMember& member : values.members) {
    Yaml* variables = bundle->Find("variables");
    Yaml* variable = variables == nullptr ? nullptr : variables->Find(member.key);
    if (variable == nullptr) {
      return InvalidProject(member.place,
                            "the variable " + member.key + " isn't declared under variables");
    }
    variable->Member("default") = member.value;
  }
  return {};
}

Result<std::string> ApplyTarget(const std::string& wanted, Yaml* bundle) {
  const Yaml* targets = bundle->Find("targets");
  // As they were called once.
  if (targets == nullptr) targets = bundle->Find("environments");
  if (targets == nullptr || targets->members.empty()) {
    if (wanted.empty()) return std::string();
    return InvalidProject(bundle->place, "it has no target " + wanted + ", for it has none");
  }
  TARN_ASSIGN(std::string chosen, ChooseTarget(*targets, wanted));
  const Yaml target = *targets->Find(chosen);
  if (target.kind == Yaml::Kind::kNull) return chosen;
  if (!target.IsMap()) return InvalidProject(target.place, "target " + chosen + " isn't a map");
  for (const char* part : {"resources", "workspace", "bundle", "presets"}) {
    if (const Yaml* own = target.Find(part)) Merge(&bundle->Member(part), *own);
  }
  if (const Yaml* mode = target.Find("mode")) {
    if (mode->text != "development" && mode->text != "production") {
      return InvalidProject(mode->place, "a mode is development or production");
    }
    bundle->Member("mode") = *mode;
  }
  TARN_TRY(ApplyVariables(target, bundle));
  return chosen;
}

}  // namespace

void Merge(Yaml* onto, const Yaml& from) {
  if (onto->IsMap() && from.IsMap()) {
    for (const YamlMember& member : from.members) {
      if (Yaml* known = onto->Find(member.key)) {
        Merge(known, member.value);
      } else {
        onto->members.push_back(member);
      }
    }
  } else if (onto->IsList() && from.IsList()) {
    onto->items.insert(onto->items.end(), from.items.begin(), from.items.end());
  } else if (from.kind != Yaml::Kind::kNull) {
    *onto = from;
  }
}

Result<BundleFiles> ReadBundleFiles(const RequestContext& context, const YamlFile& file,
                                    const ProjectOptions& options,
                                    std::vector<ProjectWarning>* warnings) {
  BundleFiles bundle;
  TARN_ASSIGN(bundle.root, ReadBundleFile(file, warnings));
  TARN_TRY(MergeIncludes(context, file, options, warnings, &bundle.root));
  TARN_ASSIGN(bundle.target, ApplyTarget(options.target, &bundle.root));
  TARN_TRY(ApplyVariableOverrides(options, bundle.target, &bundle.root));
  return bundle;
}

}  // namespace tarn::pipeline
