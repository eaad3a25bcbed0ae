#pragma once

#include <vector>

#include "tarn/pipeline/update.h"

namespace tarn::pipeline {

/// What an update does with a dataset.
struct Chosen {
  bool refresh = false;
  bool reset = false;  ///< a streaming table is read again from the beginning
};

/// Per dataset. Views are always refreshed: they cost nothing. Errors:
/// PIPELINE_DATASET_UNKNOWN; PIPELINE_RESET_NOT_ALLOWED for a table that was named.
Result<std::vector<Chosen>> SelectDatasets(const Definitions& definitions,
                                           const UpdateSelection& selection);

}  // namespace tarn::pipeline
