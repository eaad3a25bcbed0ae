#pragma once

#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log_block.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/data_file.h"

namespace tarn::delta {

/// The sum of two sizes; what a hostile log names may add up to more than there can be.
inline int64_t SaturatingSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<int64_t>::max() : sum;
}

/// Whether any of the files has deleted rows.
bool HasDeletionVectors(const FileSet& files);

/// The live files among the adds of one block. Snapshots share what didn't change from one to the
/// next.
struct FileSegment {
  std::shared_ptr<const LogBlock> block;
  std::shared_ptr<const std::vector<uint32_t>> rows;  ///< ascending; null: all adds of the block
  size_t size = 0;
  int64_t bytes = 0;  ///< of the files together

  size_t RowOf(size_t i) const { return rows == nullptr ? i : (*rows)[i]; }
};

/// The segment of these rows of the block (null: all).
FileSegment MakeSegmentOf(std::shared_ptr<const LogBlock> block,
                          std::shared_ptr<const std::vector<uint32_t>> rows);

struct FileSet::Rep {
  std::string table;
  std::vector<FileSegment> segments;  ///< oldest first
  std::vector<size_t> starts;         ///< per segment: the files before it
  size_t size = 0;
  int64_t total_size = 0;
  std::vector<std::string> partition_names;  ///< physical
  std::vector<DataType> partition_types;
  /// By segment and partition column: the key's index in LogBlock::partition_keys, or -1.
  std::vector<std::vector<int>> partition_slots;

  mutable std::once_flag index_once;
  mutable std::unordered_map<std::string_view, size_t> index;

  /// Where a file stands.
  struct Place {
    size_t segment = 0;
    const LogBlock* block = nullptr;
    size_t row = 0;
  };
  Place At(size_t i) const;
  /// data() == nullptr is NULL.
  std::string_view RawPartition(const Place& place, size_t k) const {
    const int slot = partition_slots[place.segment][k];
    return slot < 0 ? std::string_view() : place.block->partition_values[slot][place.row];
  }
  /// Fills what depends on the metadata and the segments.
  void Bind(const Metadata& metadata, const PhysicalSchema& schema);
};

/// The files of one block as a set of their own: these rows of it (null: all).
FileSet FilesOfBlock(std::string table_root, std::shared_ptr<const LogBlock> block,
                     std::shared_ptr<const std::vector<uint32_t>> rows, const Metadata& metadata,
                     const PhysicalSchema& schema);

}  // namespace tarn::delta
