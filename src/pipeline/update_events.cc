#include "update_events.h"

#include <nlohmann/json.hpp>

namespace tarn::pipeline {

namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Event FlowEvent(const FlowReport& flow, Json progress) {
  Event event;
  event.type = "flow_progress";
  event.dataset = flow.dataset;
  event.flow = flow.flow;
  event.details = Text({{"flow_progress", std::move(progress)}});
  return event;
}

Json InputsOf(const Graph& graph, const Node& node) {
  Json inputs = Json::array();
  for (const size_t input : node.inputs) {
    inputs.push_back({{"name", graph.nodes[input].definition->name.ToString()}});
  }
  for (const std::string& external : node.externals) inputs.push_back({{"name", external}});
  return inputs;
}

Json SchemaOf(const Schema& schema) {
  Json columns = Json::array();
  for (const Field& field : schema.fields) {
    columns.push_back({{"name", field.name}, {"data_type", field.type.ToSql()}});
  }
  return columns;
}

}  // namespace

Event CreateUpdateEvent(const std::string& user, const UpdateOptions& options) {
  const UpdateSelection& selection = options.selection;
  Event event;
  event.type = "create_update";
  event.message = "Update started by " + user + ".";
  event.details = Text({{"create_update",
                         {{"cause", options.is_retry ? "RETRY_ON_FAILURE" : "USER_ACTION"},
                          {"user_name", user},
                          {"full_refresh", selection.full_refresh_all},
                          {"refresh_selection", selection.refresh},
                          {"full_refresh_selection", selection.full_refresh},
                          {"validate_only", false}}}});
  return event;
}

Event UpdateProgressEvent(const std::string& update_id, UpdateState state,
                          const std::optional<Error>& error) {
  Event event;
  event.type = "update_progress";
  event.level = state == UpdateState::kFailed ? "ERROR" : "INFO";
  event.message = "Update " + update_id + " is " + std::string(NameOf(state)) + ".";
  event.details = Text({{"update_progress", {{"state", NameOf(state)}}}});
  event.error = error;
  return event;
}

Event ProblemEvent(const Problem& problem) {
  Event event;
  event.type = "update_progress";
  event.level = "ERROR";
  event.message = problem.file + ": " + problem.error.message();
  Json place = {{"file", problem.file}};
  if (problem.error.position().known()) {
    place["line"] = problem.error.position().line;
    place["column"] = problem.error.position().column;
  }
  event.details = Text({{"problem", std::move(place)}});
  event.error = problem.error;
  return event;
}

Event DatasetDefinitionEvent(const Node& node) {
  const DatasetDefinition& dataset = *node.definition;
  Event event;
  event.type = "dataset_definition";
  event.dataset = dataset.name.ToString();
  event.message =
      "Dataset " + event.dataset + " is defined as " + std::string(NameOf(dataset.kind)) + ".";
  Json expectations = Json::array();
  for (const session::Expectation& expectation : dataset.expectations) {
    expectations.push_back(
        {{"name", expectation.name}, {"boolean_expression", expectation.condition}});
  }
  event.details = Text({{"dataset_definition",
                         {{"dataset_type", NameOf(dataset.kind)},
                          {"num_flows", dataset.flows.size()},
                          {"expectations", std::move(expectations)},
                          {"schema", SchemaOf(node.schema)}}}});
  return event;
}

Event FlowDefinitionEvent(const Graph& graph, const Node& node, const FlowDefinition& flow) {
  Event event;
  event.type = "flow_definition";
  event.dataset = node.definition->name.ToString();
  event.flow = flow.name;
  event.message = "Flow " + flow.name + " is defined.";
  const bool streaming = node.definition->kind == DatasetKind::kStreamingTable;
  event.details = Text({{"flow_definition",
                         {{"output_dataset", event.dataset},
                          {"input_datasets", InputsOf(graph, node)},
                          {"flow_type", flow.once   ? "ONCE"
                                        : streaming ? "APPEND"
                                                    : "COMPLETE"},
                          {"file", flow.statement->file},
                          {"line", flow.statement->source.line}}}});
  return event;
}

Event PlanningEvent(const FlowReport& flow) {
  Event event;
  event.type = "planning_information";
  event.dataset = flow.dataset;
  event.flow = flow.flow;
  event.message = "Flow " + flow.flow + " is computed anew: Tarn refreshes views completely.";
  event.details =
      Text({{"planning_information",
             {{"technique_information",
               Json::array({{{"maintenance_type", "MAINTENANCE_TYPE_COMPLETE_RECOMPUTE"},
                             {"is_chosen", true},
                             {"is_applicable", true}}})}}}});
  return event;
}

Event FlowProgressEvent(const FlowReport& flow) {
  Json progress = {{"status", NameOf(flow.state)}};
  if (flow.state == FlowState::kCompleted || flow.state == FlowState::kFailed) {
    progress["metrics"] = {{"num_output_rows", flow.rows}, {"num_batches", flow.batches}};
  }
  Event event = FlowEvent(flow, std::move(progress));
  event.message = "Flow " + flow.flow + " is " + std::string(NameOf(flow.state)) + ".";
  if (flow.state == FlowState::kFailed) {
    event.level = "ERROR";
    if (flow.problem) {
      event.error = flow.problem->error;
      event.message += " " + flow.problem->error.message();
    }
  } else if (flow.state == FlowState::kSkipped) {
    event.level = "WARN";
  }
  return event;
}

Event FlowMetricsEvent(const FlowReport& flow, const FlowBatch& batch) {
  Json expectations = Json::array();
  for (const ExpectationResult& expectation : batch.expectations) {
    expectations.push_back({{"name", expectation.name},
                            {"dataset", expectation.dataset},
                            {"passed_records", expectation.passed},
                            {"failed_records", expectation.failed}});
  }
  Json progress = {{"status", "RUNNING"},
                   {"metrics",
                    {{"num_output_rows", batch.rows},
                     {"num_input_files", batch.files},
                     {"table_version", batch.version}}}};
  if (!expectations.empty()) {
    progress["data_quality"] = {{"dropped_records", batch.dropped},
                                {"expectations", std::move(expectations)}};
  }
  Event event = FlowEvent(flow, std::move(progress));
  event.level = "METRICS";
  event.batch = batch.id;
  event.message = "Flow " + flow.flow + " wrote " + std::to_string(batch.rows) + " rows.";
  return event;
}

Event MaintenanceEvent(const std::string& dataset, const Result<session::Compacted>& compacted) {
  Event event;
  event.type = "maintenance_progress";
  event.dataset = dataset;
  if (!compacted.ok()) {
    event.level = "WARN";
    event.message = "The small files of " + dataset + " stay: " + compacted.error().message();
    event.error = compacted.error();
    event.details = Text({{"maintenance_progress", {{"state", "FAILED"}}}});
    return event;
  }
  event.message = std::to_string(compacted->files_removed) + " small files of " + dataset +
                  " became " + std::to_string(compacted->files_added) + ".";
  event.details = Text({{"maintenance_progress",
                         {{"state", "SUCCEEDED"},
                          {"num_files_removed", compacted->files_removed},
                          {"num_files_added", compacted->files_added}}}});
  return event;
}

}  // namespace tarn::pipeline
