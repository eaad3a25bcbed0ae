#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"

namespace tarn::catalog {

/// The lower-cased name, or INVALID_SCHEMA_OR_RELATION_NAME.
Result<std::string> CheckedName(std::string_view name);

/// Up to three of `candidates` that look most like `wanted`, best first; none that are far from it.
std::vector<std::string> NearestNames(std::string_view wanted,
                                      const std::vector<std::string>& candidates);

}  // namespace tarn::catalog
