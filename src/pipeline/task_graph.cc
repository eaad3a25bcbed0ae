#include "task_graph.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tarn::pipeline {

namespace {

enum class Stage : uint8_t { kWaiting, kReady, kRunning, kDone, kFailed };

/// What the workers share: the stage of each task.
class Board {
 public:
  explicit Board(const TaskGraph& graph)
      : graph_(graph), stages_(graph.needs.size(), Stage::kWaiting), left_(graph.needs.size()) {
    std::lock_guard lock(mutex_);
    Advance();
  }

  void Work(size_t worker) {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto ready = [&] {
        return std::find(stages_.begin(), stages_.end(), Stage::kReady) != stages_.end();
      };
      changed_.wait(lock, [&] { return left_ == 0 || ready(); });
      if (left_ == 0) return;
      const auto task = static_cast<size_t>(
          std::find(stages_.begin(), stages_.end(), Stage::kReady) - stages_.begin());
      stages_[task] = Stage::kRunning;
      lock.unlock();
      const TaskOutcome outcome = graph_.run(task, worker);
      lock.lock();
      stages_[task] = outcome == TaskOutcome::kDone ? Stage::kDone : Stage::kFailed;
      --left_;
      Advance();
      changed_.notify_all();
    }
  }

  /// Waits until all has ended, with a tick now and then.
  void Watch() {
    std::unique_lock lock(mutex_);
    const auto pause = std::chrono::milliseconds(graph_.tick_ms);
    while (!changed_.wait_for(lock, pause, [&] { return left_ == 0; })) {
      lock.unlock();
      graph_.tick();
      lock.lock();
    }
  }

 private:
  /// Finds what became ready, and what never will. The lock is held.
  void Advance() {
    bool moved = true;
    while (moved) {
      moved = false;
      for (size_t task = 0; task < stages_.size(); ++task) {
        if (stages_[task] != Stage::kWaiting) continue;
        const auto& needs = graph_.needs[task];
        if (std::any_of(needs.begin(), needs.end(),
                        [&](size_t need) { return stages_[need] == Stage::kFailed; })) {
          stages_[task] = Stage::kFailed;
          --left_;
          graph_.skip(task);
          moved = true;
        } else if (std::all_of(needs.begin(), needs.end(),
                               [&](size_t need) { return stages_[need] == Stage::kDone; })) {
          stages_[task] = Stage::kReady;
        }
      }
    }
  }

  const TaskGraph& graph_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Stage> stages_;  // guarded by mutex_
  size_t left_;                // guarded by mutex_
};

}  // namespace

void RunTasks(const TaskGraph& graph, size_t threads) {
  if (graph.needs.empty()) return;
  Board board(graph);
  std::vector<std::jthread> workers;
  for (size_t worker = 0; worker < std::min(threads, graph.needs.size()); ++worker) {
    workers.emplace_back([&board, worker] { board.Work(worker); });
  }
  board.Watch();
}

}  // namespace tarn::pipeline
