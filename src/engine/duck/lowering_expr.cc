#include "duck/lowering.h"
#include "duck/null_guard.h"
#include "duck/order_key.h"

namespace tarn::engine::duck {

using duckdb::ExpressionType;
using duckdb::make_uniq;

namespace {

DuckExpr Both(DuckExpr left, DuckExpr right) {
  if (!left) return right;
  if (!right) return left;
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND, std::move(left),
                                                  std::move(right));
}

}  // namespace

std::string ColumnName(plan::ColumnId id) {
  return "c" + std::to_string(static_cast<uint32_t>(id));
}

DuckExpr Lowering::Lower(const plan::Expr& expr) {
  DuckExpr result = std::visit([&](const auto& kind) { return LowerKind(expr, kind); }, expr.kind);
  if (expr.source.known() && !result->GetQueryLocation().IsValid()) {
    positions_.emplace(expr.source.begin, expr.source);
    result->SetQueryLocation(duckdb::optional_idx(expr.source.begin));
  }
  return result;
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Literal& literal) {
  return Constant(ToDuckValue(literal.value));
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::ColumnRef& column) {
  return make_uniq<duckdb::ColumnRefExpression>(ColumnName(column.id));
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Call& call) {
  if (call.function->name == "not") {
    if (const auto* in = call.args[0]->As<plan::Subquery>();
        in && in->kind == plan::SubqueryKind::kIn) {
      return LowerIn(*in, !in->negated, false);
    }
  }
  DuckArgs args;
  args.reserve(call.args.size());
  // A window belongs to the aggregate itself, not to what its arguments hold.
  const plan::WindowCall* const window = std::exchange(window_, nullptr);
  for (const plan::ExprPtr& arg : call.args) args.push_back(Lower(*arg));
  window_ = window;
  GuardOperands(call, args);

  const plan::FunctionSpec& spec = *call.function;
  if (const CallTemplate* build = registry_.FindTemplate(spec.name)) {
    return (*build)(*this, expr, call, std::move(args));
  }
  const std::string_view native = registry_.FindNative(spec.name);
  if (native.empty()) {
    throw LoweringFailure{
        UnsupportedFeature("The function " + std::string(spec.name), expr.source)};
  }
  DuckExpr result = spec.kind == plan::FunctionKind::kScalar
                        ? CallNative(std::string(native), std::move(args))
                        : Aggregate(std::string(native), std::move(args), call, nullptr);
  // The type may differ from Spark's, as for the sum of integers.
  if (expr.type.Is(TypeId::kBoolean) || expr.type.Is(TypeId::kNull)) return result;
  if (expr.source.known()) {
    positions_.emplace(expr.source.begin, expr.source);
    result->SetQueryLocation(duckdb::optional_idx(expr.source.begin));
  }
  return CastNative(std::move(result), ToDuckType(expr.type));
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Cast& cast) {
  return Cast(Lower(*cast.input), cast.input->type, expr.type, cast.mode);
}

DuckExpr Lowering::Cast(DuckExpr input, const DataType& from, const DataType& to,
                        plan::CastMode mode) {
  if (registry_.cast()) return registry_.cast()(*this, std::move(input), from, to, mode);
  return CastNative(std::move(input), ToDuckType(to), mode == plan::CastMode::kTry);
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Case& branches) {
  auto result = make_uniq<duckdb::CaseExpression>();
  for (const plan::Case::Branch& branch : branches.branches) {
    duckdb::CaseCheck check;
    check.when_expr = Lower(*branch.condition);
    check.then_expr = Lower(*branch.result);
    result->case_checks.push_back(std::move(check));
  }
  result->else_expr = branches.otherwise ? Lower(*branches.otherwise)
                                         : Constant(duckdb::Value(ToDuckType(expr.type)));
  return result;
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::FieldAccess& access) {
  return CallNativeOf("struct_extract_at", Lower(*access.base),
                      Constant(duckdb::Value::BIGINT(access.index + 1)));
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Lambda& lambda) {
  duckdb::vector<duckdb::string> names;
  for (const plan::Lambda::Parameter& parameter : lambda.parameters) {
    names.push_back(ColumnName(parameter.id));
  }
  return make_uniq<duckdb::LambdaExpression>(std::move(names), Lower(*lambda.body));
}

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::Subquery& subquery) {
  if (subquery.kind == plan::SubqueryKind::kIn) return LowerIn(subquery, subquery.negated, false);
  auto result = make_uniq<duckdb::SubqueryExpression>();
  result->subquery = FinishStatement(LowerNode(*subquery.query));
  if (subquery.kind == plan::SubqueryKind::kScalar) {
    result->subquery_type = duckdb::SubqueryType::SCALAR;
    return result;
  }
  result->subquery_type = duckdb::SubqueryType::EXISTS;
  if (!subquery.negated) return result;
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_NOT, std::move(result));
}

namespace {

DuckExpr IsTest(ExpressionType test, DuckExpr operand) {
  return make_uniq<duckdb::OperatorExpression>(test, std::move(operand));
}

/// a = b, or not known to be different.
DuckExpr MayEqual(DuckExpr a, DuckExpr b) {
  DuckExpr same = make_uniq<duckdb::ComparisonExpression>(ExpressionType::COMPARE_EQUAL,
                                                          std::move(a), std::move(b));
  DuckExpr unknown = IsTest(ExpressionType::OPERATOR_IS_NULL, same->Copy());
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_OR, std::move(same),
                                                  std::move(unknown));
}

