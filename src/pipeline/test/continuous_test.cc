#include "continuous.h"

#include <gtest/gtest.h>

#include <atomic>

namespace tarn::pipeline {
namespace {

/// A clock that threads may move.
class SharedClock final : public Clock {
 public:
  int64_t NowMicros() override { return now_us_; }
  int64_t SteadyMicros() override { return now_us_; }
  void Advance(int64_t by_us) { now_us_ += by_us; }

 private:
  std::atomic<int64_t> now_us_{1'000'000};
};

ContinuousTasks Tasks(std::vector<int64_t> intervals_us) {
  ContinuousTasks tasks;
  tasks.started_us.assign(intervals_us.size(), 0);
  tasks.intervals_us = std::move(intervals_us);
  tasks.tick = [] {};
  tasks.stop = [] { return false; };
  return tasks;
}

TEST(RunContinuouslyTest, TasksRunByTheirOwnIntervalsOfASimulatedClockUntilToldToStop) {
  SharedClock clock;
  std::atomic<int> often{0};
  std::atomic<int> seldom{0};
  ContinuousTasks tasks = Tasks({1'000'000, 10'000'000});
  tasks.started_us = {clock.SteadyMicros(), clock.SteadyMicros()};
  // Each run of the first moves the time on to when it is due next.
  tasks.run = [&](size_t task, size_t) {
    if (task == 0) {
      ++often;
      clock.Advance(1'000'000);
    } else {
      ++seldom;
    }
    return TaskOutcome::kDone;
  };
  clock.Advance(1'000'000);
  tasks.stop = [&] { return often >= 25; };
  RunContinuously(tasks, clock, 1);
  EXPECT_GE(often, 25);
  EXPECT_GE(seldom, 2);
  EXPECT_LE(seldom, often / 10 + 1);
}

TEST(RunContinuouslyTest, AFailureEndsAllAfterWhatRunsNow) {
  for (const size_t threads : {1, 3}) {
    SharedClock clock;
    std::atomic<int> runs{0};
    std::atomic<int> running{0};
    ContinuousTasks tasks = Tasks({0, 0, 0});
    tasks.run = [&](size_t task, size_t) {
      ++running;
      const int run = ++runs;
      --running;
      return run == 40 ? TaskOutcome::kFailed : TaskOutcome::kDone;
    };
    RunContinuously(tasks, clock, threads);
    EXPECT_GE(runs, 40);
    EXPECT_EQ(running, 0);
    // Other threads may begin more before the failure is known.
    if (threads == 1) EXPECT_EQ(runs, 40);
  }
}

}  // namespace
}  // namespace tarn::pipeline
