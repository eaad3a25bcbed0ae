#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tarn/analyze/analyzer.h"
#include "tarn/base/result.h"
#include "tarn/io/file_listing.h"

namespace tarn::source {

enum class SchemaEvolution : uint8_t {
  kAddNewColumns,
  kAddNewColumnsWithTypeWidening,
  kRescue,
  kFailOnNewColumns,
  kNone,
};

/// What becomes of files whose rows are in the table.
struct CleanSource {
  enum class Mode : uint8_t { kOff, kDelete, kMove };
  Mode mode = Mode::kOff;
  int64_t retention_us = 0;  ///< since the commit
  std::string destination;   ///< kMove: as the user wrote it
};

/// Files that are read once more.
struct Replay {
  std::optional<int64_t> modified_after_us;
  std::optional<int64_t> modified_before_us;
  std::string name_glob;
  std::string identity;  ///< the options' texts: each replay is done once
};

/// The options of STREAM read_files that say which files are read and when; all others are the
/// reader's. Names are those of Auto Loader, with or without "cloudFiles." before them.
struct FileSourceOptions {
  SchemaEvolution evolution = SchemaEvolution::kAddNewColumns;
  bool include_existing_files = true;
  bool allow_overwrites = false;
  int64_t files_max = 1000;           ///< per batch
  std::optional<int64_t> bytes_max;   ///< per batch; the file that reaches it is the last
  std::optional<int64_t> max_age_us;  ///< files modified longer ago are never read
  io::ListingOptions listing;
  CleanSource clean;
  std::optional<Replay> replay;
};

/// `reference` has its format. Errors: those of format::CheckOptions, INVALID_PARAMETER_VALUE,
/// CF_ADD_NEW_NOT_SUPPORTED, CF_CLEAN_SOURCE_ALLOW_OVERWRITES_BOTH_ON.
Result<FileSourceOptions> ReadFileSourceOptions(const analyze::FilesReference& reference,
                                                const std::string& session_zone);

/// "5 seconds", "2 hours", "30 days", "1 week", as Auto Loader's options write durations.
std::optional<int64_t> ParseDurationUs(std::string_view text);
/// "10g", "512 MB", "1048576": bytes.
std::optional<int64_t> ParseBytes(std::string_view text);

}  // namespace tarn::source
