#include "script_runner.h"

#include <cstdio>

#include "error_report.h"
#include "interrupt.h"
#include "progress.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/script.h"

namespace tarn::cli {

namespace {

void ReportError(const Error& error, std::string_view text, std::string_view file,
                 const Terminal& terminal) {
  std::fputs(DescribeError(error, text, file, terminal).c_str(), stderr);
}

/// An error's position moved from the statement's text to the script's.
Error InScript(Error error, const sql::StatementSource& statement) {
  if (!error.position().known()) return error;
  const SourceRange at = sql::InScript(statement, error.position());
  return std::move(error).WithPosition(at);
}

/// For people: an error that arose from data leads at least to where its statement begins.
Error AtStatement(const Error& error, const SourceRange& statement) {
  SourceRange begin = statement;
  begin.end = begin.begin;
  return Error(error).WithDefaultPosition(begin);
}

}  // namespace

ScriptRunner::ScriptRunner(session::Session& session, const SqlCommand& command,
                           const Terminal& terminal)
    : session_(session),
      command_(command),
      terminal_(terminal),
      writer_(MakeRowWriter(command.format, terminal)) {}

int ScriptRunner::RunScript(std::string_view script, std::string_view file) {
  auto statements = sql::SplitScript(script);
  if (!statements.ok()) {
    ++statement_;
    writer_->WriteError(statement_, statements.error());
    if (command_.format != OutputFormat::kResults) {
      ReportError(statements.error(), script, file, terminal_);
    }
    return ExitCodeOf(statements.error());
  }
  int exit_code = 0;
  for (const sql::StatementSource& statement : *statements) {
    const int code = RunStatement(script, file, statement.text, statement.source);
    if (code == 0) continue;
    if (exit_code == 0) exit_code = code;
    if (!command_.keep_going || code == kCancelled) break;
  }
  return exit_code;
}

void ReportRollback(const session::Session& session) {
  if (!session.in_transaction()) return;
  std::fputs("warning: a transaction was open at the end; it is rolled back\n", stderr);
}

int ScriptRunner::RunStatement(std::string_view script, std::string_view file,
                               std::string_view statement, const SourceRange& at) {
  ++statement_;
  const RequestContext context = session_.NewContext();
  InterruptScope interrupt(context.cancellation);
  session::Parameters parameters;
  for (const auto& [name, value] : command_.parameters) {
    parameters.named.emplace_back(name, Value::String(value));
  }
  const Status status = [&]() -> Status {
    ProgressBar progress(terminal_, [&] { return session_.Progress(context); });
    TARN_ASSIGN(session::StatementResult result, session_.Execute(context, statement, parameters));
    // Rows that go elsewhere leave the terminal to the bar.
    return writer_->Write(statement_, *result.rows, [&] {
      if (terminal_.out_is_terminal) progress.Stop();
    });
  }();
  // Data and messages may go to one place: they appear there in the statements' order.
  std::fflush(stdout);
  if (status.ok()) return 0;
  const Error error = InScript(status.error(), sql::StatementSource{std::string(statement), at});
  writer_->WriteError(statement_, error);
  if (command_.format != OutputFormat::kResults) {
    ReportError(AtStatement(error, at), script, file, terminal_);
  }
  return ExitCodeOf(error);
}

int CheckScript(std::string_view script, std::string_view file, const Terminal& terminal) {
  auto statements = sql::SplitScript(script);
  if (!statements.ok()) {
    ReportError(statements.error(), script, file, terminal);
    return ExitCodeOf(statements.error());
  }
  int exit_code = 0;
  for (const sql::StatementSource& statement : *statements) {
    auto parsed = sql::ParseStatement(statement.text);
    if (parsed.ok()) continue;
    ReportError(InScript(std::move(parsed).error(), statement), script, file, terminal);
    exit_code = 1;
  }
  return exit_code;
}

}  // namespace tarn::cli
