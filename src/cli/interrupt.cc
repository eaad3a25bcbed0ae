#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace tarn::cli {

namespace {

std::atomic<CancellationToken*> active_token{nullptr};
std::shared_ptr<CancellationToken> active_owner;

void OnInterrupt(int) {
  CancellationToken* token = active_token.load();
  if (token == nullptr || token->cancelled()) _exit(130);
  token->Cancel();
}

}  // namespace

InterruptScope::InterruptScope(std::shared_ptr<CancellationToken> token) {
  active_owner = std::move(token);
  active_token.store(active_owner.get());
  struct sigaction action {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, nullptr);
}

InterruptScope::~InterruptScope() {
  active_token.store(nullptr);
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace tarn::cli
