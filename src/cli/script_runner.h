#pragma once

#include <string>
#include <string_view>

#include "row_writer.h"
#include "sql_command.h"
#include "tarn/session/session.h"

namespace tarn::cli {

/// Runs the statements of scripts one after the other in one session and reports on stderr.
/// Not thread-safe.
class ScriptRunner {
 public:
  ScriptRunner(session::Session& session, const SqlCommand& command, const Terminal& terminal);

  /// Runs a whole script; `file` names it in messages. Stops at the first error unless
  /// --keep-going. Returns the exit code of the first error, or 0.
  int RunScript(std::string_view script, std::string_view file);

 private:
  int RunStatement(std::string_view script, std::string_view file, std::string_view statement,
                   const SourceRange& at);

  session::Session& session_;
  const SqlCommand& command_;
  const Terminal& terminal_;
  std::unique_ptr<RowWriter> writer_;
  int statement_ = 0;
};

/// Says that a transaction which is still open at the end of input is rolled back.
void ReportRollback(const session::Session& session);

/// Parses the statements only; reports each error. Returns the exit code.
int CheckScript(std::string_view script, std::string_view file, const Terminal& terminal);

}  // namespace tarn::cli
