#include <algorithm>
#include <chrono>

#include "duck/duck_engine.h"

namespace tarn::engine::duck {

namespace {
constexpr std::chrono::milliseconds kPollInterval(10);
}

Watchdog::Watchdog(duckdb::DatabaseInstance& db)
    : db_(db), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Watchdog::~Watchdog() {
  thread_.request_stop();
  changed_.notify_all();
}

void Watchdog::Add(Watched& statement) {
  const std::lock_guard lock(mutex_);
  running_.push_back(&statement);
  if (running_.size() == 1) changed_.notify_all();
}

void Watchdog::Remove(Watched& statement) {
  const std::lock_guard lock(mutex_);
  std::erase(running_, &statement);
}

double Watchdog::Progress(const RequestContext& request) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(running_.rbegin(), running_.rend(), [&](const Watched* statement) {
        return statement->context().request_id == request.request_id;
      });
  return found == running_.rend() ? -1 : (*found)->Progress();
}

void Watchdog::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!changed_.wait(lock, stop, [&] { return !running_.empty(); })) return;
    // Most statements are over before the first look.
    changed_.wait_for(lock, stop, kPollInterval, [] { return false; });
    const auto bytes =
        static_cast<int64_t>(duckdb::BufferManager::GetBufferManager(db_).GetUsedMemory());
    for (Watched* statement : running_) {
      statement->NoteMemory(bytes);
      if (!statement->context().Check().ok()) statement->Interrupt();
    }
  }
}

Status Admission::Enter(const RequestContext& context) {
  std::unique_lock lock(mutex_);
  while (true) {
    TARN_TRY(context.Check());
    const auto mine =
        context.request_id.empty() ? running_.end() : running_.find(context.request_id);
    if (mine != running_.end()) {
      ++mine->second;
      return {};
    }
    if (static_cast<int>(running_.size()) + anonymous_ < statements_max_) break;
    changed_.wait_for(lock, kPollInterval);
  }
  if (context.request_id.empty()) {
    ++anonymous_;
  } else {
    running_.emplace(context.request_id, 1);
  }
  return {};
}

void Admission::Leave(const RequestContext& context) {
  const std::lock_guard lock(mutex_);
  if (context.request_id.empty()) {
    --anonymous_;
  } else if (const auto mine = running_.find(context.request_id); --mine->second == 0) {
    running_.erase(mine);
  }
  changed_.notify_one();
}

}  // namespace tarn::engine::duck
