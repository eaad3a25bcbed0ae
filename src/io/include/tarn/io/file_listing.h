#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_store.h"
#include "tarn/io/storage.h"

namespace tarn::io {

/// Which files below a path are listed.
struct ListingOptions {
  std::string name_glob;  ///< pathGlobFilter / fileNamePattern, on the file's name; "" for all
  bool recursive = true;  ///< below a folder, its subfolders too
  std::optional<int64_t> modified_after_us;   ///< only files modified later
  std::optional<int64_t> modified_before_us;  ///< only files modified earlier
  /// Patterns are Hadoop's, segment by segment. Else Auto Loader's older ones: '*' crosses folders,
  /// and everything whose path begins as the pattern says is found.
  bool strict_glob = true;
  /// Files below folders for whose location it answers true aren't listed, nor looked up; null:
  /// none.
  std::function<bool(const std::string&)> leave_out;
};

/// The files that `path` (an absolute path, or a pattern in a bucket) stands for, sorted by path: a
/// file itself, a folder's files, or those a glob pattern matches (* ? [a-z] {a,b}; Hadoop's
/// rules). Names that start with '_' or '.' are hidden below folders. The paths are those of
/// Storage::OpenRoot. Nothing there is an empty list. At most kFilesMax.
Result<std::vector<ObjectInfo>> ListFiles(const RequestContext& context, std::string_view path,
                                          const ListingOptions& options,
                                          const Storage& storage = {});

/// The part of a path (absolute) before its first pattern: the folder that key=value folders are
/// looked for below. For a path without a pattern, the path.
std::string_view BaseOfPattern(std::string_view path);

/// Whether a name matches one segment of a glob pattern.
bool MatchesGlob(std::string_view name, std::string_view pattern);

inline constexpr size_t kFilesMax = 5'000'000;

}  // namespace tarn::io
