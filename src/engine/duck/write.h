#pragma once

#include "duck/statement.h"

namespace tarn::engine::duck {

/// Engine::Write: runs the query and writes its rows as data files. `statement` was not started
/// yet.
Result<WriteResult> WriteDataFiles(EngineCore& core, Statement& statement, const plan::Query& query,
                                   const WriteTarget& target);

}  // namespace tarn::engine::duck
