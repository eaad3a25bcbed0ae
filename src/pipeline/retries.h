#pragma once

#include <string>

#include "tarn/pipeline/update.h"

namespace tarn::pipeline {

/// A number of retries in the pipeline's configuration, `missing` if it has none.
/// INVALID_PARAMETER_VALUE.
Result<int> RetriesOf(const PipelineSpec& spec, const std::string& key, int missing);

/// RunUpdate without running it again.
Result<UpdateReport> RunUpdateOnce(const RequestContext& context, session::Instance& instance,
                                   const PipelineSpec& spec, const Definitions& definitions,
                                   const UpdateOptions& options, UpdateObserver& observer);

}  // namespace tarn::pipeline
