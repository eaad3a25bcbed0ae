#include "progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace tarn::cli {

namespace {

constexpr auto kFirstShownAfter = std::chrono::milliseconds(500);
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
constexpr int kCells = 30;

std::string Draw(double fraction, double seconds) {
  char time[32];
  std::snprintf(time, sizeof time, "%.1f s", seconds);
  if (fraction < 0) return std::string("\r\033[Krunning… ") + time;
  std::string bar = "\r\033[K";
  const int full = std::clamp(static_cast<int>(fraction * kCells), 0, kCells);
  for (int i = 0; i < kCells; ++i) bar += i < full ? "█" : "░";
  return bar + " " + std::to_string(static_cast<int>(fraction * 100)) + "% " + time;
}

}  // namespace

ProgressBar::ProgressBar(const Terminal& terminal, std::function<double()> fraction)
    : fraction_(std::move(fraction)) {
  if (!terminal.err_is_terminal) return;
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

ProgressBar::~ProgressBar() { Stop(); }

void ProgressBar::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::Run(std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  auto pause = kFirstShownAfter;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::fputs(Draw(fraction_(), elapsed.count()).c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
    pause = kRedrawEvery;
  }
}

}  // namespace tarn::cli
