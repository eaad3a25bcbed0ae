#pragma once

#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// PROJECT_INVALID of a file as a whole.
Error InvalidProject(const std::string& path, std::string detail);

/// A Databricks bundle. Source: the documented schema of databricks.yml.
Result<Project> LoadBundle(const RequestContext& context, const std::string& path,
                           const ProjectOptions& options);
/// A project of Spark's declarative pipelines. Source: spark-pipeline.yml of Spark 4.
Result<Project> LoadSparkProject(const RequestContext& context, const std::string& path,
                                 const ProjectOptions& options);

/// Adds the files that a path or glob pattern (absolute) stands for; `folder` shortens their names.
Status AddSourceFiles(const RequestContext& context, const std::string& pattern,
                      const std::string& folder, PipelineSpec* spec);

/// The text of a scalar member, or `otherwise`.
std::string TextOf(const Json& object, const char* key, std::string otherwise = {});

}  // namespace tarn::pipeline
