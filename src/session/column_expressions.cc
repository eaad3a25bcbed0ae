#include "column_expressions.h"

#include <algorithm>
#include <set>

#include "plan_extension.h"
#include "table_definition.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

std::string TextOf(const StatementScope& scope, const sql::Expr& expr) {
  return std::string(sql::Slice(scope.text(), expr.source));
}

/// Analyses an expression over columns of a table that needn't be there yet.
Result<plan::ExprPtr> OverColumns(StatementScope& scope, const std::vector<Field>& fields,
                                  const sql::Expr& expr) {
  std::vector<plan::OutputColumn> columns;
  for (const Field& field : fields) {
    const auto id = static_cast<uint32_t>(columns.size()) + 1;
    columns.push_back({plan::ColumnId{id}, field.name, field.type, field.nullable});
  }
  return analyze::AnalyzeOverColumns(scope.request(), scope.AnalyzerView(), columns, expr,
                                     plan::ColumnId{static_cast<uint32_t>(columns.size()) + 1});
}

Error NoGeneration(const StatementScope& scope, const Field& column, const sql::Expr& expression,
                   std::string reason) {
  return Error(Condition("UNSUPPORTED_EXPRESSION_GENERATED_COLUMN"),
               {{"fieldName", QuoteIdentifier(column.name)},
                {"expressionStr", TextOf(scope, expression)},
                {"reason", std::move(reason)}})
      .WithPosition(expression.source);
}

}  // namespace

bool IsGenerated(const Field& field) {
  return !field.Metadata("delta.generationExpression").empty();
}

Status RequireCheck(StatementScope& scope, const Schema& schema, const std::string& name,
                    const sql::Expr& check) {
  TARN_ASSIGN(const plan::ExprPtr built, OverColumns(scope, schema.fields, check));
  if (built->type.Is(TypeId::kBoolean)) return {};
  return Error(Condition("DELTA_NON_BOOLEAN_CHECK_CONSTRAINT"),
               {{"name", name}, {"expr", TextOf(scope, check)}})
      .WithPosition(check.source);
}

Status RequireGeneration(StatementScope& scope, const Schema& schema, const Field& column,
                         const sql::Expr& expression) {
  std::vector<Field> given = schema.fields;
  std::erase_if(given, IsGenerated);
  auto built = OverColumns(scope, given, expression);
  if (!built.ok()) {
    if (OverColumns(scope, schema.fields, expression).ok()) {
      return NoGeneration(scope, column, expression, "it refers to a generated column");
    }
    return std::move(built).error();
  }
  if (!GivesTheSame(**built)) {
    return NoGeneration(scope, column, expression,
                        "what it gives differs from statement to statement");
  }
  if ((*built)->type == column.type) return {};
  return Error(Condition("DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH"),
               {{"columnName", QuoteIdentifier(column.name)},
                {"expressionType", (*built)->type.ToSql()},
                {"columnType", column.type.ToSql()}})
      .WithPosition(expression.source);
}

Status RequireExpressions(StatementScope& scope, const sql::CreateTable& statement,
                          const Schema& schema) {
  std::set<std::string> names;
  const auto check = [&](const std::string& name, const sql::Expr& expr) -> Status {
    if (!name.empty() && !names.insert(FoldName(name)).second) {
      return Error(Condition("DELTA_CONSTRAINT_ALREADY_EXISTS"),
                   {{"constraintName", name}, {"table", sql::ToSql(statement.name)}})
          .WithPosition(expr.source);
    }
    return RequireCheck(scope, schema, name, expr);
  };
  const auto checks = [&](const std::vector<sql::Constraint>& constraints) -> Status {
    for (const sql::Constraint& constraint : constraints) {
      if (constraint.check) TARN_TRY(check(constraint.name.text, *constraint.check));
    }
    return {};
  };
  for (const sql::ColumnDefinition& column : statement.columns) {
    TARN_TRY(checks(column.constraints));
    if (!column.generated_as) continue;
    const int index = schema.Find(column.name.back().text);
    if (index < 0) continue;
    TARN_TRY(RequireGeneration(scope, schema, schema.fields[static_cast<size_t>(index)],
                               *column.generated_as));
  }
  TARN_TRY(checks(statement.constraints));
  for (const sql::Property& property : statement.clauses.properties) {
    if (!property.key.starts_with(kConstraintPrefix)) continue;
    // Errors in its text are told at the property.
    auto parsed = sql::ParseExpression(property.value);
    if (!parsed.ok()) return std::move(parsed).error().WithPosition(property.source);
    (*parsed)->source = property.source;
    const Status valid =
        check(property.key.substr(std::string_view(kConstraintPrefix).size()), **parsed);
    if (!valid.ok()) return Error(valid.error()).WithPosition(property.source);
  }
  return {};
}

}  // namespace tarn::session
