#pragma once

#include "statement_scope.h"
#include "table_commit.h"
#include "tarn/sql/ast_table.h"

namespace tarn::session {

/// ALTER TABLE … DROP FEATURE. Errors: those of delta::CheckDroppable, and
/// DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD, DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST,
/// DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD,
/// DELTA_FEATURE_DROP_CHECKPOINT_FAILED.
Status DropTableFeature(StatementScope& scope, const TableTarget& target,
                        const std::shared_ptr<const delta::Snapshot>& snapshot,
                        const sql::DropFeature& action);

}  // namespace tarn::session
