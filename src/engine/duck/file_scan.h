#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/file_formats.h"
#include "tarn/format/record_reader.h"

namespace tarn::engine::duck {

struct ScanCounters;

/// A column that a scan of text files produces.
struct FileScanColumn {
  std::string name;  ///< "c<id>"
  DataType type;
  int field = -1;  ///< of ReadSpec::fields; -1: one value per file
};

/// What a scan of CSV, JSON, text and binary files reads. Immutable.
struct FileScan {
  std::shared_ptr<const format::ReadSpec> spec;  ///< without wanted columns
  std::vector<FileScanColumn> columns;           ///< at least one
  GrantedFiles files;
  std::shared_ptr<FileGate> gate;
  /// The value that column number `column` has in all rows of a file.
  std::function<duckdb::Value(size_t file, size_t column, const io::ObjectInfo& info)> constant;
  std::shared_ptr<ScanCounters> counters;
  bool ignore_missing = false;
  bool ignore_corrupt = false;
};

/// Opens a granted file; what is read of it counts as read by its statement. Throws DuckDB's
/// exceptions for a name that wasn't granted.
Result<std::shared_ptr<io::ReadableFile>> OpenGranted(FileGate& gate, const std::string& name);

/// The error for a file that isn't what it was when it was found, unless nobody wrote to it for a
/// minute: then it is as complete as any. `stamp` null: not known.
std::optional<Error> ChangedSince(const plan::FileStamp* stamp, const io::ObjectInfo& now,
                                  int64_t now_us, const std::string& path);

/// A path as `_metadata.file_path` and rescued data show it.
std::string ShownPath(const std::string& path);

/// Compiles patterns of dates and times.
format::PatternCompiler DatetimePatterns();

/// A table function over the FileScan of a ScanBinding; the argument is the number of the binding.
inline constexpr const char* kFileScanFunction = "tarn_file_scan";
void RegisterFileScan(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
