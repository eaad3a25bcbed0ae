#pragma once

#include "tarn/plan/function.h"

namespace tarn::plan {

// Each family's rows stand in functions_<family>.cc.
#define TARN_FUNCTION_FAMILY(name) void Register##name##Functions(FunctionTable& table);
#include "function_families.inc"
#undef TARN_FUNCTION_FAMILY

}  // namespace tarn::plan
