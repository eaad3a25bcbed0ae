#pragma once

#include <vector>

#include "tarn/pipeline/definitions.h"

namespace tarn::pipeline {

/// What a dataset's definition asks for and an update doesn't do yet, each by its name at its place
/// in the statement's text.
std::vector<Error> RefusedClauses(const DatasetDefinition& dataset);

}  // namespace tarn::pipeline
