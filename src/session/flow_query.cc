#include "flow_query.h"

#include "table_definition.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

/// What tells one state of a relation from another; nothing where that can't be told.
std::optional<std::string> StateOf(const plan::Relation& relation) {
  if (const auto* delta = std::get_if<plan::DeltaRelation>(&relation.source)) {
    return delta->root + "@" + std::to_string(delta->snapshot->version());
  }
  if (const auto* files = std::get_if<plan::FileRelation>(&relation.source)) {
    std::string state;
    for (const std::string& path : files->paths) state += path + "\n";
    return state;
  }
  return std::nullopt;
}

}  // namespace

Result<plan::Query> AnalyzeFlow(StatementScope& scope, const FlowQuery& query) {
  analyze::AnalyzerContext view = scope.AnalyzerView();
  view.flow = query.environment;
  if (!query.catalog.empty()) view.current_catalog = query.catalog;
  if (!query.schema.empty()) view.current_schema = query.schema;
  return analyze::AnalyzeQuery(scope.request(), view, *query.query);
}

Result<Schema> DescribeFlow(Session& session, const RequestContext& context,
                            const FlowQuery& query) {
  StatementScope scope(context, session.state(), kNoParameters, query.text);
  TARN_ASSIGN(const plan::Query analysed, AnalyzeFlow(scope, query));
  return SchemaOfQuery(analysed, query.query->source);
}

Result<FlowInputs> InputsOfFlow(Session& session, const RequestContext& context,
                                const FlowQuery& query) {
  StatementScope scope(context, session.state(), kNoParameters, query.text);
  TARN_ASSIGN(const plan::Query analysed, AnalyzeFlow(scope, query));
  FlowInputs inputs;
  inputs.state = "";
  for (const plan::Relation& relation : analysed.relations) {
    inputs.only_tables &= std::holds_alternative<plan::DeltaRelation>(relation.source);
    const std::optional<std::string> state = StateOf(relation);
    if (!state) inputs.state.reset();
    if (inputs.state) *inputs.state += *state + "\n";
  }
  return inputs;
}

}  // namespace tarn::session
