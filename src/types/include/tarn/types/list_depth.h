#pragma once

#include <string_view>

#include "tarn/types/data_type.h"

namespace tarn {

/// How many arrays and maps may be within each other in a column of a table. DuckDB's Parquet
/// reader takes twice as long for each level: milliseconds a row group for 16, hours for 40.
inline constexpr int kListDepthMax = 16;

/// Whether a column of the type can be written and read again. Errors: UNSUPPORTED_FEATURE.
Status CheckListDepth(const DataType& type, std::string_view column);

}  // namespace tarn
