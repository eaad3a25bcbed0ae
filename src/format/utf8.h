#pragma once

#include <string>
#include <string_view>

namespace tarn::format {

bool IsValidUtf8(std::string_view text);

/// Appends the text with each ill-formed sequence replaced by U+FFFD, as Java decodes it.
void AppendValidUtf8(std::string_view text, std::string* out);

/// Appends a code point (surrogates become U+FFFD).
void AppendCodePoint(uint32_t point, std::string* out);

}  // namespace tarn::format
