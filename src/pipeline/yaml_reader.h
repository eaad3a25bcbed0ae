#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tarn/base/result.h"

namespace tarn::pipeline {

using Json = nlohmann::ordered_json;

/// Reads a YAML file as JSON whose scalars are all strings (or null). At most 16 MiB, 200,000 nodes
/// and 100 levels, aliases counted as often as they stand for something. Errors: PROJECT_NOT_FOUND,
/// PROJECT_INVALID with the line.
Result<Json> ReadYaml(const std::string& path);

}  // namespace tarn::pipeline
