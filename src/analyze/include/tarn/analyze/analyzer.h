#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/plan/node.h"
#include "tarn/sql/ast.h"
#include "tarn/types/value.h"

namespace tarn::delta {
class Snapshot;
}
namespace tarn::catalog {
class Catalog;
struct FunctionInfo;
struct ObjectName;
}  // namespace tarn::catalog

namespace tarn::analyze {

/// AS OF of a table reference, settled to a constant.
struct TimeTravel {
  std::optional<int64_t> version;
  std::optional<int64_t> timestamp_us;
};

/// A table reference that the catalog and the storage resolved, pinned for the statement.
struct ResolvedTable {
  plan::Relation relation;
  std::string root;  ///< absolute path
};

/// What event_log(…) and its like are called with.
struct PipelineReference {
  std::vector<std::string> table;  ///< catalog, schema, name of TABLE(…); empty: `text`
  std::string text;                ///< a pipeline's id, or a path
};

/// Files to be read, as read_files is called: path, format, schema and options, settled to
/// constants.
struct FilesReference {
  std::string path;
  std::string format;  ///< lower case; may be empty
  std::optional<Schema> schema;
  std::vector<std::pair<std::string, std::string>> options;  ///< by lower-case name
  /// csv.`path`, a table over files: Spark's readers, without what read_files adds by itself.
  bool plain = false;
};

/// What the analyzer needs of the world below the session: opening what a name or path stands for.
/// Implemented by the session, which caches and pins snapshots.
class RelationSource {
 public:
  virtual ~RelationSource() = default;
  /// The snapshot of a Delta table stored at `root`, the same one for the whole statement.
  virtual Result<std::shared_ptr<const delta::Snapshot>> OpenSnapshot(
      const RequestContext& context, const std::string& root, const TimeTravel& time_travel) = 0;
  /// The absolute path that a path in the user's text stands for, if this session may read it
  /// (PATH_NOT_ALLOWED). What delta.`path` names goes through here before OpenSnapshot.
  virtual Result<std::string> ResolvePath(const RequestContext& context, const std::string& path) {
    return path;
  }
  /// Finds the files of read_files and parquet.`path`, and settles their schema (given, or
  /// inferred). Checks that this session may read the path (PATH_NOT_ALLOWED).
  virtual Result<plan::Relation> OpenFiles(const RequestContext& context, FilesReference files) = 0;
  /// The rows of information_schema.<name> in a catalog, or of another system table.
  virtual Result<plan::Relation> OpenSystemTable(const RequestContext& context,
                                                 std::string_view catalog, std::string_view schema,
                                                 std::string_view name) = 0;
  /// The changes of the Delta table at `root` from one version on to another (no `to`: the newest),
  /// as relations whose rows belong together, at least one, all with the same columns. Errors:
  /// those of delta::ReadChangeFeed, DELTA_INVALID_CDC_RANGE.
  virtual Result<std::vector<plan::Relation>> OpenChanges(const RequestContext& context,
                                                          const std::string& root,
                                                          const TimeTravel& from,
                                                          const std::optional<TimeTravel>& to) {
    return UnsupportedFeature("table_changes", {});
  }
  /// What DESCRIBE HISTORY or DESCRIBE DETAIL tells of a Delta table.
  virtual Result<plan::Relation> OpenDescription(const RequestContext& context, bool history,
                                                 const sql::ObjectName& table) {
    return UnsupportedFeature("DESCRIBE in FROM", table.source);
  }
  /// The rows of a table function over what a pipeline remembers ("event_log").
  virtual Result<plan::Relation> OpenPipelineFunction(const RequestContext& context,
                                                      std::string_view function,
                                                      const PipelineReference& pipeline) {
    return UnsupportedFeature(std::string(function), {});
  }
  /// The value of an expression without columns that FoldConstant doesn't know, e.g. of an
  /// IDENTIFIER clause; nullopt if it can't be had before the statement runs.
  virtual Result<std::optional<Value>> EvaluateConstant(const plan::Expr& expr) {
    return std::optional<Value>();
  }
};

/// A reference that reads only what is new: STREAM t, STREAM read_files(…).
struct StreamReference {
  /// Its place among those of the query, in the order of the analysis, from 0. The same text over
  /// the same views gives the same order.
  size_t ordinal = 0;
  std::vector<std::string> table;       ///< catalog, schema, name; empty for files
  std::optional<FilesReference> files;  ///< of read_files
  std::vector<std::pair<std::string, std::string>> options;  ///< of a table, by lower-case name
  /// The changes of the table's rows (WITH (readChangeFeed = true)), not the rows it is given.
  bool change_feed = false;
};

/// What a query of a flow sees besides the session's relations. Not thread-safe.
class FlowEnvironment {
 public:
  virtual ~FlowEnvironment() = default;
  /// The rows that a stream gives in this run, those of all relations together: at least one, all
  /// of the same columns. Their names are for messages.
  virtual Result<std::vector<plan::Relation>> OpenStream(const RequestContext& context,
                                                         const StreamReference& stream) = 0;
  /// A dataset that the flow's pipeline defines, where it stands for something else than the
  /// catalog's relation of that name; it is looked up first.
  virtual Result<std::optional<plan::Relation>> FindDataset(const RequestContext& context,
                                                            const catalog::ObjectName& name) {
    return std::optional<plan::Relation>();
  }
  /// Whether LIVE.name is a name of the pipeline. It means nothing once the query stands in a
  /// catalog.
  virtual bool KnowsLiveNames() const { return true; }
};

/// A session variable (DECLARE VARIABLE).
struct Variable {
  std::string name;
  Value value;
  std::string default_sql;  ///< an expression; empty: NULL
};

/// A temporary view: its text is analysed where it is used.
struct TemporaryView {
  std::string name;
  std::string text;
  std::vector<std::string> column_names;
  /// What completes names in the text; empty: what does where the view is used.
  std::string catalog = {};
  std::string schema = {};
  /// Conditions on its rows, over its columns, that are counted wherever it is read.
  std::vector<plan::RowCheck> checks = {};
};

/// The session as the analyzer sees it. Not owned; constant during the analysis of one statement.
struct AnalyzerContext {
  const catalog::Catalog* catalog = nullptr;
  RelationSource* relations = nullptr;
  std::string current_catalog = "main";
  std::string current_schema = "default";
  std::string session_zone = "UTC";
  std::string current_user;
  int64_t statement_start_us = 0;
  std::vector<Variable> variables;
  std::vector<TemporaryView> temporary_views;
  /// Functions of the session: their names have no schema.
  std::vector<std::shared_ptr<const catalog::FunctionInfo>> temporary_functions;
  std::vector<std::pair<std::string, Value>> named_parameters;  ///< :name
  std::vector<Value> positional_parameters;                     ///< ?
  /// DML: Delta tables have the hidden columns `__file_index` (int) and `__row_index` (bigint),
  /// which no * shows (plan::VirtualColumn::kFileIndex, kRowIndex); those with row tracking also
  /// `__base_row_id`, `__file_commit_version`, `__stored_row_id` and `__stored_commit_version`
  /// (bigint, of the kinds from kBaseRowId on).
  bool row_identity = false;
  /// Relations that single-part names stand for before anything else, in queries that the session
  /// makes.
  std::vector<std::pair<std::string, plan::Relation>> provided_relations;
  /// The view (a temporary one has no schema) or function that the statement defines, which must
  /// not use itself: RECURSIVE_VIEW, CYCLIC_FUNCTION_REFERENCE.
  const catalog::ObjectName* defined_view = nullptr;
  const catalog::ObjectName* defined_function = nullptr;
  /// The flow whose query this is; without one, STREAM is refused and LIVE is a schema's name.
  FlowEnvironment* flow = nullptr;
};

/// Analyses a query: names, rights, types, coercions, result names, lineage. Errors carry
/// positions.
Result<plan::Query> AnalyzeQuery(const RequestContext& request, const AnalyzerContext& context,
                                 const sql::Query& query);

/// Analyses the DEFAULT of a column: no columns, no aggregates and no subqueries, since it may come
/// from the log of a foreign table and runs with the rights of who writes. Errors:
/// INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION and those of any expression.
Result<plan::ExprPtr> AnalyzeDefault(const RequestContext& request, const AnalyzerContext& context,
                                     std::string_view column, const sql::Expr& expr);

/// The query of one row and one column that gives the value of an expression without a FROM clause,
/// which may have subqueries (SET VAR, EXECUTE IMMEDIATE).
Result<plan::Query> AnalyzeValue(const RequestContext& request, const AnalyzerContext& context,
                                 const sql::Expr& expr);

/// Analyses an expression over the given columns (by their names, unqualified): CHECK constraints,
/// generated columns. No subqueries, no aggregates. New column ids (of lambdas) start at
/// `first_free`.
Result<plan::ExprPtr> AnalyzeOverColumns(const RequestContext& request,
                                         const AnalyzerContext& context,
                                         const std::vector<plan::OutputColumn>& columns,
                                         const sql::Expr& expr, plan::ColumnId first_free);

/// Evaluates a constant expression without an engine where it is a literal, cast literal or simple
/// arithmetic; nullopt if an engine is needed.
std::optional<Value> FoldConstant(const plan::Expr& expr, std::string_view session_zone);

}  // namespace tarn::analyze
