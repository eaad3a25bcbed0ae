#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/base/result.h"

namespace tarn {

/// Set once from any thread, polled by everything that may run long. Thread-safe.
class CancellationToken {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  void Reset() { cancelled_.store(false, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

/// Who asks, until when, and whether still: the first parameter of whatever may block. Cheap to
/// copy. Immutable after construction but for the token; thread-safe.
struct RequestContext {
  std::string principal;   ///< the user on whose behalf this runs
  std::string request_id;  ///< statement or trace id
  Clock* clock = &SystemClock();
  /// In SteadyMicros of `clock`; max() means no deadline.
  int64_t deadline_us = std::numeric_limits<int64_t>::max();
  int64_t timeout_ms = 0;  ///< the time-out the deadline was made from, for the message
  std::shared_ptr<CancellationToken> cancellation = std::make_shared<CancellationToken>();
  std::string pipeline_id;  ///< the pipeline that asks; its private tables are there for it alone

  /// OPERATION_CANCELED or OPERATION_TIMED_OUT if the work should stop now.
  Status Check() const;
};

}  // namespace tarn
