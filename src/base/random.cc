#include "tarn/base/random.h"

#include <sys/random.h>

#include "tarn/base/check.h"

namespace tarn {

namespace {

std::string FormatUuid(uint64_t high, uint64_t low) {
  high = (high & ~0xF000ULL) | 0x4000ULL;
  low = (low & ~(3ULL << 62)) | (1ULL << 63);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text += '-';
    const uint64_t half = digit < 16 ? high : low;
    text += kHex[(half >> (60 - 4 * (digit % 16))) & 0xF];
  }
  return text;
}

class OsIds : public IdSource {
 public:
  std::string NewUuid() override {
    const uint64_t high = SystemEntropy();
    return FormatUuid(high, SystemEntropy());
  }
};

}  // namespace

uint64_t SystemEntropy() {
  uint64_t bits = 0;
  TARN_CHECK(getrandom(&bits, sizeof bits, 0) == static_cast<ssize_t>(sizeof bits));
  return bits;
}

uint64_t Random::Next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

uint64_t Random::Below(uint64_t bound) {
  TARN_CHECK(bound > 0);
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

IdSource& SystemIds() {
  static OsIds ids;
  return ids;
}

std::string SeededIds::NewUuid() {
  const uint64_t high = random_.Next();
  return FormatUuid(high, random_.Next());
}

}  // namespace tarn
