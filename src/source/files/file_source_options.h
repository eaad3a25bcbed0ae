#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tarn/analyze/analyzer.h"
#include "tarn/base/result.h"

namespace tarn::source {

enum class SchemaEvolution : uint8_t { kAddNewColumns, kRescue, kFailOnNewColumns, kNone };

/// The options of STREAM read_files that say which files are read and when; all others are the
/// reader's. Names are those of Auto Loader, with or without "cloudFiles." before them.
struct FileSourceOptions {
  std::string path;    ///< as the user wrote it
  std::string format;  ///< lower case
  std::optional<Schema> schema;
  std::string schema_hints;
  SchemaEvolution evolution = SchemaEvolution::kAddNewColumns;
  bool include_existing_files = true;
  bool allow_overwrites = false;
  int64_t files_max = 1000;           ///< per batch
  std::optional<int64_t> bytes_max;   ///< per batch; a batch has one file at least
  std::optional<int64_t> max_age_us;  ///< files modified longer ago are never read
  std::optional<int64_t> modified_after_us;
  std::optional<int64_t> modified_before_us;
  std::string name_glob;
  std::vector<std::pair<std::string, std::string>> reader_options;  ///< by lower-case name
};

/// Errors: INVALID_PARAMETER_VALUE for a value that doesn't fit, UNSUPPORTED_FEATURE for an option
/// that is known and not executed.
Result<FileSourceOptions> ReadFileSourceOptions(const analyze::FilesReference& files);

/// "5 seconds", "2 hours", "30 days", "1 week", as Auto Loader's options write durations.
std::optional<int64_t> ParseDurationUs(std::string_view text);
/// "10g", "512 MB", "1048576": bytes.
std::optional<int64_t> ParseBytes(std::string_view text);

}  // namespace tarn::source
