#include "duck/null_guard.h"

#include <algorithm>

namespace tarn::engine::duck {

namespace {

using duckdb::make_uniq;

bool CastMayFail(const DataType& from, const DataType& to) {
  if (from.IsString()) return !to.IsString() && !to.Is(TypeId::kBinary);
  if (!to.IsIntegral()) return false;
  return from.IsFractional() || from.Is(TypeId::kDecimal) || from.Is(TypeId::kTimestamp) ||
         (from.IsIntegral() && from.id() > to.id());
}

/// Whether a cast in the expression may fail. Arithmetic may overflow too, but isn't worth a
/// condition at every level.
bool MayFail(const plan::Expr& expr) {
  if (const auto* cast = expr.As<plan::Cast>()) {
    return (cast->mode == plan::CastMode::kAnsi && CastMayFail(cast->input->type, expr.type)) ||
           MayFail(*cast->input);
  }
  if (const auto* call = expr.As<plan::Call>()) {
    return std::any_of(call->args.begin(), call->args.end(),
                       [](const plan::ExprPtr& arg) { return MayFail(*arg); });
  }
  return false;
}

DuckExpr WhereNotNull(const DuckExpr& first, DuckExpr then, const DataType& type) {
  auto result = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = make_uniq<duckdb::OperatorExpression>(
      duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, first->Copy());
  check.then_expr = std::move(then);
  result->case_checks.push_back(std::move(check));
  result->else_expr = Constant(duckdb::Value(ToDuckType(type)));
  return result;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void GuardOperands(const plan::Call& call, DuckArgs& args) {
  const std::string_view name = call.function->name;
  if (args.size() < 2) return;
  size_t first = 0;
  if (IsOneOf(name, {"/", "div", "%", "mod", "pmod"}) && !call.args[0]->type.IsInterval()) {
    first = 1;  // the divisor
  } else if (!IsOneOf(name, {"+", "-", "*", "/", "div", "&", "|", "^", "shiftleft", "shiftright",
                             "shiftrightunsigned", "in"})) {
    return;
  }
  if (!call.args[first]->nullable) return;
  for (size_t i = 0; i < args.size(); ++i) {
    if (i == first || !MayFail(*call.args[i])) continue;
    args[i] = WhereNotNull(args[first], std::move(args[i]), call.args[i]->type);
  }
}

}  // namespace tarn::engine::duck
