#pragma once

#include <optional>
#include <string_view>

#include "tarn/base/error.h"

namespace tarn::plan {

/// Why a function that Spark or Databricks has isn't executed here on purpose; nullopt for all
/// other names. UNSUPPORTED_FEATURE, or Spark's own condition for a module that isn't there.
std::optional<Error> RefusedFunction(std::string_view name);

}  // namespace tarn::plan
