#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/sql/ast_expression.h"

namespace tarn::sql {

enum class FrameUnit : uint8_t { kRows, kRange };
enum class FrameBoundKind : uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  ExprPtr offset;  ///< of kPreceding and kFollowing
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::kRows;
  FrameBound start;
  std::optional<FrameBound> end;  ///< absent: CURRENT ROW
  SourceRange source;
};

/// (PARTITION BY … ORDER BY … frame)
struct WindowSpec {
  std::vector<ExprPtr> partition_by;
  std::vector<SortItem> order_by;
  std::optional<WindowFrame> frame;
  SourceRange source;
};

/// WINDOW name AS (…) or WINDOW name AS other
struct NamedWindow {
  Identifier name;
  WindowReference definition;
};

/// [AS] alias [(column, …)]
struct TableAlias {
  Identifier name;  ///< empty if there is none
  std::vector<Identifier> columns;

  bool empty() const { return name.empty(); }
};

enum class SampleKind : uint8_t { kPercent, kRows, kBucket, kBytes };

/// TABLESAMPLE (10 PERCENT | 5 ROWS | BUCKET 1 OUT OF 4 | 10M) [REPEATABLE (seed)]
struct TableSample {
  SampleKind kind = SampleKind::kPercent;
  ExprPtr amount;       ///< percentage, rows, or bytes
  int64_t bucket = 0;   ///< kBucket
  int64_t buckets = 0;  ///< kBucket
  std::optional<int64_t> seed;
  SourceRange source;
};

/// VERSION AS OF v, TIMESTAMP AS OF t, name@v3, name@20240101000000000
struct TimeTravel {
  ExprPtr version;
  ExprPtr timestamp;
  bool at_syntax = false;
  SourceRange source;
};

/// A table, view or path: [STREAM] name [time travel] [TABLESAMPLE …] [WITH (options)].
struct TableRelation {
  ObjectName name;
  std::optional<TimeTravel> time_travel;
  std::vector<Property> options;
  bool stream = false;
};

struct SubqueryRelation {
  QueryPtr query;
};

/// The functions that (DESCRIBE HISTORY t) and (DESCRIBE DETAIL t) in FROM stand for, with one
/// TABLE argument.
inline constexpr const char* kDescribeHistory = "DESCRIBE HISTORY";
inline constexpr const char* kDescribeDetail = "DESCRIBE DETAIL";

/// f(…), with named and TABLE arguments.
struct FunctionRelation {
  ObjectName name;
  std::vector<FunctionArgument> args;
  bool stream = false;
};

/// VALUES row, row; a row is a StructConstructor with is_row, or any other expression.
struct InlineTable {
  std::vector<ExprPtr> rows;
};

struct ParenthesizedRelation {
  RelationPtr relation;
};

enum class JoinType : uint8_t { kInner, kCross, kLeft, kRight, kFull, kLeftSemi, kLeftAnti };

/// left [NATURAL] type JOIN right [ON … | USING (…)]. `right->lateral` tells of JOIN LATERAL.
struct JoinRelation {
  JoinType type = JoinType::kInner;
  bool natural = false;
  RelationPtr left;
  RelationPtr right;
  ExprPtr on;
  std::vector<Identifier> using_columns;
  bool has_using = false;
};

/// input PIVOT (aggregates FOR columns IN (values))
struct PivotRelation {
  RelationPtr input;
  std::vector<NamedExpr> aggregates;
  std::vector<Identifier> columns;
  std::vector<NamedExpr> values;  ///< a row constructor each for several columns
};

struct UnpivotColumns {
  std::vector<std::vector<Identifier>> columns;  ///< one, or as many as value columns
  Identifier alias;
  SourceRange source;
};

/// input UNPIVOT [INCLUDE NULLS] (values FOR name IN (columns))
struct UnpivotRelation {
  RelationPtr input;
  bool include_nulls = false;
  bool multi_value = false;  ///< (a, b) FOR n IN ((x, y), …)
  std::vector<Identifier> value_columns;
  Identifier name_column;
  std::vector<UnpivotColumns> inputs;
};

using RelationNode =
    std::variant<TableRelation, SubqueryRelation, FunctionRelation, InlineTable,
                 ParenthesizedRelation, JoinRelation, PivotRelation, UnpivotRelation>;

/// What stands in FROM. Alias and sample belong to any kind but a join.
struct Relation {
  Relation(SourceRange source, RelationNode node);
  ~Relation();
  Relation(Relation&&) noexcept;
  Relation& operator=(Relation&&) noexcept;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }

  SourceRange source;
  bool lateral = false;
  TableAlias alias;
  std::optional<TableSample> sample;
  RelationNode node;
};

/// LATERAL VIEW [OUTER] f(args) table [AS column, …]
struct LateralView {
  bool outer = false;
  ObjectName function;
  std::vector<FunctionArgument> args;
  Identifier table;  ///< may be empty
  std::vector<Identifier> columns;
  SourceRange source;
};

/// /*+ name(parameter, …) */
struct Hint {
  Identifier name;
  std::vector<ExprPtr> parameters;
};

enum class GroupingKind : uint8_t { kExpression, kRollup, kCube, kGroupingSets };

/// One element of GROUP BY. A set without parentheses is a set of one expression.
struct GroupingElement {
  GroupingKind kind = GroupingKind::kExpression;
  ExprPtr expr;  ///< kExpression
  std::vector<std::vector<ExprPtr>>
      sets;                             ///< kRollup, kCube: its members; kGroupingSets: plain sets
  std::vector<GroupingElement> nested;  ///< kGroupingSets with ROLLUP, CUBE or sets inside
  SourceRange source;
};

