#include "roaring_format.h"

#include <bit>
#include <cstring>

namespace tarn::delta {
namespace {

constexpr uint32_t kCookieNoRuns = 12346;
constexpr uint32_t kCookieRuns = 12347;
constexpr uint32_t kNoOffsetThreshold = 4;
constexpr uint32_t kArrayMax = 4096;
constexpr size_t kBitmapWords = 1024;

/// Takes little-endian numbers off the front; once it runs short, everything fails.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  bool Take(T& number) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(&number, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return true;
  }
  bool Take(size_t length, std::string_view& part) {
    if (bytes_.size() < length) return false;
    part = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return true;
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

uint16_t ReadShort(std::string_view bytes, size_t index) {
  uint16_t number = 0;
  std::memcpy(&number, bytes.data() + index * 2, 2);
  return number;
}

const char* ReadRuns(ByteReader& in, RowContainer& container) {
  uint16_t count = 0;
  std::string_view bytes;
  if (!in.Take(count) || !in.Take(size_t{count} * 4, bytes)) return "a run container is cut off";
  int32_t previous = -1;
  for (size_t i = 0; i < count; ++i) {
    const uint16_t first = ReadShort(bytes, i * 2);
    const uint32_t last = uint32_t{first} + ReadShort(bytes, i * 2 + 1);
    if (int32_t{first} <= previous || last > 0xFFFF) return "runs overlap or are out of order";
    container.runs.push_back({first, static_cast<uint16_t>(last)});
    container.cardinality += last - first + 1;
    previous = static_cast<int32_t>(last);
  }
  return nullptr;
}

const char* ReadArray(ByteReader& in, uint32_t cardinality, RowContainer& container) {
  std::string_view bytes;
  if (!in.Take(size_t{cardinality} * 2, bytes)) return "an array container is cut off";
  int32_t previous = -1;
  for (uint32_t i = 0; i < cardinality; ++i) {
    const uint16_t row = ReadShort(bytes, i);
    if (int32_t{row} <= previous) return "an array is out of order";
    container.Append(row);
    previous = row;
  }
  return nullptr;
}

const char* ReadBitmap(ByteReader& in, uint32_t cardinality, RowContainer& container) {
  std::string_view bytes;
  if (!in.Take(kBitmapWords * 8, bytes)) return "a bitmap container is cut off";
  container.bits.resize(kBitmapWords);
  std::memcpy(container.bits.data(), bytes.data(), bytes.size());
  for (const uint64_t word : container.bits) {
    container.cardinality += static_cast<uint32_t>(std::popcount(word));
  }
  return container.cardinality == cardinality ? nullptr : "a bitmap lies about its cardinality";
}

/// One 32-bit bitmap, whose rows get `high` as their upper half.
const char* ReadRoaring32(ByteReader& in, uint64_t high, std::vector<RowContainer>& containers) {
  uint32_t cookie = 0;
  if (!in.Take(cookie)) return "the header is cut off";
  uint32_t count = 0;
  std::string_view run_flags;
  const bool has_runs = (cookie & 0xFFFF) == kCookieRuns;
  if (has_runs) {
    count = (cookie >> 16) + 1;
    if (!in.Take((size_t{count} + 7) / 8, run_flags)) return "the header is cut off";
  } else if (cookie != kCookieNoRuns || !in.Take(count)) {
    return "unknown cookie";
  }
  if (count > 65536) return "too many containers";
  std::string_view keys;
  if (!in.Take(size_t{count} * 4, keys)) return "the header is cut off";
  std::string_view offsets;
  if ((!has_runs || count >= kNoOffsetThreshold) && !in.Take(size_t{count} * 4, offsets)) {
    return "the header is cut off";
  }
  int32_t previous = -1;
  for (uint32_t i = 0; i < count; ++i) {
    const uint16_t key = ReadShort(keys, size_t{i} * 2);
    const uint32_t cardinality = uint32_t{ReadShort(keys, size_t{i} * 2 + 1)} + 1;
    if (int32_t{key} <= previous) return "containers are out of order";
    previous = key;
    RowContainer container;
    container.key = high << 16 | key;
    const bool is_run =
        has_runs && (static_cast<unsigned char>(run_flags[i / 8]) >> (i % 8) & 1) != 0;
    const char* fault = is_run                     ? ReadRuns(in, container)
                        : cardinality <= kArrayMax ? ReadArray(in, cardinality, container)
                                                   : ReadBitmap(in, cardinality, container);
    if (fault != nullptr) return fault;
    if (container.cardinality > 0) containers.push_back(std::move(container));
  }
  return nullptr;
}

template <typename T>
void AppendNumber(T number, std::string& out) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &number, sizeof(T));
  out.append(bytes, sizeof(T));
}

