#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/plan/expr.h"
#include "tarn/types/data_type.h"

namespace tarn::plan {

enum class FunctionKind : uint8_t {
  kScalar,
  kAggregate,
  kWindow,     ///< only with OVER: rank, lag…
  kGenerator,  ///< rows from one row: explode, stack, inline, json_tuple…
};

/// What a custom type rule may look at and change.
struct CallTyping {
  std::vector<ExprPtr>& args;     ///< may be wrapped in casts, reordered, defaulted
  std::string_view session_zone;  ///< IANA name
  DataType type;                  ///< to be set: the result's type
  bool nullable = true;           ///< to be set: whether the result may be NULL
  std::optional<DataType> cast_to = std::nullopt;  ///< to be set: what the result is then cast to
};

/// A function of the function table. Rows are static data.
struct FunctionSpec {
  std::string_view name;  ///< canonical, lower case; the engine's registry is keyed by it
  FunctionKind kind = FunctionKind::kScalar;

  /// Overloads separated by '|', tried in order; the first that the argument types fit without a
  /// cast wins, else the first that they can be coerced to:
  ///   "(string, int, string = ' ') -> string | (binary, int, binary = X'20') -> binary"
  /// Parameter types: any type name; the classes `any`, `numeric`, `integral`, `fractional`,
  /// `decimal` (keeps precision and scale), `datetime`, `interval`, `atomic`, `orderable`,
  /// `array`, `map`, `struct`; type variables T, U, K, V (all uses get one common type); array<T>,
  /// map<K,V>; lambdas `(T) => U`, `(T, int) => boolean`; `T...` = one or more, `T*` = zero or more
  /// (last parameter only); `= literal` makes a parameter optional. Result: a type, a variable,
  /// array<T>, map<K,V>, or `$n` = the type of argument n (from 0).
  std::string_view signatures;

  /// For what signatures can't say (decimal arithmetic, named_struct, coalesce…): replaces them.
  Result<void> (*typing)(CallTyping& call) = nullptr;

  /// Number of arguments accepted when `typing` is used; max < 0 means no limit.
  int args_min = 0;
  int args_max = -1;

  bool fallible = false;  ///< may fail at run time on well-typed input
  bool deterministic = true;
  bool null_intolerant =
      true;  ///< NULL if any argument is NULL (so nullable only if one of them is)
  /// How result columns show it where that isn't `name` (Spark's prettyName), e.g. "date_diff" →
  /// "datediff".
  std::string_view display_name = {};
};

/// Looks a built-in function up by any of its names, without regard to case; null if there is none.
const FunctionSpec* FindFunction(std::string_view name);

/// All names in alphabetical order (for SHOW FUNCTIONS, completion and suggestions).
const std::vector<std::string_view>& FunctionNames();

/// Applies the function's type rule: checks the number of arguments, coerces them and settles the
/// result. Lambdas among the arguments are passed as null ExprPtr beforehand? No: see
/// LambdaParameterTypes. Errors: WRONG_NUM_ARGS.WITHOUT_SUGGESTION, DATATYPE_MISMATCH.*.
Result<ExprPtr> BuildCall(const FunctionSpec& function, std::vector<ExprPtr> args,
                          const SourceRange& source, std::string_view session_zone = "UTC");

/// By name; the function must exist. For operators and rewrites made by the analyzer.
Result<ExprPtr> BuildCall(std::string_view name, std::vector<ExprPtr> args,
                          const SourceRange& source = {}, std::string_view session_zone = "UTC");

/// The types that the parameters of the lambda at position `index` get, given the other arguments
/// (lambdas not analysed yet are null). `arity` is the number of parameters it was written with.
/// nullopt if the function takes no lambda there.
struct LambdaParameterType {
  DataType type;
  bool nullable = true;
};
std::optional<std::vector<LambdaParameterType>> LambdaParameterTypes(const FunctionSpec& function,
                                                                     std::span<const ExprPtr> args,
                                                                     size_t index, size_t arity);

/// The closest names by edit distance, best first, at most `limit`, quoted.
std::vector<std::string> SuggestFunctions(std::string_view name, size_t limit = 3);

/// Rows of the table, one registration per family of functions; called once, in this order, by the
/// table. `names` are aliases: all but the first show the spec's name unless `display_name` says
/// otherwise.
class FunctionTable {
 public:
  void Add(const FunctionSpec& function, std::initializer_list<std::string_view> aliases = {});
};

}  // namespace tarn::plan
