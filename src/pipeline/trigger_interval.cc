#include "trigger_interval.h"

#include "tarn/delta/table_properties.h"

namespace tarn::pipeline {

namespace {

constexpr char kProperty[] = "pipelines.trigger.interval";
constexpr int64_t kSecondUs = 1'000'000;

Result<std::optional<int64_t>> Parsed(const std::string& text) {
  const std::optional<int64_t> interval_ms = delta::ParseIntervalMs(text);
  // A century in microseconds is far from what doesn't fit.
  constexpr int64_t kLongestMs = int64_t{100} * 366 * 24 * 3600 * 1000;
  if (interval_ms && *interval_ms > 0 && *interval_ms <= kLongestMs) {
    return std::optional(*interval_ms * 1000);
  }
  return Error(Condition("INVALID_PARAMETER_VALUE"),
               {{"parameter", kProperty},
                {"value", text},
                {"detail", "it is a number and a unit, such as 5 seconds or 1 hour"}});
}

}  // namespace

Result<std::optional<int64_t>> TriggerIntervalUs(const PipelineSpec& spec,
                                                 const DatasetDefinition* dataset) {
  if (dataset != nullptr && dataset->clauses != nullptr) {
    for (const sql::Property& property : dataset->clauses->properties) {
      if (property.key != kProperty) continue;
      auto interval = Parsed(property.value);
      if (!interval.ok()) return std::move(interval).error().WithPosition(property.source);
      return interval;
    }
  }
  const auto found = spec.configuration.find(kProperty);
  return found == spec.configuration.end() ? std::optional<int64_t>() : Parsed(found->second);
}

int64_t DefaultTriggerIntervalUs(bool streaming, bool only_tables) {
  if (streaming) return 5 * kSecondUs;
  return (only_tables ? 60 : 600) * kSecondUs;
}

}  // namespace tarn::pipeline
