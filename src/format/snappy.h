#pragma once

#include <string>
#include <string_view>

#include "tarn/base/result.h"

namespace tarn::format {

/// Decompresses one raw Snappy block (no framing). FAILED_READ_FILE.NO_HINT if it is damaged or
/// longer than `bytes_max`.
Result<std::string> DecompressSnappy(std::string_view block, size_t bytes_max);

}  // namespace tarn::format
