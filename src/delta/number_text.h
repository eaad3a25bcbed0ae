#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::delta {

/// A whole number within the range of an integral type; "5.0" counts as 5.
std::optional<int64_t> ParseIntegerText(std::string_view text, const DataType& type);
/// Also "NaN", "Infinity", "-Infinity" as Java writes them.
std::optional<double> ParseRealText(std::string_view text);
/// Plain or scientific notation; nullopt if the value doesn't fit exactly.
std::optional<Int128> ParseDecimalText(std::string_view text, int precision, int scale);
/// "2024-01-31T12:00:00.123456" with that many digits of fraction (0…6, cut off downwards).
std::string IsoTimestamp(int64_t micros, int digits);

}  // namespace tarn::delta
