#pragma once

#include "sql_command.h"

namespace tarn::cli {

/// The prompt: line editing, history kept in the lake's folder, completion of keywords, functions
/// and names. Statements end with ';'. Returns the exit code.
int RunInteractive(session::Session& session, const SqlCommand& command, const Terminal& terminal);

}  // namespace tarn::cli
