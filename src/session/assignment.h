#pragma once

#include <string>
#include <vector>

#include "generated_query.h"
#include "statement_scope.h"

namespace tarn::session {

/// How the fields of a struct that is written find those of the column. Names don't regard case.
/// Source: what Spark's Delta does (test/sql/dml/nested_fields.test).
enum class FieldRule : uint8_t {
  kInsert,  ///< by name if the value has all of the column's names, else by position
  kAssign,  ///< UPDATE and MERGE: by name, and both have the same
  kEvolve,  ///< MERGE WITH SCHEMA EVOLUTION: by name; those that the value lacks become NULL
};

/// Whether values of the type may be stored in the column. Errors: DATATYPE_MISMATCH.CAST_… about
/// `sql`; DELTA_INSERT_COLUMN_ARITY_MISMATCH, DELTA_METADATA_MISMATCH (kInsert) and
/// DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION for structs with other fields.
Status CheckStorable(const DataType& type, const Field& column, FieldRule rule,
                     std::string_view table, const std::string& sql);
/// The same for the columns of `query` (its first ones) and `fields`, in order. The query is only
/// analysed, never run.
Status CheckStorable(const plan::Query& query, const std::vector<const Field*>& fields,
                     FieldRule rule);

/// `sql` as it is stored in the type: a cast, in which fields of structs find each other by name.
std::string StoredSql(const std::string& sql, const DataType& type);
/// The same of a checked value.
Result<plan::ExprPtr> StoredValue(plan::ExprPtr value, const DataType& type);

/// Adds the piece as it is stored in the column, or the column's default for the keyword DEFAULT.
Status AddAssigned(StatementScope& scope, GeneratedQuery& query, const sql::Expr& value,
                   const Field& field, const delta::Snapshot& snapshot);

/// UNRESOLVED_COLUMN for a column that the table doesn't have, with those it has.
Error NoSuchColumn(const std::vector<sql::Identifier>& name, const Schema& schema);

/// The column that INSERT of MERGE names; nested fields are refused.
Result<size_t> AssignedColumn(const std::vector<sql::Identifier>& name, const Schema& schema);

/// What an assignment gives one column: a value, or values for some of its fields.
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
