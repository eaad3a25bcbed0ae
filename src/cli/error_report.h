#pragma once

#include <string>
#include <string_view>

#include "tarn/base/error.h"
#include "terminal.h"

namespace tarn::cli {

/// The exit code that tells whose fault an error is: 1, 3, 70, or 130 for a cancelled statement.
int ExitCodeOf(const Error& error);

/// The error as a person reads it, ending in a newline:
///   error[TABLE_OR_VIEW_NOT_FOUND]: Table or view `x` was not found.
///    --> etl.sql:3:15
///     |
///   3 | SELECT * FROM x
///     |               ^
///   hint: …
/// `text` is what the error's position refers to; `file` names it ("-e", "etl.sql", or "" for
/// none); `first_line` is the number of the text's first line in that file.
std::string DescribeError(const Error& error, std::string_view text, std::string_view file,
                          const Terminal& terminal);

/// Tells an error that has no place in a text on stderr. Returns its exit code.
int Report(const Error& error, const Terminal& terminal);

}  // namespace tarn::cli
