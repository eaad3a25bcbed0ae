#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan_extension.h"
#include "statement_scope.h"
#include "tarn/delta/action.h"
#include "tarn/delta/constraints.h"
#include "tarn/delta/transaction.h"
#include "tarn/plan/node.h"
#include "tarn/session/flow.h"

namespace tarn::session {

/// The columns that a query gives, matched with those of the table: for each table column the index
/// of the query's column, or nullopt where the statement gives none (default, generated or NULL).
using ColumnMatch = std::vector<std::optional<size_t>>;

/// Matches by position: as many columns as the table has (or as `names` lists, in that order).
Result<ColumnMatch> MatchByPosition(const plan::Query& query, const Schema& table,
                                    const std::vector<std::vector<sql::Identifier>>& names,
                                    std::string_view table_name, const SourceRange& source);
/// Matches by name (INSERT … BY NAME).
Result<ColumnMatch> MatchByName(const plan::Query& query, const Schema& table,
                                std::string_view table_name, const SourceRange& source);

/// Refuses values of its own for a GENERATED ALWAYS AS IDENTITY column.
Status RefuseIdentityValues(const ColumnMatch& match, const delta::Metadata& table,
                            const delta::TableConstraints& constraints, const SourceRange& source);

/// Notes in a transaction's metadata that its identity columns which `match` gives no value for
/// have numbered so many rows.
Status AdvanceIdentity(delta::Transaction& transaction, const ColumnMatch& match, int64_t rows);

/// Turns a query into one whose columns are exactly the table's: store assignment casts, defaults,
/// generated columns, and the checks that every written row must pass. Behind the table's columns
/// stands a boolean one for each expectation; a row that one of them drops needs to pass no check.
/// Errors:
/// DATATYPE_MISMATCH.CAST_… and others at once; violated constraints when it
/// runs.
Result<plan::Query> ConformToTable(StatementScope& scope, plan::Query query,
                                   const ColumnMatch& match, const delta::Metadata& table,
                                   const delta::TableConstraints& constraints,
                                   std::string_view table_name,
                                   const std::vector<Expectation>& expectations = {});

/// DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN for an expectation that isn't a condition.
Status RequireCondition(const plan::Expr& analysed, const Expectation& expectation);

/// The query, failing with DELTA_REPLACE_WHERE_MISMATCH at a row that `condition` doesn't hold for.
Result<plan::Query> EnforceReplaceWhere(StatementScope& scope, plan::Query query,
                                        const std::string& condition);

}  // namespace tarn::session
