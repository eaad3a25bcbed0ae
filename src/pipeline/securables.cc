#include "securables.h"

#include "tarn/session/flow.h"
#include "tarn/sql/printer.h"

namespace tarn::pipeline {

namespace {

Status Run(session::Session& session, const std::string& sql) {
  TARN_TRY(session.Execute(session.NewContext(), sql));
  return {};
}

Status Make(session::Session& session, const std::string& kind, const std::string& name,
            const std::string& comment) {
  std::string sql = "CREATE " + kind + " IF NOT EXISTS " + name;
  if (!comment.empty()) sql += " COMMENT " + sql::QuoteString(comment);
  return Run(session, sql);
}

Status MakeSchema(session::Session& session, const std::string& catalog, const std::string& name,
                  const std::string& comment) {
  return Make(session, "SCHEMA", QuoteIdentifier(catalog) + "." + QuoteIdentifier(name), comment);
}

Status MakeVolume(session::Session& session, const ProjectSecurable& volume) {
  const std::string name = catalog::ObjectName{volume.catalog, volume.schema, volume.name}.ToSql();
  if (volume.location.empty()) return Make(session, "VOLUME", name, volume.comment);
  std::string sql = "CREATE EXTERNAL VOLUME IF NOT EXISTS " + name + " LOCATION " +
                    sql::QuoteString(volume.location);
  if (!volume.comment.empty()) sql += " COMMENT " + sql::QuoteString(volume.comment);
  return Run(session, sql);
}

/// A view; one of the same text is this pipeline's of an earlier update.
Status PublishEventLog(session::Session& session, const RequestContext& context,
                       const EventLogName& log, const std::string& pipeline_id) {
  TARN_TRY(MakeSchema(session, log.catalog, log.schema, ""));
  const catalog::ObjectName name{log.catalog, log.schema, log.name};
  const std::string query = "SELECT * FROM event_log(" + sql::QuoteString(pipeline_id) + ")";
  TARN_ASSIGN(const bool published, session::IsViewOf(session, context, name, query));
  if (published) return {};
  Status made = Run(
      session, "CREATE VIEW " + name.ToSql() + " COMMENT 'Event log of a pipeline' AS " + query);
  if (made.ok() || made.error().condition() != Condition("TABLE_OR_VIEW_ALREADY_EXISTS")) {
    return made;
  }
  return std::move(made).error().WithHint(
      "Give the event log another name: event_log.name in the pipeline's settings.");
}

}  // namespace

Status MakeSecurables(session::Session& session, const RequestContext& context,
                      const PipelineSpec& spec, const std::string& pipeline_id) {
  for (const ProjectSecurable& securable : spec.securables) {
    if (!securable.schema.empty()) {
      TARN_TRY(MakeVolume(session, securable));
    } else if (securable.catalog.empty()) {
      TARN_TRY(Make(session, "CATALOG", QuoteIdentifier(securable.name), securable.comment));
    } else {
      TARN_TRY(MakeSchema(session, securable.catalog, securable.name, securable.comment));
    }
  }
  TARN_TRY(MakeSchema(session, spec.catalog, spec.schema, ""));
  if (spec.event_log.name.empty()) return {};
  return PublishEventLog(session, context, spec.event_log, pipeline_id);
}

}  // namespace tarn::pipeline
