#pragma once

#include <cstdint>

namespace tarn::engine::duck {

/// The numbers of java.util.Random for a seed, where Spark's results depend on them.
class JavaRandom {
 public:
  explicit JavaRandom(int64_t seed) : state_((static_cast<uint64_t>(seed) ^ kFactor) & kMask) {}

  /// From 0 to 2^31 - 2.
  int32_t NextBelowMax() {
    constexpr int32_t kBound = 0x7fffffff;
    while (true) {
      const int32_t bits = Next(31);
      if (bits != kBound) return bits;
    }
  }
  double NextDouble() {
    const auto high = static_cast<int64_t>(Next(26)) << 27;
    return static_cast<double>(high + Next(27)) * 0x1.0p-53;
  }

 private:
  static constexpr uint64_t kFactor = 0x5DEECE66DULL;
  static constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;

  int32_t Next(int bits) {
    state_ = (state_ * kFactor + 0xB) & kMask;
    return static_cast<int32_t>(state_ >> (48 - bits));
  }

  uint64_t state_;
};

}  // namespace tarn::engine::duck
