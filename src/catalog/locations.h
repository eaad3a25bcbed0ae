#pragma once

#include <string>
#include <string_view>

#include "tarn/base/result.h"

namespace tarn::catalog {

/// The absolute path, with links of what exists of it resolved, that a LOCATION names (an absolute
/// path or a file: URI). UNSUPPORTED_FEATURE for another scheme, PATH_NOT_ALLOWED for a relative
/// path.
Result<std::string> ResolveLocation(std::string_view location);

/// True if one of the folders is the other or lies in it. Absolute paths without trailing slash.
bool LocationsOverlap(std::string_view a, std::string_view b);

}  // namespace tarn::catalog
