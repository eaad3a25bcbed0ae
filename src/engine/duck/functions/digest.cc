#include "duck/functions/digest.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tarn::engine::duck {

namespace {

/// The first 64 bits of the fractional parts of the cube (or square) roots of the first primes, by
/// integer arithmetic: floor(root(p) * 2^64) mod 2^64.
uint64_t RootFraction(uint64_t prime, int degree) {
  // Bit by bit: the largest r with r^degree <= prime * 2^(64 * degree), r < 2^68.
  using Wide = std::array<uint32_t, 8>;
  const auto multiply = [](const Wide& a, const Wide& b) {
    Wide result{};
    for (size_t i = 0; i < 8; ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; i + j < 8; ++j) {
        const uint64_t sum = static_cast<uint64_t>(a[i]) * b[j] + result[i + j] + carry;
        result[i + j] = static_cast<uint32_t>(sum);
        carry = sum >> 32;
      }
    }
    return result;
  };
  const auto less_equal = [](const Wide& a, const Wide& b) {
    for (size_t i = 8; i-- > 0;) {
      if (a[i] != b[i]) return a[i] < b[i];
    }
    return true;
  };
  Wide target{};
  target[static_cast<size_t>(2 * degree)] = static_cast<uint32_t>(prime);
  Wide root{};
  for (int bit = 69; bit >= 0; --bit) {
    Wide trial = root;
    trial[static_cast<size_t>(bit / 32)] |= uint32_t{1} << (bit % 32);
    Wide power = multiply(trial, trial);
    if (degree == 3) power = multiply(power, trial);
    if (less_equal(power, target)) root = trial;
  }
  return (static_cast<uint64_t>(root[1]) << 32) | root[0];
}

std::vector<uint64_t> Primes(size_t count) {
  std::vector<uint64_t> primes;
  for (uint64_t n = 2; primes.size() < count; ++n) {
    bool prime = true;
    for (const uint64_t p : primes) prime &= n % p != 0;
    if (prime) primes.push_back(n);
  }
  return primes;
}

struct Constants {
  std::array<uint64_t, 80> rounds;
  std::array<uint64_t, 16> squares;
};

const Constants& Fractions() {
  static const Constants constants = [] {
    Constants made{};
    const std::vector<uint64_t> primes = Primes(80);
    for (size_t i = 0; i < 80; ++i) made.rounds[i] = RootFraction(primes[i], 3);
    for (size_t i = 0; i < 16; ++i) made.squares[i] = RootFraction(primes[i], 2);
    return made;
  }();
  return constants;
}

template <typename Word>
struct Variant;
template <>
struct Variant<uint32_t> {
  static constexpr size_t kRounds = 64;
  static constexpr int kBig0[] = {2, 13, 22}, kBig1[] = {6, 11, 25}, kSmall0[] = {7, 18, 3},
                       kSmall1[] = {17, 19, 10};
  static uint32_t Round(size_t i) { return static_cast<uint32_t>(Fractions().rounds[i] >> 32); }
};
template <>
struct Variant<uint64_t> {
  static constexpr size_t kRounds = 80;
  static constexpr int kBig0[] = {28, 34, 39}, kBig1[] = {14, 18, 41}, kSmall0[] = {1, 8, 7},
                       kSmall1[] = {19, 61, 6};
  static uint64_t Round(size_t i) { return Fractions().rounds[i]; }
};

template <typename Word>
void Block(const char* bytes, std::array<Word, 8>& state) {
  using V = Variant<Word>;
  const auto big = [](Word x, const int* by) {
    return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ std::rotr(x, by[2]);
  };
  const auto small = [](Word x, const int* by) {
    return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ (x >> by[2]);
  };
  std::array<Word, V::kRounds> w;
  for (size_t i = 0; i < 16; ++i) {
    w[i] = 0;
    for (size_t j = 0; j < sizeof(Word); ++j) {
      w[i] = (w[i] << 8) | static_cast<unsigned char>(bytes[i * sizeof(Word) + j]);
    }
  }
  for (size_t i = 16; i < V::kRounds; ++i) {
    w[i] = small(w[i - 2], V::kSmall1) + w[i - 7] + small(w[i - 15], V::kSmall0) + w[i - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < V::kRounds; ++i) {
    const Word t1 = h + big(e, V::kBig1) + ((e & f) ^ (~e & g)) + V::Round(i) + w[i];
    const Word t2 = big(a, V::kBig0) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const Word next[] = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; ++i) state[i] += next[i];
}

template <typename Word>
std::string Digest(std::string_view bytes, std::array<Word, 8> state, size_t size) {
  constexpr size_t kBlock = sizeof(Word) * 16;
  std::string padded(bytes);
  padded += static_cast<char>(0x80);
  while (padded.size() % kBlock != kBlock - 2 * sizeof(Word)) padded += '\0';
  padded.append(2 * sizeof(Word) - 8, '\0');
  const uint64_t bits = static_cast<uint64_t>(bytes.size()) * 8;
  for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>(bits >> shift);
  for (size_t at = 0; at < padded.size(); at += kBlock) Block<Word>(padded.data() + at, state);
  std::string digest;
  for (const Word word : state) {
    for (int shift = static_cast<int>(sizeof(Word)) * 8 - 8; shift >= 0; shift -= 8) {
      digest += static_cast<char>(word >> shift);
    }
  }
  digest.resize(size);
  return digest;
}

template <typename Word>
std::array<Word, 8> InitialState(size_t first, int shift) {
  std::array<Word, 8> state;
  for (size_t i = 0; i < 8; ++i)
    state[i] = static_cast<Word>(Fractions().squares[first + i] >> shift);
  return state;
}

}  // namespace

// The initial values are fractions of square roots: of the first eight primes, or of the ninth to
// sixteenth (SHA-384 in full, SHA-224 their second halves).
std::string Sha256(std::string_view bytes) {
  return Digest(bytes, InitialState<uint32_t>(0, 32), 32);
}
std::string Sha224(std::string_view bytes) {
  return Digest(bytes, InitialState<uint32_t>(8, 0), 28);
}
std::string Sha512(std::string_view bytes) {
  return Digest(bytes, InitialState<uint64_t>(0, 0), 64);
}
std::string Sha384(std::string_view bytes) {
  return Digest(bytes, InitialState<uint64_t>(8, 0), 48);
}

}  // namespace tarn::engine::duck
