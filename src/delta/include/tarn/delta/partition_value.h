#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"
#include "tarn/types/datetime.h"
#include "tarn/types/value.h"

namespace tarn::delta {

/// A partition value as the log stores it → typed value. nullopt and the empty string are NULL.
/// `zone` is used for timestamps written without one. Errors: DELTA_LOG_CORRUPT.
/// Source: Delta protocol, "Partition Value Serialization".
Result<Value> ParsePartitionValue(const std::optional<std::string_view>& text, const DataType& type,
                                  const TimeZone& zone, std::string_view table);

/// The inverse; timestamps in UTC with 'Z'. NULL and the empty string are nullopt.
/// Errors: INTERNAL_ERROR for types that can't partition a table.
Result<PartitionText> PartitionValueToText(const Value& value);

/// Whether a column of this type can partition a table.
bool CanPartitionBy(const DataType& type);

}  // namespace tarn::delta
