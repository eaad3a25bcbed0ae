#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scope.h"
#include "tarn/analyze/analyzer.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"
#include "tarn/sql/ast.h"

namespace tarn::catalog {
struct FunctionInfo;
struct ViewInfo;
}  // namespace tarn::catalog

namespace tarn::analyze {

using plan::ColumnId;
using plan::ExprPtr;
using plan::NodePtr;

/// A query of WITH that is in scope.
struct CommonTable {
  std::string name;
  plan::CteId id{};
  std::vector<plan::OutputColumn> columns;
};

/// The queries of one WITH; those of enclosing queries stand in `outer`.
struct CommonTables {
  const CommonTables* outer = nullptr;
  std::deque<CommonTable> entries;
};

/// Where a text's names of relations and routines are looked up. A view's text has its own.
struct Environment {
  std::string catalog;
  std::string schema;
  const CommonTables* common_tables = nullptr;
  int query_depth = 0;
  int view_depth = 0;
  std::string principal;      ///< whose rights hold; empty: those of the user
  bool session_names = true;  ///< variables and temporary objects are visible
  /// Temporary views whose text this is: in it, their own names stand for relations of the catalog.
  std::vector<std::string> hidden_views;
};

/// Parameters of the lambdas that enclose an expression.
struct LambdaFrame {
  const LambdaFrame* outer = nullptr;
  const std::vector<plan::Lambda::Parameter>* parameters = nullptr;
};

/// A column of a select list.
struct SelectItem {
  ColumnId id{};
  std::string name;
  ExprPtr expr;
  bool aliased = false;
  int relation = -1;       ///< of the scope, if the item is a plain column
  bool generator = false;  ///< expr is a generator's Call; `generated` are its columns
  bool outer = false;      ///< …_outer
  std::vector<plan::OutputColumn> generated;
  std::vector<ColumnId> shown;  ///< the list's ids of `generated`, once they stand below it
  const sql::Expr* source = nullptr;
};

/// What an expression may use, and where its names are looked up.
class SelectBuilder;

struct ExprContext {
  const Environment* environment = nullptr;
  const Scope* scope = nullptr;         ///< null: no columns
  const Scope* output_scope = nullptr;  ///< ORDER BY: names of the select list, which win
  /// Select items whose aliases may be used where no column has the name (lateral column aliases,
  /// HAVING, QUALIFY, GROUP BY).
  const std::vector<SelectItem>* aliases = nullptr;
  bool aliases_first = false;  ///< aliases win over columns…
  /// … but not over columns that are grouped by, if set.
  const std::vector<plan::NamedExpr>* groups = nullptr;
  bool lateral_aliases = false;  ///< `aliases` are those of the list being analysed
  const std::vector<std::pair<std::string, const sql::WindowReference*>>* windows = nullptr;
  const LambdaFrame* lambdas = nullptr;
  /// Takes calls of window(…) below its SELECT; null where they can't stand.
  SelectBuilder* time_windows = nullptr;
  bool allow_aggregates = false;
  bool allow_windows = false;
  bool allow_generators = false;
  bool in_aggregate = false;
  bool in_window = false;   ///< the arguments and the definition of a window call
  std::string_view clause;  ///< for messages: "WHERE", …
};

/// A relation or query with the names of its columns.
struct Source {
  NodePtr node;
  Scope scope;
};

/// Analyses the parts of one statement. Not thread-safe; one per statement.
class QueryAnalyzer {
 public:
  QueryAnalyzer(const RequestContext& request, const AnalyzerContext& context);

  const Environment& environment() const { return environment_; }
  const AnalyzerContext& context() const { return context_; }
  std::vector<plan::Relation>& relations() { return relations_; }

  // Queries (query.cc, select.cc, set_operation.cc, values.cc, pipe.cc).
  /// `outer` are the columns that the query may refer to though they aren't its own.
  Result<Source> AnalyzeQuery(const sql::Query& query, const Scope* outer, const Environment& env);
  Result<Source> AnalyzeBody(const sql::QueryBody& body, const Scope* outer,
                             const Environment& env);
  /// Makes the node's columns those that the scope shows, in their order and under their names.
  void AlignColumns(Source& source);
  /// Drops unused columns, settles the columns of each node and computes lineage.
  Result<plan::Query> Finish(NodePtr root);
  /// As Finish, of a tree whose result columns aren't a query's (no lineage).
  void Prune(plan::Node& root);

