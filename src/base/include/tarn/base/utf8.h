#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tarn {

/// Bytes of the sequence at the head of `text`, which isn't empty: positive if it is well-formed,
/// else minus the number of bytes that one U+FFFD stands for (the longest well-formed prefix, at
/// least one).
int Utf8SequenceAt(std::string_view text);

bool IsValidUtf8(std::string_view text);

/// Appends the text with each ill-formed sequence replaced by U+FFFD, as Java decodes it.
void AppendValidUtf8(std::string_view text, std::string* out);

/// Appends a code point (surrogates become U+FFFD).
void AppendCodePoint(uint32_t point, std::string* out);

}  // namespace tarn
