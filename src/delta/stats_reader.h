#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/types/value.h"

namespace tarn::delta {

/// The statistics of one leaf column as they stand in the JSON text; views into what holds it.
struct LeafStatistics {
  std::optional<std::string_view> min;  ///< number, boolean, or the content of a string
  std::optional<std::string_view> max;
  std::optional<int64_t> null_count;
};

/// Reads wanted leaves out of `stats` texts. What is malformed counts as missing. For one thread.
class StatsReader {
 public:
  /// The physical paths of the wanted leaves.
  explicit StatsReader(const std::vector<std::vector<std::string>>& leaves);
  ~StatsReader();

  /// `escaped`: the text still has the escapes of the JSON string it stood in.
  void Read(std::string_view stats, bool escaped);

  std::optional<int64_t> num_records() const { return num_records_; }
  std::optional<bool> tight_bounds() const { return tight_bounds_; }
  /// Valid until the next Read.
  const LeafStatistics& leaf(size_t i) const { return leaves_[i]; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::optional<int64_t> num_records_;
  std::optional<bool> tight_bounds_;
  std::vector<LeafStatistics> leaves_;
};

/// A bound as a value of the column's type; nullopt if it can't be understood. The maximum of a
/// timestamp is moved up by what truncation to milliseconds may have cut off.
std::optional<Value> ParseBound(std::string_view text, const DataType& type, bool is_max);

}  // namespace tarn::delta