void AppendContainer(const RowContainer& container, std::string& out) {
  if (container.is_bitmap()) {
    for (const uint64_t word : container.bits) AppendNumber(word, out);
    return;
  }
  if (container.cardinality > kArrayMax) {
    std::vector<uint64_t> bits(kBitmapWords);
    for (const RowRun& run : container.runs) {
      for (uint32_t row = run.first; row <= run.last; ++row)
        bits[row / 64] |= uint64_t{1} << (row % 64);
    }
    for (const uint64_t word : bits) AppendNumber(word, out);
    return;
  }
  for (const RowRun& run : container.runs) {
    for (uint32_t row = run.first; row <= run.last; ++row) {
      AppendNumber(static_cast<uint16_t>(row), out);
    }
  }
}

size_t ContainerBytes(const RowContainer& container) {
  return container.is_bitmap() || container.cardinality > kArrayMax
             ? kBitmapWords * 8
             : size_t{container.cardinality} * 2;
}

}  // namespace

const char* ParseRoaring64(std::string_view bytes, std::vector<RowContainer>& containers) {
  ByteReader in(bytes);
  uint64_t buckets = 0;
  if (!in.Take(buckets)) return "the header is cut off";
  int64_t previous = -1;
  for (uint64_t i = 0; i < buckets; ++i) {
    uint32_t key = 0;
    if (!in.Take(key)) return "it ends before its last bucket";
    // Keys are positive in Java's signed numbers.
    if (int64_t{key} <= previous || key > 0x7FFFFFFF) return "buckets are out of order";
    previous = key;
    if (const char* fault = ReadRoaring32(in, key, containers)) return fault;
  }
  return in.left() == 0 ? nullptr : "there are bytes behind its end";
}

const char* ParseRoaringSequence(std::string_view bytes, bool big_endian,
                                 std::vector<RowContainer>& containers) {
  ByteReader in(bytes);
  const auto take = [&](uint32_t& number) {
    if (!in.Take(number)) return false;
    if (big_endian) number = __builtin_bswap32(number);
    return true;
  };
  uint32_t count = 0;
  if (!take(count) || count > 0x7FFFFFFF) return "the header is cut off";
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t size = 0;
    std::string_view part;
    if (!take(size) || !in.Take(size_t{size}, part)) return "it ends before its last bitmap";
    ByteReader bitmap(part);
    if (const char* fault = ReadRoaring32(bitmap, i, containers)) return fault;
    if (bitmap.left() != 0) return "a bitmap lies about its size";
  }
  return in.left() == 0 ? nullptr : "there are bytes behind its end";
}

void AppendRoaring64(const std::vector<RowContainer>& containers, std::string& out) {
  uint64_t buckets = 0;
  for (size_t i = 0; i < containers.size(); ++i) {
    if (i == 0 || containers[i].key >> 16 != containers[i - 1].key >> 16) ++buckets;
  }
  AppendNumber(buckets, out);
  for (size_t begin = 0; begin < containers.size();) {
    const uint64_t high = containers[begin].key >> 16;
    size_t end = begin;
    while (end < containers.size() && containers[end].key >> 16 == high) ++end;
    AppendNumber(static_cast<uint32_t>(high), out);
    AppendNumber(kCookieNoRuns, out);
    AppendNumber(static_cast<uint32_t>(end - begin), out);
    for (size_t i = begin; i < end; ++i) {
      AppendNumber(static_cast<uint16_t>(containers[i].key & 0xFFFF), out);
      AppendNumber(static_cast<uint16_t>(containers[i].cardinality - 1), out);
    }
    auto offset = static_cast<uint32_t>(8 + (end - begin) * 8);
    for (size_t i = begin; i < end; ++i) {
      AppendNumber(offset, out);
      offset += static_cast<uint32_t>(ContainerBytes(containers[i]));
    }
    for (size_t i = begin; i < end; ++i) AppendContainer(containers[i], out);
    begin = end;
  }
}

}  // namespace tarn::delta
