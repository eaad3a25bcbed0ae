#pragma once

#include "statement_scope.h"
#include "tarn/plan/node.h"
#include "tarn/session/flow.h"

namespace tarn::session {

/// The plan of a flow's query, with what its environment and names stand for.
Result<plan::Query> AnalyzeFlow(StatementScope& scope, const FlowQuery& query);

}  // namespace tarn::session
