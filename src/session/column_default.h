#pragma once

#include <string>
#include <string_view>

#include "statement_scope.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

/// What DEFAULT means for a column, as text that can stand in a query as it is: the checked
/// expression in parentheses, or NULL. Errors: those of analyze::AnalyzeDefault.
Result<std::string> DefaultText(StatementScope& scope, const delta::Snapshot& snapshot,
                                std::string_view column);

}  // namespace tarn::session
