#pragma once

#include <string>

#include "tarn/session/session.h"
#include "tarn/sql/ast.h"
#include "tarn/types/data_type.h"

namespace tarn::pipeline {

/// SELECT * FROM the source of an AUTO CDC. Positions are those in the text of its statement.
Result<sql::QueryPtr> QueryOfSource(const std::string& text, const sql::AutoCdc& cdc);

/// The columns that AUTO CDC makes of its source's: those of COLUMNS, and __START_AT and __END_AT
/// for SCD type 2. Checks every clause: names, types, what may stand with what. Errors, with
/// position in `text`: AUTO_CDC_INVALID, UNRESOLVED_COLUMN, those of expressions.
Result<Schema> ColumnsOfAutoCdc(session::Session& session, const RequestContext& context,
                                const std::string& text, const sql::AutoCdc& cdc,
                                const Schema& source);

}  // namespace tarn::pipeline
