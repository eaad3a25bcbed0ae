#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/base/source_position.h"
#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::plan {

struct Expr;
struct Node;
struct FunctionSpec;
using ExprPtr = std::unique_ptr<Expr>;
using NodePtr = std::unique_ptr<Node>;

/// A column that some node of the plan produces (or a lambda's parameter). Unique in one statement,
/// so a reference to a column of an enclosing query needs no marking: it is one that no node below
/// produces.
enum class ColumnId : uint32_t {};

/// A constant.
struct Literal {
  Value value;
};

/// The value of a column, or of a lambda's parameter.
struct ColumnRef {
  ColumnId id{};
  std::string name;  ///< as the user knows it, for messages and EXPLAIN
};

/// One key of an ORDER BY.
struct SortKey {
  ExprPtr expr;
  bool descending = false;
  bool nulls_first = true;  ///< always settled: Spark's default is first for ASC, last for DESC
};

/// A function of the function table applied to arguments, operators included ("+", "and", "=",
/// "isnull", "in", "like", "array", "named_struct"…). Argument types are exactly what the function
/// takes: all coercions stand in the arguments as Cast. Aggregates use distinct, filter, order_by.
struct Call {
  const FunctionSpec* function = nullptr;
  std::vector<ExprPtr> args;
  bool distinct = false;
  bool ignore_nulls = false;
  ExprPtr filter;                 ///< aggregates: FILTER (WHERE …); else null
  std::vector<SortKey> order_by;  ///< aggregates: WITHIN GROUP / ORDER BY inside the call
};

enum class CastMode : uint8_t {
  kAnsi,  ///< fails on malformed or overflowing input
  kTry,   ///< NULL instead
};

/// Conversion of `input` to the type of the expression that holds this node.
struct Cast {
  ExprPtr input;
  CastMode mode = CastMode::kAnsi;
  bool implicit = false;  ///< inserted by the analyzer, not written by the user
};

/// CASE WHEN c1 THEN r1 … ELSE otherwise END; conditions are boolean; `otherwise` may be null
/// (NULL).
struct Case {
  struct Branch {
    ExprPtr condition;
    ExprPtr result;
  };
  std::vector<Branch> branches;
  ExprPtr otherwise;
};

/// The field number `index` of a struct value (NULL for a NULL struct).
struct FieldAccess {
  ExprPtr base;
  int index = 0;
};

/// A function literal: argument of a higher-order function. Its body refers to `parameters` by id.
struct Lambda {
  struct Parameter {
    ColumnId id{};
    std::string name;
    DataType type;
    bool nullable = true;
  };
  std::vector<Parameter> parameters;
  ExprPtr body;
};

enum class SubqueryKind : uint8_t { kScalar, kExists, kIn };

/// A query used as a value. kIn compares the row `operands` with the query's columns.
/// The query may refer to columns of enclosing queries.
struct Subquery {
  SubqueryKind kind = SubqueryKind::kScalar;
  NodePtr query;
  std::vector<ExprPtr> operands;  ///< kIn only
  bool negated = false;           ///< NOT EXISTS, NOT IN
};

enum class FrameUnit : uint8_t { kRows, kRange };
enum class BoundKind : uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameBound {
  BoundKind kind = BoundKind::kUnboundedPreceding;
  ExprPtr offset;  ///< kPreceding, kFollowing: non-negative, row-independent
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end{BoundKind::kCurrentRow, nullptr};
};

/// An aggregate or window function over a window. Only in a Window node.
struct WindowCall {
  Call call;
  std::vector<ExprPtr> partition_by;
  std::vector<SortKey> order_by;
  std::optional<WindowFrame> frame;  ///< always settled for functions that take one
};

/// A typed expression. Owned by its parent; immutable once the plan is built.
struct Expr {
  using Kind =
      std::variant<Literal, ColumnRef, Call, Cast, Case, FieldAccess, Lambda, Subquery, WindowCall>;

  DataType type;
  bool nullable = true;
  SourceRange source;  ///< of the text it was made from
  Kind kind;

  template <typename T>
  T* As() {
    return std::get_if<T>(&kind);
  }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&kind);
  }
};

ExprPtr MakeLiteral(Value value, const SourceRange& source = {});
ExprPtr MakeColumnRef(ColumnId id, std::string name, DataType type, bool nullable,
                      const SourceRange& source = {});
/// An implicit or explicit cast; returns `input` itself if it already has the type and is implicit.
ExprPtr MakeCast(ExprPtr input, DataType type, CastMode mode = CastMode::kAnsi,
                 bool implicit = true);
/// A call whose arguments have their final types already. `type` is the result's.
ExprPtr MakeCall(const FunctionSpec* function, std::vector<ExprPtr> args, DataType type,
                 bool nullable, const SourceRange& source = {});

/// A deep copy. Subqueries are copied with their column ids.
ExprPtr Clone(const Expr& expr);
NodePtr Clone(const Node& node);

/// Same computation: compares everything but source ranges and display names.
bool SameExpr(const Expr& a, const Expr& b);

}  // namespace tarn::plan
