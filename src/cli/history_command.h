#pragma once

#include <string>

#include "terminal.h"

namespace CLI {
class App;
}

namespace tarn::cli {

struct HistoryCommand {
  std::string home;
  int limit = 20;
  std::string output = "table";  ///< table, csv, json or jsonl
};

void AddHistoryVerb(CLI::App& program, HistoryCommand& command);
int RunHistory(const HistoryCommand& command, const Terminal& terminal);

}  // namespace tarn::cli
