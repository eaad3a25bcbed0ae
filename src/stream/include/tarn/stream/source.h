#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/analyze/analyzer.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"
#include "tarn/plan/relation.h"

namespace tarn::stream {

/// A place in a source, between two of its rows: a text that the source alone makes and
/// understands.
struct Offset {
  std::string text;
  friend bool operator==(const Offset&, const Offset&) = default;
};

/// Something that grows: files in a folder, a queue, a table. It gives the same rows for the same
/// range, whenever it is asked. For one thread.
class Source {
 public:
  virtual ~Source() = default;

  /// What is read, for the checkpoint: a flow whose sources are others than before is refused.
  virtual std::string description() const = 0;
  /// The columns of its rows. Doesn't change while the source is open.
  virtual const Schema& schema() const = 0;

  /// Looks for news. A runner that takes what is available calls it once, before the first Plan.
  virtual Status Discover(const RequestContext& context, const std::optional<Offset>& from) {
    return {};
  }
  /// Where the next batch after `from` (absent: the beginning) ends, within the source's own
  /// limits; absent if there is nothing new. What is needed to read the range again after a crash
  /// is durable when this returns.
  virtual Result<std::optional<Offset>> Plan(const RequestContext& context,
                                             const std::optional<Offset>& from) = 0;
  /// The rows of the range (from, to]: those of all relations together, at least one.
  virtual Result<std::vector<plan::Relation>> Rows(const RequestContext& context,
                                                   const std::optional<Offset>& from,
                                                   const Offset& to) = 0;
  /// The batch over a range failed. The source may learn from it (new columns) and say more.
  virtual Error Failed(const RequestContext& context, const std::optional<Offset>& from,
                       const Offset& to, Error error) {
    return error;
  }
  /// No range up to `to` will be asked for again. Called again for the last one at a start.
  virtual Status Finished(const RequestContext& context, const Offset& to) { return {}; }
};

/// Opens what STREAM refers to.
class SourceOpener {
 public:
  virtual ~SourceOpener() = default;
  /// `state` is a durable place of the source's own; null if there is none yet. A mere look leaves
  /// no trace there and asks only for the columns. UNSUPPORTED_FEATURE for a kind that can't be
  /// streamed.
  virtual Result<std::unique_ptr<Source>> Open(const RequestContext& context,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool look) = 0;
};

}  // namespace tarn::stream
