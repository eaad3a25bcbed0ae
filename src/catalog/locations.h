#pragma once

#include <string>
#include <string_view>

#include "tarn/base/result.h"

namespace tarn::catalog {

/// What a LOCATION names, in its one spelling (tarn/io/location.h): a path with links of what
/// exists of it resolved, or a place in a bucket. Errors as io::NormalLocation.
Result<std::string> ResolveLocation(std::string_view location);

/// True if one of the folders is the other or lies in it. Both in their one spelling.
bool LocationsOverlap(std::string_view a, std::string_view b);

}  // namespace tarn::catalog
