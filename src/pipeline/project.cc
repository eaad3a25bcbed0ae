#include "tarn/pipeline/project.h"

#include <filesystem>

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

}  // namespace

Result<Project> LoadProject(const RequestContext& context, const ProjectOptions& options) {
  const auto bundles =
      Present(options.folder, {"databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml"});
  if (!bundles.empty()) {
    TARN_TRY(CheckOne(bundles));
    return LoadBundle(context, bundles[0], options);
  }
  // The shorter names are those of Spark 4.1's previews.
  const auto specs = Present(options.folder, {"spark-pipeline.yml", "spark-pipeline.yaml",
                                              "pipeline.yml", "pipeline.yaml"});
  if (!specs.empty()) {
    TARN_TRY(CheckOne(specs));
    return LoadSparkProject(context, specs[0], options);
  }
  return Error(Condition("PROJECT_NOT_FOUND"), {{"path", options.folder}});
}

}  // namespace tarn::pipeline
