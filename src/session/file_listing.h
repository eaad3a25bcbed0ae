#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"

namespace tarn::session {

/// Which files below a path are read.
struct ListingOptions {
  std::string name_glob;  ///< pathGlobFilter / fileNamePattern, on the file's name; "" for all
  bool recursive = true;  ///< below a folder, its subfolders too
};

/// The files that `path` (absolute) stands for, sorted: a file itself, a folder's files, or those a
/// glob pattern matches (* ? [a-z] {a,b}; Hadoop's rules). Names that start with '_' or '.' are
/// hidden below folders. PATH_NOT_FOUND if there is nothing. At most kFilesMax.
Result<std::vector<std::string>> ListFiles(const RequestContext& context, std::string_view path,
                                           const ListingOptions& options);

/// Whether a name matches one segment of a glob pattern.
bool MatchesGlob(std::string_view name, std::string_view pattern);

inline constexpr size_t kFilesMax = 5'000'000;

}  // namespace tarn::session
