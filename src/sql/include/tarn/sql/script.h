#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"

namespace tarn::sql {

/// One statement of a script: its text without the final semicolon, and where it stands.
struct StatementSource {
  std::string text;
  SourceRange source;  ///< of `text` in the script
};

/// Cuts a script into statements at semicolons outside strings, comments and BEGIN … END blocks.
/// A SQL notebook in source form ("-- Databricks notebook source") is cut into its cells first;
/// cells of text (%md) are skipped. Empty statements and trailing comments are dropped.
/// Errors: PARSE_SYNTAX_ERROR for an unterminated string or comment; UNSUPPORTED_FEATURE with the
/// language's name for a cell in another language, unless `foreign_cells` takes these errors: then
/// such cells are left out.
Result<std::vector<StatementSource>> SplitScript(std::string_view script,
                                                 std::vector<Error>* foreign_cells = nullptr);

/// Whether text typed so far is complete: ends, outside strings, comments and BEGIN … END blocks,
/// with a semicolon. For interactive input.
bool IsComplete(std::string_view text);

/// Moves a position inside a statement's text to its place in the script.
SourceRange InScript(const StatementSource& statement, const SourceRange& inner);

}  // namespace tarn::sql
