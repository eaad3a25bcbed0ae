#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "tarn/pipeline/graph.h"
#include "tarn/pipeline/update.h"
#include "tarn/source/session_sources.h"
#include "tarn/stream/flow_runner.h"

namespace tarn::pipeline {

/// A dataset's table in an update: made, or emptied for a full refresh, before its first flow runs.
struct TableSetup {
  const Node* node = nullptr;
  bool reset = false;
  std::mutex mutex;
  bool done = false;  // guarded by mutex
};

/// A flow of an update: what it runs and where it remembers how far it got.
struct FlowTask {
  TableSetup* table = nullptr;
  const FlowDefinition* flow = nullptr;
  /// Of a materialized view that is refreshed only if it reads something else than last time, which
  /// is noted there; null: it is refreshed.
  session::FlowInputs* inputs = nullptr;
};

/// A batch, or the one write of a materialized view.
struct FlowBatch {
  int64_t id = -1;  ///< -1 where there are none
  int64_t rows = 0;
  int64_t dropped = 0;
  int64_t files = 0;
  int64_t version = -1;
  /// The dataset's own in their order, then those of the views that were read, each once.
  std::vector<ExpectationResult> expectations;
};

/// Adds what an expectation counted to what it counted before.
void AddCounts(const ExpectationResult& counted, std::vector<ExpectationResult>* results);

/// Runs flows in a session of its own. For one thread.
class FlowWorker {
 public:
  /// `folder` is that of the pipeline; when `stop` says so, no further batch is begun.
  FlowWorker(session::Session& session, std::string pipeline_id,
             std::shared_ptr<io::ObjectStore> folder, std::function<bool()> stop)
      : session_(session),
        sources_(session),
        pipeline_id_(std::move(pipeline_id)),
        folder_(std::move(folder)),
        stop_(std::move(stop)) {}

  session::Session& session() { return session_; }
  /// Runs all there is to do, telling `on_batch` of each batch that landed.
  Status Run(const RequestContext& context, const FlowTask& task,
             const std::function<void(const FlowBatch&)>& on_batch);

 private:
  Status RunBatches(const RequestContext& context, const FlowTask& task,
                    const std::function<void(const FlowBatch&)>& on_batch);
  Status Refresh(const RequestContext& context, const FlowTask& task,
                 const std::function<void(const FlowBatch&)>& on_batch);
  Status PublishView(const RequestContext& context, const FlowTask& task);
  stream::TableSink SinkOf(const DatasetDefinition& dataset, const FlowDefinition& flow);
  Status SetUp(const RequestContext& context, TableSetup& table);
  Status Reset(const RequestContext& context, const Node& node, const session::Dataset& table);
  Status AddColumns(const RequestContext& context, TableSetup& table, const Schema& columns);
  session::Dataset OwnedTable(const DatasetDefinition& dataset) const;
  std::string FlowId(const DatasetDefinition& dataset, const FlowDefinition& flow) const;

  session::Session& session_;
  source::SessionSources sources_;
  const std::string pipeline_id_;
  const std::shared_ptr<io::ObjectStore> folder_;
  const std::function<bool()> stop_;
};

/// The place of a flow's checkpoints of all generations.
std::shared_ptr<io::ObjectStore> CheckpointFolder(std::shared_ptr<io::ObjectStore> pipeline,
                                                  const DatasetDefinition& dataset,
                                                  const FlowDefinition& flow);

}  // namespace tarn::pipeline
