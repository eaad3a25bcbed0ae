#pragma once

#include "duck/function_registry.h"

namespace tarn::engine::duck {

/// Whether calls of a function of the plan's table can be computed: by the registry, or by the
/// lowering of the window or generator that it stands in.
bool IsExecuted(const FunctionRegistry& registry, const plan::FunctionSpec& function);

}  // namespace tarn::engine::duck
