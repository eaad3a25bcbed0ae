#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tarn::engine::duck {

/// Murmur3_x86_32 with Spark's treatment of trailing bytes (each is a word of its own).
struct Murmur3 {
  using Hash = int32_t;
  static uint32_t MixK(uint32_t k) { return std::rotl(k * 0xcc9e2d51U, 15) * 0x1b873593U; }
  static uint32_t MixH(uint32_t h, uint32_t k) { return std::rotl(h ^ k, 13) * 5 + 0xe6546b64U; }
  static int32_t Finish(uint32_t h, uint32_t length) {
    h ^= length;
    h = (h ^ (h >> 16)) * 0x85ebca6bU;
    h = (h ^ (h >> 13)) * 0xc2b2ae35U;
    return static_cast<int32_t>(h ^ (h >> 16));
  }
  static int32_t Int(int32_t value, int32_t seed) {
    return Finish(MixH(static_cast<uint32_t>(seed), MixK(static_cast<uint32_t>(value))), 4);
  }
  static int32_t Long(int64_t value, int32_t seed) {
    const auto bits = static_cast<uint64_t>(value);
    uint32_t h = MixH(static_cast<uint32_t>(seed), MixK(static_cast<uint32_t>(bits)));
    h = MixH(h, MixK(static_cast<uint32_t>(bits >> 32)));
    return Finish(h, 8);
  }
  static int32_t Bytes(std::string_view bytes, int32_t seed) {
    auto h = static_cast<uint32_t>(seed);
    size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
      uint32_t word;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      h = MixH(h, MixK(word));
    }
    for (; at < bytes.size(); ++at) {
      h = MixH(
          h,
          MixK(static_cast<uint32_t>(static_cast<int32_t>(static_cast<signed char>(bytes[at])))));
    }
    return Finish(h, static_cast<uint32_t>(bytes.size()));
  }
};

}  // namespace tarn::engine::duck
