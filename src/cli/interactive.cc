#include "interactive.h"

#include <editline/readline.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "completion.h"
#include "script_runner.h"
#include "tarn/sql/script.h"

namespace tarn::cli {

namespace {

constexpr int kHistoryEntriesMax = 2000;

/// Words that end the session, typed alone on a line.
bool IsExit(std::string_view line) {
  return line == "exit" || line == "quit" || line == "\\q" || line == "exit;" || line == "quit;";
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

void PrintHelp() {
  std::puts(
      "Statements end with ';'. Tab completes, Ctrl-C cancels the statement that runs, Ctrl-D "
      "ends.\n"
      "  SHOW TABLES;  DESCRIBE t;  EXPLAIN SELECT …;  SHOW FUNCTIONS;\n"
      "  exit, quit, \\q    end the session\n"
      "  help, \\h          this text");
}

/// The lines typed so far, until they make a statement; nullopt at the end of input.
class StatementReader {
 public:
  explicit StatementReader(const session::Session& session) : session_(session) {}

  bool Read(std::string& statement) {
    statement.clear();
    while (true) {
      const std::string prompt = statement.empty() ? "tarn:" + session_.current_catalog() + "." +
                                                         session_.current_schema() + "> "
                                                   : "   ...> ";
      char* line = readline(prompt.c_str());
      if (line == nullptr) return false;
      const std::string text = line;
      std::free(line);
      if (statement.empty() && IsBlank(text)) continue;
      if (statement.empty() && (IsExit(text) || text == "help" || text == "\\h")) {
        statement = text;
        return true;
      }
      statement += text + "\n";
      if (sql::IsComplete(statement)) return true;
    }
  }

 private:
  const session::Session& session_;
};

}  // namespace

int RunInteractive(session::Session& session, const SqlCommand& command, const Terminal& terminal) {
  const std::string history = command.home + "/.sql_history";
  rl_readline_name = const_cast<char*>("tarn");
  using_history();
  stifle_history(kHistoryEntriesMax);
  read_history(history.c_str());
  InstallCompletion(session);
  std::printf("Tarn SQL. Statements end with ';', help shows more.\n");

  ScriptRunner runner(session, command, terminal);
  StatementReader reader(session);
  std::string statement;
  while (reader.Read(statement)) {
    if (IsExit(statement)) break;
    if (statement == "help" || statement == "\\h") {
      PrintHelp();
      continue;
    }
    std::string entry = statement;
    for (char& c : entry) {
      if (c == '\n') c = ' ';
    }
    add_history(entry.c_str());
    const auto start = std::chrono::steady_clock::now();
    const int code = runner.RunScript(statement, "");
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (code == 0) std::fprintf(stderr, "%.3f s\n", elapsed.count());
  }
  // The history may hold what people type: for its owner only.
  write_history(history.c_str());
  chmod(history.c_str(), 0600);
  return 0;
}

}  // namespace tarn::cli
