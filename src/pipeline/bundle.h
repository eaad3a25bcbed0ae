#pragma once

#include <string>

#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// A Databricks bundle: what `databricks bundle validate` makes of it, as far as pipelines, schemas
/// and catalogs go. Source: the documented schema of databricks.yml.
Result<Project> LoadBundle(const RequestContext& context, const YamlFile& file,
                           const ProjectOptions& options);
/// A project of Spark's declarative pipelines. Source: spark-pipeline.yml of Spark 4.2.
Result<Project> LoadSparkProject(const RequestContext& context, const YamlFile& file,
                                 const ProjectOptions& options);

}  // namespace tarn::pipeline
