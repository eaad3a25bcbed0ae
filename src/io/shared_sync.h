#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace tarn::io {

/// Lets callers that want the same thing synced at once share a sync. A call is answered by a sync
/// that began after the call, so what the caller did before it is durable. Thread-safe.
class SharedSync {
 public:
  /// Device and inode; the caller has it open, so it means nothing else meanwhile.
  using Identity = std::pair<uint64_t, uint64_t>;

  /// Runs `sync`, or waits for another caller's; answers what it did, 0 or an errno value.
  int Run(const Identity& identity, const std::function<int()>& sync);

 private:
  struct Place {
    int callers = 0;
    bool running = false;
    int64_t begun = 0;     // syncs
    int64_t finished = 0;  // of them, in order
    int64_t failed = 0;    // the last that failed
    int failure = 0;       // what it answered
    std::condition_variable changed;
  };

  std::mutex mutex_;
  std::map<Identity, std::unique_ptr<Place>> places_;
};

}  // namespace tarn::io
