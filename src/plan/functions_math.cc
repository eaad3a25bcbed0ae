#include <algorithm>

#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

int ScaleArgument(const CallTyping& call) {
  const Value* scale = LiteralArgument(call, 1);
  return scale && !scale->is_null() && std::holds_alternative<int64_t>(scale->rep())
             ? static_cast<int>(std::clamp<int64_t>(scale->integer(), -100, 100))
             : 0;
}

/// The type of a decimal rounded to `digits` (RoundBase.dataType).
DataType RoundedDecimal(const DataType& type, int digits) {
  const int p = type.precision();
  const int s = type.scale();
  const int integral = p - s + 1;
  if (digits < 0) {
    return DataType::Decimal(std::clamp(std::max(integral, -digits + 1), 1, 38), 0);
  }
  return DataType::Decimal(std::min(integral + std::min(s, digits), 38), std::min(s, digits));
}

Result<void> TypeRound(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (type.IsString() || type.Is(TypeId::kNull)) {
    call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kDouble);
  } else if (!type.IsNumeric()) {
    return UnexpectedType(call, 0, "NUMERIC");
  }
  if (call.args.size() == 1) call.args.push_back(MakeLiteral(Value::Int(0)));
  TARN_TRY(Coerce(call, 1, TypeId::kInt));
  const DataType& input = call.args[0]->type;
  call.type = input.Is(TypeId::kDecimal) ? RoundedDecimal(input, ScaleArgument(call)) : input;
  return {};
}

Result<void> TypeCeil(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (call.args.size() > 1) {
    TARN_TRY(Coerce(call, 1, TypeId::kInt));
    if (type.IsIntegral()) {
      call.args[0] = MakeCast(std::move(call.args[0]), DecimalFor(type));
    } else if (!type.Is(TypeId::kDecimal)) {
      call.args[0] = MakeCast(std::move(call.args[0]), DataType::Decimal(30, 15));
    }
    call.type = RoundedDecimal(call.args[0]->type, ScaleArgument(call));
    return {};
  }
  if (type.Is(TypeId::kDecimal)) {
    call.type = DataType::Decimal(
        std::min(38, type.precision() - type.scale() + (type.scale() > 0 ? 1 : 0)), 0);
    if (type.scale() == 0) call.type = type;
    return {};
  }
  const DataType target = type.IsIntegral() ? DataType(TypeId::kLong) : DataType(TypeId::kDouble);
  TARN_TRY(Coerce(call, 0, target));
  call.type = TypeId::kLong;
  return {};
}

Result<void> TypeWidthBucket(CallTyping& call) {
  const bool interval = call.args[0]->type.IsInterval();
  for (size_t i = 0; i < 3; ++i) {
    TARN_TRY(Coerce(call, i, interval ? call.args[i]->type : DataType(TypeId::kDouble)));
  }
  TARN_TRY(Coerce(call, 3, TypeId::kLong));
  call.type = TypeId::kLong;
  call.nullable = true;
  return {};
}

Result<void> TypeSignum(CallTyping& call) {
  if (!call.args[0]->type.IsInterval()) {
    TARN_TRY(Coerce(call, 0, TypeId::kDouble));
  }
  call.type = TypeId::kDouble;
  return {};
}

Result<void> TypeRandom(CallTyping& call) {
  if (!call.args.empty()) {
    TARN_TRY(Coerce(call, 0, TypeId::kLong));
  }
  call.type = TypeId::kDouble;
  call.nullable = false;
  return {};
}

}  // namespace

void RegisterMathFunctions(FunctionTable& table) {
  for (const std::string_view name :
       {"acos", "acosh", "asin", "asinh",   "atan", "atanh", "cbrt",    "cos",
        "cosh", "cot",   "csc",  "degrees", "exp",  "expm1", "radians", "rint",
        "sec",  "sin",   "sinh", "sqrt",    "tan",  "tanh"}) {
    table.Add({.name = name, .signatures = "(double) -> double"});
  }
  // NULL where there is no logarithm.
  for (const std::string_view name : {"ln", "log10", "log1p", "log2"}) {
    table.Add({.name = name, .signatures = "(double) -> double", .null_intolerant = false});
  }
  table.Add({.name = "log",
             .signatures = "(double) -> double | (double, double) -> double",
             .null_intolerant = false});
  table.Add({.name = "atan2", .signatures = "(double, double) -> double"});
  table.Add({.name = "hypot", .signatures = "(double, double) -> double"});
  table.Add({.name = "pow", .signatures = "(double, double) -> double"});
  table.Add({.name = "power", .signatures = "(double, double) -> double"});
  table.Add({.name = "e", .signatures = "() -> double"});
  table.Add({.name = "pi", .signatures = "() -> double"});
  for (const std::string_view name : {"round", "bround"}) {
    table.Add({.name = name, .typing = TypeRound, .args_min = 1, .args_max = 2, .fallible = true});
  }
  for (const std::string_view name : {"ceil", "ceiling", "floor"}) {
    table.Add({.name = name, .typing = TypeCeil, .args_min = 1, .args_max = 2, .fallible = true});
  }
  for (const std::string_view name : {"sign", "signum"}) {
    table.Add({.name = name, .typing = TypeSignum, .args_min = 1, .args_max = 1});
  }
  table.Add({.name = "factorial", .signatures = "(int) -> bigint", .null_intolerant = false});
  table.Add({.name = "width_bucket", .typing = TypeWidthBucket, .args_min = 4, .args_max = 4});
  table.Add({.name = "bin", .signatures = "(bigint) -> string"});
  table.Add({.name = "hex",
             .signatures = "(bigint) -> string | (binary) -> string | (string) -> string"});
  table.Add({.name = "unhex",
             .signatures = "(string) -> binary",
             .fallible = true,
             .null_intolerant = false});
  table.Add({.name = "conv",
             .signatures = "(string, int, int) -> string",
             .fallible = true,
             .null_intolerant = false});
  table.Add({.name = "bit_count", .signatures = "(boolean) -> int | (bigint) -> int"});
  table.Add({.name = "bit_get", .signatures = "(bigint, int) -> tinyint", .fallible = true},
            {"getbit"});
  table.Add(
      {.name = "nanvl", .signatures = "(double, double) -> double | (float, float) -> float"});
  table.Add({.name = "isnan", .signatures = "(double) -> boolean | (float) -> boolean"});
  for (const std::string_view name : {"rand", "randn"}) {
    table.Add(
        {.name = name, .typing = TypeRandom, .args_min = 0, .args_max = 1, .deterministic = false},
        name == "rand" ? std::initializer_list<std::string_view>{"random"}
                       : std::initializer_list<std::string_view>{});
  }
}

}  // namespace tarn::plan
