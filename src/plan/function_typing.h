#pragma once

#include <string_view>

#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::plan {

/// Casts argument `index` to `type` unless it has it; an error if that isn't possible implicitly.
Result<void> Coerce(CallTyping& call, size_t index, const DataType& type);

/// Casts arguments from `begin` up to `end` to their common type, which is returned.
Result<DataType> CoerceToCommon(CallTyping& call, size_t begin, size_t end,
                                std::string_view function);

/// DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE for argument `index`.
Error UnexpectedType(const CallTyping& call, size_t index, std::string_view required);

bool AnyNullable(const CallTyping& call);

/// The literal at `index` if the argument is one (through implicit casts), else null.
const Value* LiteralArgument(const CallTyping& call, size_t index);

/// The decimal that just holds an integral literal: 12 → decimal(2,0).
DataType DecimalForLiteral(int64_t value);

}  // namespace tarn::plan
