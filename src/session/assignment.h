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

/// The column an assignment of MERGE names, possibly qualified by the target's alias; nested fields
/// are refused.
Result<size_t> AssignedColumn(const std::vector<sql::Identifier>& name, const Schema& schema);

/// What an UPDATE gives one column: a value, or values for some of its fields.
struct ColumnAssignments {
  struct OfField {
    std::vector<sql::Identifier> path;  ///< within the column; empty: the column itself
    const Field* field = nullptr;
    const sql::Assignment* assignment = nullptr;
  };
  std::vector<OfField> values;

  bool any() const { return !values.empty(); }
  bool whole() const { return any() && values[0].path.empty(); }
};

/// The assignments of each column. Errors: UNRESOLVED_COLUMN, FIELD_NOT_FOUND,
/// DELTA_CONFLICT_SET_COLUMN where two mean the same or one what the other is within,
/// DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED.
Result<std::vector<ColumnAssignments>> AssignmentsByColumn(
    const std::vector<sql::Assignment>& assignments, const Schema& schema);

/// Adds the new value of a column whose old one is `column`.
Status AddNewValue(StatementScope& scope, GeneratedQuery& query, const ColumnAssignments& assigned,
                   const std::string& column, const Field& field, const delta::Snapshot& snapshot);

/// DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED for an identity column.
Status RefuseIdentityUpdate(const Field& field, const SourceRange& source);

}  // namespace tarn::session
