#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/sql/ast_query.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

/// The kinds of objects that DDL, SHOW, DESCRIBE, COMMENT ON and GRANT name.
enum class ObjectKind : uint8_t {
  kCatalog,
  kSchema,
  kTable,
  kView,
  kMaterializedView,
  kStreamingTable,
  kVolume,
  kFunction,
  kProcedure,
  kVariable,
  kColumn,
  kConnection,
  kExternalLocation,
  kStorageCredential,
  kServiceCredential,
  kShare,
  kRecipient,
  kProvider,
  kModel,
  kPolicy,
  kServer,
  kMetastore,
  kAnyFile,
  kUnspecified,  ///< GRANT … ON name, DESCRIBE name
};

/// "TABLE", "MATERIALIZED VIEW", …; "" for kUnspecified.
std::string_view ToSql(ObjectKind kind);

/// MASK function [USING COLUMNS (column | literal, …)]
struct ColumnMask {
  ObjectName function;
  std::vector<ExprPtr> using_columns;
};

/// WITH ROW FILTER function ON (column | literal, …)
struct RowFilter {
  ObjectName function;
  std::vector<ExprPtr> columns;
};

enum class ConstraintKind : uint8_t { kPrimaryKey, kForeignKey, kCheck, kUnique, kExpectation };

/// [CONSTRAINT name] PRIMARY KEY … | FOREIGN KEY … | CHECK (…), of a table or a column.
struct Constraint {
  ConstraintKind kind = ConstraintKind::kCheck;
  Identifier name;                  ///< may be empty
  std::vector<Identifier> columns;  ///< kPrimaryKey, kForeignKey, kUnique; empty on a column
  Identifier timeseries_column;     ///< PRIMARY KEY (a, t TIMESERIES)
  ObjectName references;            ///< kForeignKey
  std::vector<Identifier> reference_columns;
  ExprPtr check;                     ///< kCheck, kExpectation
  std::string on_violation;          ///< kExpectation: "", "DROP ROW" or "FAIL UPDATE"
  std::vector<std::string> options;  ///< "RELY", "NOT ENFORCED", "ON DELETE NO ACTION", …
  SourceRange source;
};

/// GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY [(START WITH n INCREMENT BY n)]
struct Identity {
  bool always = true;
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
};

/// A column of CREATE TABLE or ADD COLUMN.
struct ColumnDefinition {
  std::vector<Identifier> name;  ///< several parts only in ADD COLUMN of a nested field
  std::optional<DataType> type;  ///< absent where a view or CTAS gives only names
  SourceRange type_source;
  bool not_null = false;
  ExprPtr default_value;
  ExprPtr generated_as;
  std::optional<Identity> identity;
  std::optional<std::string> comment;
  std::optional<std::string> collation;
  std::vector<Constraint> constraints;
  std::optional<ColumnMask> mask;
  std::vector<Property> tags;
  bool first = false;  ///< ADD COLUMN … FIRST
  Identifier after;    ///< ADD COLUMN … AFTER column
  SourceRange source;
};

/// One element of PARTITIONED BY: a column, a column with type, or transform(arguments).
struct PartitionField {
  Identifier column;
  std::optional<DataType> type;
  Identifier transform;  ///< years, bucket, …; refused later
  std::vector<ExprPtr> arguments;
  SourceRange source;
};

/// CLUSTER BY (a, b.c) | AUTO | NONE
struct ClusterBy {
  bool automatic = false;
  bool none = false;
  std::vector<std::vector<Identifier>> columns;
};

/// The clauses that may follow the columns of CREATE TABLE, in any order.
struct TableClauses {
  ObjectName provider;  ///< USING
  std::vector<Property> options;
  bool has_partitioned_by = false;
  std::vector<PartitionField> partitioned_by;
  std::optional<ClusterBy> cluster_by;
  std::optional<std::string> location;
  std::string credential;  ///< LOCATION … WITH (CREDENTIAL name)
  std::optional<std::string> comment;
  std::vector<Property> properties;  ///< TBLPROPERTIES
  std::vector<Property> tags;
  std::optional<std::string> default_collation;
  std::optional<RowFilter> row_filter;
  std::string schedule;  ///< "SCHEDULE …" or "TRIGGER ON …" as written
  std::vector<std::string>
      unsupported;  ///< recognised clauses nothing executes: "STORED AS ORC", …
};

