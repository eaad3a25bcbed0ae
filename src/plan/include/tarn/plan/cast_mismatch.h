#pragma once

#include <string_view>

#include "tarn/base/error.h"
#include "tarn/plan/expr.h"

namespace tarn::plan {

/// Why a cast that CanCast refuses can't be: DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION where
/// functions convert between the types, CAST_WITH_CONF_SUGGESTION where Spark without its ANSI mode
/// would cast (not for TRY_CAST), else CAST_WITHOUT_SUGGESTION. `input` is the operand as SQL.
Error CastMismatch(const DataType& from, const DataType& to, CastMode mode, std::string_view input);

}  // namespace tarn::plan
