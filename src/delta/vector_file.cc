#include "vector_file.h"

#include <array>

namespace tarn::delta {

namespace {
constexpr std::string_view kZ85Alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
}  // namespace

std::optional<std::string> DecodeZ85(std::string_view text) {
  static const std::array<int8_t, 256> kValues = [] {
    std::array<int8_t, 256> values;
    values.fill(-1);
    for (size_t i = 0; i < kZ85Alphabet.size(); ++i) {
      values[static_cast<unsigned char>(kZ85Alphabet[i])] = static_cast<int8_t>(i);
    }
    return values;
  }();
  if (text.size() % 5 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 5 * 4);
  for (size_t i = 0; i < text.size(); i += 5) {
    uint64_t number = 0;
    for (size_t k = 0; k < 5; ++k) {
      const int8_t value = kValues[static_cast<unsigned char>(text[i + k])];
      if (value < 0) return std::nullopt;
      number = number * 85 + static_cast<uint64_t>(value);
    }
    if (number > 0xFFFFFFFF) return std::nullopt;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
  }
  return out;
}

std::string EncodeZ85(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 3) / 4 * 5);
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint32_t number = 0;
    for (size_t k = 0; k < 4; ++k) {
      number = number << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    char digits[5];
    for (int k = 4; k >= 0; --k) {
      digits[k] = kZ85Alphabet[number % 85];
      number /= 85;
    }
    out.append(digits, 5);
  }
  return out;
}

uint32_t ReadBigEndian32(std::string_view bytes) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

void AppendBigEndian32(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

uint32_t Crc32(std::string_view bytes) {
  static const std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table;
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit)
        value = (value & 1) != 0 ? value >> 1 ^ 0xEDB88320 : value >> 1;
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 255];
  return ~crc;
}

std::optional<std::string> VectorFilePath(std::string_view encoded) {
  constexpr size_t kUuidChars = 20;
  if (encoded.size() < kUuidChars) return std::nullopt;
  const std::string_view prefix = encoded.substr(0, encoded.size() - kUuidChars);
  const auto uuid = DecodeZ85(encoded.substr(prefix.size()));
  if (!uuid) return std::nullopt;
  std::string text;
  constexpr char kHex[] = "0123456789abcdef";
  for (size_t i = 0; i < uuid->size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    const auto byte = static_cast<unsigned char>((*uuid)[i]);
    text += {kHex[byte >> 4], kHex[byte & 15]};
  }
  const std::string name = "deletion_vector_" + text + ".bin";
  return prefix.empty() ? name : std::string(prefix) + "/" + name;
}

std::string EncodeVectorUuid(std::string_view uuid) {
  std::string bytes;
  int high = -1;
  for (const char c : uuid) {
    if (c == '-') continue;
    const int digit = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return EncodeZ85(bytes);
}

}  // namespace tarn::delta
