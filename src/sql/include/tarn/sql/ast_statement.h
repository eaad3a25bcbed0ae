#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/sql/ast_query.h"
#include "tarn/sql/ast_script.h"
#include "tarn/sql/ast_table.h"

namespace tarn::sql {

/// A query as a statement.
struct QueryStatement {
  QueryPtr query;
};

enum class ExplainMode : uint8_t {
  kPlain,
  kExtended,
  kFormatted,
  kCodegen,
  kCost,
  kLogical,
  kAnalyze
};

struct Explain {
  ExplainMode mode = ExplainMode::kPlain;
  StatementPtr statement;
};

enum class InsertMode : uint8_t {
  kInto,
  kOverwrite,
  kReplaceWhere,  ///< INTO t REPLACE WHERE condition
  kReplaceUsing,  ///< INTO t REPLACE USING (columns)
  kReplaceOn,     ///< INTO t REPLACE ON condition
};

struct Insert {
  InsertMode mode = InsertMode::kInto;
  bool with_schema_evolution = false;
  bool once = false;  ///< INTO ONCE, in CREATE FLOW only
  ObjectName table;
  TableAlias alias;  ///< of the target, for REPLACE ON
  PartitionSpec partition;
  bool if_not_exists = false;
  bool by_name = false;
  std::vector<std::vector<Identifier>> columns;  ///< empty if none were listed
  ExprPtr replace_condition;                     ///< kReplaceWhere, kReplaceOn
  std::vector<Identifier> replace_columns;       ///< kReplaceUsing
  QueryPtr query;
  TableAlias query_alias;  ///< of the source, for REPLACE ON
};

struct Delete {
  std::vector<CommonTable> with;
  ObjectName table;
  TableAlias alias;
  ExprPtr where;
};

struct Assignment {
  std::vector<Identifier> column;
  ExprPtr value;  ///< see IsDefaultKeyword
  SourceRange source;
};

struct Update {
  std::vector<CommonTable> with;
  ObjectName table;
  TableAlias alias;
  std::vector<Assignment> assignments;
  ExprPtr where;
};

enum class MergeWhen : uint8_t { kMatched, kNotMatched, kNotMatchedBySource };
enum class MergeActionKind : uint8_t { kUpdate, kUpdateStar, kDelete, kInsert, kInsertStar };

struct MergeClause {
  MergeWhen when = MergeWhen::kMatched;
  ExprPtr condition;  ///< AND …
  MergeActionKind action = MergeActionKind::kDelete;
  std::vector<Assignment> assignments;                  ///< kUpdate
  std::vector<std::vector<Identifier>> insert_columns;  ///< kInsert
  std::vector<ExprPtr> insert_values;                   ///< kInsert
  std::vector<std::vector<Identifier>> star_except;  ///< SET * EXCEPT (…), INSERT * EXCEPT (…)
  SourceRange source;
};

struct Merge {
  std::vector<CommonTable> with;
  bool with_schema_evolution = false;
  ObjectName table;
  TableAlias alias;
  RelationPtr from;  ///< the source, with its alias
  ExprPtr on;
  std::vector<MergeClause> clauses;
};

struct CopyInto {
  ObjectName table;
  TableAlias alias;
  bool by_position = false;
  SourceRange position_source;                   ///< of BY POSITION
  std::vector<std::vector<Identifier>> columns;  ///< (a, b): by position, too
  std::string path;                              ///< FROM 'path'
  std::vector<NamedExpr> select;                 ///< FROM (SELECT … FROM 'path')
  std::vector<Property> credential;
  std::vector<Property> encryption;
  std::optional<std::string> validate;  ///< "ALL" or "n ROWS"
  std::string file_format;
  std::vector<std::string> files;
  std::string pattern;
  std::vector<Property> format_options;
  std::vector<Property> copy_options;
};

enum class ShowKind : uint8_t {
  kCatalogs,
  kSchemas,
  kTables,
  kTableExtended,
  kTablesDropped,
  kViews,
  kColumns,
  kPartitions,
  kFunctions,
  kVolumes,
  kCreateTable,
  kTableProperties,
  kCurrentSchema,
  kGrants,
  kConnections,
  kCredentials,
  kExternalLocations,
  kShares,
  kRecipients,
  kProviders,
  kUsers,
  kGroups,
  kPolicies,
  kProcedures,
  kVariables,
  kOther,
};

/// SHOW in all its forms; which members are set depends on the kind.
struct Show {
  ShowKind kind = ShowKind::kTables;
  ObjectName name;  ///< the object: COLUMNS, PARTITIONS, CREATE TABLE, TBLPROPERTIES, GRANTS
  ObjectName in;    ///< FROM|IN
  std::optional<std::string> like;
  std::string scope;         ///< FUNCTIONS: "USER", "SYSTEM", "ALL" or ""
  std::string property_key;  ///< TBLPROPERTIES t (key)
  PartitionSpec partition;
  ObjectKind on_kind = ObjectKind::kUnspecified;  ///< GRANTS
  Identifier principal;                           ///< GRANTS
  std::string other;                              ///< kOther: the words
};

enum class DescribeKind : uint8_t {
  kTable,
  kHistory,
  kDetail,
  kQuery,
  kCatalog,
  kSchema,
  kFunction,
  kVolume,
  kConnection,
  kCredential,
  kExternalLocation,
  kShare,
  kRecipient,
  kProvider,
  kPolicy,
  kProcedure,
};

struct Describe {
  DescribeKind kind = DescribeKind::kTable;
  bool extended = false;  ///< EXTENDED or FORMATTED
  bool as_json = false;
  ObjectName name;                 ///< for a function also an operator, as one part
  std::vector<Identifier> column;  ///< DESCRIBE TABLE t column
  PartitionSpec partition;
  QueryPtr query;                ///< kQuery
  std::optional<int64_t> limit;  ///< kHistory: so many of the newest versions
};

/// USE [CATALOG | SCHEMA] name, SET CATALOG name
struct Use {
  ObjectKind kind = ObjectKind::kUnspecified;  ///< kCatalog, kSchema or kUnspecified (= schema)
  ObjectName name;
};

/// SET key = value, SET key, SET, SET -v
struct SetConfiguration {
  std::string key;
  std::optional<std::string> value;
  bool verbose = false;
};

/// SET TIME ZONE LOCAL | 'zone' | INTERVAL …
struct SetTimeZone {
  bool local = false;
  ExprPtr zone;  ///< a string literal or an interval literal
};

/// SET VAR a = 1, b = DEFAULT; SET VAR (a, b) = (query)
struct SetVariable {
  std::vector<Assignment> assignments;
  std::vector<ObjectName> targets;  ///< with `query`
  QueryPtr query;
};

/// RESET [key]
struct ResetConfiguration {
  std::string key;
};

/// DECLARE [OR REPLACE] [VARIABLE] name [, …] [type] [DEFAULT expr]
struct DeclareVariable {
  bool or_replace = false;
  std::vector<ObjectName> names;
  std::optional<DataType> type;
  ExprPtr default_value;
};

struct ExecuteImmediate {
  ExprPtr statement;  ///< a string literal, a variable, or any constant expression
  std::vector<ObjectName> into;
  std::vector<NamedExpr> using_args;
};

struct Optimize {
  ObjectName table;
  bool full = false;
  ExprPtr where;
  std::vector<std::vector<Identifier>> zorder_by;
};

struct Vacuum {
  ObjectName table;
  bool lite = false;
  bool full = false;
  ExprPtr retain_hours;
  bool dry_run = false;
};

struct Restore {
  ObjectName table;
  TimeTravel to;
};

struct Analyze {
  ObjectName table;
  bool all_tables = false;  ///< ANALYZE TABLES IN schema: `table` is the schema, or empty
  PartitionSpec partition;
  bool no_scan = false;
  bool all_columns = false;
  bool delta_statistics = false;
  std::vector<std::vector<Identifier>> columns;
};

/// REORG TABLE t [WHERE …] APPLY (PURGE | UPGRADE UNIFORM (…) | CHECKPOINT)
struct Reorg {
  ObjectName table;
  ExprPtr where;
  std::string apply;  ///< as it was written
  /// The n of UPGRADE UNIFORM (ICEBERG_COMPAT_VERSION = n), if `apply` is that.
  std::optional<int> iceberg_compat_version;
};

struct Fsck {
  ObjectName table;
  bool dry_run = false;
  bool metadata_only = false;
};

struct ConvertToDelta {
  ObjectName table;
  bool no_statistics = false;
  std::vector<PartitionField> partitioned_by;
};

/// REFRESH TABLE|FUNCTION|FOREIGN …|MATERIALIZED VIEW|STREAMING TABLE name [FULL], REFRESH 'path'
struct Refresh {
  ObjectKind kind = ObjectKind::kTable;
  bool foreign = false;
  bool full = false;
  bool async = false;
  ObjectName name;
  std::string path;
};

struct CacheTable {
  bool lazy = false;
  ObjectName name;
  std::vector<Property> options;
  QueryPtr query;
};
struct CacheSelect {
  QueryPtr query;
};
struct UncacheTable {
  bool if_exists = false;
  ObjectName name;
};
struct ClearCache {};

struct Truncate {
  ObjectName table;
  PartitionSpec partition;
};

/// MSCK REPAIR TABLE t [ADD | DROP | SYNC PARTITIONS | SYNC METADATA]
struct RepairTable {
  ObjectName table;
  std::string mode;
};

/// COMMENT ON kind name IS 'text' | NULL
struct CommentOn {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;  ///< for kColumn the last part is the column
  std::optional<std::string> comment;
};

/// GRANT, REVOKE and DENY of privileges.
enum class GrantKind : uint8_t { kGrant, kRevoke, kDeny };
struct Grant {
  GrantKind kind = GrantKind::kGrant;
  std::vector<std::string> privileges;  ///< upper case, one blank between words; "ALL PRIVILEGES"
  ObjectKind object_kind = ObjectKind::kUnspecified;
  ObjectName object;
  Identifier principal;
  bool with_grant_option = false;
};

enum class FileCommandKind : uint8_t { kList, kPut, kGet, kRemove };

/// LIST 'path', PUT 'local' INTO 'path' [OVERWRITE], GET 'path' TO 'local', REMOVE 'path'
struct FileCommand {
  FileCommandKind kind = FileCommandKind::kList;
  std::string path;   ///< on the server's side
  std::string local;  ///< kPut, kGet
  bool overwrite = false;
  std::optional<int64_t> limit;
};

struct Call {
  ObjectName procedure;
  std::vector<FunctionArgument> args;
};

/// AUTO CDC INTO target FROM source KEYS (…) …, also written APPLY CHANGES INTO.
struct AutoCdc {
  ObjectName target;
  RelationPtr from;
  bool from_snapshot = false;
  std::vector<std::vector<Identifier>> keys;
  bool ignore_null_updates = false;
  ExprPtr apply_as_delete_when;
  ExprPtr apply_as_truncate_when;
  ExprPtr sequence_by;
  bool columns_all_except = false;
  std::vector<std::vector<Identifier>> columns;  ///< COLUMNS list or * EXCEPT list
  int stored_as_scd_type = 1;
  bool track_history_all_except = false;
  std::vector<std::vector<Identifier>> track_history_columns;
  bool once = false;
};

/// CREATE FLOW name AS INSERT INTO … | AUTO CDC INTO …
struct CreateFlow {
  ObjectName name;
  std::optional<std::string> comment;
  StatementPtr statement;  ///< an Insert or an AutoCdc
};

/// A documented statement without a node of its own, to be refused by its name.
struct OtherStatement {
  std::string name;  ///< e.g. "CREATE SHARE"
};

using StatementNode = std::variant<
    QueryStatement, Explain, Insert, Delete, Update, Merge, CopyInto, CreateTable, CreateView,
    CreateCatalog, CreateSchema, CreateVolume, CreateFunction, Drop, Undrop, Alter, Show, Describe,
    Use, SetConfiguration, SetTimeZone, SetVariable, ResetConfiguration, DeclareVariable,
    ExecuteImmediate, Optimize, Vacuum, Restore, Analyze, Reorg, Fsck, ConvertToDelta, Refresh,
    CacheTable, CacheSelect, UncacheTable, ClearCache, Truncate, RepairTable, CommentOn, Grant,
    FileCommand, Call, AutoCdc, CreateFlow, CompoundStatement, IfStatement, CaseStatement,
    WhileStatement, RepeatStatement, LoopStatement, ForStatement, LeaveStatement, SignalStatement,
    ReturnStatement, BeginTransaction, EndTransaction, OtherStatement>;

/// One statement as written. Movable, not copyable.
struct Statement {
  Statement(SourceRange source, StatementNode node);
  ~Statement();
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }

  SourceRange source;
  StatementNode node;
};

/// What the statement is called in messages and in the history: "SELECT", "CREATE TABLE", "MERGE".
std::string StatementName(const Statement& statement);

}  // namespace tarn::sql
