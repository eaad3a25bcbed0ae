#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine::duck {

/// The bytes with everything that isn't UTF-8 replaced by U+FFFD, as Java decodes them.
std::string ReplaceInvalidUtf8(std::string_view bytes);

/// Bytes of the UTF-8 sequence that starts with `first`: 1…4.
inline size_t SequenceLength(char first) {
  const auto c = static_cast<unsigned char>(first);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/// Number of code points.
int64_t CountPoints(std::string_view text);
/// The byte offset of code point number `index`, or the size of the text.
size_t OffsetOfPoint(std::string_view text, int64_t index);
/// The code points' texts.
std::vector<std::string_view> SplitPoints(std::string_view text);

/// Text of a JSON string without its quotes and escapes; other JSON stays as it is.
std::string UnquoteJson(std::string_view json);

std::string ToUpperUtf8(std::string_view text);
std::string ToLowerUtf8(std::string_view text);

/// Upper-case hexadecimal digits.
std::string ToHex(std::string_view bytes);

void AppendPoint(uint32_t point, std::string* out);

}  // namespace tarn::engine::duck
