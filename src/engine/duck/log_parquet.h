#pragma once

#include <memory>
#include <string>

#include "duck/duck_engine.h"
#include "tarn/delta/handlers.h"

namespace tarn::engine::duck {

/// Reads and writes the Parquet files of the log of the table at `table_root`.
std::shared_ptr<delta::ParquetHandler> NewLogParquetHandler(std::shared_ptr<EngineCore> core,
                                                            std::string table_root);

}  // namespace tarn::engine::duck
