#include <algorithm>
#include <map>

#include "signature.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"
#include "tarn/types/any_type.h"

namespace tarn::plan {

namespace {

using Bindings = std::map<std::string, DataType>;

std::string Ordinal(size_t index) {
  static constexpr const char* kNames[] = {"first", "second", "third", "fourth", "fifth"};
  return index < std::size(kNames) ? kNames[index] : std::to_string(index + 1) + "th";
}

bool InClass(const std::string& name, const DataType& type) {
  if (name == "any") return true;
  if (name == "numeric") return type.IsNumeric();
  if (name == "integral") return type.IsIntegral();
  if (name == "fractional") return type.IsFractional();
  if (name == "decimal") return type.Is(TypeId::kDecimal);
  if (name == "datetime") return type.IsDatetime();
  if (name == "interval") return type.IsInterval();
  if (name == "atomic") return !type.IsNested() && !type.Is(TypeId::kVariant);
  if (name == "orderable") return IsOrderable(type);
  if (name == "array") return type.Is(TypeId::kArray);
  if (name == "map") return type.Is(TypeId::kMap);
  return name == "struct" && type.Is(TypeId::kStruct);
}

/// The type that an argument outside a class is cast to, to get into it.
std::optional<DataType> IntoClass(const std::string& name, const DataType& type) {
  if (InClass(name, type)) return type;
  const bool null = type.Is(TypeId::kNull);
  if (name == "numeric" || name == "fractional") {
    if (null || type.IsString() || (type.IsNumeric() && name == "fractional")) {
      return DataType(TypeId::kDouble);
    }
  } else if (name == "integral") {
    if (null) return DataType(TypeId::kInt);
    if (type.IsString()) return DataType(TypeId::kLong);
  } else if (name == "decimal") {
    if (null || type.IsString()) return DataType::Decimal(38, 18);
    if (type.IsIntegral()) return DecimalFor(type);
  } else if (name == "datetime") {
    if (null || type.IsString()) return DataType(TypeId::kTimestamp);
  } else if (name == "interval" && (null || type.IsString())) {
    return DataType(TypeId::kDayTimeInterval);
  } else if (name == "array" && null) {
    return DataType::Array(TypeId::kNull);
  } else if (name == "map" && null) {
    return DataType::Map(TypeId::kNull, TypeId::kNull);
  }
  return std::nullopt;
}

/// Widens what the variables of `pattern` are bound to so that `type` fits; false if it can't.
bool Bind(const TypePattern& pattern, const DataType& type, Bindings& bindings) {
  switch (pattern.kind) {
    case TypePattern::Kind::kVariable: {
      auto [entry, fresh] = bindings.try_emplace(pattern.name, type);
      if (fresh) return true;
      auto common = CommonType(entry->second, type);
      if (!common) return false;
      entry->second = *common;
      return true;
    }
    case TypePattern::Kind::kArray:
      if (type.Is(TypeId::kNull)) return Bind(pattern.parts[0], type, bindings);
      return type.Is(TypeId::kArray) && Bind(pattern.parts[0], type.element(), bindings);
    case TypePattern::Kind::kMap:
      if (type.Is(TypeId::kNull)) {
        return Bind(pattern.parts[0], type, bindings) && Bind(pattern.parts[1], type, bindings);
      }
      return type.Is(TypeId::kMap) && Bind(pattern.parts[0], type.key(), bindings) &&
             Bind(pattern.parts[1], type.value(), bindings);
    default:
      return true;
  }
}

/// The type an argument must have for `pattern`, once the variables are bound; nullopt: doesn't
/// fit.
std::optional<DataType> Required(const TypePattern& pattern, const DataType& type,
                                 const Bindings& bindings) {
  switch (pattern.kind) {
    case TypePattern::Kind::kConcrete:
      if (pattern.type.id() == type.id() && !type.Is(TypeId::kDecimal)) return type;
      if (type.IsString() && pattern.type.IsString()) return type;
      return CanImplicitlyCast(type, pattern.type) ? std::optional(pattern.type) : std::nullopt;
    case TypePattern::Kind::kClass:
      return IntoClass(pattern.name, type);
    case TypePattern::Kind::kVariable:
      return bindings.at(pattern.name);
    case TypePattern::Kind::kArray: {
      const DataType element = type.Is(TypeId::kArray) ? type.element() : DataType();
      auto inner = Required(pattern.parts[0], element, bindings);
      if (!inner || !(type.Is(TypeId::kArray) || type.Is(TypeId::kNull))) return std::nullopt;
      return DataType::Array(*inner, !type.Is(TypeId::kArray) || type.contains_null());
    }
    case TypePattern::Kind::kMap: {
      const bool map = type.Is(TypeId::kMap);
      if (!map && !type.Is(TypeId::kNull)) return std::nullopt;
      auto key = Required(pattern.parts[0], map ? type.key() : DataType(), bindings);
      auto value = Required(pattern.parts[1], map ? type.value() : DataType(), bindings);
      if (!key || !value) return std::nullopt;
      return DataType::Map(*key, *value, !map || type.contains_null());
    }
    case TypePattern::Kind::kLambda:
    case TypePattern::Kind::kArgument:
      return type;
  }
  return std::nullopt;
}

DataType ResultType(const TypePattern& pattern, const std::vector<ExprPtr>& args,
                    const Bindings& bindings) {
  switch (pattern.kind) {
    case TypePattern::Kind::kConcrete:
      return pattern.type;
    case TypePattern::Kind::kVariable:
      return bindings.at(pattern.name);
    case TypePattern::Kind::kArgument:
      return args[pattern.argument]->type;
    case TypePattern::Kind::kArray:
      return DataType::Array(ResultType(pattern.parts[0], args, bindings));
    case TypePattern::Kind::kMap:
      return DataType::Map(ResultType(pattern.parts[0], args, bindings),
                           ResultType(pattern.parts[1], args, bindings));
    case TypePattern::Kind::kClass:
    case TypePattern::Kind::kLambda:
      break;
  }
  TARN_UNREACHABLE();
}

std::string PatternSql(const TypePattern& pattern) {
  switch (pattern.kind) {
    case TypePattern::Kind::kConcrete:
      return "\"" + pattern.type.ToSql() + "\"";
    case TypePattern::Kind::kArray:
      return "\"ARRAY\"";
    case TypePattern::Kind::kMap:
      return "\"MAP\"";
    default: {
      std::string text = pattern.name;
      for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      return "\"" + text + "\"";
    }
  }
}

struct Match {
  Bindings bindings;
  std::vector<DataType> types;  // per argument
  int casts = 0;
  size_t failed_argument = 0;
};

/// Tries one overload; false with `failed_argument` set if an argument doesn't fit.
bool TryMatch(const Signature& signature, const std::vector<ExprPtr>& args, Match* match) {
  for (size_t i = 0; i < args.size(); ++i) {
    const TypePattern& pattern = signature.ParameterFor(i).pattern;
    const auto* lambda = args[i]->As<Lambda>();
    const bool wants_lambda = pattern.kind == TypePattern::Kind::kLambda;
    match->failed_argument = i;
    if (wants_lambda != (lambda != nullptr)) return false;
    const TypePattern& bound = wants_lambda ? pattern.parts.back() : pattern;
    if (!Bind(bound, args[i]->type, match->bindings)) return false;
  }
  for (size_t i = 0; i < args.size(); ++i) {
    auto type = Required(signature.ParameterFor(i).pattern, args[i]->type, match->bindings);
    match->failed_argument = i;
    if (!type) return false;
    match->casts += !args[i]->As<Lambda>() && !type->EquivalentTo(args[i]->type);
    match->types.push_back(*type);
  }
  return true;
}

void AddDefaults(const Signature& signature, std::vector<ExprPtr>& args) {
  for (size_t i = args.size(); i < signature.parameters.size(); ++i) {
    if (!signature.parameters[i].default_value) break;
    args.push_back(MakeLiteral(*signature.parameters[i].default_value));
  }
}

Error WrongNumber(const FunctionSpec& function, const std::vector<Signature>& signatures,
                  size_t actual, const SourceRange& source) {
  std::vector<size_t> counts;
  bool open = false;
  for (const Signature& signature : signatures) {
    for (size_t n = signature.ArgsMin(); n <= signature.parameters.size(); ++n) counts.push_back(n);
    open |= signature.variadic;
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  std::string expected;
  if (open) {
    expected = "> " + std::to_string(counts.front() == 0 ? 0 : counts.front() - 1);
  } else if (counts.size() == 1) {
    expected = std::to_string(counts[0]);
  } else {
    for (const size_t n : counts) expected += (expected.empty() ? "[" : ", ") + std::to_string(n);
    expected += "]";
  }
  return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
               {{"functionName", QuoteIdentifier(function.name)},
                {"expectedNum", expected},
                {"actualNum", std::to_string(actual)}})
      .WithPosition(source);
}

Error WrongType(const FunctionSpec& function, const Signature& signature,
                const std::vector<ExprPtr>& args, size_t index, const SourceRange& source) {
  std::string call(function.name);
  call += "(";
  for (size_t i = 0; i < args.size(); ++i) call += (i ? ", " : "") + Render(*args[i]);
  call += ")";
  return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
               {{"sqlExpr", "\"" + call + "\""},
                {"paramIndex", Ordinal(index)},
                {"requiredType", PatternSql(signature.ParameterFor(index).pattern)},
                {"inputSql", "\"" + Render(*args[index]) + "\""},
                {"inputType", "\"" + args[index]->type.ToSql() + "\""}})
      .WithPosition(source);
}

bool AnyNullable(const std::vector<ExprPtr>& args) {
  for (const ExprPtr& arg : args) {
    if (arg->nullable && !arg->As<Lambda>()) return true;
  }
  return false;
}

Result<ExprPtr> BuildBySignature(const FunctionSpec& function, std::vector<ExprPtr> args,
                                 const SourceRange& source) {
  const std::vector<Signature>& signatures = SignaturesOf(function);
  const Signature* best = nullptr;
  const Signature* nearest = nullptr;
  Match best_match;
  size_t failed_argument = 0;
  for (const Signature& signature : signatures) {
    const int max = signature.ArgsMax();
    if (args.size() < signature.ArgsMin() || (max >= 0 && args.size() > size_t(max))) continue;
    Match match;
    if (!TryMatch(signature, args, &match)) {
      if (!nearest || match.failed_argument > failed_argument) {
        nearest = &signature;
        failed_argument = match.failed_argument;
      }
      continue;
    }
    if (!best || match.casts < best_match.casts) {
      best = &signature;
      best_match = std::move(match);
    }
  }
  if (!best) {
    if (!nearest) return WrongNumber(function, signatures, args.size(), source);
    return WrongType(function, *nearest, args, failed_argument, source);
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i]->As<Lambda>()) {
      const TypePattern& result = best->ParameterFor(i).pattern.parts.back();
      auto type = Required(result, args[i]->type, best_match.bindings);
      auto* lambda = args[i]->As<Lambda>();
      if (!type) return WrongType(function, *best, args, i, source);
      if (type->EquivalentTo(args[i]->type)) continue;
      lambda->body = MakeCast(std::move(lambda->body), *type);
      args[i]->type = *type;
    } else if (!best_match.types[i].EquivalentTo(args[i]->type)) {
      args[i] = MakeCast(std::move(args[i]), best_match.types[i]);
    }
  }
  const bool nullable =
      function.kind == FunctionKind::kAggregate || !function.null_intolerant || AnyNullable(args);
  AddDefaults(*best, args);
  DataType type = ResultType(best->result, args, best_match.bindings);
  return MakeCall(&function, std::move(args), std::move(type), nullable, source);
}

}  // namespace