bool AnyNullable(const plan::Subquery& subquery) {
  for (size_t i = 0; i < subquery.operands.size(); ++i) {
    if (subquery.operands[i]->nullable || subquery.query->columns[i].nullable) return true;
  }
  return false;
}

}  // namespace

// Spark makes joins of IN and NOT IN, which are never NULL: x IN q holds if a row equals x, and
// x NOT IN q if no row may equal x.
DuckExpr Lowering::LowerIn(const plan::Subquery& subquery, bool negated, bool is_condition) {
  const bool row = subquery.operands.size() > 1;
  const bool nullable = AnyNullable(subquery);
  auto result = make_uniq<duckdb::SubqueryExpression>();
  Block block = LowerNode(*subquery.query);
  if (row && nullable) {
    // DuckDB compares rows as values, in which NULL equals NULL.
    block = Wrap(std::move(block));
    DuckExpr condition;
    for (size_t i = 0; i < subquery.operands.size(); ++i) {
      DuckExpr column =
          make_uniq<duckdb::ColumnRefExpression>(ColumnName(subquery.query->columns[i].id));
      condition = Both(std::move(condition),
                       negated ? MayEqual(Lower(*subquery.operands[i]), std::move(column))
                               : IsTest(ExpressionType::OPERATOR_IS_NOT_NULL, std::move(column)));
    }
    block.select->where_clause = std::move(condition);
    block.stage = Stage::kWhere;
  }
  result->subquery = FinishStatement(std::move(block));
  if (row && nullable && negated) {
    result->subquery_type = duckdb::SubqueryType::EXISTS;
    return IsTest(ExpressionType::OPERATOR_NOT, std::move(result));
  }
  result->subquery_type = duckdb::SubqueryType::ANY;
  result->comparison_type = ExpressionType::COMPARE_EQUAL;
  DuckArgs operands;
  for (const plan::ExprPtr& operand : subquery.operands) operands.push_back(Lower(*operand));
  result->child = row ? CallNative("row", std::move(operands)) : std::move(operands[0]);
  DuckExpr found = std::move(result);
  if (negated) found = IsTest(ExpressionType::OPERATOR_NOT, std::move(found));
  // A condition drops NULL like false, and DuckDB joins best without more around it.
  if (!nullable || is_condition) return found;
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_COALESCE, std::move(found),
                                               Constant(duckdb::Value::BOOLEAN(false)));
}

DuckExpr Lowering::LowerCondition(const plan::Expr& expr) {
  if (const auto* call = expr.As<plan::Call>(); call && call->function->name == "and") {
    DuckExpr left = LowerCondition(*call->args[0]);
    return Both(std::move(left), LowerCondition(*call->args[1]));
  }
  const auto* in = expr.As<plan::Subquery>();
  if (in && in->kind == plan::SubqueryKind::kIn) return LowerIn(*in, in->negated, true);
  return Lower(expr);
}

duckdb::vector<duckdb::OrderByNode> Lowering::LowerKeys(const std::vector<plan::SortKey>& keys) {
  duckdb::vector<duckdb::OrderByNode> result;
  for (const plan::SortKey& key : keys) {
    // A constant would be taken for the number of a column, and orders nothing.
    if (key.expr->As<plan::Literal>() != nullptr) continue;
    DuckExpr value = Lower(*key.expr);
    if (key.expr->type.Is(TypeId::kDouble) || key.expr->type.Is(TypeId::kFloat)) {
      // DuckDB gives back what it sorted by, in which -0.0 is 0.0: an expression leaves the column.
      value = CallNativeOf("+", std::move(value),
                           Constant(duckdb::Value(0.0).DefaultCastAs(ToDuckType(key.expr->type))));
    }
    result.emplace_back(
        key.descending ? duckdb::OrderType::DESCENDING : duckdb::OrderType::ASCENDING,
        key.nulls_first ? duckdb::OrderByNullType::NULLS_FIRST
                        : duckdb::OrderByNullType::NULLS_LAST,
        OrderKey(std::move(value), key.expr->type));
  }
  return result;
}

DuckExpr Lowering::Aggregate(std::string name, DuckArgs args, const plan::Call& call,
                             DuckExpr filter) {
  const plan::WindowCall* const window = std::exchange(window_, nullptr);
  DuckExpr condition = Both(call.filter ? Lower(*call.filter) : nullptr, std::move(filter));
  duckdb::vector<duckdb::OrderByNode> orders = LowerKeys(call.order_by);
  window_ = window;
  if (window != nullptr) {
    auto result = make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE, "system",
                                                      "main", name);
    result->children = std::move(args);
    result->filter_expr = std::move(condition);
    result->distinct = call.distinct;
    result->ignore_nulls = call.ignore_nulls;
    result->arg_orders = std::move(orders);
    FillWindow(*result, *window);
    return result;
  }
  auto order = duckdb::unique_ptr<duckdb::OrderModifier>();
  if (!orders.empty()) {
    order = make_uniq<duckdb::OrderModifier>();
    order->orders = std::move(orders);
  }
  return make_uniq<duckdb::FunctionExpression>("system", "main", name, std::move(args),
                                               std::move(condition), std::move(order),
                                               call.distinct);
}

}  // namespace tarn::engine::duck
