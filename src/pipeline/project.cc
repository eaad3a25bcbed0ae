#include "tarn/pipeline/project.h"

#include <filesystem>
#include <optional>

#include "bundle.h"

namespace tarn::pipeline {

namespace {

/// The names of `names` that the folder has.
std::vector<YamlFile> Present(const std::string& folder, std::initializer_list<const char*> names) {
  std::vector<YamlFile> files;
  std::error_code ignored;
  for (const char* name : names) {
    const std::string path = folder + "/" + name;
    if (std::filesystem::is_regular_file(path, ignored)) files.push_back({path, name});
  }
  return files;
}

Status CheckOne(const std::vector<YamlFile>& files) {
  if (files.size() == 1) return {};
  return InvalidProject({std::make_shared<const YamlFile>(files[1]), 1, 1},
                        "there is " + files[0].name + " as well; keep one of them");
}

/// Reads the project of exactly this folder; nothing if there is none.
Result<std::optional<Project>> LoadFolder(const RequestContext& context,
                                          const ProjectOptions& options) {
  const auto bundles =
      Present(options.folder, {"databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml"});
  // The shorter names are those of Spark 4.1's previews.
  const auto specs = Present(options.folder, {"spark-pipeline.yml", "spark-pipeline.yaml",
                                              "pipeline.yml", "pipeline.yaml"});
  if (bundles.empty() && specs.empty()) return std::optional<Project>();
  const auto& files = bundles.empty() ? specs : bundles;
  TARN_TRY(CheckOne(files));
  auto project = bundles.empty() ? LoadSparkProject(context, files[0], options)
                                 : LoadBundle(context, files[0], options);
  if (!project.ok()) return std::move(project).error();
  project->folder = options.folder;
  return std::optional(*std::move(project));
}

}  // namespace

Result<Project> LoadProject(const RequestContext& context, const ProjectOptions& options) {
  ProjectOptions here = options;
  while (true) {
    TARN_ASSIGN(std::optional<Project> project, LoadFolder(context, here));
    if (project) return *std::move(project);
    const size_t slash = here.folder.rfind('/');
    if (!options.search_parents || slash == 0 || slash == here.folder.npos) break;
    here.folder.resize(slash);
  }
  return Error(Condition("PROJECT_NOT_FOUND"), {{"path", options.folder}});
}

}  // namespace tarn::pipeline
