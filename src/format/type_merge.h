#pragma once

#include "tarn/types/data_type.h"

namespace tarn::format {

/// The type of a column that holds values of both numeric types; both are LONG, INT, DOUBLE or
/// DECIMAL.
DataType MergeNumbers(const DataType& a, const DataType& b);

}  // namespace tarn::format
