#include "duck/lowering.h"
#include "duck/order_key.h"
#include "tarn/plan/coercion.h"

namespace tarn::engine::duck {

using duckdb::ExpressionType;
using duckdb::make_uniq;

namespace {

void RegisterComparison(FunctionRegistry& registry, std::string_view name, ExpressionType type) {
  registry.Template(name,
                    [type](LoweringContext&, const plan::Expr&, const plan::Call& call,
                           DuckArgs args) -> DuckExpr {
                      const bool orders = type != ExpressionType::COMPARE_EQUAL &&
                                          type != ExpressionType::COMPARE_NOTEQUAL &&
                                          type != ExpressionType::COMPARE_NOT_DISTINCT_FROM;
                      if (orders) {
                        // One type for both, so that both keys are built alike.
                        const DataType& left = call.args[0]->type;
                        const DataType common =
                            plan::CommonType(left, call.args[1]->type).value_or(left);
                        for (DuckExpr& arg : args) arg = OrderKey(std::move(arg), common);
                      }
                      return make_uniq<duckdb::ComparisonExpression>(type, std::move(args[0]),
                                                                     std::move(args[1]));
                    });
}

void RegisterConjunction(FunctionRegistry& registry, std::string_view name, ExpressionType type) {
  registry.Template(
      name,
      [type](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        return make_uniq<duckdb::ConjunctionExpression>(type, std::move(args));
      });
}

void RegisterOperator(FunctionRegistry& registry, std::string_view name, ExpressionType type) {
  registry.Template(
      name,
      [type](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        return make_uniq<duckdb::OperatorExpression>(type, std::move(args));
      });
}

}  // namespace

void RegisterOperators(FunctionRegistry& registry) {
  for (const char* name : {"=", "=="})
    RegisterComparison(registry, name, ExpressionType::COMPARE_EQUAL);
  for (const char* name : {"!=", "<>"}) {
    RegisterComparison(registry, name, ExpressionType::COMPARE_NOTEQUAL);
  }
  RegisterComparison(registry, "<", ExpressionType::COMPARE_LESSTHAN);
  RegisterComparison(registry, "<=", ExpressionType::COMPARE_LESSTHANOREQUALTO);
  RegisterComparison(registry, ">", ExpressionType::COMPARE_GREATERTHAN);
  RegisterComparison(registry, ">=", ExpressionType::COMPARE_GREATERTHANOREQUALTO);
  for (const char* name : {"<=>", "equal_null"}) {
    RegisterComparison(registry, name, ExpressionType::COMPARE_NOT_DISTINCT_FROM);
  }
  RegisterConjunction(registry, "and", ExpressionType::CONJUNCTION_AND);
  RegisterConjunction(registry, "or", ExpressionType::CONJUNCTION_OR);
  for (const char* name : {"not", "!"})
    RegisterOperator(registry, name, ExpressionType::OPERATOR_NOT);
  RegisterOperator(registry, "isnull", ExpressionType::OPERATOR_IS_NULL);
  RegisterOperator(registry, "isnotnull", ExpressionType::OPERATOR_IS_NOT_NULL);
  RegisterOperator(registry, "in", ExpressionType::COMPARE_IN);
  RegisterOperator(registry, "coalesce", ExpressionType::OPERATOR_COALESCE);
  registry.Template(
      "if", [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        auto result = make_uniq<duckdb::CaseExpression>();
        duckdb::CaseCheck check;
        check.when_expr = std::move(args[0]);
        check.then_expr = std::move(args[1]);
        result->case_checks.push_back(std::move(check));
        result->else_expr = std::move(args[2]);
        return result;
      });
}

}  // namespace tarn::engine::duck
