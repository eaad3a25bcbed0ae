#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/types/data_type.h"

namespace tarn::delta {

/// The annotation of a field with the ids of what within it is no field of a struct.
inline constexpr std::string_view kNestedIdsKey = "delta.columnMapping.nested.ids";

/// The Parquet field ids of a field's elements, keys and values by their paths: the field's
/// physical name, then "element", "key" and "value" down to the next struct, joined by points.
/// Source: Delta protocol, "Column Mapping" and "Writer Requirements for IcebergCompatV2".
using NestedIds = std::map<std::string, int32_t>;

/// From the annotation's JSON; none for "". nullopt if it isn't an object of ids.
std::optional<NestedIds> ParseNestedIds(std::string_view json);
std::string ToJson(const NestedIds& ids);

/// The paths that a field of this physical name and type has ids for.
std::vector<std::string> NestedIdPaths(const std::string& physical_name, const DataType& type);

}  // namespace tarn::delta
