#pragma once

#include <string>
#include <string_view>

#include "log_block.h"
#include "tarn/base/result.h"

namespace tarn::delta {

/// A log file can't be more than this; larger ones are refused before they are read.
inline constexpr int64_t kLogFileBytesMax = int64_t{2} << 30;

/// DELTA_LOG_CORRUPT of a file of a table.
Error LogCorrupt(std::string_view table, std::string_view file, std::string detail);

/// Which actions of a log file are wanted.
struct ReadWants {
  bool files = true;
  bool commit_info = true;
  bool others = true;  ///< protocol, metadata, txn, domainMetadata, sidecar
  /// If not null, removed files with all that the log tells of them, as adds.
  LogBlock* removed_files = nullptr;
  /// If not null, files of change rows (`cdc`), as adds.
  LogBlock* change_files = nullptr;
};

/// Reads the lines of a JSON log file (commit, compacted file, V2 checkpoint) into `block`, which
/// keeps the bytes (those of the wants' blocks, too), and `actions`. Later actions of one kind win.
/// Unknown actions and fields are ignored. Errors: DELTA_LOG_CORRUPT, DELTA_PATH_OUTSIDE_TABLE.
Status ReadLogFile(std::string bytes, std::string_view table_root, std::string_view file_name,
                   const ReadWants& wants, LogBlock& block, LogActions& actions);

/// The path of a log as it stands in `add.path`, into the arena unless it can stay where it is.
Result<std::string_view> KeepPath(std::string_view path, std::string_view table_root, Arena& arena,
                                  bool stable);

}  // namespace tarn::delta
