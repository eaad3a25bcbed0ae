#pragma once

#include <string>

#include "tarn/pipeline/definitions.h"

namespace tarn::pipeline {

/// What definitions say, one line each, for tests and comparison: datasets with their expectations
/// and flows, then problems with condition, place and message.
std::string ToText(const Definitions& definitions);

}  // namespace tarn::pipeline
