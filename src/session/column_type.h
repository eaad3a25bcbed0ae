#pragma once

#include <string>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/type_widening.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// Refuses to change a column or nested field that a constraint or a generated column reads.
/// `operation` for the message: "rename". Errors: DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE,
/// DELTA_GENERATED_COLUMNS_DEPENDENT_COLUMN_CHANGE.
Status RequireNoDependents(const delta::Metadata& table, const std::vector<sql::Identifier>& name,
                           const std::string& operation);

/// ALTER COLUMN … TYPE: gives a column of the table, a struct's field or, along `path`, what is in
/// its arrays and maps the wider type (Delta's type widening). The length of char(n) and varchar(n)
/// may grow or go. Nothing happens where the type is that one. Errors:
/// DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP; those of RequireNoDependents.
Status ChangeColumnType(const delta::Metadata& table, Field& field, delta::InnerPath path,
                        const sql::ColumnChange& column);

}  // namespace tarn::session
