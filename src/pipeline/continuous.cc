#include "continuous.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tarn/stream/trigger.h"

namespace tarn::pipeline {

namespace {

constexpr int64_t kLookEveryUs = 50'000;

/// What the workers share.
class Rota {
 public:
  Rota(const ContinuousTasks& tasks, Clock& clock) : tasks_(tasks), clock_(clock) {
    for (size_t i = 0; i < tasks.intervals_us.size(); ++i) {
      schedule_.Add(tasks.intervals_us[i], tasks.started_us[i]);
    }
  }

  void Work(size_t worker) {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      const auto task = schedule_.Begin(clock_.SteadyMicros());
      if (!task) {
        due_.wait(lock);
        continue;
      }
      lock.unlock();
      const TaskOutcome outcome = tasks_.run(*task, worker);
      lock.lock();
      schedule_.Ended(*task);
      if (outcome == TaskOutcome::kFailed) End();
    }
  }

  /// Wakes the workers when something is due, until the end.
  void Watch() {
    int64_t ticked_us = clock_.SteadyMicros();
    std::unique_lock lock(mutex_);
    while (true) {
      if (tasks_.stop()) End();
      if (ending_) return;
      const int64_t now_us = clock_.SteadyMicros();
      if (now_us - ticked_us >= int64_t{tasks_.tick_ms} * 1000) {
        ticked_us = now_us;
        lock.unlock();
        tasks_.tick();
        lock.lock();
        continue;
      }
      const int64_t due_us = schedule_.NextDue();
      if (due_us <= now_us) due_.notify_all();
      const int64_t wait_us =
          due_us <= now_us ? kLookEveryUs : std::min(kLookEveryUs, due_us - now_us);
      changed_.wait_for(lock, std::chrono::microseconds(wait_us));
    }
  }

 private:
  /// The lock is held.
  void End() {
    ending_ = true;
    due_.notify_all();
    changed_.notify_all();
  }

  const ContinuousTasks& tasks_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable due_;       // for workers
  std::condition_variable changed_;   // for the watch
  stream::TriggerSchedule schedule_;  // guarded by mutex_
  bool ending_ = false;               // guarded by mutex_
};

}  // namespace

void RunContinuously(const ContinuousTasks& tasks, Clock& clock, size_t threads) {
  Rota rota(tasks, clock);
  std::vector<std::jthread> workers;
  for (size_t worker = 0; worker < std::min(threads, tasks.intervals_us.size()); ++worker) {
    workers.emplace_back([&rota, worker] { rota.Work(worker); });
  }
  rota.Watch();
}

}  // namespace tarn::pipeline