enum class CreateMode : uint8_t {
  kCreate,
  kCreateIfNotExists,
  kCreateOrReplace,
  kReplace,
  kCreateOrRefresh
};

/// The source of CREATE TABLE … [SHALLOW|DEEP] CLONE.
struct CloneSource {
  ObjectName table;
  bool shallow = false;
  std::optional<TimeTravel> time_travel;
};

/// CREATE [OR REPLACE] TABLE, with columns, AS query, LIKE or CLONE; also STREAMING TABLE.
struct CreateTable {
  CreateMode mode = CreateMode::kCreate;
  ObjectKind kind = ObjectKind::kTable;  ///< kTable or kStreamingTable
  bool external = false;
  bool temporary = false;
  bool is_private = false;
  ObjectName name;
  bool has_columns = false;
  std::vector<ColumnDefinition> columns;
  std::vector<Constraint> constraints;
  TableClauses clauses;
  QueryPtr query;   ///< CTAS
  ObjectName like;  ///< CREATE TABLE … LIKE
  std::optional<CloneSource> clone;
  StatementPtr flow;  ///< CREATE STREAMING TABLE … FLOW AUTO CDC …
};

enum class SchemaBinding : uint8_t {
  kUnspecified,
  kBinding,
  kCompensation,
  kEvolution,
  kTypeEvolution
};

/// CREATE VIEW in all its kinds. The view's text is query->source.
struct CreateView {
  CreateMode mode = CreateMode::kCreate;
  ObjectKind kind = ObjectKind::kView;  ///< kView or kMaterializedView
  bool temporary = false;
  bool global = false;
  bool is_private = false;
  bool metric = false;  ///< WITH METRICS LANGUAGE YAML
  ObjectName name;
  bool has_columns = false;
  std::vector<ColumnDefinition> columns;
  std::vector<Constraint> constraints;
  SchemaBinding binding = SchemaBinding::kUnspecified;
  TableClauses clauses;
  QueryPtr query;    ///< null for a metric view and for CREATE TEMPORARY VIEW … USING
  std::string yaml;  ///< of a metric view
};

struct CreateCatalog {
  CreateMode mode = CreateMode::kCreate;
  ObjectName name;
  bool foreign = false;
  ObjectName using_object;  ///< USING SHARE provider.share, USING CONNECTION name
  std::string using_kind;   ///< "SHARE", "CONNECTION" or ""
  std::optional<std::string> managed_location;
  std::optional<std::string> comment;
  std::optional<std::string> default_collation;
  std::vector<Property> options;
};

struct CreateSchema {
  CreateMode mode = CreateMode::kCreate;
  ObjectName name;
  std::optional<std::string> location;
  std::optional<std::string> managed_location;
  std::optional<std::string> comment;
  std::optional<std::string> default_collation;
  std::vector<Property> properties;  ///< WITH DBPROPERTIES
};

struct CreateVolume {
  CreateMode mode = CreateMode::kCreate;
  bool external = false;
  ObjectName name;
  std::optional<std::string> location;
  std::optional<std::string> comment;
};

/// IN|OUT|INOUT matter only for procedures.
struct RoutineParameter {
  std::string mode;
  Identifier name;
  DataType type;
  ExprPtr default_value;
  std::optional<std::string> comment;
  SourceRange source;
};

struct CreateFunction {
  CreateMode mode = CreateMode::kCreate;
  bool temporary = false;
  bool is_procedure = false;
  ObjectName name;
  std::vector<RoutineParameter> parameters;
  std::optional<DataType> returns;
  bool returns_table = false;
  std::vector<RoutineParameter> table_columns;  ///< RETURNS TABLE (…); may be empty to be inferred
  std::string language;                         ///< upper case: "", "SQL", "PYTHON", "SCALA"
  std::optional<bool> deterministic;
  std::optional<std::string> comment;
  std::string data_access;  ///< "CONTAINS SQL", "READS SQL DATA", "MODIFIES SQL DATA"
  std::string handler;
  std::vector<std::string> options;  ///< "CALLED ON NULL INPUT", "SQL SECURITY INVOKER", …
  std::vector<Property> environment;
  ExprPtr body_expr;                     ///< RETURN expr
  QueryPtr body_query;                   ///< RETURN query
  StatementPtr body_block;               ///< a procedure's BEGIN … END
  std::optional<std::string> body_text;  ///< AS $$ … $$, AS 'class'
};

