#include "statements.h"

namespace tarn::session {

namespace {

/// EXPLAIN of anything but a query names what would run.
Result<const sql::Query*> ExplainedQuery(const sql::Explain& statement) {
  const sql::Statement& inner = *statement.statement;
  if (const auto* query = inner.As<sql::QueryStatement>()) return query->query.get();
  if (const auto* insert = inner.As<sql::Insert>()) return insert->query.get();
  if (const auto* create = inner.As<sql::CreateTable>(); create && create->query) {
    return create->query.get();
  }
  return UnsupportedFeature("EXPLAIN " + sql::StatementName(inner), inner.source);
}

}  // namespace

Result<Answer> RunQuery(StatementScope& scope, const sql::QueryStatement& statement) {
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  return scope.rooms().engine().Execute(scope.request(), query, scope.EngineView());
}

Result<Answer> RunExplain(StatementScope& scope, const sql::Explain& statement) {
  TARN_ASSIGN(const sql::Query* explained, ExplainedQuery(statement));
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *explained));
  std::string text = "== Plan ==\n" + plan::Render(query);
  const bool analyze = statement.mode == sql::ExplainMode::kAnalyze;
  TARN_ASSIGN(std::string engine_plan,
              scope.rooms().engine().Explain(scope.request(), query, scope.EngineView(), analyze));
  text += "\n== Engine ==\n" + engine_plan;
  return StringRows({"plan"}, {{text}});
}

}  // namespace tarn::session
