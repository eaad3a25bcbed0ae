#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"
#include "tarn/types/value.h"

namespace tarn::source {

struct KnownFile {
  std::string path;  ///< absolute
  int64_t size = 0;
  int64_t modified_us = 0;
};

/// The files that a source has met, numbered in the order in which they are read; durable
/// (`docs/formats/stream-checkpoint.md`). Holds 16 bytes of memory per file, and the text of one
/// segment. For one thread.
class KnownFiles {
 public:
  /// What makes a file the same: its path, or its path as it was at one time.
  enum class Identity : uint8_t { kPath, kPathAndTime };

  /// Reads what `state` has; null: nothing, and nothing can be added.
  static Result<KnownFiles> Load(const RequestContext& context,
                                 std::shared_ptr<io::ObjectStore> state, Identity identity);

  int64_t count() const { return count_; }
  bool Has(const KnownFile& file) const { return seen_.contains(KeyOf(file)); }
  /// Numbers these files behind the known ones, durably.
  Status Append(const RequestContext& context, const std::vector<KnownFile>& files);
  /// Makes durable what was found there: whoever put it may have died before it was, and no range
  /// that needs it may be planned before. Cheap the second time.
  Status Settle(const RequestContext& context);
  /// The files numbered first to last - 1.
  Result<std::vector<KnownFile>> Range(const RequestContext& context, int64_t first, int64_t last);

 private:
  using Key = unsigned __int128;
  struct KeyHash {
    size_t operator()(Key key) const { return static_cast<size_t>(key); }
  };
  /// The files numbered first to last - 1, in one object.
  struct Segment {
    int64_t first = 0;
    int64_t last = 0;
    int64_t count() const { return last - first; }
  };

  KnownFiles(std::shared_ptr<io::ObjectStore> state, Identity identity)
      : state_(std::move(state)), identity_(identity) {}
  Key KeyOf(const KnownFile& file) const;
  Status FindSegments(const RequestContext& context);
  Result<std::vector<KnownFile>> ReadSegment(const RequestContext& context, const Segment& segment);
  Status Put(const RequestContext& context, const Segment& segment,
             const std::vector<KnownFile>& files);
  Status Merge(const RequestContext& context);

  std::shared_ptr<io::ObjectStore> state_;
  Identity identity_;
  int64_t count_ = 0;
  bool settled_ = false;
  std::vector<Segment> segments_;  // in order, without gaps
  std::unordered_set<Key, KeyHash> seen_;
  Segment cached_;
  std::vector<KnownFile> cached_files_;
};

}  // namespace tarn::source
