#pragma once

#include "duck/statement.h"

namespace tarn::engine::duck {

/// Engine::InferSchema with a statement that wasn't used yet.
Result<Schema> InferFileSchema(Statement& statement, const plan::FileRelation& files);

/// The plan's type for values of a column of a Parquet file.
DataType SparkTypeOf(const duckdb::LogicalType& type);

}  // namespace tarn::engine::duck
