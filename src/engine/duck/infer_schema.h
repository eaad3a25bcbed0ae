#pragma once

#include "duck/statement.h"

namespace tarn::engine::duck {

/// Engine::InferSchema with a statement that wasn't used yet.
Result<Schema> InferFileSchema(Statement& statement, const plan::FileRelation& files);

}  // namespace tarn::engine::duck
