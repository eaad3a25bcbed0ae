#pragma once

#include "duck/duckdb_headers.h"
#include "tarn/format/column_batch.h"

namespace tarn::engine::duck {

/// Puts the rows [begin, begin + count) of a column into a flat vector of its type, from row `at`
/// on.
void CopyColumn(const format::Column& column, size_t begin, size_t count, duckdb::Vector& out,
                size_t at = 0);

}  // namespace tarn::engine::duck