  // Expressions (expression.cc, operators.cc, function_call.cc, …).
  Result<ExprPtr> Analyze(const sql::Expr& expr, const ExprContext& context);
  /// The expression as a condition: boolean and nothing else, as conditions aren't coerced.
  Result<ExprPtr> AnalyzeCondition(const sql::Expr& expr, const ExprContext& context);
  /// How Spark names a column that shows `expr` (usePrettyExpression(…).sql).
  std::string ShownAs(const plan::Expr& expr) const;

  // FROM (from_clause.cc, join.cc, table_function.cc, pivot.cc).
  Result<Source> AnalyzeRelation(const sql::Relation& relation, const Scope* outer,
                                 const Environment& env);
  /// A table, view, path or common table by name.
  Result<Source> OpenRelation(const sql::ObjectName& name, const sql::TableRelation* reference,
                              const Environment& env);
  /// A scan of all columns of a relation, under the qualifier; those of char(n) are filled up.
  Result<Source> ScanOf(plan::Relation relation, std::vector<std::string> qualifier);
  /// One scan after the other, of relations with the same columns; at least one.
  Result<Source> ScanOfAll(std::vector<plan::Relation> relations,
                           const std::vector<std::string>& qualifier, const SourceRange& position);
  /// The parts of a name, an IDENTIFIER clause evaluated.
  Result<std::vector<sql::Identifier>> NameParts(const sql::ObjectName& name,
                                                 const Environment& env);

  /// The value of an expression that is the same in every row, if it can be had now.
  Result<std::optional<Value>> EvaluateConstant(const plan::Expr& expr) const;

  ColumnId NewColumn();
  /// Records what the values of a column are made from.
  void SetOrigin(ColumnId id, plan::Expr& expr);
  void SetOrigin(ColumnId id, std::string base);
  void SetOrigin(ColumnId id, std::vector<ColumnId> inputs);

 private:
  friend class SelectBuilder;

  // resolve_name.cc
  Result<ExprPtr> ResolveName(std::span<const sql::Identifier> parts, const SourceRange& source,
                              const ExprContext& context);
  /// Null if the scope has nothing of the name.
  Result<ExprPtr> ResolveInScope(const Scope& scope, std::span<const sql::Identifier> parts,
                                 const SourceRange& source);
  Result<ExprPtr> ResolveAlias(std::span<const sql::Identifier> parts, const SourceRange& source,
                               const ExprContext& context);
  /// The fields of `_metadata` of a scan, or just that of this name, if there is one.
  Result<std::vector<std::pair<std::string, ExprPtr>>> MetadataFields(plan::Node& node,
                                                                      std::string_view only,
                                                                      const SourceRange& source);
  Result<ExprPtr> ResolveMetadata(const Scope& scope, std::span<const sql::Identifier> parts,
                                  const SourceRange& source);
  Result<ExprPtr> ResolveSpecialName(std::string_view name, const SourceRange& source);
  Error UnresolvedColumn(std::span<const sql::Identifier> parts, const SourceRange& source,
                         const ExprContext& context) const;
  /// base.field of a struct, array of structs or map.
  Result<ExprPtr> AccessField(ExprPtr base, const sql::Identifier& field,
                              const SourceRange& source);
  /// base[index]
  Result<ExprPtr> AccessElement(ExprPtr base, ExprPtr index, const SourceRange& source);
  ExprPtr RefTo(const ScopeColumn& column, std::string_view name, const SourceRange& source);

  // char_padding.cc
  /// Puts a Project on a scan whose columns hold char(n).
  Status PadColumns(const Schema& schema, Source* source);
  /// How many characters a column of char(n) has, if the expression is one.
  std::optional<int> CharLength(const plan::Expr& expr) const;
  /// Fills up the shorter of the two operands of a comparison with a column of char(n), or a list's
  /// constants and the column before them.
  Status PadComparison(std::vector<ExprPtr>* operands);

