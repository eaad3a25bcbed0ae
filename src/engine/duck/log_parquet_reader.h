#pragma once

#include "duck/statement.h"
#include "tarn/delta/handlers.h"

namespace tarn::engine::duck {

/// Reads a Parquet file as delta::ParquetHandler says: its row groups are decoded by several
/// threads and given to `sink`, on this thread, in their order. Throws DuckDB's exceptions.
/// `statement` was entered; `name`: granted to it.
Status ReadLogParquet(Statement& statement, const std::string& name, int threads,
                      const Schema& projection, const delta::BatchSink& sink);

}  // namespace tarn::engine::duck
