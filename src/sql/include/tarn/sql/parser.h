#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/sql/ast.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

/// Nesting of expressions, queries, relations and types beyond this is refused.
inline constexpr int kNestingMax = 400;
/// Tokens in one statement beyond this are refused.
inline constexpr size_t kTokensMax = 2'000'000;

// All of these are pure and may be called from any thread. Positions in results and errors are
// those of the given text. Errors: PARSE_SYNTAX_ERROR with the offending token and what was
// expected, or the parser's other conditions (PARSE_EMPTY_STATEMENT, UNSUPPORTED_DATATYPE,
// INVALID_NUMERIC_LITERAL_RANGE, …), always with a position.

/// One statement, optionally followed by semicolons.
Result<Statement> ParseStatement(std::string_view text);

/// One query; nothing may follow it. Used for stored view text.
Result<QueryPtr> ParseQuery(std::string_view text);

/// One expression; nothing may follow it. Used for CHECK constraints, defaults, generated columns.
Result<ExprPtr> ParseExpression(std::string_view text);

/// "DECIMAL(10, 2)", "STRUCT<a: INT NOT NULL COMMENT 'x', b: ARRAY<STRING>>".
Result<DataType> ParseDataType(std::string_view text);

/// "a INT, b STRING NOT NULL COMMENT 'text'", also without commas' blanks and as STRUCT<…>.
Result<Schema> ParseTableSchema(std::string_view text);

/// "main.default.`my table`"; no IDENTIFIER clause.
Result<std::vector<Identifier>> ParseMultipartName(std::string_view text);

/// The bytes of `text` that a range covers; empty if the range is outside.
std::string_view Slice(std::string_view text, const SourceRange& range);

}  // namespace tarn::sql
