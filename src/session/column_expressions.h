#pragma once

#include <string>

#include "statement_scope.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

// What a definition's expressions must be, looked at when they are written down, not when the first
// row comes.

/// Whether the column's values are computed from others.
bool IsGenerated(const Field& field);

/// A CHECK constraint. Errors: DELTA_NON_BOOLEAN_CHECK_CONSTRAINT, UNSUPPORTED_FEATURE (a
/// subquery), those of analysing it over the columns.
Status RequireCheck(StatementScope& scope, const Schema& schema, const std::string& name,
                    const sql::Expr& check);

/// The expression of a generated column of the schema. Errors:
/// UNSUPPORTED_EXPRESSION_GENERATED_COLUMN, DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH, those of
/// analysing it over the columns that aren't generated.
Status RequireGeneration(StatementScope& scope, const Schema& schema, const Field& column,
                         const sql::Expr& expression);

/// All that CREATE TABLE says, with the constraints among its properties: those above, and
/// DELTA_CONSTRAINT_ALREADY_EXISTS for a name used twice.
Status RequireExpressions(StatementScope& scope, const sql::CreateTable& statement,
                          const Schema& schema);

}  // namespace tarn::session
