#pragma once

#include <string>

#include "tarn/sql/ast.h"

namespace tarn::sql {

// Canonical text that parses back to the same tree (positions apart). Pure, any thread.

std::string ToSql(const Expr& expr);
std::string ToSql(const Query& query);
std::string ToSql(const Relation& relation);
std::string ToSql(const Statement& statement);

/// The operator as written: "<=>", "DIV", "AND".
std::string_view ToSql(BinaryOperator op);
std::string_view ToSql(UnaryOperator op);
std::string_view ToSql(JoinType type);
std::string_view ToSql(IntervalUnit unit);

/// A string as a literal: it's → 'it\'s'.
std::string QuoteString(std::string_view text);

}  // namespace tarn::sql
