#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/session/flow.h"
#include "tarn/stream/checkpoint.h"
#include "tarn/stream/sink.h"
#include "tarn/stream/source.h"

namespace tarn::stream {

/// A streaming flow, under the name by which it is remembered.
struct Flow {
  std::string id;     ///< unique in the lake and stable; the first part of its `txn` application id
  std::string name;   ///< for messages
  bool once = false;  ///< reads no stream: its one batch is the whole query
};

/// What a batch did.
struct BatchReport {
  BatchId id{};
  bool again = false;      ///< it was planned by an earlier run
  bool was_there = false;  ///< and had landed already
  int64_t rows = 0;
  int64_t version = -1;
  std::vector<engine::CheckCount> expectations;  ///< in the order of the flow's
  engine::CheckedViews views;                    ///< what the query read
  engine::ExecutionStats stats;
};

/// The parts that a runner works with; none are owned.
struct FlowParts {
  Sink* sink = nullptr;
  SourceOpener* sources = nullptr;
  /// What names of the flow's pipeline stand for; may be null.
  analyze::FlowEnvironment* pipeline = nullptr;
};

/// The checkpoint of a flow's newest generation below `folder`, for a look; null if it never ran.
Result<std::shared_ptr<io::ObjectStore>> NewestCheckpoint(const RequestContext& context,
                                                          std::shared_ptr<io::ObjectStore> folder);

/// Runs a flow's batches, one after the other. For one thread.
class FlowRunner {
 public:
  /// `folder` is the place of all generations of the flow's checkpoint.
  FlowRunner(const FlowParts& parts, Flow flow, std::shared_ptr<io::ObjectStore> folder);
  ~FlowRunner();

  /// Finds the flow's state and opens its sources. The target exists. Errors:
  /// STREAM_CHECKPOINT_LOST, STREAM_TABLE_BEHIND_CHECKPOINT, those of Checkpoint and the sources.
  Status Start(const RequestContext& context);
  /// The columns that the query gives. After Start.
  const Schema& columns() const { return columns_; }

  /// The next batch, first one that an earlier run left unfinished; nothing when the sources have
  /// no news.
  Result<std::optional<BatchReport>> RunBatch(const RequestContext& context);

  /// The application id that a full refresh starts: that of the next generation.
  static Result<std::string> NextApplication(const RequestContext& context,
                                             const std::string& flow_id, Sink& sink,
                                             io::ObjectStore& folder);

 private:
  class Environment;

  Status SettleGeneration(const RequestContext& context);
  Status CheckAgreement(const RequestContext& context);
  Result<std::optional<BatchPlan>> PlanBatch(const RequestContext& context);
  Result<BatchReport> Carry(const RequestContext& context);
  std::string ApplicationId() const;

  FlowParts parts_;
  Flow flow_;
  std::shared_ptr<io::ObjectStore> folder_;
  int64_t generation_ = 0;
  std::optional<int64_t> landed_;  ///< the target's txn of this generation
  std::optional<Checkpoint> checkpoint_;
  Schema columns_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::unique_ptr<Environment> environment_;
};

}  // namespace tarn::stream
