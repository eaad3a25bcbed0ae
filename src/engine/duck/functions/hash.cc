// Spark's hashes of rows, checksums and digests.

#include <array>
#include <bit>
#include <cstring>

#include "duck/functions/digest.h"
#include "duck/functions/kernel.h"
#include "duck/functions/murmur3.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

template <typename T>
T Load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

struct XxHash64 {
  using Hash = int64_t;
  static constexpr uint64_t kP1 = 0x9E3779B185EBCA87ULL, kP2 = 0xC2B2AE3D27D4EB4FULL,
                            kP3 = 0x165667B19E3779F9ULL, kP4 = 0x85EBCA77C2B2AE63ULL,
                            kP5 = 0x27D4EB2F165667C5ULL;
  static int64_t Finish(uint64_t h) {
    h = (h ^ (h >> 33)) * kP2;
    h = (h ^ (h >> 29)) * kP3;
    return static_cast<int64_t>(h ^ (h >> 32));
  }
  static int64_t Int(int32_t value, int64_t seed) {
    uint64_t h = static_cast<uint64_t>(seed) + kP5 + 4;
    h ^= static_cast<uint64_t>(static_cast<uint32_t>(value)) * kP1;
    return Finish(std::rotl(h, 23) * kP2 + kP3);
  }
  static int64_t Long(int64_t value, int64_t seed) {
    uint64_t h = static_cast<uint64_t>(seed) + kP5 + 8;
    h ^= std::rotl(static_cast<uint64_t>(value) * kP2, 31) * kP1;
    return Finish(std::rotl(h, 27) * kP1 + kP4);
  }
  static int64_t Bytes(std::string_view bytes, int64_t seed) {
    const auto s = static_cast<uint64_t>(seed);
    size_t at = 0;
    uint64_t h = s + kP5;
    const auto round = [](uint64_t v, uint64_t input) {
      return std::rotl(v + input * kP2, 31) * kP1;
    };
    if (bytes.size() >= 32) {
      uint64_t v1 = s + kP1 + kP2, v2 = s + kP2, v3 = s, v4 = s - kP1;
      for (; at + 32 <= bytes.size(); at += 32) {
        v1 = round(v1, Load<uint64_t>(bytes.data() + at));
        v2 = round(v2, Load<uint64_t>(bytes.data() + at + 8));
        v3 = round(v3, Load<uint64_t>(bytes.data() + at + 16));
        v4 = round(v4, Load<uint64_t>(bytes.data() + at + 24));
      }
      h = std::rotl(v1, 1) + std::rotl(v2, 7) + std::rotl(v3, 12) + std::rotl(v4, 18);
      for (const uint64_t v : {v1, v2, v3, v4}) h = (h ^ round(0, v)) * kP1 + kP4;
    }
    h += bytes.size();
    for (; at + 8 <= bytes.size(); at += 8) {
      h = std::rotl(h ^ round(0, Load<uint64_t>(bytes.data() + at)), 27) * kP1 + kP4;
    }
    if (at + 4 <= bytes.size()) {
      h = std::rotl(h ^ (Load<uint32_t>(bytes.data() + at) * kP1), 23) * kP2 + kP3;
      at += 4;
    }
    for (; at < bytes.size(); ++at)
      h = std::rotl(h ^ (static_cast<unsigned char>(bytes[at]) * kP5), 11) * kP1;
    return Finish(h);
  }
};

/// The least big-endian two's complement bytes (BigInteger.toByteArray).
std::string BigIntegerBytes(Int128 value) {
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  size_t skip = 0;
  while (skip + 1 < bytes.size()) {
    const bool redundant = (bytes[skip] == 0 && (bytes[skip + 1] & 0x80) == 0) ||
                           (bytes[skip] == static_cast<char>(-1) && (bytes[skip + 1] & 0x80) != 0);
    if (!redundant) break;
    ++skip;
  }
  return bytes.substr(skip);
}

template <typename H>
typename H::Hash HashValue(const Value& value, typename H::Hash seed) {
  if (value.is_null()) return seed;
  switch (value.type().id()) {
    case TypeId::kNull:
      return seed;
    case TypeId::kBoolean:
      return H::Int(value.boolean() ? 1 : 0, seed);
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kYearMonthInterval:
      return H::Int(static_cast<int32_t>(value.integer()), seed);
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
    case TypeId::kDayTimeInterval:
      return H::Long(value.integer(), seed);
    case TypeId::kFloat: {
      const auto real = static_cast<float>(value.real());
      return H::Int(real == 0 ? 0 : std::bit_cast<int32_t>(real), seed);
    }
    case TypeId::kDouble:
      return H::Long(value.real() == 0 ? 0 : std::bit_cast<int64_t>(value.real()), seed);
    case TypeId::kDecimal:
      if (value.type().precision() <= 18)
        return H::Long(static_cast<int64_t>(value.decimal()), seed);
      return H::Bytes(BigIntegerBytes(value.decimal()), seed);
    case TypeId::kCalendarInterval: {
      const CalendarInterval& interval = value.interval();
      return H::Int(interval.months, H::Int(interval.days, H::Long(interval.micros, seed)));
    }
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      for (const Value& child : value.children()) seed = HashValue<H>(child, seed);
      return seed;
    default:
      return H::Bytes(value.text(), seed);
  }
}

template <typename H>
BatchFunction RowHash() {
  return ByValues([](Call& call, const duckdb::vector<duckdb::Value>& args) {
    typename H::Hash hash = 42;
    for (size_t i = 0; i < args.size(); ++i)
      hash = HashValue<H>(FromDuckValue(args[i], call.info.args[i]), hash);
    if constexpr (sizeof(hash) == 4) {
      return duckdb::Value::INTEGER(hash);
    } else {
      return duckdb::Value::BIGINT(hash);
    }
  });
}

uint32_t Crc32(std::string_view bytes) {
  static const std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
    return table;
  }();
  uint32_t crc = ~0U;
  for (const unsigned char c : bytes) crc = kTable[(crc ^ c) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

std::string LowerHex(std::string_view bytes) { return ToLowerUtf8(ToHex(bytes)); }

}  // namespace

void RegisterHashes(FunctionSet& set) {
  set.Batch("hash", RowHash<Murmur3>());
  set.Use("hash", "hash");
  set.Batch("xxhash64", RowHash<XxHash64>());
  set.Use("xxhash64", "xxhash64");
  set.Function("crc32",
               [](Call&, std::string_view bytes) { return static_cast<int64_t>(Crc32(bytes)); });
  set.registry().Native("md5", "md5");
  for (const char* name : {"sha", "sha1"}) set.registry().Native(name, "sha1");
  set.Function("sha2",
               [](Call&, std::string_view bytes, int32_t bits) -> std::optional<std::string> {
                 switch (bits) {
                   case 224:
                     return LowerHex(Sha224(bytes));
                   case 0:
                   case 256:
                     return LowerHex(Sha256(bytes));
                   case 384:
                     return LowerHex(Sha384(bytes));
                   case 512:
                     return LowerHex(Sha512(bytes));
                   default:
                     return std::nullopt;
                 }
               });
}

}  // namespace tarn::engine::duck