Result<ExprPtr> BuildCall(const FunctionSpec& function, std::vector<ExprPtr> args,
                          const SourceRange& source, std::string_view session_zone) {
  if (function.typing == nullptr) return BuildBySignature(function, std::move(args), source);
  if (args.size() < size_t(function.args_min) ||
      (function.args_max >= 0 && args.size() > size_t(function.args_max))) {
    std::string expected = std::to_string(function.args_min);
    if (function.args_max < 0) {
      expected = "> " + std::to_string(function.args_min - 1);
    } else if (function.args_max != function.args_min) {
      expected = "[" + expected;
      for (int n = function.args_min + 1; n <= function.args_max; ++n) {
        expected += ", " + std::to_string(n);
      }
      expected += "]";
    }
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", QuoteIdentifier(function.name)},
                  {"expectedNum", expected},
                  {"actualNum", std::to_string(args.size())}})
        .WithPosition(source);
  }
  CallTyping typing{args, session_zone, {}, !function.null_intolerant || AnyNullable(args)};
  if (auto status = function.typing(typing); !status.ok()) {
    return std::move(status).error().WithDefaultPosition(source);
  }
  ExprPtr call = MakeCall(&function, std::move(args), typing.type, typing.nullable, source);
  return typing.cast_to ? MakeCast(std::move(call), *typing.cast_to) : std::move(call);
}

