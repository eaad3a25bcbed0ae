#pragma once

#include <string>
#include <vector>

#include "generated_query.h"
#include "statement_scope.h"

namespace tarn::session {

/// Checks that values of the columns of `query` (its first ones) may be stored in `fields`, in
/// order. The query is only analysed, never run. Errors:
/// DATATYPE_MISMATCH.CAST_….
Status CheckStorable(const plan::Query& query, const std::vector<const Field*>& fields);

/// Adds "CAST(<piece> AS <type of the column>)", or the column's default for the keyword DEFAULT.
Status AddAssigned(StatementScope& scope, GeneratedQuery& query, const sql::Expr& value,
                   const Field& field, const delta::Snapshot& snapshot);

/// UNRESOLVED_COLUMN for a column that the table doesn't have, with those it has.
Error NoSuchColumn(const std::vector<sql::Identifier>& name, const Schema& schema);

/// The column an assignment names, possibly qualified by the target's alias; nested fields are
/// refused.
Result<size_t> AssignedColumn(const std::vector<sql::Identifier>& name, const Schema& schema);

/// DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED for an identity column.
Status RefuseIdentityUpdate(const Field& field, const SourceRange& source);

}  // namespace tarn::session
