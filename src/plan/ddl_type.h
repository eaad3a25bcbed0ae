#pragma once

#include <optional>
#include <string_view>

#include "tarn/types/data_type.h"

namespace tarn::plan {

/// The type that a text argument describes, as from_json and from_csv take it: columns ("a INT, b
/// STRING"), a type ("STRUCT<a: INT>", "array<string>"), or the JSON form of a type.
std::optional<DataType> ParseDdlType(std::string_view text);

}  // namespace tarn::plan
