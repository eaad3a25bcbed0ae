#pragma once

#include <cstdint>
#include <memory>

#include "tarn/base/request_context.h"

namespace tarn::cli {

/// While it lives, Ctrl-C cancels the token instead of ending the program; a second one (not one
/// within 0.3 seconds, which is the first again) ends it with a line that says so. One at a time.
class InterruptScope {
 public:
  /// Which signals cancel; SIGTERM is the one by which supervisors end programs.
  enum class Signals : uint8_t { kInterrupt, kInterruptAndTerminate };

  explicit InterruptScope(std::shared_ptr<CancellationToken> token,
                          Signals signals = Signals::kInterrupt);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  const Signals signals_;
};

}  // namespace tarn::cli
