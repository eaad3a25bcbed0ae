#pragma once

#include "statement_scope.h"

namespace tarn::session {

/// The version or instant that a statement names by a constant expression.
/// INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT for NULL.
Result<analyze::TimeTravel> SettleTimeTravel(StatementScope& scope, const sql::TimeTravel& travel);

}  // namespace tarn::session
