#include "interactive.h"

#include <editline/readline.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <clocale>
#include <csignal>
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

volatile std::sig_atomic_t interrupted = 0;

/// A byte of the terminal; -1 at its end and after Ctrl-C.
int ReadByte() {
  while (interrupted == 0) {
    unsigned char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count == 1) return byte;
    if (count == 0 || errno != EINTR) return -1;
  }
  return -1;
}

/// The next character typed, decoded from UTF-8, as libedit wants it.
int ReadCharacter(std::FILE*) {
  const int first = ReadByte();
  if (first < 0xC0) return first;
  const int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  int point = first & (0xFF >> (length + 1));
  for (int i = 1; i < length; ++i) {
    const int next = ReadByte();
    if (next < 0) return next;
    point = (point << 6) | (next & 0x3F);
  }
  return point;
}

/// The line editor counts and shows characters by the locale's encoding. The bytes typed are UTF-8
/// whatever the locale is called, and no language's letters shall change what case means.
void EditInUtf8() { std::setlocale(LC_CTYPE, "C.UTF-8"); }

/// While it lives, Ctrl-C only sets `interrupted`.
class PromptInterrupt {
 public:
  PromptInterrupt() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before_);
  }
  ~PromptInterrupt() { sigaction(SIGINT, &before_, nullptr); }
  PromptInterrupt(const PromptInterrupt&) = delete;
  PromptInterrupt& operator=(const PromptInterrupt&) = delete;

 private:
  struct sigaction before_ {};
};

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::strchr(" \t;", text.back()) != nullptr) text.remove_suffix(1);
  while (!text.empty() && std::strchr(" \t", text.front()) != nullptr) text.remove_prefix(1);
  return text;
}

/// Words that end the session, typed alone on a line.
bool IsExit(std::string_view word) { return word == "exit" || word == "quit" || word == "\\q"; }

bool IsHelp(std::string_view word) {
  return word == "help" || word == "\\h" || word == "?" || word == "\\?";
}

void PrintHelp() {
  std::puts(
      "A statement ends with ';' and may take several lines.\n"
      "  Tab                completes keywords, functions and names\n"
      "  Up, Ctrl-R         earlier statements\n"
      "  Ctrl-C             cancels the statement that runs, or drops the one being typed\n"
      "  exit, \\q, Ctrl-D   ends the session\n"
      "Some statements to begin with:\n"
      "  SHOW TABLES;              SHOW SCHEMAS;            USE main.default;\n"
      "  DESCRIBE my_table;        SHOW FUNCTIONS;          DESCRIBE FUNCTION date_trunc;\n"
      "  SELECT * FROM read_files('/path/to/file.csv', header => true) LIMIT 10;\n"
      "  EXPLAIN SELECT ...;       DESCRIBE HISTORY my_table;");
}

/// A statement as one line, so that it can be called back and edited: line comments become
/// bracketed ones.
std::string OnOneLine(std::string_view text) {
  std::string line;
  char quote = 0;
  bool comment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      line += comment ? " */ " : " ";
      comment = false;
    } else if (comment) {
      line += c;
    } else if (quote != 0) {
      line += c;
      if (c == quote) quote = 0;
    } else if (c == '-' && text.substr(i, 2) == "--") {
      line += "/*";
      comment = true;
      ++i;
    } else {
      if (c == '\'' || c == '"' || c == '`') quote = c;
      line += c;
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

/// What people typed in this lake, for its owner only.
class TypedHistory {
 public:
  explicit TypedHistory(std::string path) : path_(std::move(path)) {
    using_history();
    stifle_history(kHistoryEntriesMax);
    read_history(path_.c_str());
  }

  void Add(const std::string& statement) {
    add_history(OnOneLine(statement).c_str());
    write_history(path_.c_str());
    chmod(path_.c_str(), 0600);
  }

 private:
  const std::string path_;
};

enum class Input : uint8_t { kStatement, kInterrupted, kEnd };

/// The lines typed until they make a statement.
class StatementReader {
 public:
  explicit StatementReader(const session::Session& session) : session_(session) {}

  Input Read(std::string& statement) {
    statement.clear();
    while (true) {
      const std::string prompt = statement.empty() ? "tarn:" + session_.current_catalog() + "." +
                                                         session_.current_schema() +
                                                         (session_.in_transaction() ? "*> " : "> ")
                                                   : "   ...> ";
      PromptInterrupt interrupt;
      char* line = readline(prompt.c_str());
      if (interrupted != 0) {
        std::free(line);
        std::puts("^C");
        return Input::kInterrupted;
      }
      if (line == nullptr) {
        std::puts("");
        return Input::kEnd;
      }
      const std::string text = line;
      std::free(line);
      if (statement.empty() && IsBlank(text)) continue;
      const std::string_view word = Trimmed(text);
      if (statement.empty() && (IsExit(word) || IsHelp(word))) {
        statement = word;
        return Input::kStatement;
      }
      statement += text + "\n";
      if (sql::IsComplete(statement)) return Input::kStatement;
    }
  }

 private:
  const session::Session& session_;
};

}  // namespace

int RunInteractive(session::Session& session, const SqlCommand& command, const Terminal& terminal) {
  rl_readline_name = const_cast<char*>("tarn");
  EditInUtf8();
  rl_getc_function = ReadCharacter;
  TypedHistory history(command.home + "/.sql_history");
  InstallCompletion(session);
  std::printf("tarn %s, lake %s\nStatements end with ';'. Type help for more, exit to leave.\n",
              TARN_VERSION, command.home.c_str());

  ScriptRunner runner(session, command, terminal);
  StatementReader reader(session);
  std::string statement;
  while (true) {
    const Input input = reader.Read(statement);
    if (input == Input::kInterrupted) continue;
    if (input == Input::kEnd || IsExit(statement)) break;
    if (IsHelp(statement)) {
      PrintHelp();
      continue;
    }
    history.Add(statement);
    const auto start = std::chrono::steady_clock::now();
    const int code = runner.RunScript(statement, "");
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (code == 0) std::fprintf(stderr, "Done in %.3f s.\n", elapsed.count());
  }
  return 0;
}

}  // namespace tarn::cli
