#pragma once

#include "event_log.h"
#include "flow_task.h"
#include "tarn/pipeline/update.h"

namespace tarn::pipeline {

/// The events of an update, in Databricks' words and with its details.
Event CreateUpdateEvent(const std::string& user, const UpdateOptions& options);
Event UpdateProgressEvent(const std::string& update_id, UpdateState state,
                          const std::optional<Error>& error);
/// A problem of the definitions, found before anything ran.
Event ProblemEvent(const Problem& problem);
Event DatasetDefinitionEvent(const Node& node);
Event FlowDefinitionEvent(const Graph& graph, const Node& node, const FlowDefinition& flow);
/// Why a materialized view is computed anew.
Event PlanningEvent(const FlowReport& flow);
Event FlowProgressEvent(const FlowReport& flow);
/// The rows and expectations of one batch.
Event FlowMetricsEvent(const FlowReport& flow, const FlowBatch& batch);

/// Small files that were put together, or why they weren't.
Event MaintenanceEvent(const std::string& dataset, const Result<session::Compacted>& compacted);

}  // namespace tarn::pipeline
