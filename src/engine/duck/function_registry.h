#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "duck/duckdb_headers.h"
#include "tarn/base/error.h"
#include "tarn/engine/engine.h"
#include "tarn/plan/expr.h"
#include "tarn/plan/function.h"

namespace tarn::engine::duck {

using DuckExpr = duckdb::unique_ptr<duckdb::ParsedExpression>;
using DuckArgs = duckdb::vector<DuckExpr>;

/// What stops a lowering: thrown inside engine/duck only, turned into a Result at its border.
struct LoweringFailure {
  Error error;
};

/// What an expression template may ask of the statement that is being lowered.
class LoweringContext {
 public:
  virtual ~LoweringContext() = default;
  virtual const ExecutionSettings& settings() const = 0;
  /// Lowers a part of the plan. May be called several times for one part; DuckDB finds common
  /// subexpressions, but a part that isn't deterministic or fails must not be doubled.
  virtual DuckExpr Lower(const plan::Expr& expr) = 0;
  /// A conversion by the cast template of the registry, for values that the plan doesn't cast
  /// itself.
  virtual DuckExpr Cast(DuckExpr input, const DataType& from, const DataType& to,
                        plan::CastMode mode = plan::CastMode::kAnsi) = 0;
  /// The call of DuckDB's aggregate `name` for an aggregate of the plan, with the DISTINCT, FILTER
  /// and ORDER BY of `call`; inside a Window node it becomes a window function with that window. So
  /// templates of aggregates must build their aggregates here and never themselves. `filter` is
  /// added to the call's.
  virtual DuckExpr Aggregate(std::string name, DuckArgs args, const plan::Call& call,
                             DuckExpr filter = nullptr) = 0;
};

/// Builds DuckDB's expression for a call. `expr` holds `call`, so it has the result's type; `args`
/// are the lowered arguments (a lambda is a duckdb::LambdaExpression whose parameters are named
/// "c<id>").
using CallTemplate = std::function<DuckExpr(LoweringContext& context, const plan::Expr& expr,
                                            const plan::Call& call, DuckArgs args)>;

/// Builds DuckDB's expression for a conversion between two types of the plan.
using CastTemplate =
    std::function<DuckExpr(LoweringContext& context, DuckExpr input, const DataType& from,
                           const DataType& to, plan::CastMode mode)>;

/// How each function of the plan's table is computed here. Filled once at the start of the engine,
/// then immutable and thread-safe. Keyed by FunctionSpec::name.
class FunctionRegistry {
 public:
  /// The function is DuckDB's function `native` (also one of our own that was registered with
  /// DuckDB) applied to the same arguments. Scalar functions and aggregates.
  void Native(std::string_view name, std::string native) {
    natives_[std::string(name)] = std::move(native);
  }
  /// The function is an expression made by `expression`. Wins over Native.
  void Template(std::string_view name, CallTemplate expression) {
    templates_[std::string(name)] = std::move(expression);
  }
  /// Replaces the conversion of values (without one: DuckDB's own casts).
  void SetCast(CastTemplate cast) { cast_ = std::move(cast); }

  /// Null if there is none.
  const CallTemplate* FindTemplate(std::string_view name) const;
  /// Empty if there is none.
  std::string_view FindNative(std::string_view name) const;
  bool Has(std::string_view name) const {
    return FindTemplate(name) != nullptr || !FindNative(name).empty();
  }
  const CastTemplate& cast() const { return cast_; }

 private:
  std::unordered_map<std::string, std::string> natives_;
  std::unordered_map<std::string, CallTemplate> templates_;
  CastTemplate cast_;
};

/// Fills the registry and gives DuckDB our own functions. Defined in functions/.
void RegisterSparkFunctions(FunctionRegistry& registry, duckdb::ExtensionLoader& loader);

/// DuckDB's type for values of a plan's type: timestamp is TIMESTAMP_TZ, timestamp_ntz TIMESTAMP, a
/// year-month interval INTEGER (months), a day-time interval BIGINT (microseconds), a calendar
/// interval INTERVAL, a variant VARCHAR (its JSON text), char and varchar VARCHAR, void is SQLNULL.
duckdb::LogicalType ToDuckType(const DataType& type);

/// A value as DuckDB's constant of ToDuckType(value.type()).
duckdb::Value ToDuckValue(const Value& value);

/// A cell of a result as a value of the plan's type.
Value FromDuckValue(const duckdb::Value& value, const DataType& type);

// Builders of expressions, for templates.

DuckExpr Constant(duckdb::Value value);
/// A call of DuckDB's scalar function, looked up in system.main only.
DuckExpr CallNative(std::string name, DuckArgs args);
template <typename... T>
DuckArgs MakeArgs(T&&... args) {
  DuckArgs result;
  (result.push_back(std::forward<T>(args)), ...);
  return result;
}
template <typename... T>
DuckExpr CallNativeOf(std::string name, T&&... args) {
  return CallNative(std::move(name), MakeArgs(std::forward<T>(args)...));
}
/// DuckDB's own cast.
DuckExpr CastNative(DuckExpr input, duckdb::LogicalType type, bool try_cast = false);

/// An exception that errors.cc turns into the condition of that name with those parameters, at the
/// place of the expression if DuckDB tells it. For our own functions at run time.
[[noreturn]] void ThrowCondition(const Error& error);

}  // namespace tarn::engine::duck
