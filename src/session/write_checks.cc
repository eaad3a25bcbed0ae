#include "write_checks.h"

#include "tarn/analyze/declared_strings.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"
#include "write_plan.h"

namespace tarn::session {

using plan::ExprPtr;

namespace {

/// A path of a NOT NULL field as an expression over the columns; struct fields by index.
Result<ExprPtr> FieldByPath(const PlanExtension& extension, const Schema& schema,
                            const std::vector<std::string>& path) {
  const int column = schema.Find(path[0]);
  if (column < 0) return InternalError("no column " + path[0]);
  ExprPtr expr = extension.Ref(static_cast<size_t>(column));
  for (size_t depth = 1; depth < path.size(); ++depth) {
    const std::vector<Field>& fields = expr->type.fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (!SameName(fields[i].name, path[depth])) continue;
      auto access = std::make_unique<plan::Expr>();
      access->type = fields[i].type;
      access->kind = plan::FieldAccess{std::move(expr), static_cast<int>(i)};
      expr = std::move(access);
      break;
    }
  }
  return expr;
}

}  // namespace

Result<ExprPtr> Raise(std::string_view error,
                      std::vector<std::pair<std::string, std::string>> parameters) {
  std::vector<ExprPtr> entries;
  for (auto& [key, value] : parameters) {
    entries.push_back(plan::MakeLiteral(Value::String(key)));
    entries.push_back(plan::MakeLiteral(Value::String(value)));
  }
  TARN_ASSIGN(ExprPtr map, plan::BuildCall("map", std::move(entries)));
  std::vector<ExprPtr> arguments;
  arguments.push_back(plan::MakeLiteral(Value::String(std::string(error))));
  arguments.push_back(std::move(map));
  return plan::BuildCall("raise_error", std::move(arguments));
}

Result<ExprPtr> Enforced(ExprPtr condition, std::string_view error,
                         std::vector<std::pair<std::string, std::string>> parameters) {
  TARN_ASSIGN(ExprPtr raise, Raise(error, std::move(parameters)));
  auto expr = std::make_unique<plan::Expr>();
  expr->type = TypeId::kBoolean;
  plan::Case choice;
  choice.branches.push_back({std::move(condition), plan::MakeLiteral(Value::Boolean(true))});
  choice.otherwise = plan::MakeCast(std::move(raise), TypeId::kBoolean);
  expr->kind = std::move(choice);
  return expr;
}

Result<ExprPtr> AnalyzeText(StatementScope& scope, const std::string& text,
                            const PlanExtension& extension) {
  TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(text));
  return analyze::AnalyzeOverColumns(scope.request(), scope.AnalyzerView(), extension.columns(),
                                     *parsed, extension.next());
}

Status EnforceNotNull(PlanExtension& extension, const Schema& schema,
                      const delta::TableConstraints& constraints) {
  for (const std::vector<std::string>& path : constraints.not_null) {
    TARN_ASSIGN(ExprPtr field, FieldByPath(extension, schema, path));
    if (path.size() == 1 && !field->nullable) continue;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(field));
    TARN_ASSIGN(ExprPtr present, plan::BuildCall("isnotnull", std::move(operands)));
    if (path.size() > 1) {
      // A nested field counts only where its parents are there.
      TARN_ASSIGN(ExprPtr parent, FieldByPath(extension, schema, {path.begin(), path.end() - 1}));
      std::vector<ExprPtr> inner;
      inner.push_back(std::move(parent));
      TARN_ASSIGN(ExprPtr absent, plan::BuildCall("isnull", std::move(inner)));
      std::vector<ExprPtr> either;
      either.push_back(std::move(absent));
      either.push_back(std::move(present));
      TARN_ASSIGN(present, plan::BuildCall("or", std::move(either)));
    }
    std::string name;
    for (const std::string& part : path) name += (name.empty() ? "" : ".") + part;
    TARN_ASSIGN(ExprPtr enforced, Enforced(std::move(present), "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
                                           {{"columnName", name}}));
    extension.Filter(std::move(enforced));
  }
  return {};
}

Status EnforceLengths(StatementScope& scope, PlanExtension& extension, const Schema& schema) {
  for (const Field& field : schema.fields) {
    const auto declared = analyze::DeclaredType(field);
    if (!declared) continue;
    const std::string text = analyze::FitsText(*declared, QuoteIdentifier(field.name));
    TARN_ASSIGN(ExprPtr fits, AnalyzeText(scope, text, extension));
    TARN_ASSIGN(ExprPtr enforced,
                Enforced(std::move(fits), "DELTA_EXCEED_CHAR_VARCHAR_LIMIT",
                         {{"column", QuoteIdentifier(field.name)}, {"type", declared->ToSql()}}));
    extension.Filter(std::move(enforced));
  }
  return {};
}

Status EnforceChecks(StatementScope& scope, PlanExtension& extension,
                     const delta::TableConstraints& constraints) {
  const auto enforce = [&](const std::string& name, const std::string& text) -> Status {
    TARN_ASSIGN(ExprPtr condition, AnalyzeText(scope, text, extension));
    TARN_ASSIGN(ExprPtr enforced, Enforced(plan::MakeCast(std::move(condition), TypeId::kBoolean),
                                           "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
                                           {{"constraintName", name}, {"expression", text}}));
    extension.Filter(std::move(enforced));
    return {};
  };
  for (const delta::CheckConstraint& check : constraints.checks) {
    TARN_TRY(enforce(check.name, check.sql));
  }
  for (const delta::ColumnExpression& invariant : constraints.invariants) {
    TARN_TRY(enforce(invariant.column, invariant.sql));
  }
  return {};
}

Status AppendExpectations(StatementScope& scope, PlanExtension& extension,
                          const std::vector<Expectation>& expectations) {
  if (expectations.empty()) return {};
  const size_t first = extension.columns().size();
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < first; ++i) {
    items.emplace_back(extension.columns()[i].name, extension.Ref(i));
  }
  for (const Expectation& expectation : expectations) {
    auto condition = AnalyzeText(scope, expectation.condition, extension);
    if (!condition.ok()) return std::move(condition).error().WithPosition(expectation.source);
    TARN_TRY(RequireCondition(**condition, expectation));
    items.emplace_back("__expectation_" + expectation.name, std::move(*condition));
  }
  extension.Project(std::move(items));
  for (size_t i = 0; i < expectations.size(); ++i) {
    if (expectations[i].on_violation == engine::OnViolation::kDropRow) {
      extension.ExemptUnless(first + i);
    }
  }
  return {};
}

Status RequireCondition(const plan::Expr& analysed, const Expectation& expectation) {
  if (analysed.type.Is(TypeId::kBoolean)) return {};
  return Error(Condition("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
               {{"sqlExpr", "\"" + expectation.condition + "\""},
                {"type", "\"" + analysed.type.ToSql() + "\""}})
      .WithPosition(expectation.source);
}

Result<plan::Query> EnforceReplaceWhere(StatementScope& scope, plan::Query query,
                                        const std::string& condition) {
  PlanExtension extension(std::move(query));
  TARN_ASSIGN(ExprPtr analysed, AnalyzeText(scope, condition, extension));
  TARN_ASSIGN(ExprPtr enforced,
              Enforced(plan::MakeCast(std::move(analysed), TypeId::kBoolean),
                       "DELTA_REPLACE_WHERE_MISMATCH", {{"replaceWhere", condition}}));
  extension.Filter(std::move(enforced));
  return extension.Take();
}

}  // namespace tarn::session