/// DROP kind [IF EXISTS] name [RESTRICT | CASCADE | FORCE | PURGE]
struct Drop {
  ObjectKind kind = ObjectKind::kTable;
  bool if_exists = false;
  bool temporary = false;
  bool cascade = false;  ///< CASCADE or FORCE
  bool purge = false;
  ObjectName name;
};

/// UNDROP kind name, UNDROP kind WITH ID 'uuid'
struct Undrop {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  std::string id;
};

struct RenameTo {
  ObjectName name;
};
struct SetProperties {
  std::vector<Property> properties;
};
struct UnsetProperties {
  bool if_exists = false;
  std::vector<Property> properties;
};
struct SetTags {
  std::vector<Property> tags;
};
struct UnsetTags {
  std::vector<std::string> keys;
};
struct SetOwner {
  Identifier owner;
};
struct SetLocation {
  std::string location;
};
struct SetManagedLocation {
  std::string location;
};
struct SetDefaultCollation {
  std::string collation;
};
struct SetComment {
  std::optional<std::string> comment;
};
/// {ENABLE | DISABLE | INHERIT} PREDICTIVE OPTIMIZATION
struct SetPredictiveOptimization {
  std::string value;
};
struct AddColumns {
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns;
};
struct DropColumns {
  bool if_exists = false;
  std::vector<std::vector<Identifier>> columns;
};
struct RenameColumn {
  std::vector<Identifier> from;
  Identifier to;
};
/// What ALTER COLUMN changes; exactly one member is set, several columns may be changed at once.
struct ColumnChange {
  std::vector<Identifier> column;
  std::optional<DataType> type;
  SourceRange type_source;
  bool has_comment = false;
  std::optional<std::string> comment;
  bool first = false;
  Identifier after;
  bool set_not_null = false;
  bool drop_not_null = false;
  ExprPtr set_default;
  bool drop_default = false;
  bool sync_identity = false;
  std::optional<ColumnMask> set_mask;
  bool drop_mask = false;
  std::vector<Property> set_tags;
  std::vector<std::string> unset_tags;
  SourceRange source;
};
struct AlterColumns {
  std::vector<ColumnChange> changes;
};
struct ReplaceColumns {
  std::vector<ColumnDefinition> columns;
};
struct AddConstraint {
  Constraint constraint;
};
struct DropConstraint {
  bool if_exists = false;
  bool primary_key = false;  ///< DROP PRIMARY KEY
  bool foreign_key = false;  ///< DROP FOREIGN KEY (columns)
  bool cascade = false;
  Identifier name;
  std::vector<Identifier> columns;
};
struct DropFeature {
  std::string feature;
  bool truncate_history = false;
};
struct SetRowFilter {
  RowFilter filter;
};
struct DropRowFilter {};
struct SetClusterBy {
  ClusterBy cluster_by;
};
struct SetViewQuery {
  QueryPtr query;
};
struct SetSchemaBinding {
  SchemaBinding binding = SchemaBinding::kUnspecified;
};
/// PARTITION (a = 1, b = '2'); a value may be absent
struct PartitionValue {
  Identifier column;
  ExprPtr value;
};
using PartitionSpec = std::vector<PartitionValue>;
struct AddPartitions {
  bool if_not_exists = false;
  std::vector<PartitionSpec> partitions;
};
struct DropPartitions {
  bool if_exists = false;
  bool purge = false;
  std::vector<PartitionSpec> partitions;
};
struct RenamePartition {
  PartitionSpec from;
  PartitionSpec to;
};
struct RecoverPartitions {};
/// A documented action that has no node of its own: its first words.
struct OtherAction {
  std::string name;
};

using AlterAction =
    std::variant<RenameTo, SetProperties, UnsetProperties, SetTags, UnsetTags, SetOwner,
                 SetLocation, SetManagedLocation, SetDefaultCollation, SetComment,
                 SetPredictiveOptimization, AddColumns, DropColumns, RenameColumn, AlterColumns,
                 ReplaceColumns, AddConstraint, DropConstraint, DropFeature, SetRowFilter,
                 DropRowFilter, SetClusterBy, SetViewQuery, SetSchemaBinding, AddPartitions,
                 DropPartitions, RenamePartition, RecoverPartitions, OtherAction>;

/// ALTER kind name action, for catalogs, schemas, tables, views, volumes and functions.
struct Alter {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  AlterAction action;
  SourceRange action_source;
};

}  // namespace tarn::sql
