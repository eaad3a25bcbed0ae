// Choices among arguments, the session, errors, and the like.

#include <algorithm>

#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"
#include "duck/functions/string_functions.h"
#include "tarn/base/random.h"
#include "tarn/plan/coercion.h"

namespace tarn::engine::duck {

namespace {

using duckdb::ExpressionType;
using duckdb::make_uniq;

DuckExpr Coalesce(DuckArgs args) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_COALESCE, std::move(args));
}

DuckExpr When(DuckExpr condition, DuckExpr result, DuckExpr otherwise) {
  auto expr = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = std::move(condition);
  check.then_expr = std::move(result);
  expr->case_checks.push_back(std::move(check));
  expr->else_expr = std::move(otherwise);
  return expr;
}

void Choices(FunctionSet& set) {
  for (const char* name : {"coalesce", "nvl", "ifnull", "zeroifnull"}) {
    set.Template(name,
                 [](LoweringContext&, const plan::Expr&, const plan::Call&,
                    DuckArgs args) -> DuckExpr { return Coalesce(std::move(args)); });
  }
  set.Template(
      "nvl2",
      [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        DuckExpr given = make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL,
                                                               std::move(args[0]));
        return When(std::move(given), std::move(args[1]), std::move(args[2]));
      });
  set.Template("nullif",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 const std::vector<DataType> types = TypesOf(call);
                 const DataType common = plan::CommonType(types[0], types[1]).value_or(types[0]);
                 DuckExpr same = make_uniq<duckdb::ComparisonExpression>(
                     ExpressionType::COMPARE_EQUAL, context.Cast(args[0]->Copy(), types[0], common),
                     context.Cast(std::move(args[1]), types[1], common));
                 return When(std::move(same), ConstantNull(expr.type), std::move(args[0]));
               });
  set.Template(
      "nullifzero",
      [](LoweringContext&, const plan::Expr& expr, const plan::Call&, DuckArgs args) -> DuckExpr {
        DuckExpr zero = CastNative(ConstantInt(0), ToDuckType(expr.type));
        DuckExpr same = make_uniq<duckdb::ComparisonExpression>(ExpressionType::COMPARE_EQUAL,
                                                                args[0]->Copy(), std::move(zero));
        return When(std::move(same), ConstantNull(expr.type), std::move(args[0]));
      });
  // NULLs are skipped, as DuckDB does too.
  set.registry().Native("greatest", "greatest");
  set.registry().Native("least", "least");
}

CallTemplate SessionText(std::string (*text)(const ExecutionSettings&)) {
  return [text](LoweringContext& context, const plan::Expr&, const plan::Call&,
                DuckArgs) -> DuckExpr { return ConstantText(text(context.settings())); };
}

void Session(FunctionSet& set) {
  set.Template("current_catalog",
               SessionText([](const ExecutionSettings& s) { return s.current_catalog; }));
  set.Template("current_schema",
               SessionText([](const ExecutionSettings& s) { return s.current_schema; }));
  for (const char* name : {"current_user", "user", "session_user"}) {
    set.Template(name, SessionText([](const ExecutionSettings& s) { return s.current_user; }));
  }
  set.Template("current_timezone",
               SessionText([](const ExecutionSettings& s) { return s.session_zone; }));
  set.Template("version",
               SessionText([](const ExecutionSettings&) { return std::string("4.2.0 tarn"); }));
  set.Template("current_path", SessionText([](const ExecutionSettings& s) {
                 return "system.builtin,system.session," + s.current_catalog + "." +
                        s.current_schema;
               }));
  set.Template("typeof",
               [](LoweringContext&, const plan::Expr&, const plan::Call& call,
                  DuckArgs) -> DuckExpr { return ConstantText(call.args[0]->type.ToString()); });
  set.Template("input_file_name",
               SessionText([](const ExecutionSettings&) { return std::string(); }));
  // No file stands behind a row once it is in the engine.
  for (const char* name : {"input_file_block_start", "input_file_block_length"}) {
    set.Template(name,
                 [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs) -> DuckExpr {
                   return Constant(duckdb::Value::BIGINT(-1));
                 });
  }
  set.Template("spark_partition_id",
               [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs) -> DuckExpr {
                 return ConstantInt(0);
               });
}

