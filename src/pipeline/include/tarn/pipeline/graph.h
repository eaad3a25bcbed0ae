#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tarn/pipeline/definitions.h"
#include "tarn/stream/source.h"

namespace tarn::pipeline {

/// A dataset in the graph.
struct Node {
  const DatasetDefinition* definition = nullptr;
  Schema schema;                       ///< of its rows
  std::set<size_t> inputs;             ///< datasets of the pipeline that its flows read, by index
  std::vector<std::string> externals;  ///< what else they read: tables, paths
  std::vector<bool> streaming;         ///< per flow: whether it reads a stream
  std::vector<std::set<size_t>> flow_inputs;  ///< per flow: its part of `inputs`
};

/// The datasets of a pipeline with what reads what, analysed without touching data.
struct Graph {
  std::vector<Node> nodes;        ///< in the order of the definitions
  std::vector<size_t> order;      ///< indexes, inputs first
  std::vector<Problem> problems;  ///< those of the definitions, and of the analysis
};

/// Analyses all flows: names, types, circles (PIPELINE_CIRCULAR_DEPENDENCY), expectations. `states`
/// gives the folder of a flow's newest checkpoint or null, so that columns that were inferred once
/// needn't be inferred again.
class CheckpointFinder {
 public:
  virtual ~CheckpointFinder() = default;
  virtual std::shared_ptr<io::ObjectStore> Newest(const DatasetDefinition& dataset,
                                                  const FlowDefinition& flow) = 0;
};
Graph Analyse(const RequestContext& context, session::Session& session,
              stream::SourceOpener& sources, CheckpointFinder& checkpoints,
              const Definitions& definitions);

/// The table that a streaming table or materialized view is kept in.
session::Dataset TableOf(const DatasetDefinition& dataset);

/// The texts by which temporary views stand in queries.
std::vector<analyze::TemporaryView> TemporaryViewsOf(const Definitions& definitions);

}  // namespace tarn::pipeline
