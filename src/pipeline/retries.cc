#include "retries.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "tarn/base/parse_number.h"

namespace tarn::pipeline {

namespace {

constexpr int64_t kPauseMsMax = 60'000;
constexpr int64_t kLookEveryMs = 50;

/// Whether nothing but what may pass kept the update from completing.
bool MayPass(const UpdateReport& report) {
  if (report.state != UpdateState::kFailed || !report.problems.empty()) return false;
  return std::all_of(report.flows.begin(), report.flows.end(), [](const FlowReport& flow) {
    return flow.state != FlowState::kFailed || flow.problem->error.info().retryable;
  });
}

bool ToldToEnd(const RequestContext& context, const UpdateOptions& options) {
  return context.cancellation->cancelled() || options.stop->cancelled();
}

/// False if the update is to end meanwhile.
bool Pause(const RequestContext& context, const UpdateOptions& options, int64_t pause_ms) {
  const int64_t end_us = context.clock->SteadyMicros() + pause_ms * 1000;
  while (!ToldToEnd(context, options)) {
    const int64_t left_ms = (end_us - context.clock->SteadyMicros()) / 1000;
    if (left_ms <= 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left_ms, kLookEveryMs)));
  }
  return false;
}

}  // namespace

Result<int> RetriesOf(const PipelineSpec& spec, const std::string& key, int missing) {
  const auto found = spec.configuration.find(key);
  if (found == spec.configuration.end()) return missing;
  const auto number = ParseNumber<int>(found->second);
  if (number && *number >= 0) return *number;
  return Error(Condition("INVALID_PARAMETER_VALUE"),
               {{"parameter", key}, {"value", found->second}, {"detail", "it is a number from 0"}});
}

Result<UpdateReport> RunUpdate(const RequestContext& context, session::Instance& instance,
                               const PipelineSpec& spec, const Definitions& definitions,
                               const UpdateOptions& options, UpdateObserver& observer) {
  const int unless_said =
      spec.continuous ? std::numeric_limits<int>::max() : spec.update_retries_max;
  TARN_ASSIGN(const int asked, RetriesOf(spec, "pipelines.numUpdateRetryAttempts", unless_said));
  const int retries_max = spec.development ? 0 : asked;
  TARN_ASSIGN(UpdateReport report,
              RunUpdateOnce(context, instance, spec, definitions, options, observer));
  UpdateOptions again = options;
  again.is_retry = true;
  int64_t pause_ms = options.retry_pause_ms;
  for (int retry = 0; retry < retries_max && MayPass(report); ++retry) {
    if (!Pause(context, options, pause_ms)) break;
    auto next = RunUpdateOnce(context, instance, spec, definitions, again, observer);
    // Another one may have begun meanwhile; what failed is told all the same.
    if (!next.ok()) break;
    report = *std::move(next);
    pause_ms = std::min(2 * pause_ms, kPauseMsMax);
  }
  return report;
}

}  // namespace tarn::pipeline
