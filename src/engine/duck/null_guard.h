#pragma once

#include "duck/function_registry.h"

namespace tarn::engine::duck {

/// Spark computes one operand of an operator first, and the others only where it isn't NULL; so
/// NULL + CAST('x' AS INT) is NULL. DuckDB computes all: operands that may fail get a condition.
void GuardOperands(const plan::Call& call, DuckArgs& args);

}  // namespace tarn::engine::duck
