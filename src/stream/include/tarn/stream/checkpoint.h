#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"
#include "tarn/stream/source.h"

namespace tarn::stream {

enum class BatchId : int64_t {};

/// What a batch reads of one source: (from, to]; nothing if they are equal.
struct SourceRange {
  std::optional<Offset> from;
  std::optional<Offset> to;
  bool empty() const { return from == to; }
};

/// A batch as it was written ahead: a range per source, in the order of the query.
struct BatchPlan {
  BatchId id{};
  std::vector<SourceRange> ranges;
};

/// The memory of a flow between batches, in a folder (`docs/formats/stream-checkpoint.md`). All
/// that is written is durable. For one runner at a time; a second one is found out by the files
/// that it puts first.
class Checkpoint {
 public:
  static constexpr int kBatchesKept = 100;

  /// Opens the folder, which may be empty. Errors: STREAM_CHECKPOINT_FORMAT,
  /// STREAM_CHECKPOINT_CORRUPT.
  static Result<Checkpoint> Open(const RequestContext& context,
                                 std::shared_ptr<io::ObjectStore> store);

  /// Notes what the flow reads, or compares with what was noted: STREAM_SOURCES_CHANGED.
  Status Identify(const RequestContext& context, const std::string& flow_id,
                  const std::string& flow_name, int64_t generation,
                  const std::vector<std::string>& sources);

  /// The last batch that was planned.
  const std::optional<BatchPlan>& last_planned() const { return planned_; }
  /// Whether it is known to be in the table.
  bool last_is_done() const { return planned_ && done_ == planned_->id; }
  /// The last batch that is known to be in the table.
  std::optional<BatchId> last_done() const { return done_; }

  /// Writes the next batch ahead. STREAM_CONCURRENT_RUN if another runner did.
  Status WriteAhead(const RequestContext& context, BatchPlan plan);
  /// Makes durable what another runner wrote ahead: it may have died before it was, and a batch
  /// must not land before its plan can't be lost.
  Status SettlePlan(const RequestContext& context);
  /// Notes that the last planned batch is in the table.
  Status NoteDone(const RequestContext& context, int64_t table_version, int64_t rows);

  /// The n-th source's own place.
  std::shared_ptr<io::ObjectStore> SourceState(size_t n) const;

 private:
  explicit Checkpoint(std::shared_ptr<io::ObjectStore> store) : store_(std::move(store)) {}
  Status ForgetOld(const RequestContext& context);

  std::shared_ptr<io::ObjectStore> store_;
  std::optional<BatchPlan> planned_;
  std::optional<BatchId> done_;
};

}  // namespace tarn::stream
