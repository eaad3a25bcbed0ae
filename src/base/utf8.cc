#include "tarn/base/utf8.h"

#include <cstring>

namespace tarn {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsAscii(const char* p, size_t size) {
  uint64_t bits = 0;
  for (; size >= 8; p += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    bits |= word;
  }
  for (; size > 0; ++p, --size) bits |= static_cast<uint64_t>(static_cast<unsigned char>(*p));
  return (bits & 0x8080808080808080u) == 0;
}

}  // namespace

int Utf8SequenceAt(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  int size = 0;
  unsigned low = 0x80, high = 0xBF;  // of the second byte
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return -1;
  }
  for (int i = 1; i < size; ++i) {
    if (static_cast<size_t>(i) >= text.size()) return -i;
    const unsigned next = byte(static_cast<size_t>(i));
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xBF)) return -i;
  }
  return size;
}

bool IsValidUtf8(std::string_view text) {
  if (IsAscii(text.data(), text.size())) return true;
  while (!text.empty()) {
    const int size = Utf8SequenceAt(text);
    if (size < 0) return false;
    text.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void AppendValidUtf8(std::string_view text, std::string* out) {
  if (IsAscii(text.data(), text.size())) {
    out->append(text);
    return;
  }
  while (!text.empty()) {
    const int size = Utf8SequenceAt(text);
    if (size > 0) {
      out->append(text.substr(0, static_cast<size_t>(size)));
    } else {
      out->append(kReplacement);
    }
    text.remove_prefix(static_cast<size_t>(size > 0 ? size : -size));
  }
}

void AppendCodePoint(uint32_t point, std::string* out) {
  if (point >= 0xD800 && point <= 0xDFFF) {
    out->append(kReplacement);
  } else if (point < 0x80) {
    *out += static_cast<char>(point);
  } else if (point < 0x800) {
    *out += static_cast<char>(0xC0 | point >> 6);
    *out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *out += static_cast<char>(0xE0 | point >> 12);
    *out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | point >> 18);
    *out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

}  // namespace tarn
