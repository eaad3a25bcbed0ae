#pragma once

#include <string>
#include <utility>
#include <vector>

#include "statement_scope.h"
#include "tarn/delta/action.h"
#include "tarn/delta/clustering.h"

namespace tarn::session {

/// Of the table properties that hold CHECK constraints, before the constraint's name.
inline constexpr const char* kConstraintPrefix = "delta.constraints.";

/// What a list of column definitions and constraints says.
struct DefinedColumns {
  Schema schema;
  std::vector<std::pair<std::string, std::string>> checks;  ///< name, SQL text
};

/// The columns and constraints of CREATE TABLE. Errors: COLUMN_ALREADY_EXISTS, UNSUPPORTED_FEATURE.
Result<DefinedColumns> DefineColumns(StatementScope& scope, const sql::CreateTable& statement);

/// One column as a field of a Delta schema: type, nullability, comment, default and generation
/// expression.
Result<Field> DefineColumn(StatementScope& scope, const sql::ColumnDefinition& column);

/// The schema of a table made from a query: all columns nullable. Errors: COLUMN_ALREADY_EXISTS; a
/// column of type void or interval can't be stored.
Result<Schema> SchemaOfQuery(const plan::Query& query, const SourceRange& source);

/// PARTITIONED BY: names of columns, or columns with types that are appended to the schema.
Status DefinePartitions(const std::vector<sql::PartitionField>& fields, delta::Metadata& metadata);

/// Columns, possibly nested, by the names that the schema has for them.
/// UNRESOLVED_COLUMN.WITHOUT_SUGGESTION if there is no such column.
Result<std::vector<delta::ColumnPath>> ColumnPaths(
    const Schema& schema, const std::vector<std::vector<sql::Identifier>>& names);

/// Asks for the table features that a clustered table has.
void RequireClustering(delta::Metadata& metadata);

/// Refuses properties that writers keep for themselves (row tracking): DELTA_UNKNOWN_CONFIGURATION.
Status RefuseWriterProperties(const std::vector<sql::Property>& properties);

/// The kind of a table as information_schema and DESCRIBE name it: "MANAGED", "EXTERNAL",
/// "STREAMING_TABLE", "MATERIALIZED_VIEW".
std::string TableTypeName(const catalog::TableInfo& table);

}  // namespace tarn::session
