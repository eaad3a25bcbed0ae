#pragma once

#include <cstdint>
#include <string>

namespace tarn {

/// A small, fast, seedable generator (splitmix64). Not for secrets. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  /// 64 uniform bits.
  uint64_t Next();
  /// Uniform in [0, bound); bound must be positive.
  uint64_t Below(uint64_t bound);
  /// Uniform in [0, 1).
  double Fraction();
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

/// 64 bits of the operating system's entropy.
uint64_t SystemEntropy();

/// The identifiers of tables, commits and statements: RFC 9562 version-4 UUIDs in lower case.
/// Thread-safe as far as implementations say.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual std::string NewUuid() = 0;
};

/// UUIDs from the operating system's entropy. Thread-safe.
IdSource& SystemIds();

/// Reproducible UUIDs from a seed. Not thread-safe.
class SeededIds : public IdSource {
 public:
  explicit SeededIds(uint64_t seed) : random_(seed) {}
  std::string NewUuid() override;

 private:
  Random random_;
};

}  // namespace tarn
