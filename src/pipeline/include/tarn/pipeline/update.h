#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/pipeline/definitions.h"
#include "tarn/pipeline/graph.h"
#include "tarn/pipeline/project.h"
#include "tarn/session/session.h"

namespace tarn::pipeline {

/// What an update does, in Databricks' words.
enum class UpdateState : uint8_t {
  kInitializing,
  kSettingUpTables,
  kRunning,
  kCompleted,
  kFailed,
  kCanceled,
};
std::string_view NameOf(UpdateState state);

/// What a flow does, in Databricks' words.
enum class FlowState : uint8_t {
  kQueued,
  kRunning,
  kIdle,  ///< of a continuous update: waits for its next trigger
  kCompleted,
  kFailed,
  kSkipped,   ///< something that it reads failed
  kStopped,   ///< the update was cancelled, or stopped if it is a continuous one
  kExcluded,  ///< not among those that the update was asked for
};
std::string_view NameOf(FlowState state);

/// Which datasets an update refreshes. Names as a person writes them: the last parts that make one
/// clear.
struct UpdateSelection {
  std::vector<std::string> refresh;       ///< with `full_refresh`: these alone; both empty: all
  std::vector<std::string> full_refresh;  ///< read again from the beginning
  bool full_refresh_all = false;
};

struct UpdateOptions {
  UpdateSelection selection;
  int flows_max = 4;  ///< that run side by side
  /// Of a flow whose error may pass, without a batch in between; none in development. The
  /// configuration's pipelines.maxFlowRetryAttempts counts more.
  int flow_retries_max = 2;
  int64_t retry_pause_ms = 1000;  ///< before an update is run again; twice as long each time
  bool is_retry = false;          ///< it is, as the event log tells
  bool deny_paths = false;        ///< as SessionOptions
  /// Set while a continuous update runs: it ends, each flow after the batch that it is in.
  std::shared_ptr<CancellationToken> stop = std::make_shared<CancellationToken>();
};

/// What an expectation counted in an update.
struct ExpectationResult {
  std::string dataset;  ///< that it belongs to: the flow's, or the name of a view that it reads
  std::string name;
  engine::OnViolation on_violation = engine::OnViolation::kKeepRow;
  int64_t passed = 0;
  int64_t failed = 0;
};

/// What a flow did in an update, up to now.
struct FlowReport {
  std::string dataset;  ///< catalog.schema.name
  std::string flow;
  DatasetKind kind = DatasetKind::kStreamingTable;
  FlowState state = FlowState::kQueued;
  int attempts = 0;
  int64_t batches = 0;
  int64_t rows = 0;      ///< written
  int64_t dropped = 0;   ///< left out by expectations
  int64_t files = 0;     ///< read
  int64_t version = -1;  ///< the table's, at the end
  int64_t duration_us = 0;
  std::vector<ExpectationResult> expectations;
  std::optional<Problem> problem;  ///< why it failed
};

/// Watches an update; called from any thread, one call at a time.
class UpdateObserver {
 public:
  virtual ~UpdateObserver() = default;
  virtual void OnUpdate(UpdateState state) = 0;
  /// All flows, in the order of the graph, when they are known.
  virtual void OnPlan(const std::vector<FlowReport>& flows) = 0;
  virtual void OnFlow(size_t index, const FlowReport& flow) = 0;
};

struct UpdateReport {
  std::string pipeline_id;
  std::string update_id;
  UpdateState state = UpdateState::kInitializing;
  std::vector<FlowReport> flows;
  std::vector<Problem> problems;         ///< why nothing ran, or why it went no further
  std::optional<Error> event_log_error;  ///< the tables are as they should be, the log isn't
  int64_t duration_us = 0;
};

/// Refreshes the pipeline's datasets: each new batch and each new content is one commit, inputs
/// first, independent flows side by side. A flow that fails leaves its table at a batch boundary;
/// what reads it is skipped, the rest goes on. Failures of flows are in the report; an Error means
/// that no update began: PIPELINE_UPDATE_RUNNING, PIPELINE_DATASET_UNKNOWN,
/// PIPELINE_RESET_NOT_ALLOWED.
///
/// An update of a continuous pipeline then goes on: each flow runs again by its trigger
/// (TriggerIntervalUs), a materialized view if what it reads has changed, until `options.stop` is
/// set (state kCanceled, without a problem) or a flow fails.
///
/// An update whose flows all failed by errors that may pass is run again after a pause, as a new
/// update; the report is that of the last one.
Result<UpdateReport> RunUpdate(const RequestContext& context, session::Instance& instance,
                               const PipelineSpec& spec, const Definitions& definitions,
                               const UpdateOptions& options, UpdateObserver& observer);

/// What a dry run finds: the graph of the pipeline as it stands in this lake, with all problems.
/// Leaves no trace.
Result<Graph> DryRun(const RequestContext& context, session::Instance& instance,
                     const PipelineSpec& spec, const Definitions& definitions,
                     const UpdateOptions& options);

}  // namespace tarn::pipeline
