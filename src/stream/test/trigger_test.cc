#include "tarn/stream/trigger.h"

#include <gtest/gtest.h>

#include "tarn/base/clock.h"

namespace tarn::stream {
namespace {

constexpr int64_t kSecond = 1'000'000;

class TriggerScheduleTest : public testing::Test {
 protected:
  int64_t Now() { return clock_.SteadyMicros(); }

  ManualClock clock_;
  TriggerSchedule schedule_;
};

TEST_F(TriggerScheduleTest, AFlowIsDueAnIntervalAfterTheStartOfItsLastRun) {
  const int64_t start = Now();
  schedule_.Add(5 * kSecond, start);
  EXPECT_EQ(schedule_.NextDue(), start + 5 * kSecond);
  clock_.Advance(5 * kSecond - 1);
  EXPECT_EQ(schedule_.Begin(Now()), std::nullopt);
  clock_.Advance(1);
  EXPECT_EQ(schedule_.Begin(Now()), 0u);
  EXPECT_EQ(schedule_.NextDue(), TriggerSchedule::kNever);
  clock_.Advance(2 * kSecond);
  schedule_.Ended(0);
  EXPECT_EQ(schedule_.NextDue(), start + 10 * kSecond);
}

TEST_F(TriggerScheduleTest, AnOverrunIsFollowedAtOnceByOneRunNotByAllThatWereMissed) {
  schedule_.Add(5 * kSecond, Now());
  clock_.Advance(5 * kSecond);
  ASSERT_EQ(schedule_.Begin(Now()), 0u);
  clock_.Advance(23 * kSecond);
  EXPECT_EQ(schedule_.Begin(Now()), std::nullopt) << "it runs already";
  schedule_.Ended(0);
  ASSERT_EQ(schedule_.Begin(Now()), 0u);
  schedule_.Ended(0);
  EXPECT_EQ(schedule_.Begin(Now()), std::nullopt);
  EXPECT_EQ(schedule_.NextDue(), Now() + 5 * kSecond);
}

TEST_F(TriggerScheduleTest, ASlowFlowDoesNotHoldBackOthersAndTheLongestDueComesFirst) {
  schedule_.Add(7 * kSecond, Now());
  schedule_.Add(5 * kSecond, Now());
  schedule_.Add(600 * kSecond, Now());
  clock_.Advance(8 * kSecond);
  EXPECT_EQ(schedule_.Begin(Now()), 1u);
  EXPECT_EQ(schedule_.Begin(Now()), 0u);
  EXPECT_EQ(schedule_.Begin(Now()), std::nullopt);
  EXPECT_EQ(schedule_.running(), 2u);
  schedule_.Ended(0);
  clock_.Advance(60 * kSecond);
  EXPECT_EQ(schedule_.Begin(Now()), 0u) << "while 1 still runs";
}

TEST_F(TriggerScheduleTest, ARetiredFlowIsNeverDue) {
  schedule_.Add(0, Now());
  ASSERT_EQ(schedule_.Begin(Now()), 0u);
  schedule_.Ended(0);
  ASSERT_EQ(schedule_.Begin(Now()), 0u) << "an interval of nothing is due at once";
  schedule_.Retire(0);
  schedule_.Ended(0);
  EXPECT_EQ(schedule_.Begin(Now()), std::nullopt);
  EXPECT_EQ(schedule_.NextDue(), TriggerSchedule::kNever);
}

TEST_F(TriggerScheduleTest, AnIntervalBeyondTimeIsNever) {
  schedule_.Add(TriggerSchedule::kNever, Now());
  EXPECT_EQ(schedule_.NextDue(), TriggerSchedule::kNever);
}

}  // namespace
}  // namespace tarn::stream