struct GroupBy {
  bool all = false;  ///< GROUP BY ALL
  /// Of the form `GROUP BY a, b WITH ROLLUP|CUBE` and `GROUP BY a, b GROUPING SETS (…)`:
  /// kRollup, kCube or kGroupingSets; the sets then stand in `trailing_sets`.
  GroupingKind trailing = GroupingKind::kExpression;
  std::vector<GroupingElement> elements;
  std::vector<std::vector<ExprPtr>> trailing_sets;
  SourceRange source;
};

struct Select {
  std::vector<Hint> hints;
  bool distinct = false;
  std::vector<NamedExpr> items;
  std::vector<RelationPtr> from;  ///< separated by commas
  std::vector<LateralView> lateral_views;
  ExprPtr where;
  std::optional<GroupBy> group_by;
  ExprPtr having;
  ExprPtr qualify;
  std::vector<NamedWindow> windows;
  bool from_first = false;  ///< FROM … SELECT …, or FROM … alone (then the item is *)
};

enum class SetOperator : uint8_t { kUnion, kIntersect, kExcept };

struct SetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  bool by_name = false;  ///< UNION [ALL] BY NAME
  QueryBodyPtr left;
  QueryBodyPtr right;
};

/// TABLE name
struct TableBody {
  ObjectName name;
};

/// (query)
struct ParenthesizedBody {
  QueryPtr query;
};

using QueryBodyNode = std::variant<Select, SetOperation, InlineTable, TableBody, ParenthesizedBody>;

struct QueryBody {
  QueryBody(SourceRange source, QueryBodyNode node);
  ~QueryBody();
  QueryBody(QueryBody&&) noexcept;
  QueryBody& operator=(QueryBody&&) noexcept;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }

  SourceRange source;
  TableAlias alias;  ///< of an InlineTable only
  QueryBodyNode node;
};

/// name [(columns)] [MAX RECURSION LEVEL n] AS (query)
struct CommonTable {
  Identifier name;
  std::vector<Identifier> columns;
  std::optional<int64_t> max_recursion;
  QueryPtr query;
  SourceRange source;
};

/// ORDER BY …, SORT BY …, CLUSTER BY …, DISTRIBUTE BY …, LIMIT …, OFFSET …
struct QueryTail {
  std::vector<SortItem> order_by;
  bool order_by_all = false;
  std::vector<SortItem> sort_by;
  std::vector<ExprPtr> cluster_by;
  std::vector<ExprPtr> distribute_by;
  std::vector<NamedWindow> windows;  ///< WINDOW after ORDER BY
  ExprPtr limit;                     ///< null for none and for LIMIT ALL
  bool limit_all = false;
  ExprPtr offset;
};

struct PipeWhere {
  ExprPtr condition;
};
/// |> SELECT …
struct PipeSelect {
  bool distinct = false;
  std::vector<NamedExpr> items;
  std::vector<NamedWindow> windows;
};
/// |> EXTEND expr AS a, …
struct PipeExtend {
  std::vector<NamedExpr> items;
};
/// |> SET a = expr, …
struct PipeSet {
  std::vector<StarReplacement> assignments;
};
/// |> DROP a, b
struct PipeDrop {
  std::vector<Identifier> columns;
};
/// |> AS alias
struct PipeAs {
  Identifier alias;
};
/// |> AGGREGATE items GROUP BY items
struct PipeAggregate {
  std::vector<NamedExpr> aggregates;
  bool has_group_by = false;
  std::vector<NamedExpr> groups;
  std::optional<GroupBy> analytics;  ///< set instead of `groups` for ROLLUP, CUBE, GROUPING SETS
};
/// |> [type] JOIN relation …; `join.left` is null.
struct PipeJoin {
  JoinRelation join;
};
/// |> UNION ALL (query), …; the left side is the input.
struct PipeSetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  bool by_name = false;
  QueryBodyPtr right;
};
/// |> ORDER BY … LIMIT …
struct PipeTail {
  QueryTail tail;
};
/// |> PIVOT (…), |> UNPIVOT (…), |> TABLESAMPLE (…), |> LATERAL VIEW …
struct PipePivot {
  PivotRelation pivot;  ///< `input` is null
  TableAlias alias;
};
struct PipeUnpivot {
  UnpivotRelation unpivot;  ///< `input` is null
  TableAlias alias;
};
struct PipeSample {
  TableSample sample;
};
struct PipeLateralView {
  LateralView view;
};

using PipeNode = std::variant<PipeWhere, PipeSelect, PipeExtend, PipeSet, PipeDrop, PipeAs,
                              PipeAggregate, PipeJoin, PipeSetOperation, PipeTail, PipePivot,
                              PipeUnpivot, PipeSample, PipeLateralView>;

struct PipeStep {
  SourceRange source;
  PipeNode node;
};

/// A query with its common tables, body and tail; `pipe` applies to all of that, in order.
struct Query {
  Query();
  ~Query();
  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;

  SourceRange source;
  bool recursive = false;  ///< WITH RECURSIVE
  std::vector<CommonTable> with;
  QueryBodyPtr body;
  QueryTail tail;
  std::vector<PipeStep> pipe;
};

}  // namespace tarn::sql
