#include "tarn/stream/trigger.h"

#include <algorithm>

#include "tarn/base/check.h"

namespace tarn::stream {

namespace {

int64_t Later(int64_t at_us, int64_t by_us) {
  return by_us > TriggerSchedule::kNever - at_us ? TriggerSchedule::kNever : at_us + by_us;
}

}  // namespace

void TriggerSchedule::Add(int64_t interval_us, int64_t started_us) {
  TARN_CHECK(interval_us >= 0);
  entries_.push_back({interval_us, Later(started_us, interval_us)});
}

std::optional<size_t> TriggerSchedule::Begin(int64_t now_us) {
  std::optional<size_t> next;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.running || entry.retired || entry.due_us > now_us) continue;
    if (!next || entry.due_us < entries_[*next].due_us) next = i;
  }
  if (!next) return next;
  Entry& entry = entries_[*next];
  entry.running = true;
  entry.due_us = Later(now_us, entry.interval_us);
  ++running_;
  return next;
}

void TriggerSchedule::Ended(size_t flow) {
  TARN_CHECK(entries_[flow].running);
  entries_[flow].running = false;
  --running_;
}

void TriggerSchedule::Retire(size_t flow) { entries_[flow].retired = true; }

int64_t TriggerSchedule::NextDue() const {
  int64_t due = kNever;
  for (const Entry& entry : entries_) {
    if (!entry.running && !entry.retired) due = std::min(due, entry.due_us);
  }
  return due;
}

}  // namespace tarn::stream
