#pragma once

#include "duck/duckdb_headers.h"
#include "duckdb/common/multi_file/multi_file_data.hpp"

namespace tarn::engine::duck {

/// Whether a column of a Parquet file holds what the scan wants of it: the same type, one that
/// Spark's reader widens without loss, or a narrower integer whose values are checked one by one.
/// Fields are paired by name, without regard to case; those that only one side has don't matter.
/// Anything else would be a guess (a double cut to an integer, a number shown as text).
bool CanReadAs(const duckdb::MultiFileColumnDefinition& found,
               const duckdb::MultiFileColumnDefinition& wanted);

/// The column of the file that a scan's column is read from, by its name there; null if the file
/// has none.
const duckdb::MultiFileColumnDefinition* FindColumn(
    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
    const duckdb::MultiFileColumnDefinition& wanted);

}  // namespace tarn::engine::duck
