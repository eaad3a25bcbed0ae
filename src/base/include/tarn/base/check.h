#pragma once

namespace tarn {
/// Prints the failed condition with its place to stderr and aborts. Never returns.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace tarn

/// Guards against programmers' errors only (never bad input); stays on in release builds.
#define TARN_CHECK(condition)                                              \
  do {                                                                     \
    if (!(condition)) ::tarn::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (0)

/// Marks code that no input can reach.
#define TARN_UNREACHABLE() ::tarn::CheckFailed("unreachable code was reached", __FILE__, __LINE__)
