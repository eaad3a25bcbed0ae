#pragma once

#include <optional>
#include <string_view>

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

/// UTF8String.trimAll: without white space and control characters at both ends.
std::string_view TrimAll(std::string_view text);

/// Whether the cast gives NULL where it would fail.
bool IsTry(const Call& call);

/// CAST_INVALID_INPUT, or NULL for a try_cast.
std::nullopt_t MalformedInput(const Call& call, std::string_view text);
/// CAST_OVERFLOW, or NULL for a try_cast. `value` as SQL writes it.
std::nullopt_t CastOverflow(const Call& call, std::string_view value);
/// NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION for the call's decimal type, or NULL for a try_cast.
std::nullopt_t OutOfDecimalRange(const Call& call, std::string_view value);

/// Java's Double.parseDouble with Spark's names of special values.
std::optional<double> TextToDouble(std::string_view text);
std::optional<int64_t> TextToTime(std::string_view text);

/// The kernels of casts from text; from other types.
void RegisterTextCasts(FunctionSet& set);
void RegisterNumberCasts(FunctionSet& set);
void RegisterTimeCasts(FunctionSet& set);

/// The conversion of a value of the plan's types (FunctionRegistry::cast).
DuckExpr LowerCast(LoweringContext& context, DuckExpr input, const DataType& from,
                   const DataType& to, plan::CastMode mode);

}  // namespace tarn::engine::duck
