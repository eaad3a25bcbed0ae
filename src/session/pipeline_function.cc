// Table functions over what a pipeline remembers.

#include "statement_scope.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

namespace {

/// The pipeline that keeps a table, by the table's own word.
Result<std::string> PipelineOfTable(StatementScope& scope, const RequestContext& context,
                                    const std::vector<std::string>& table) {
  const catalog::ObjectName name{table[0], table[1], table[2]};
  TARN_ASSIGN(
      const catalog::TablePtr info,
      scope.rooms().catalog().LookupTable(context, name, catalog::Purpose::kRead, "event_log"));
  if (auto id = catalog::PipelineIdOf(info->properties)) return *std::move(id);
  return Error(Condition("PIPELINE_NOT_FOUND"), {{"pipeline", "of table " + name.ToSql()},
                                                 {"known", "No pipeline keeps this table."}});
}

/// The id of a pipeline that is named by its id or its name.
Result<std::string> PipelineNamed(StatementScope& scope, const RequestContext& context,
                                  const std::string& text) {
  TARN_ASSIGN(const auto entries, scope.rooms().lake().pipelines().List(context));
  std::string known;
  for (const catalog::PipelineEntry& entry : entries) {
    if (entry.id == text || entry.name == text) return entry.id;
    known += (known.empty() ? "The lake has " : ", ") + entry.name;
  }
  return Error(Condition("PIPELINE_NOT_FOUND"),
               {{"pipeline", text},
                {"known", known.empty() ? "None has run in this lake yet." : known + "."}});
}

}  // namespace

Result<plan::Relation> StatementScope::OpenPipelineFunction(
    const RequestContext& context, std::string_view function,
    const analyze::PipelineReference& pipeline) {
  if (function == "cloud_files_state") return OpenFileState(context, pipeline);
  TARN_ASSIGN(const std::string id, pipeline.table.empty()
                                        ? PipelineNamed(*this, context, pipeline.text)
                                        : PipelineOfTable(*this, context, pipeline.table));
  const std::string root = rooms().lake().pipelines().EventLogPath(id);
  TARN_ASSIGN(std::shared_ptr<const delta::Snapshot> snapshot, OpenSnapshot(context, root, {}));
  plan::Relation relation;
  relation.name = std::string(function);
  relation.schema = snapshot->schema();
  relation.source = plan::DeltaRelation{std::move(snapshot), root};
  return relation;
}

}  // namespace tarn::session
