#pragma once

#include <vector>

#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// Warns of keys of a bundle's file that its schema doesn't have. Source: the JSON schema that
/// `databricks bundle schema` prints; resources other than pipelines and schemas aren't looked
/// into.
void WarnOfUnknownBundleKeys(const Yaml& bundle, std::vector<ProjectWarning>* warnings);

/// Warns of settings of a pipeline that would change what an update does, and aren't followed.
void WarnOfSettingsNotFollowed(const Yaml& pipeline, std::vector<ProjectWarning>* warnings);

}  // namespace tarn::pipeline
