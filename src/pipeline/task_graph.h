#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace tarn::pipeline {

/// How a task ended.
enum class TaskOutcome : uint8_t { kDone, kFailed };

/// Work that is done in the order of what it needs.
struct TaskGraph {
  /// Per task the tasks that must be done before it; without circles.
  std::vector<std::vector<size_t>> needs;
  /// Does a task; called from worker `worker` (0 … threads-1).
  std::function<TaskOutcome(size_t task, size_t worker)> run;
  /// A task that can't be done because one that it needs failed.
  std::function<void(size_t task)> skip;
  /// Called on the caller's thread about every `tick_ms` while tasks run.
  std::function<void()> tick;
  int tick_ms = 1000;
};

/// Does all tasks on at most `threads` threads. Returns when all have ended.
void RunTasks(const TaskGraph& graph, size_t threads);

}  // namespace tarn::pipeline
