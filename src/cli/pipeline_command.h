#pragma once

#include <string>
#include <utility>
#include <vector>

#include "terminal.h"

namespace CLI {
class App;
}

namespace tarn::cli {

/// What `tarn pipeline …` was asked to do.
struct PipelineCommand {
  std::string home;
  std::string folder = ".";            ///< of the project
  std::string pipeline;                ///< its key; empty: the only one
  std::string target;                  ///< of the bundle
  std::vector<std::string> variables;  ///< NAME=VALUE
  std::vector<std::string> refresh;
  std::vector<std::string> full_refresh;
  bool full_refresh_all = false;
  std::string webhook;  ///< that is told of an update that fails
  std::string output = "text";
  int limit = 100;
  bool follow = false;
  int threads = 0;
  std::string memory;
};

void AddPipelineVerb(CLI::App& program, PipelineCommand& command);
/// Runs the chosen one of its verbs. Returns the exit code.
int RunPipelineVerb(const CLI::App& program, PipelineCommand command, const Terminal& terminal);

}  // namespace tarn::cli
