#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "terminal.h"

namespace tarn::cli {

/// Shows a progress bar on stderr for a statement that runs longer than half a second, and wipes it
/// at Stop or when it goes out of scope. Nothing where stderr is no terminal.
class ProgressBar {
 public:
  /// `fraction` is called from the bar's thread: 0…1, or negative if unknown.
  ProgressBar(const Terminal& terminal, std::function<double()> fraction);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// Wipes the bar, so that other output may follow; it doesn't come back.
  void Stop();

 private:
  void Run(std::stop_token stop);

  const std::function<double()> fraction_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool drawn_ = false;
  std::jthread thread_;  // last: joined before the rest is gone
};

}  // namespace tarn::cli
