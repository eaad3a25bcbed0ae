#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>

namespace tarn::cli {

namespace {

std::atomic<CancellationToken*> active_token{nullptr};
std::shared_ptr<CancellationToken> active_owner;
std::atomic<int64_t> cancelled_at_ms{0};

/// One Ctrl-C may come twice, by the terminal and by a parent that hands it on.
constexpr int64_t kSameInterruptMs = 300;

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // tidy: allow(clock) in a signal handler
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// Only calls that are safe in a signal handler.
void OnInterrupt(int) {
  CancellationToken* token = active_token.load();
  if (token != nullptr && !token->cancelled()) {
    cancelled_at_ms.store(NowMs());
    token->Cancel();
    return;
  }
  if (token != nullptr && NowMs() - cancelled_at_ms.load() < kSameInterruptMs) return;
  static constexpr char kMessage[] = "\ninterrupted again: ended at once\n";
  (void)!write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  _exit(130);
}

}  // namespace

InterruptScope::InterruptScope(std::shared_ptr<CancellationToken> token, Signals signals)
    : signals_(signals) {
  active_owner = std::move(token);
  active_token.store(active_owner.get());
  struct sigaction action {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, nullptr);
  if (signals_ == Signals::kInterruptAndTerminate) sigaction(SIGTERM, &action, nullptr);
}

InterruptScope::~InterruptScope() {
  active_token.store(nullptr);
  std::signal(SIGINT, SIG_DFL);
  if (signals_ == Signals::kInterruptAndTerminate) std::signal(SIGTERM, SIG_DFL);
}

}  // namespace tarn::cli
