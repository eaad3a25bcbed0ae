#include "history_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "error_report.h"
#include "row_writer.h"
#include "sql_command.h"
#include "tarn/session/rows_stream.h"

namespace tarn::cli {

namespace {

/// The beginning of a statement with its white space folded, for a cell of a table.
std::string Shortened(std::string_view text) {
  constexpr size_t kWidthMax = 70;
  std::string folded;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      folded += c;
    } else if (!folded.empty() && folded.back() != ' ') {
      folded += ' ';
    }
  }
  return CutToWidth(folded, kWidthMax);
}

}  // namespace

void AddHistoryVerb(CLI::App& program, HistoryCommand& command) {
  CLI::App* verb = program.add_subcommand("history", "Show the statements that ran, newest first");
  verb->add_option("--home", command.home, "The lake's folder (default: $TARN_HOME or ~/.tarn)")
      ->type_name("FOLDER");
  verb->add_option("--limit", command.limit, "How many (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000).description(""));
  verb->add_option("-o,--output", command.output, "table (the default), csv, json or jsonl")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "csv", "json", "jsonl"}).description(""));
}

int RunHistory(const HistoryCommand& command, const Terminal& terminal) {
  RequestContext context;
  context.principal = CurrentUserName();
  auto history = session::ReadHistory(context, command.home, command.limit);
  if (!history.ok()) {
    std::fputs(DescribeError(history.error(), "", "", terminal).c_str(), stderr);
    return ExitCodeOf(history.error());
  }
  const auto text = [](const std::string& value) { return Value::String(value); };
  std::vector<std::vector<Value>> rows;
  for (const session::HistoryRow& row : *history) {
    rows.push_back({Value::Of(TypeId::kTimestamp, row.started_us), text(row.principal),
                    text(row.status), Value::Double(static_cast<double>(row.duration_us) / 1000.0),
                    Value::Long(row.rows_produced), Value::Long(row.files_read),
                    Value::Long(row.files_pruned), Value::Long(row.peak_memory_bytes),
                    text(row.condition),
                    text(command.output == "table" ? Shortened(row.text) : row.text)});
  }
  session::RowsStream stream({{"started", TypeId::kTimestamp},
                              {"user", TypeId::kString},
                              {"status", TypeId::kString},
                              {"duration_ms", TypeId::kDouble},
                              {"rows", TypeId::kLong},
                              {"files_read", TypeId::kLong},
                              {"files_pruned", TypeId::kLong},
                              {"peak_memory_bytes", TypeId::kLong},
                              {"error", TypeId::kString},
                              {"statement", TypeId::kString}},
                             std::move(rows));
  const Status status =
      MakeRowWriter(*ParseOutputFormat(command.output), terminal)->Write(1, stream, [] {});
  return status.ok() ? 0 : ExitCodeOf(status.error());
}

}  // namespace tarn::cli
