#pragma once

#include <string>
#include <utility>
#include <vector>

#include "row_writer.h"
#include "tarn/session/session.h"
#include "terminal.h"

namespace tarn::cli {

/// The exit code for a command line that can't be understood.
inline constexpr int kUsageError = 2;

/// The exit code for a statement cancelled by Ctrl-C, which ends all that was asked for.
inline constexpr int kCancelled = 130;

/// What `tarn sql` was asked to do.
struct SqlCommand {
  std::string home;
  std::vector<std::string> expressions;  ///< -e, in order
  std::vector<std::string> files;        ///< -f, in order; "-" is standard input
  OutputFormat format = OutputFormat::kTable;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< --param name=value
  bool keep_going = false;
  bool check_only = false;
  bool deny_paths = false;
  int64_t memory_bytes_max = 0;
  int threads = 0;
  int64_t timeout_ms = 0;
};

/// Runs it: scripts, or an interactive session if there are none. Returns the exit code.
int RunSql(const SqlCommand& command, const Terminal& terminal);

/// The name of the operating system's user.
std::string CurrentUserName();

}  // namespace tarn::cli
