#include "net_changes.h"

#include <algorithm>

#include "generated_query.h"
#include "table_commit.h"
#include "tarn/delta/change_feed.h"
#include "tarn/types/any_type.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

std::string ColumnsSql(const Schema& schema) {
  std::string sql;
  for (const Field& field : schema.fields) {
    if (!sql.empty()) sql += ", ";
    sql += QuoteIdentifier(field.name);
  }
  return sql;
}

/// Of equal rows, as many vanish as were made and taken away: the first that were made, the last
/// that were taken away.
std::string NetSql(const std::string& columns, bool has_change_files) {
  std::string sql =
      "WITH all_changes AS (SELECT " + columns + ", _change_type, _commit_version FROM whole_files";
  if (has_change_files) {
    sql += " UNION ALL SELECT " + columns + ", _change_type, _commit_version FROM change_files";
  }
  sql +=
      "), signed AS (SELECT *, CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 "
      "ELSE -1 END AS __sign FROM all_changes), "
      "counted AS (SELECT *, sum(__sign) OVER (PARTITION BY " +
      columns + ") AS __surplus, row_number() OVER (PARTITION BY " + columns +
      ", __sign ORDER BY -__sign * _commit_version) AS __number FROM signed), "
      "marked AS (SELECT *, __number <= __sign * __surplus AS __stays FROM counted), "
      "judged AS (SELECT *, min(CASE WHEN __stays THEN 1 ELSE 0 END) OVER (PARTITION BY "
      "_commit_version) = 1 AS __whole FROM marked) "
      "SELECT " +
      columns +
      ", CASE WHEN __whole THEN _change_type WHEN __sign = 1 THEN 'insert' ELSE 'delete' END AS "
      "_change_type FROM judged WHERE __stays";
  return sql;
}

}  // namespace

bool CanNetChanges(const Schema& schema) {
  return std::ranges::all_of(schema.fields,
                             [](const Field& field) { return IsOrderable(field.type); });
}

Result<std::vector<delta::AddFile>> WriteNetChanges(
    StatementScope& scope, const delta::Table& table, const std::string& root,
    const std::shared_ptr<const delta::Snapshot>& last, delta::Version first) {
  TARN_ASSIGN(const delta::ChangeFeed feed,
              delta::ReadChangeFeed(scope.request(), table, last, first, last->version()));
  std::vector<std::pair<std::string, plan::Relation>> relations;
  const auto provide = [&](const char* name, const std::shared_ptr<const delta::Snapshot>& files) {
    relations.emplace_back(name,
                           plan::Relation{{}, files->schema(), plan::DeltaRelation{files, root}});
  };
  provide("whole_files", feed.whole_files);
  if (feed.change_files != nullptr) provide("change_files", feed.change_files);
  GeneratedQuery net(scope);
  net.Add(NetSql(ColumnsSql(last->schema()), feed.change_files != nullptr));
  TARN_ASSIGN(plan::Query query, net.Analyze(relations));

  const delta::Metadata metadata = delta::WithChangeType(last->metadata());
  ColumnMatch match(metadata.schema.fields.size());
  for (size_t i = 0; i < match.size(); ++i) match[i] = i;
  TARN_ASSIGN(const plan::Query conformed,
              ConformToTable(scope, std::move(query), match, metadata, {}, root));
  const std::string folder = delta::kChangeFolder;
  TARN_ASSIGN(engine::WriteResult written,
              scope.rooms().engine().Write(scope.request(), conformed,
                                           WriteTargetOf(root + "/" + folder, metadata),
                                           scope.EngineView()));
  for (delta::AddFile& file : written.files) {
    file.path.insert(0, folder + "/");
    file.stats.clear();
  }
  return std::move(written.files);
}

}  // namespace tarn::session
