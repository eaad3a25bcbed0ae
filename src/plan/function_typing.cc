#include "function_typing.h"

#include "tarn/plan/node.h"

namespace tarn::plan {

Result<void> Coerce(CallTyping& call, size_t index, const DataType& type) {
  ExprPtr& arg = call.args[index];
  if (arg->type.EquivalentTo(type)) return {};
  if (!CanImplicitlyCast(arg->type, type)) return UnexpectedType(call, index, type.ToSql());
  arg = MakeCast(std::move(arg), type);
  return {};
}

Result<DataType> CoerceToCommon(CallTyping& call, size_t begin, size_t end,
                                std::string_view function) {
  std::vector<DataType> types;
  for (size_t i = begin; i < end; ++i) types.push_back(call.args[i]->type);
  const auto common = CommonType(types);
  if (!common) {
    std::string list;
    for (const DataType& type : types)
      list += (list.empty() ? "\"" : " or \"") + type.ToSql() + "\"";
    return Error(Condition("DATATYPE_MISMATCH.DATA_DIFF_TYPES"),
                 {{"sqlExpr", "\"" + std::string(function) + "\""},
                  {"functionName", QuoteIdentifier(function)},
                  {"dataType", "[" + list + "]"}});
  }
  for (size_t i = begin; i < end; ++i) {
    if (!call.args[i]->type.EquivalentTo(*common)) {
      call.args[i] = MakeCast(std::move(call.args[i]), *common);
    }
  }
  return *common;
}

Error UnexpectedType(const CallTyping& call, size_t index, std::string_view required) {
  static constexpr const char* kOrdinals[] = {"first", "second", "third", "fourth", "fifth"};
  const Expr& arg = *call.args[index];
  return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
               {{"sqlExpr", "\"" + Render(arg) + "\""},
                {"paramIndex", index < 5 ? kOrdinals[index] : std::to_string(index + 1) + "th"},
                {"requiredType", "\"" + std::string(required) + "\""},
                {"inputSql", "\"" + Render(arg) + "\""},
                {"inputType", "\"" + arg.type.ToSql() + "\""}})
      .WithPosition(arg.source);
}

bool AnyNullable(const CallTyping& call) {
  for (const ExprPtr& arg : call.args) {
    if (arg->nullable) return true;
  }
  return false;
}

const Value* LiteralArgument(const CallTyping& call, size_t index) {
  if (index >= call.args.size()) return nullptr;
  const Expr* expr = call.args[index].get();
  while (const auto* cast = expr->As<Cast>()) {
    if (!cast->implicit) return nullptr;
    expr = cast->input.get();
  }
  const auto* literal = expr->As<Literal>();
  return literal ? &literal->value : nullptr;
}

DataType DecimalForLiteral(int64_t value) {
  int digits = 1;
  for (int64_t rest = value / 10; rest != 0; rest /= 10) ++digits;
  return DataType::Decimal(digits, 0);
}

}  // namespace tarn::plan
