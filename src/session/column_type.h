#pragma once

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// ALTER COLUMN … TYPE: gives a column of the table the wider type (Delta's type widening). Errors:
/// DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP; UNSUPPORTED_FEATURE for a column that a constraint
/// or a generated column reads.
Status ChangeColumnType(const delta::Metadata& table, Field& field,
                        const sql::ColumnChange& column);

}  // namespace tarn::session
