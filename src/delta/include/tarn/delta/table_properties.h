#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/column_mapping.h"

namespace tarn::delta {

/// Which isolation a table asks for (delta.isolationLevel).
enum class IsolationLevel : uint8_t { kWriteSerializable, kSerializable };

/// The table's properties with meaning for readers and writers, typed, with their defaults.
struct TableProperties {
  bool append_only = false;
  bool change_data_feed = false;
  bool deletion_vectors = false;
  bool in_commit_timestamps = false;
  bool row_tracking = false;
  bool checkpoint_v2 = false;  ///< delta.checkpointPolicy = v2
  int64_t checkpoint_interval = 10;
  int64_t target_file_size = int64_t{128} << 20;  ///< delta.targetFileSize, bytes
  int64_t deleted_file_retention_ms = int64_t{7} * 24 * 3600 * 1000;
  int64_t log_retention_ms = int64_t{30} * 24 * 3600 * 1000;
  bool log_cleanup = true;                         ///< delta.enableExpiredLogCleanup
  int64_t set_transaction_retention_ms = -1;       ///< -1: for ever
  int32_t data_skipping_num_indexed_cols = 32;     ///< leaf columns with statistics; -1: all
  std::vector<std::string> data_skipping_columns;  ///< if not empty, only these
  std::string compression_codec = "zstd";          ///< lower case
  bool checkpoint_stats_as_json = true;
  /// Unless set, where the other form is turned off: what is in neither would be lost with the
  /// commits.
  bool checkpoint_stats_as_struct = false;
  ColumnMappingMode column_mapping = ColumnMappingMode::kNone;
  IsolationLevel isolation = IsolationLevel::kWriteSerializable;
};

/// Reads the properties leniently (an unusable value of a property that only guides writers counts
/// as its default). DELTA_LOG_CORRUPT only for an unknown column mapping mode.
Result<TableProperties> ReadTableProperties(const Metadata& metadata);

/// Checks the properties of a new or altered table strictly: INVALID_PARAMETER_VALUE for a
/// malformed value of a known delta.* property, and for an unknown one.
Status ValidateTableProperties(const Metadata& metadata);

/// "128mb", "1 gb", "134217728" → bytes.
std::optional<int64_t> ParseByteSize(std::string_view text);
/// "interval 30 days", "7 days", "interval 1 week" → milliseconds.
std::optional<int64_t> ParseIntervalMs(std::string_view text);

}  // namespace tarn::delta
