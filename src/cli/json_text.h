#pragma once

#include <string>

#include "tarn/types/value.h"

namespace tarn::cli {

/// A value as JSON: numbers as numbers (decimals and bigints with all their digits), NaN and
/// infinities as strings, times as strings in Spark's rendering (UTC), binary as base64, maps and
/// structs as objects.
void AppendJsonValue(std::string& json, const Value& value);

}  // namespace tarn::cli
