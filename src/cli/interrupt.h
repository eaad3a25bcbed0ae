#pragma once

#include <memory>

#include "tarn/base/request_context.h"

namespace tarn::cli {

/// While it lives, Ctrl-C cancels the token instead of ending the program; a second Ctrl-C ends it.
/// One at a time.
class InterruptScope {
 public:
  explicit InterruptScope(std::shared_ptr<CancellationToken> token);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

}  // namespace tarn::cli
