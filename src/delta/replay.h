#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log_block.h"
#include "snapshot_state.h"
#include "tarn/base/result.h"

namespace tarn::delta {

/// The files met so far in a replay from the newest action to the oldest.
class FileKeySet {
 public:
  /// `block` must outlive the set.
  struct Key {
    uint64_t hash;
    std::string_view path;
    const DeletionVectorDescriptor* deletion_vector;
  };
  void Reserve(size_t keys);
  /// False if it is in already.
  bool Insert(const Key& key);
  bool Contains(const Key& key) const;
  size_t size() const { return keys_.size(); }
  const std::vector<Key>& keys() const { return keys_; }

 private:
  size_t Slot(const Key& key) const;

  std::vector<Key> keys_;
  std::vector<uint32_t> slots_;  ///< index + 1 into keys_, 0 is free; size is a power of two
};

/// Reconciles actions into the state of a table: newest log file first, the oldest last.
/// Source: Delta protocol, "Action Reconciliation".
class Replay {
 public:
  explicit Replay(std::string table_root) : root_(std::move(table_root)) {}

  /// `oldest`: nothing older follows, so that its keys needn't be kept.
  void Take(std::shared_ptr<const LogBlock> block, LogActions actions, bool keep_tombstones,
            bool oldest);
  /// An older state that is known already; the last to be taken.
  void TakeKnown(const SnapshotState& known);

  /// Builds the state; version, timestamps and checkpoint are the caller's to fill.
  /// Errors: DELTA_LOG_CORRUPT if protocol or metadata are missing; those of
  /// CheckReadable.
  Result<std::shared_ptr<SnapshotState>> Finish(const std::string& log_name);

 private:
  struct Live {
    std::shared_ptr<const LogBlock> block;
    std::vector<uint32_t> rows;  ///< descending
  };

  void TakeActions(LogActions actions);
  /// The files of the segment that nothing newer names.
  FileSegment Remaining(const FileSegment& segment) const;

  std::string root_;
  FileKeySet seen_;
  std::vector<Live> live_;  ///< newest first
  std::vector<TombstoneRef> tombstones_;
  std::optional<Protocol> protocol_;
  std::optional<Metadata> metadata_;
  std::optional<Error> schema_error_;
  std::map<std::string, SetTransaction, std::less<>> transactions_;
  std::map<std::string, DomainMetadata, std::less<>> domains_;
  std::vector<FileSegment> known_segments_;
};

}  // namespace tarn::delta