  // expression.cc, operators.cc
  struct Visitor;
  Result<ExprPtr> Build(std::string_view function, std::vector<ExprPtr> args,
                        const SourceRange& source);
  Result<ExprPtr> AnalyzeBinary(const sql::Expr& expr, const sql::Binary& binary,
                                const ExprContext& context);
  Result<ExprPtr> AnalyzeIn(const sql::Expr& expr, const sql::In& in, const ExprContext& context);
  Result<ExprPtr> AnalyzeLike(const sql::Expr& expr, const sql::Like& like,
                              const ExprContext& context);
  Result<ExprPtr> AnalyzeCase(const sql::Expr& expr, const sql::Case& node,
                              const ExprContext& context);
  Result<ExprPtr> AnalyzeCast(const sql::Expr& expr, const sql::Cast& cast,
                              const ExprContext& context);
  Result<ExprPtr> AnalyzeJsonPath(const sql::Expr& expr, const sql::JsonPath& path,
                                  const ExprContext& context);
  Result<ExprPtr> AnalyzeStruct(const sql::Expr& expr, const sql::StructConstructor& node,
                                const ExprContext& context);
  Result<ExprPtr> AnalyzeParameter(const sql::Expr& expr, const sql::Parameter& parameter);
  Result<ExprPtr> CastTo(ExprPtr input, const DataType& type, plan::CastMode mode, bool implicit,
                         const SourceRange& source);
  /// Stars inside of a call's or struct's arguments, expanded.
  Result<std::vector<ExprPtr>> AnalyzeArguments(const std::vector<sql::FunctionArgument>& args,
                                                const ExprContext& context);
  /// The columns that a star stands for, each with its name.
  struct StarColumn {
    std::string name;
    ExprPtr expr;
    int relation = -1;
  };
  Result<std::vector<StarColumn>> ExpandStar(const sql::Star& star, const SourceRange& source,
                                             const ExprContext& context);

  // function_call.cc, lambda.cc, routine.cc
  Result<ExprPtr> AnalyzeCall(const sql::Expr& expr, const sql::FunctionCall& call,
                              const ExprContext& context);
  Result<ExprPtr> AnalyzeGrouping(std::string_view name, const sql::Expr& expr,
                                  const sql::FunctionCall& call, const ExprContext& context);
  Result<ExprPtr> AnalyzeBuiltIn(const plan::FunctionSpec& function, std::string_view written,
                                 const sql::Expr& expr, const sql::FunctionCall& call,
                                 const ExprContext& context);
  Result<std::vector<ExprPtr>> AnalyzeLambdaArguments(const plan::FunctionSpec& function,
                                                      const sql::FunctionCall& call,
                                                      const ExprContext& context);
  Result<ExprPtr> AnalyzeLambda(const sql::Expr& expr,
                                std::span<const plan::LambdaParameterType> types,
                                const ExprContext& context);
  Result<ExprPtr> CheckAggregateColumns(ExprPtr built, const ExprContext& context);
  Result<ExprPtr> FinishAggregate(ExprPtr built, const sql::Expr& expr,
                                  const sql::FunctionCall& call, const ExprContext& context);
  Result<ExprPtr> CallRoutine(std::span<const sql::Identifier> name, const sql::Expr& expr,
                              const sql::FunctionCall& call, const ExprContext& context);
  /// CYCLIC_FUNCTION_REFERENCE for the function that the statement defines.
  Status CheckFunctionNotDefined(const catalog::FunctionInfo& function,
                                 const SourceRange& source) const;
  Result<std::shared_ptr<const catalog::FunctionInfo>> FindRoutine(
      std::span<const sql::Identifier> name, const SourceRange& source, const Environment& env);
  /// One value per parameter, named arguments and defaults settled, cast to the declared types.
  Result<std::vector<ExprPtr>> RoutineArguments(const catalog::FunctionInfo& routine,
                                                std::vector<std::pair<std::string, ExprPtr>> given,
                                                const SourceRange& source,
                                                const Environment& body_env);
  Scope ParameterScope(const catalog::FunctionInfo& routine, std::vector<ExprPtr> values);
  Environment RoutineEnvironment(const catalog::FunctionInfo& routine,
                                 const Environment& env) const;
  Error UnresolvedRoutine(std::span<const sql::Identifier> name, const SourceRange& source) const;
  void ShowWrittenName(const plan::Expr& built, std::string_view written);

  // window.cc
  Result<ExprPtr> AnalyzeWindow(ExprPtr function, const sql::Expr& expr,
                                const sql::WindowReference& over, const ExprContext& context);
  Result<plan::SortKey> AnalyzeSortItem(const sql::SortItem& item, const ExprContext& context);

  // subquery.cc
  Result<ExprPtr> AnalyzeScalarSubquery(const sql::Expr& expr, const sql::Query& query,
                                        const ExprContext& context);
  Result<ExprPtr> AnalyzeExists(const sql::Expr& expr, const sql::Query& query,
                                const ExprContext& context);
  Result<ExprPtr> AnalyzeInSubquery(const sql::Expr& expr, const sql::In& in,
                                    const ExprContext& context);

  // literal.cc, interval.cc
  Result<ExprPtr> AnalyzeLiteral(const sql::Literal& literal, const SourceRange& source);
  Result<ExprPtr> AnalyzeInterval(const sql::IntervalLiteral& literal, const SourceRange& source);

