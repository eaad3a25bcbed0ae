#include "known_keys.h"

#include <algorithm>
#include <span>

namespace tarn::pipeline {

namespace {

using Keys = std::span<const std::string_view>;

constexpr std::string_view kRoot[] = {"artifacts", "bundle",    "environments", "experimental",
                                      "include",   "mode",      "presets",      "permissions",
                                      "python",    "resources", "run_as",       "scripts",
                                      "sync",      "targets",   "variables",    "workspace"};
constexpr std::string_view kBundle[] = {"cluster_id", "compute_id", "databricks_cli_version",
                                        "deployment", "engine",     "git",
                                        "name",       "uuid"};
constexpr std::string_view kTarget[] = {
    "artifacts", "bundle",    "cluster_id", "compute_id", "default",   "git",       "mode",
    "presets",   "resources", "run_as",     "sync",       "variables", "workspace", "permissions"};
constexpr std::string_view kPresets[] = {
    "artifacts_dynamic_version", "jobs_max_concurrent_runs", "name_prefix",
    "pipelines_development",     "source_linked_deployment", "tags",
    "trigger_pause_status"};
constexpr std::string_view kVariable[] = {"default", "description", "lookup", "type"};
constexpr std::string_view kPipeline[] = {"allow_duplicate_names",
                                          "budget_policy_id",
                                          "catalog",
                                          "channel",
                                          "clusters",
                                          "configuration",
                                          "continuous",
                                          "deployment",
                                          "development",
                                          "dry_run",
                                          "edition",
                                          "environment",
                                          "event_log",
                                          "filters",
                                          "gateway_definition",
                                          "id",
                                          "ingestion_definition",
                                          "libraries",
                                          "lifecycle",
                                          "name",
                                          "notifications",
                                          "parameters",
                                          "permissions",
                                          "photon",
                                          "restart_window",
                                          "root_path",
                                          "run_as",
                                          "schema",
                                          "serverless",
                                          "storage",
                                          "tags",
                                          "target",
                                          "trigger",
                                          "usage_policy_id"};
constexpr std::string_view kSchema[] = {"catalog_name", "comment",    "grants",      "lifecycle",
                                        "name",         "properties", "storage_root"};
constexpr std::string_view kVolume[] = {"catalog_name",     "comment",    "grants",
                                        "lifecycle",        "name",       "schema_name",
                                        "storage_location", "volume_type"};
constexpr std::string_view kCatalog[] = {
    "comment", "connection_name", "grants",        "lifecycle",  "name",
    "options", "properties",      "provider_name", "share_name", "storage_root"};
/// What changes an update where Databricks runs it; machines, permissions and labels don't.
constexpr std::string_view kNotFollowed[] = {"parameters", "restart_window", "run_as", "trigger"};

bool Has(Keys keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void Check(const Yaml* map, Keys known, const std::string& where,
           std::vector<ProjectWarning>* warnings) {
  if (map == nullptr) return;
  for (const YamlMember& member : map->members) {
    if (Has(known, member.key)) continue;
    warnings->push_back(
        {member.place.file ? member.place.file->name : "", member.place.line,
         "unknown field: " + member.key + (where.empty() ? "" : " (at " + where + ")")});
  }
}

void CheckEach(const Yaml* map, Keys known, const std::string& where,
               std::vector<ProjectWarning>* warnings) {
  if (map == nullptr) return;
  for (const YamlMember& member : map->members) {
    Check(&member.value, known, where + "." + member.key, warnings);
  }
}

void CheckResources(const Yaml* resources, const std::string& where,
                    std::vector<ProjectWarning>* warnings) {
  if (resources == nullptr) return;
  CheckEach(resources->Find("pipelines"), kPipeline, where + "resources.pipelines", warnings);
  CheckEach(resources->Find("schemas"), kSchema, where + "resources.schemas", warnings);
  CheckEach(resources->Find("volumes"), kVolume, where + "resources.volumes", warnings);
  CheckEach(resources->Find("catalogs"), kCatalog, where + "resources.catalogs", warnings);
}

}  // namespace

void WarnOfUnknownBundleKeys(const Yaml& bundle, std::vector<ProjectWarning>* warnings) {
  Check(&bundle, kRoot, "", warnings);
  Check(bundle.Find("bundle"), kBundle, "bundle", warnings);
  Check(bundle.Find("presets"), kPresets, "presets", warnings);
  CheckEach(bundle.Find("variables"), kVariable, "variables", warnings);
  CheckResources(bundle.Find("resources"), "", warnings);
  const Yaml* targets = bundle.Find("targets");
  if (targets == nullptr) return;
  for (const YamlMember& target : targets->members) {
    const std::string where = "targets." + target.key;
    Check(&target.value, kTarget, where, warnings);
    Check(target.value.Find("presets"), kPresets, where + ".presets", warnings);
    CheckResources(target.value.Find("resources"), where + ".", warnings);
  }
}

void WarnOfSettingsNotFollowed(const Yaml& pipeline, std::vector<ProjectWarning>* warnings) {
  for (const YamlMember& member : pipeline.members) {
    const bool mail = member.key == "notifications";
    if (!mail && !Has(kNotFollowed, member.key)) continue;
    warnings->push_back(
        {member.place.file ? member.place.file->name : "", member.place.line,
         mail ? "notifications aren't sent by mail: --webhook URL posts what became of an update "
                "that doesn't complete"
              : member.key + " isn't followed"});
  }
}

}  // namespace tarn::pipeline
