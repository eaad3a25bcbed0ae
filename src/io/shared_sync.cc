#include "shared_sync.h"

namespace tarn::io {

int SharedSync::Run(const Identity& identity, const std::function<int()>& sync) {
  std::unique_lock lock(mutex_);
  auto& entry = places_[identity];
  if (!entry) entry = std::make_unique<Place>();
  Place& place = *entry;
  ++place.callers;
  // One that is running may have passed over what this caller did.
  const int64_t wanted = place.begun + 1;
  while (place.finished < wanted && place.running) place.changed.wait(lock);
  if (place.finished < wanted) {
    place.running = true;
    const int64_t own = ++place.begun;
    lock.unlock();
    const int answer = sync();
    lock.lock();
    place.running = false;
    place.finished = own;
    if (answer != 0) {
      place.failed = own;
      place.failure = answer;
    }
    place.changed.notify_all();
  }
  // The kernel tells of a failure once: whoever relied on a sync that failed must hear of it.
  const int answer = place.failed >= wanted ? place.failure : 0;
  if (--place.callers == 0) places_.erase(identity);
  return answer;
}

}  // namespace tarn::io
