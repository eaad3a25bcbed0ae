#include "query_analyzer.h"
#include "tarn/sql/printer.h"
#include "tree.h"

namespace tarn::analyze {

Result<plan::Query> AnalyzeQuery(const RequestContext& request, const AnalyzerContext& context,
                                 const sql::Query& query) {
  QueryAnalyzer analyzer(request, context);
  TARN_ASSIGN(Source source, analyzer.AnalyzeQuery(query, nullptr, analyzer.environment()));
  analyzer.AlignColumns(source);
  return analyzer.Finish(std::move(source.node));
}

Result<plan::ExprPtr> AnalyzeDefault(const RequestContext& request, const AnalyzerContext& context,
                                     std::string_view column, const sql::Expr& expr) {
  QueryAnalyzer analyzer(request, context);
  ExprContext expr_context;
  expr_context.environment = &analyzer.environment();
  TARN_ASSIGN(plan::ExprPtr built, analyzer.Analyze(expr, expr_context));
  if (HasSubquery(*built)) {
    return Error(Condition("INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION"),
                 {{"colName", QuoteIdentifier(column)}, {"defaultValue", sql::ToSql(expr)}})
        .WithPosition(expr.source);
  }
  return built;
}

Result<plan::Query> AnalyzeValue(const RequestContext& request, const AnalyzerContext& context,
                                 const sql::Expr& expr) {
  QueryAnalyzer analyzer(request, context);
  ExprContext expr_context;
  expr_context.environment = &analyzer.environment();
  TARN_ASSIGN(plan::ExprPtr built, analyzer.Analyze(expr, expr_context));
  auto row = std::make_unique<plan::Node>();
  row->kind = plan::Values{};
  row->As<plan::Values>()->rows.emplace_back();
  std::vector<plan::NamedExpr> items;
  items.push_back({analyzer.NewColumn(), "value", std::move(built)});
  return analyzer.Finish(MakeProject(std::move(row), std::move(items)));
}

Result<plan::ExprPtr> AnalyzeOverColumns(const RequestContext& request,
                                         const AnalyzerContext& context,
                                         const std::vector<plan::OutputColumn>& columns,
                                         const sql::Expr& expr, plan::ColumnId first_free) {
  QueryAnalyzer analyzer(request, context);
  for (uint32_t id = 1; id < static_cast<uint32_t>(first_free); ++id) analyzer.NewColumn();
  Scope scope;
  for (const plan::OutputColumn& column : columns) {
    scope.columns.push_back({column.id, column.name, column.type, column.nullable});
  }
  ExprContext expr_context;
  expr_context.environment = &analyzer.environment();
  expr_context.scope = &scope;
  TARN_ASSIGN(plan::ExprPtr built, analyzer.Analyze(expr, expr_context));
  if (HasSubquery(*built)) {
    return UnsupportedFeature("a subquery in this expression", expr.source);
  }
  return built;
}

}  // namespace tarn::analyze
