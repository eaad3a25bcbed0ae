#pragma once

#include "duck/statement.h"

namespace tarn::engine::duck {

/// Engine::Explain with a statement that wasn't used yet.
Result<std::string> ExplainQuery(Statement& statement, const plan::Query& query, bool analyze);

}  // namespace tarn::engine::duck
