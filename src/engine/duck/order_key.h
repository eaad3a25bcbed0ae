#pragma once

#include "duck/function_registry.h"

namespace tarn::engine::duck {

/// Whether DuckDB orders values of the type otherwise than Spark does: inside of arrays and structs
/// Spark's NULL is the least value, DuckDB's the greatest.
bool NeedsOrderKey(const DataType& type);

/// A value that DuckDB orders as Spark orders `value`; NULL if that is NULL.
DuckExpr OrderKey(DuckExpr value, const DataType& type);

}  // namespace tarn::engine::duck
