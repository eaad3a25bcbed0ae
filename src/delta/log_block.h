#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/error.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

/// Bytes that never move, for views into them.
class Arena {
 public:
  /// A copy of `text`; its data() is never null, even for the empty text.
  std::string_view Store(std::string_view text);
  /// Takes over a whole buffer and answers a view of it.
  std::string_view Adopt(std::string buffer);

 private:
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::vector<std::unique_ptr<std::string>> buffers_;
  char* free_ = nullptr;
  size_t left_ = 0;
};

/// A removed file as a log names it.
struct Removal {
  std::string_view path;
  int64_t deletion_timestamp_ms = 0;
  int64_t size = -1;  ///< -1: unknown
  uint64_t hash = 0;
  uint32_t after_add = 0;  ///< adds before it in the same block
  int32_t deletion_vector = -1;
  bool data_change = true;
};

class CheckpointStatistics;

/// The file actions of one commit, compacted log file or checkpoint, as columns of views into the
/// bytes they were read from. Built once by a reader of the log, then immutable.
struct LogBlock {
  // One entry per add.
  std::vector<std::string_view> path;  ///< decoded and checked
  std::vector<int64_t> size;
  std::vector<int64_t> modification_time_ms;
  /// Where the statistics are instead, if all adds are of a checkpoint in Parquet.
  std::shared_ptr<const CheckpointStatistics> later_stats;
  std::vector<uint64_t> hash;  ///< of path and deletion vector
  std::vector<uint8_t> data_change;
  /// By key as it stands in partitionValues; data() == nullptr is NULL (or absent).
  std::vector<std::string> partition_keys;
  std::vector<std::vector<std::string_view>> partition_values;
  /// Content of the JSON string; data() == nullptr: none. As long as the last add that has any.
  std::vector<std::string_view> stats;
  // Rare things, by row in ascending order.
  std::vector<std::pair<uint32_t, int32_t>> deletion_vector_rows;  ///< row, index below
  std::vector<std::pair<uint32_t, std::string>> tags;              ///< row, JSON object
  std::vector<std::pair<uint32_t, int64_t>> base_row_ids;
  std::vector<std::pair<uint32_t, int64_t>> default_row_commit_versions;

  std::vector<DeletionVectorDescriptor> deletion_vectors;
  std::vector<Removal> removals;
  /// Whether `stats` still has JSON escapes.
  bool stats_escaped = true;
  Arena arena;

  size_t adds() const { return path.size(); }
  const DeletionVectorDescriptor* DeletionVectorOf(size_t row) const;
  const DeletionVectorDescriptor* DeletionVectorOf(const Removal& removal) const {
    return removal.deletion_vector < 0 ? nullptr : &deletion_vectors[removal.deletion_vector];
  }
  /// As it stands in `stats`.
  std::string_view StatsOf(size_t row) const {
    return row < stats.size() ? stats[row] : std::string_view();
  }
  /// Starts an add; the caller sets the columns of the last row.
  void StartAdd();
  /// Sets the statistics of the last add.
  void SetStats(std::string_view text);
  void SetPartitionValue(std::string_view key, size_t position, std::string_view value);
  /// Computes the hash of the last add.
  void FinishAdd();
};

/// Identifies a logical file: its path and its deletion vector.
uint64_t FileKeyHash(std::string_view path, const DeletionVectorDescriptor* deletion_vector);
bool SameDeletionVector(const DeletionVectorDescriptor* a, const DeletionVectorDescriptor* b);

/// Finds the entry of a row in a sparse column, or nullptr.
template <typename T>
const T* FindSparse(const std::vector<std::pair<uint32_t, T>>& entries, size_t row) {
  size_t low = 0;
  size_t high = entries.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (entries[middle].first < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < entries.size() && entries[low].first == row ? &entries[low].second : nullptr;
}

/// A file of `_delta_log/_sidecars`.
struct Sidecar {
  std::string path;  ///< relative to the table root
  int64_t size = 0;
};

/// Everything in a log file but the file actions.
struct LogActions {
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  /// Why the schema of `metadata` couldn't be read. It is told only after the protocol was checked:
  /// an unknown feature is the better explanation of an unknown type.
  std::optional<Error> schema_error;
  std::vector<SetTransaction> transactions;
  std::vector<DomainMetadata> domains;
  std::optional<CommitInfo> commit_info;
  std::vector<Sidecar> sidecars;
};

}  // namespace tarn::delta
