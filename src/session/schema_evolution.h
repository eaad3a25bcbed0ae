#pragma once

#include "session_state.h"
#include "tarn/delta/action.h"
#include "tarn/plan/node.h"

namespace tarn::session {

/// Whether a statement may give its table new columns: by WITH SCHEMA EVOLUTION, or by the setting
/// spark.databricks.delta.schema.autoMerge.enabled.
bool EvolvesSchema(const SessionState& session, bool clause);

/// A table's metadata with the top-level columns of a query that it hasn't, behind its own and
/// nullable. From column `first` of the query on.
delta::Metadata WithNewColumns(const delta::Metadata& table,
                               const std::vector<plan::OutputColumn>& columns, size_t first = 0);

}  // namespace tarn::session
