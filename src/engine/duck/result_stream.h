#pragma once

#include <memory>

#include "duck/statement.h"

namespace tarn::engine::duck {

/// Starts the query and gives its rows. The query must outlive the start only.
Result<std::unique_ptr<ResultStream>> OpenResultStream(std::unique_ptr<Statement> statement,
                                                       const plan::Query& query,
                                                       std::string session_zone);

/// Appends the values of one column of a chunk to `rows`, which has one entry per row.
void AppendColumn(duckdb::Vector& vector, size_t count, const DataType& type,
                  std::vector<std::vector<Value>>& rows);

}  // namespace tarn::engine::duck
