#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tarn/engine/engine.h"
#include "terminal.h"

namespace tarn::cli {

/// Shows a progress bar on stderr for a statement that runs longer than half a second, and wipes it
/// when it goes out of scope. Nothing where stderr is no terminal.
class ProgressBar {
 public:
  ProgressBar(const Terminal& terminal, const engine::ResultStream& rows);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void Run(std::stop_token stop, const engine::ResultStream& rows);

  const Terminal& terminal_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool drawn_ = false;
  std::jthread thread_;  // last: joined before the rest is gone
};

}  // namespace tarn::cli
