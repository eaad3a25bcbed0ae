#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace tarn::stream {

/// Which of several flows is due, each by a processing-time trigger of its own: an interval after
/// the start of its last run, at once if that run took longer. A flow never runs twice at once.
/// Knows no clock: times are the caller's, in microseconds that don't go backwards. Not
/// thread-safe.
class TriggerSchedule {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  /// Adds a flow that last started at `started_us`. The interval is at least 0.
  void Add(int64_t interval_us, int64_t started_us);

  /// The flow whose turn it is: of those due the one that is so the longest. It runs until Ended.
  std::optional<size_t> Begin(int64_t now_us);
  /// The flow's run has ended.
  void Ended(size_t flow);
  /// The flow runs no more.
  void Retire(size_t flow);

  /// When the next flow is due that doesn't run now; kNever if there is none.
  int64_t NextDue() const;
  /// How many run.
  size_t running() const { return running_; }

 private:
  struct Entry {
    int64_t interval_us = 0;
    int64_t due_us = 0;
    bool running = false;
    bool retired = false;
  };
  std::vector<Entry> entries_;
  size_t running_ = 0;
};

}  // namespace tarn::stream
