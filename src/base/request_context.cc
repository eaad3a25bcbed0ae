#include "tarn/base/request_context.h"

namespace tarn {

Status RequestContext::Check() const {
  if (cancellation && cancellation->cancelled()) return Error(Condition("OPERATION_CANCELED"));
  if (deadline_us != std::numeric_limits<int64_t>::max() && clock->SteadyMicros() >= deadline_us) {
    return Error(Condition("OPERATION_TIMED_OUT"), {{"timeoutMs", std::to_string(timeout_ms)}});
  }
  return {};
}

}  // namespace tarn
