#pragma once

#include <cstdint>
#include <optional>

#include "tarn/pipeline/definitions.h"

namespace tarn::pipeline {

/// How often a flow of a continuous update runs, in microseconds: pipelines.trigger.interval of the
/// dataset's properties, else of the pipeline's configuration; nothing where neither says it.
/// INVALID_PARAMETER_VALUE. `dataset` may be null.
Result<std::optional<int64_t>> TriggerIntervalUs(const PipelineSpec& spec,
                                                 const DatasetDefinition* dataset);

/// Databricks' defaults: five seconds for streaming flows, a minute for views of tables alone, ten
/// for other views.
int64_t DefaultTriggerIntervalUs(bool streaming, bool only_tables);

}  // namespace tarn::pipeline
