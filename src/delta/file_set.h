#pragma once

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

/// Where a live file stands.
struct FileRef {
  uint32_t block = 0;
  uint32_t row = 0;
};

struct FileSet::Rep {
  std::string table;
  std::vector<std::shared_ptr<const LogBlock>> blocks;
  std::vector<FileRef> files;  ///< oldest first
  int64_t total_size = 0;
  std::vector<std::string> partition_names;  ///< physical
  std::vector<DataType> partition_types;
  /// By block and partition column: the key's index in LogBlock::partition_keys, or -1.
  std::vector<std::vector<int>> partition_slots;

  mutable std::once_flag index_once;
  mutable std::unordered_map<std::string_view, size_t> index;

  const LogBlock& BlockOf(size_t i) const { return *blocks[files[i].block]; }
  size_t RowOf(size_t i) const { return files[i].row; }
  /// Raw statistics; `escaped` tells whether they still have JSON escapes.
  std::string_view RawStats(size_t i, bool& escaped) const {
    const LogBlock& block = BlockOf(i);
    escaped = block.stats_escaped;
    return block.stats[RowOf(i)];
  }
  /// data() == nullptr is NULL.
  std::string_view RawPartition(size_t i, size_t k) const {
    const int slot = partition_slots[files[i].block][k];
    return slot < 0 ? std::string_view() : BlockOf(i).partition_values[slot][RowOf(i)];
  }
  /// Fills what depends on the metadata and the blocks.
  void Bind(const Metadata& metadata, const PhysicalSchema& schema);
};

}  // namespace tarn::delta
