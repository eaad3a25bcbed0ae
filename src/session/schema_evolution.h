#pragma once

#include "assignment.h"
#include "session_state.h"
#include "tarn/delta/action.h"
#include "tarn/plan/node.h"

namespace tarn::session {

/// Whether a statement may give its table new columns: by WITH SCHEMA EVOLUTION, or by the setting
/// spark.databricks.delta.schema.autoMerge.enabled.
bool EvolvesSchema(const SessionState& session, bool clause);

/// A table's metadata with the columns of a query that it hasn't, behind its own and nullable, and
/// with new fields in the structs of those that it has, within arrays and maps too; of structs that
/// are stored by position (see FieldRule) there are none. The first `by_position` columns of the
/// query are for those of the table, whatever their names.
delta::Metadata WithNewColumns(const delta::Metadata& table,
                               const std::vector<plan::OutputColumn>& columns, FieldRule rule,
                               size_t by_position = 0);

}  // namespace tarn::session
