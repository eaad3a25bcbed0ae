#include "statements.h"

namespace tarn::session {

namespace {

/// What EXPLAIN shows of a statement: its query, or the one by which it finds the rows to change.
Result<plan::Query> ExplainedQuery(StatementScope& scope, const sql::Statement& inner) {
  const auto analyzed = [&](const sql::QueryPtr& query) {
    return analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *query);
  };
  if (const auto* query = inner.As<sql::QueryStatement>()) return analyzed(query->query);
  if (const auto* insert = inner.As<sql::Insert>()) return analyzed(insert->query);
  if (const auto* create = inner.As<sql::CreateTable>(); create && create->query) {
    return analyzed(create->query);
  }
  if (const auto* remove = inner.As<sql::Delete>()) return PlanDelete(scope, *remove);
  if (const auto* update = inner.As<sql::Update>()) return PlanUpdate(scope, *update);
  if (const auto* merge = inner.As<sql::Merge>()) return PlanMerge(scope, *merge);
  return UnsupportedFeature("EXPLAIN " + sql::StatementName(inner), inner.source);
}

}  // namespace

Result<Answer> RunQuery(StatementScope& scope, const sql::QueryStatement& statement) {
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  return scope.rooms().engine().Execute(scope.request(), query, scope.EngineView());
}

Result<Answer> RunExplain(StatementScope& scope, const sql::Explain& statement) {
  TARN_ASSIGN(const plan::Query query, ExplainedQuery(scope, *statement.statement));
  std::string text = "== Plan ==\n" + plan::Render(query);
  const bool analyze = statement.mode == sql::ExplainMode::kAnalyze;
  TARN_ASSIGN(std::string engine_plan,
              scope.rooms().engine().Explain(scope.request(), query, scope.EngineView(), analyze));
  text += "\n== Engine ==\n" + engine_plan;
  return StringRows({"plan"}, {{text}});
}

}  // namespace tarn::session