  // select.cc, order_by.cc
  Result<Source> AnalyzeSelect(const sql::Select& select, const sql::QueryTail* tail,
                               const Scope* outer, const Environment& env);
  /// ORDER BY, LIMIT and OFFSET over a query whose columns are its result.
  Result<Source> ApplyTail(Source source, const sql::QueryTail& tail, const Environment& env);
  Result<NodePtr> ApplyLimit(NodePtr node, const sql::QueryTail& tail, const Scope& scope,
                             const Environment& env);
  Result<std::optional<int64_t>> LimitValue(const sql::Expr& expr, std::string_view clause,
                                            const Scope* scope, const Environment& env);
  Result<Source> ApplyPipe(Source source, const sql::PipeStep& step, const Scope* outer,
                           const Environment& env);

  // set_operation.cc, values.cc
  Result<Source> AnalyzeSetOperation(const sql::QueryBody& body, const sql::SetOperation& node,
                                     const Scope* outer, const Environment& env);
  Result<Source> CombineSets(Source left, Source right, sql::SetOperator op, bool all, bool by_name,
                             const SourceRange& source);
  Result<Source> AnalyzeValues(const sql::InlineTable& table, const sql::TableAlias* alias,
                               const Scope* outer, const Environment& env,
                               const SourceRange& source);

  // common_table.cc
  Result<std::vector<plan::With::Definition>> DefineCommonTables(const sql::Query& query,
                                                                 const Scope* outer,
                                                                 const Environment& env,
                                                                 CommonTables& tables);
  NodePtr WrapWith(NodePtr node, std::vector<plan::With::Definition> definitions);

  /// The request under the rights that hold in the environment.
  RequestContext RequestFor(const Environment& env) const;

  // from_clause.cc
  Result<Source> AnalyzeFrom(const std::vector<sql::RelationPtr>& from, const Scope* outer,
                             const Environment& env);
  Result<Source> OpenView(const catalog::ViewInfo& view, const SourceRange& source,
                          const Environment& env);
  Result<Source> ApplyAlias(Source source, const sql::TableAlias& alias,
                            const SourceRange& position);
  Result<Source> ApplySample(Source source, const sql::TableSample& sample, const Environment& env);
  Result<TimeTravel> SettleTimeTravel(const sql::TimeTravel& travel, const Environment& env);
  Result<Source> OpenPath(std::string_view format, const std::string& path,
                          const sql::TableRelation* reference, const SourceRange& position,
                          const Environment& env);
  Result<Source> OpenStream(StreamReference stream, std::vector<std::string> qualifier,
                            const SourceRange& position, const Environment& env);
  Result<Source> OpenTableStream(const sql::TableRelation& table, const SourceRange& position,
                                 const Environment& env);
  /// Catalog, schema and name of a table.
  Result<std::vector<std::string>> CompletedName(std::span<const sql::Identifier> parts,
                                                 const SourceRange& source,
                                                 const Environment& env) const;
  /// In a flow, LIVE.name is name.
  void DropLivePrefix(std::vector<sql::Identifier>* parts) const;
  Result<Source> OpenTemporaryView(const TemporaryView& view, const SourceRange& position,
                                   const Environment& env);
  /// RECURSIVE_VIEW for the view that the statement defines.
  Status CheckNotDefined(const catalog::ObjectName& view, const SourceRange& source) const;
  /// Puts the view's checks on top of its rows.
  Status CheckRows(const TemporaryView& view, const Environment& env, Source* source);
  bool IsTemporaryView(std::string_view name, const Environment& env) const;

  // join.cc
  Result<Source> AnalyzeJoin(const sql::Relation& relation, const sql::JoinRelation& join,
                             const Scope* outer, const Environment& env);
  Result<Source> JoinSources(Source left, const sql::JoinRelation& join, const Scope* outer,
                             const Environment& env, const SourceRange& source);
  Result<Source> MergeUsing(Source left, Source right, plan::JoinKind kind,
                            const std::vector<sql::Identifier>& columns, bool lateral,
                            const SourceRange& source);