/// raise_error(condition, parameters): a condition that the error table doesn't have is reported
/// as a message of the user's.
std::optional<bool> RaiseCondition(Call&, std::optional<std::string_view> name,
                                   std::optional<duckdb::Value> map) {
  std::vector<Error::Parameter> parameters;
  if (map && !map->IsNull()) {
    for (const duckdb::Value& entry : duckdb::MapValue::GetChildren(*map)) {
      const auto& pair = duckdb::StructValue::GetChildren(entry);
      if (pair[0].IsNull() || pair[1].IsNull()) continue;
      parameters.emplace_back(pair[0].ToString(), pair[1].ToString());
    }
  }
  const std::string text(name.value_or("null"));
  if (const auto condition = ConditionByName(text)) {
    ThrowCondition(Error(*condition, std::move(parameters)));
  }
  Raise(Condition("USER_RAISED_EXCEPTION"), {{"errorMessage", text}});
}

void Errors(FunctionSet& set) {
  set.Kernel(
      "raise_error",
      [](Call&, std::optional<std::string_view> message) -> std::optional<bool> {
        Raise(Condition("USER_RAISED_EXCEPTION"),
              {{"errorMessage", std::string(message.value_or("null"))}});
      },
      kFallible | kVolatile);
  set.Kernel("raise_condition", RaiseCondition, kFallible | kVolatile);
  set.Kernel(
      "recursion_level",
      [](Call&, int64_t level, int64_t limit) -> int64_t {
        if (level + 1 >= limit) {
          Raise(Condition("RECURSION_LEVEL_LIMIT_EXCEEDED"),
                {{"levelLimit", std::to_string(limit)}});
        }
        return level + 1;
      },
      kFallible | kVolatile);
  set.Kernel(
      "recursion_rows",
      [](Call&, int64_t rows, int64_t limit) -> int64_t {
        if (rows > limit) {
          Raise(Condition("RECURSION_ROW_LIMIT_EXCEEDED"), {{"rowLimit", std::to_string(limit)}});
        }
        return rows;
      },
      kFallible | kVolatile);
  const auto raise = [](LoweringContext& context, DuckExpr message) -> DuckExpr {
    return CallKernel(context, "raise_error", TypeId::kBoolean, {TypeId::kString},
                      MakeArgs(std::move(message)));
  };
  set.Template("raise_error",
               [raise](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                       DuckArgs args) -> DuckExpr {
                 if (args.size() == 1) return raise(context, std::move(args[0]));
                 return CallKernel(context, "raise_condition", TypeId::kBoolean, TypesOf(call),
                                   std::move(args));
               });
  set.Template("assert_true",
               [raise](LoweringContext& context, const plan::Expr& expr, const plan::Call&,
                       DuckArgs args) -> DuckExpr {
                 DuckExpr failed = raise(context, std::move(args[1]));
                 return When(std::move(args[0]),
                             Constant(duckdb::Value(duckdb::LogicalType::BOOLEAN)),
                             std::move(failed));
               });
}

}  // namespace

void RegisterMiscKernels(FunctionSet& set) {
  Choices(set);
  Session(set);
  Errors(set);
  set.Batch(
      "uuid",
      [](Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
        struct Source {
          SeededIds ids{SystemEntropy()};
        };
        auto& ids = call.State<Source>().ids;
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        for (idx_t row = 0; row < input.size(); ++row) WriteText(result, row, ids.NewUuid());
      },
      kVolatile);
  set.Use("uuid", "uuid");
  RegisterRowValues(set);
  RegisterSentences(set);
  RegisterTimes(set);
  RegisterVariants(set);
  RegisterVectors(set);
}

}  // namespace tarn::engine::duck
