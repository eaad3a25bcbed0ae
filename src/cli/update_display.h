#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tarn/pipeline/update.h"
#include "terminal.h"

namespace tarn::cli {

/// Shows an update while it runs: on a terminal a line per flow, drawn anew as it changes;
/// elsewhere nothing. Draws on stderr.
class UpdateDisplay final : public pipeline::UpdateObserver {
 public:
  explicit UpdateDisplay(const Terminal& terminal);
  ~UpdateDisplay() override;

  void OnUpdate(pipeline::UpdateState state) override;
  void OnPlan(const std::vector<pipeline::FlowReport>& flows) override;
  void OnFlow(size_t index, const pipeline::FlowReport& flow) override;
  /// Wipes what was drawn, so that other output may follow.
  void Stop();

 private:
  void Run(std::stop_token stop);
  void Draw();  // mutex_ is held

  const Terminal terminal_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<pipeline::FlowReport> flows_;  // guarded by mutex_
  std::vector<std::chrono::steady_clock::time_point> starts_;
  pipeline::UpdateState state_ = pipeline::UpdateState::kInitializing;
  size_t lines_drawn_ = 0;
  std::jthread thread_;  // last: joined before the rest is gone
};

/// The flows of an update as a table on stdout, and below it what became of it.
void PrintUpdate(const pipeline::UpdateReport& report, const Terminal& terminal);
/// As one JSON object.
std::string UpdateAsJson(const pipeline::UpdateReport& report);

}  // namespace tarn::cli
