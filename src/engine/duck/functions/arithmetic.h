#pragma once

#include <string_view>

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

/// The operator on dates, times and intervals, or null if the call has none of them.
DuckExpr LowerTimeArithmetic(LoweringContext& context, const plan::Expr& expr,
                             const plan::Call& call, DuckArgs& args, std::string_view symbol,
                             bool try_mode);
void RegisterIntervalArithmetic(FunctionSet& set);

/// The day `months` later, at most the last of its month.
int32_t AddMonths(int32_t days, int64_t months);
/// A local time some months later.
int64_t AddMonthsToMicros(int64_t micros, int64_t months);
/// An instant some months, then days, then microseconds later, counted in local time (but the
/// last).
int64_t AddToTimestamp(int64_t micros, int64_t months, int64_t days, int64_t more_micros,
                       const TimeZone& zone);

}  // namespace tarn::engine::duck
