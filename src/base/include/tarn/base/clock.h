#pragma once

#include <cstdint>

namespace tarn {

/// The source of time. Given by constructor, so that tests and simulations decide what time it is.
/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01T00:00:00Z.
  virtual int64_t NowMicros() = 0;
  /// Microseconds of a clock that never goes backwards, from an arbitrary start.
  virtual int64_t SteadyMicros() = 0;
};

/// The operating system's clock.
Clock& SystemClock();

/// A clock that moves only when told to.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t now_us = 1'700'000'000'000'000) : now_us_(now_us) {}
  int64_t NowMicros() override { return now_us_; }
  int64_t SteadyMicros() override { return now_us_; }
  void Advance(int64_t by_us) { now_us_ += by_us; }

 private:
  int64_t now_us_;
};

}  // namespace tarn
