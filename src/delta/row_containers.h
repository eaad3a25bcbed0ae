#pragma once

#include <cstdint>
#include <vector>

namespace tarn::delta {

/// Rows first … last, both included.
struct RowRun {
  uint16_t first = 0;
  uint16_t last = 0;
};

/// The rows of one block of 65,536 positions: either a bitmap or runs in ascending order.
struct RowContainer {
  uint64_t key = 0;  ///< position >> 16
  uint32_t cardinality = 0;
  std::vector<uint64_t> bits;  ///< 1024 words, or empty
  std::vector<RowRun> runs;

  bool is_bitmap() const { return !bits.empty(); }
  /// Adds a row greater than all others, to a container of runs.
  void Append(uint16_t row) {
    ++cardinality;
    if (!runs.empty() && runs.back().last + 1 == row) {
      runs.back().last = row;
    } else {
      runs.push_back({row, row});
    }
  }
  /// Adds first … last, greater than all others, to a container of runs.
  void AppendRun(uint16_t first, uint16_t last) {
    cardinality += static_cast<uint32_t>(last - first) + 1;
    if (!runs.empty() && runs.back().last + 1 == first) {
      runs.back().last = last;
    } else {
      runs.push_back({first, last});
    }
  }
};

}  // namespace tarn::delta
