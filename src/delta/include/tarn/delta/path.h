#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

/// The path of a file as a log names it (a URI reference, percent-encoded once), decoded to a path
/// relative to the table root. `table_root` (an absolute path, or a URI with its scheme) may be
/// empty; if it is given, absolute paths below it are accepted. Refused with
/// DELTA_PATH_OUTSIDE_TABLE: all other absolute paths and schemes, "." and ".." segments, empty
/// segments, backslashes, control characters and malformed escapes.
Result<std::string> DecodeLogPath(std::string_view log_path, std::string_view table_root);

/// The inverse for paths relative to the root, as Spark (Hadoop's Path.toUri) encodes them.
std::string EncodeLogPath(std::string_view path);

/// The Hive-style directory of a partition, "a=1/b=x%3Ay" without trailing slash ("" if there are
/// no columns); names and values are escaped as Hive does, NULL and "" are
/// __HIVE_DEFAULT_PARTITION__. Columns are given with the names that shall be seen in the path.
std::string PartitionDirectory(const std::vector<std::pair<std::string, PartitionText>>& values);

/// The name for a new data file, unique by its UUID: "part-00003-<uuid>.c000.zstd.parquet".
std::string DataFileName(int number, std::string_view uuid, std::string_view codec);

}  // namespace tarn::delta
