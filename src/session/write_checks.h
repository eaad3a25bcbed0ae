#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plan_extension.h"
#include "statement_scope.h"
#include "tarn/delta/constraints.h"
#include "tarn/session/flow.h"

namespace tarn::session {

/// A failure with that condition, as an expression.
Result<plan::ExprPtr> Raise(std::string_view error,
                            std::vector<std::pair<std::string, std::string>> parameters);

/// The expression that enforces `condition`: true, or a failure with the given condition.
Result<plan::ExprPtr> Enforced(plan::ExprPtr condition, std::string_view error,
                               std::vector<std::pair<std::string, std::string>> parameters);

/// An expression over the columns, from a text of the table's.
Result<plan::ExprPtr> AnalyzeText(StatementScope& scope, const std::string& text,
                                  const PlanExtension& extension);

// What every written row must pass, as filters that fail.
Status EnforceNotNull(PlanExtension& extension, const Schema& schema,
                      const delta::TableConstraints& constraints);
/// Declared lengths of char(n) and varchar(n), within other types too.
Status EnforceLengths(StatementScope& scope, PlanExtension& extension, const Schema& schema);
Status EnforceChecks(StatementScope& scope, PlanExtension& extension,
                     const delta::TableConstraints& constraints);

/// A boolean column behind the table's own for each expectation.
Status AppendExpectations(StatementScope& scope, PlanExtension& extension,
                          const std::vector<Expectation>& expectations);

}  // namespace tarn::session
