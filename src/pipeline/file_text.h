#pragma once

#include <string>

#include "tarn/base/result.h"

namespace tarn::pipeline {

/// The content of a file of the machine. Errors: PATH_NOT_FOUND; IO_ERROR if it can't be read or
/// is larger than `bytes_max` (nothing is read then).
Result<std::string> ReadFileText(const std::string& path, size_t bytes_max);

}  // namespace tarn::pipeline