  // table_function.cc, generator.cc
  Result<Source> AnalyzeTableFunction(const sql::Relation& relation,
                                      const sql::FunctionRelation& function, const Scope* outer,
                                      const Environment& env);
  /// The constant text of an argument that is called `name` in messages.
  Result<std::string> ConstantText(const sql::Expr& argument, std::string_view name,
                                   const Environment& env);
  /// cloud_files('path', 'format', map('option', 'value', …)), the older read_files.
  Result<Source> CloudFiles(const sql::FunctionRelation& function, const SourceRange& source,
                            const Environment& env);
  Result<FilesReference> SettleFiles(const sql::FunctionRelation& function,
                                     const SourceRange& source, const Environment& env);
  Result<Source> PipelineFunction(std::string name, const sql::FunctionRelation& function,
                                  const SourceRange& source, const Environment& env);
  /// table_changes(name, from [, to]) and table_changes_by_path(path, from [, to]).
  Result<Source> TableChanges(std::string name, const sql::FunctionRelation& function,
                              const SourceRange& source, const Environment& env);
  Result<TimeTravel> SettleChangesBound(const sql::Expr& expr, const Environment& env);
  /// The folder of the Delta table that a text names.
  Result<std::string> DeltaRoot(const std::string& text, const SourceRange& source,
                                const Environment& env);
  Result<Source> ReadFiles(const sql::FunctionRelation& function, const SourceRange& source,
                           const Environment& env);
  Result<Source> RangeFunction(const sql::FunctionRelation& function, const SourceRange& source,
                               const Scope* outer, const Environment& env);
  Result<Source> CallTableRoutine(std::span<const sql::Identifier> name,
                                  const sql::FunctionRelation& function, const SourceRange& source,
                                  const Scope* outer, const Environment& env);
  Result<Source> ApplyLateralView(Source source, const sql::LateralView& view,
                                  const Environment& env);
  /// The columns that a generator's call produces, with Spark's names.
  Result<std::vector<plan::OutputColumn>> GeneratedColumns(const plan::Expr& generator, bool outer);
  Source GenerateOver(Source input, ExprPtr generator, std::vector<plan::OutputColumn> produced,
                      bool outer);

  // pivot.cc
  Result<Source> AnalyzePivot(Source input, const sql::PivotRelation& pivot,
                              const SourceRange& source, const Environment& env);
  Result<Source> AnalyzeUnpivot(Source input, const sql::UnpivotRelation& unpivot,
                                const SourceRange& source, const Environment& env);

  // settle.cc
  struct Origin {
    std::string base;
    std::vector<ColumnId> inputs;
    std::optional<int> char_length;  ///< of values of char(n), passed on by plain references
  };
  void MarkNeeded(plan::Expr& expr);
  void MarkAll(plan::Node& node);
  void PruneNode(plan::Node& node);

  const RequestContext& request_;
  const AnalyzerContext& context_;
  Environment environment_;
  std::vector<plan::Relation> relations_;
  std::vector<Origin> origins_;
  std::vector<bool> needed_;
  uint32_t next_cte_ = 0;
  size_t streams_ = 0;  ///< references to streams that were met
  /// How an expression shows in result names where its plan doesn't tell (rewritten constructs).
  std::unordered_map<const plan::Expr*, std::string> shown_;
  /// Kept for the sake of their addresses, by which shown_ knows expressions.
  std::vector<ExprPtr> discarded_;
  /// Values that scopes refer to (arguments of SQL functions).
  std::deque<ExprPtr> kept_values_;
  /// Parsed texts of views and functions: the plan keeps nothing of them, analysis does.
  std::deque<sql::QueryPtr> kept_queries_;
  std::deque<sql::ExprPtr> kept_exprs_;
  std::unordered_map<std::string, TimeTravel> pinned_;
};

// Nodes, with the columns they produce (node_factory.cc).
NodePtr MakeNode(plan::Node::Kind kind, std::vector<plan::OutputColumn> columns);
NodePtr MakeProject(NodePtr input, std::vector<plan::NamedExpr> items);
NodePtr MakeFilter(NodePtr input, ExprPtr condition);
NodePtr MakeSingleRow();

/// Whether an aggregate stands in the expression (outside windows' own function and subqueries).
bool HasAggregate(const plan::Expr& expr);
bool HasWindow(const plan::Expr& expr);
bool HasSubquery(const plan::Expr& expr);
bool HasGenerator(const plan::Expr& expr);
/// Whether the name alone is a function's call: current_date, user, …
bool IsSpecialName(std::string_view name);
/// Whether the value is the same in every row: no columns, nothing random.
bool IsConstant(const plan::Expr& expr);
const plan::FunctionSpec* FunctionOf(const plan::Expr& expr);
bool IsCallOf(const plan::Expr& expr, std::string_view function);

/// An error about a feature that Spark refuses, e.g. Sub("UNSUPPORTED_GENERATOR", …).
std::string Upper(std::string_view text);
std::string Lower(std::string_view text);
std::string Quoted(std::string_view sql);  // "…" in double quotes, as messages show expressions

}  // namespace tarn::analyze
