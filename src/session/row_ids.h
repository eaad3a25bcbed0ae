#pragma once

#include <string>

#include "tarn/delta/row_tracking.h"
#include "tarn/engine/engine.h"

namespace tarn::session {

// Generated queries that write rows of a tracked table anew carry ids and versions along in two
// columns.
inline constexpr const char* kRowIdColumn = "__row_id";
inline constexpr const char* kRowCommitVersionColumn = "__row_commit_version";

/// ", <id> AS __row_id". `table_sql` is the table's name in the query.
std::string RowIdSql(const std::string& table_sql);
/// The version that wrote a row, as an expression. A row that changes gets NULL for it.
std::string RowCommitVersionSql(const std::string& table_sql);
/// Both columns, for rows that stay as they are: ", <id> AS …, <version> AS …".
std::string KeptRowSql(const std::string& table_sql);

/// Where rows of a tracked table go that have these columns behind the table's.
engine::WriteTarget WithRowIds(engine::WriteTarget target,
                               const delta::RowTrackingColumns& columns);

}  // namespace tarn::session
