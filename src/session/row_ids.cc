#include "row_ids.h"

namespace tarn::session {

std::string RowIdSql(const std::string& table_sql) {
  return ", coalesce(" + table_sql + ".__stored_row_id, " + table_sql + ".__base_row_id + " +
         table_sql + ".__row_index) AS " + kRowIdColumn;
}

std::string RowCommitVersionSql(const std::string& table_sql) {
  return "coalesce(" + table_sql + ".__stored_commit_version, " + table_sql +
         ".__file_commit_version)";
}

std::string KeptRowSql(const std::string& table_sql) {
  return RowIdSql(table_sql) + ", " + RowCommitVersionSql(table_sql) + " AS " +
         kRowCommitVersionColumn;
}

engine::WriteTarget WithRowIds(engine::WriteTarget target,
                               const delta::RowTrackingColumns& columns) {
  delta::Metadata metadata;
  metadata.schema = std::move(target.schema);
  if (target.column_mapping) metadata.configuration["delta.columnMapping.mode"] = "name";
  target.schema = delta::WithRowTracking(metadata, columns).schema;
  target.row_tracking = true;
  return target;
}

}  // namespace tarn::session
