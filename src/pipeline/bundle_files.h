#pragma once

#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// The files of a bundle put together, with the settings of the chosen target on top.
struct BundleFiles {
  Yaml root;
  std::string target;  ///< empty where there are none
};

/// Reads databricks.yml and its includes and applies the target (`wanted`; empty: the default).
/// Keys that a bundle doesn't have become warnings, as with Databricks' command line.
Result<BundleFiles> ReadBundleFiles(const RequestContext& context, const YamlFile& file,
                                    const ProjectOptions& options,
                                    std::vector<ProjectWarning>* warnings);

/// Maps are merged key by key and lists joined; anything else is replaced.
void Merge(Yaml* onto, const Yaml& from);

}  // namespace tarn::pipeline
