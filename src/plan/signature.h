#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/plan/function.h"

namespace tarn::plan {

/// A parameter or result type of the signature language (FunctionSpec::signatures).
struct TypePattern {
  enum class Kind : uint8_t { kConcrete, kClass, kVariable, kArray, kMap, kLambda, kArgument };
  Kind kind = Kind::kConcrete;
  DataType type;     ///< kConcrete
  std::string name;  ///< kClass: "numeric"…; kVariable: "T"
  int argument = 0;  ///< kArgument: "$n"
  std::vector<TypePattern>
      parts;  ///< kArray: element; kMap: key, value; kLambda: parameters, result last
};

struct Parameter {
  TypePattern pattern;
  std::optional<Value> default_value;
};

/// One overload.
struct Signature {
  std::vector<Parameter> parameters;
  bool variadic = false;  ///< the last parameter repeats
  bool variadic_may_be_empty = false;
  TypePattern result;

  size_t ArgsMin() const;
  /// -1: no limit.
  int ArgsMax() const;
  /// The parameter that takes argument number `index`.
  const Parameter& ParameterFor(size_t index) const;
};

/// The overloads of a function, parsed on first use and kept. Thread-safe. A malformed signature is
/// a programmer's error.
const std::vector<Signature>& SignaturesOf(const FunctionSpec& function);

}  // namespace tarn::plan