Result<ExprPtr> BuildCall(std::string_view name, std::vector<ExprPtr> args,
                          const SourceRange& source, std::string_view session_zone) {
  const FunctionSpec* function = FindFunction(name);
  if (!function) return InternalError("the function table has no " + std::string(name));
  return BuildCall(*function, std::move(args), source, session_zone);
}

std::optional<std::vector<LambdaParameterType>> LambdaParameterTypes(const FunctionSpec& function,
                                                                     std::span<const ExprPtr> args,
                                                                     size_t index, size_t arity) {
  if (function.typing != nullptr) return std::nullopt;
  for (const Signature& signature : SignaturesOf(function)) {
    const int max = signature.ArgsMax();
    if (args.size() < signature.ArgsMin() || (max >= 0 && args.size() > size_t(max))) continue;
    const TypePattern& pattern = signature.ParameterFor(index).pattern;
    if (pattern.kind != TypePattern::Kind::kLambda || pattern.parts.size() - 1 != arity) continue;
    Bindings bindings;
    bool fits = true;
    for (size_t i = 0; i < args.size() && fits; ++i) {
      const TypePattern& other = signature.ParameterFor(i).pattern;
      if (args[i] && other.kind != TypePattern::Kind::kLambda) {
        fits = Bind(other, args[i]->type, bindings);
      }
    }
    if (!fits) continue;
    std::vector<LambdaParameterType> types;
    for (size_t i = 0; i < arity; ++i) {
      const TypePattern& part = pattern.parts[i];
      if (part.kind == TypePattern::Kind::kVariable && !bindings.contains(part.name)) {
        types.push_back({DataType(), true});
      } else {
        types.push_back(
            {ResultType(part, {}, bindings), part.kind != TypePattern::Kind::kConcrete});
      }
    }
    return types;
  }
  return std::nullopt;
}

}  // namespace tarn::plan
