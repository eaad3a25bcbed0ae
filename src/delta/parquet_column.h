#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tarn/delta/handlers.h"
#include "tarn/types/value.h"

namespace tarn::delta {

// Columns of checkpoints, built row by row and read value by value.

/// A column of a type without rows, with room for nested parts.
ParquetColumn EmptyColumn(const DataType& type);

void AppendNull(ParquetColumn& column);
void AppendInt(ParquetColumn& column, int64_t value);
void AppendText(ParquetColumn& column, std::string_view value);
/// A value of the column's own type, which is neither a struct nor a list.
void AppendValue(ParquetColumn& column, const Value& value);

/// The value of a row; nullopt where it is NULL or the type is none that values are compared by.
std::optional<Value> ValueAt(const ParquetColumn& column, size_t row);

}  // namespace tarn::delta
