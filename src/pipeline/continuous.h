#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tarn/base/clock.h"
#include "task_graph.h"

namespace tarn::pipeline {

/// Work that is done again and again, each task by a trigger of its own.
struct ContinuousTasks {
  std::vector<int64_t> intervals_us;  ///< per task, from the start of its last run
  std::vector<int64_t> started_us;    ///< per task, in SteadyMicros: when it ran last
  /// Does a task; called from worker `worker` (0 … threads-1), never twice at once for a task.
  std::function<TaskOutcome(size_t task, size_t worker)> run;
  /// Called on the caller's thread about every `tick_ms`.
  std::function<void()> tick;
  /// Whether to end: nothing is begun any more, and what runs is waited for. Asked every 50 ms.
  std::function<bool()> stop;
  int tick_ms = 1000;
};

/// Runs the tasks on at most `threads` threads until `stop` says so or one of them fails.
void RunContinuously(const ContinuousTasks& tasks, Clock& clock, size_t threads);

}  // namespace tarn::pipeline
