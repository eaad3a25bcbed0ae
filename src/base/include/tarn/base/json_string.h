#pragma once

#include <string>
#include <string_view>

namespace tarn {

/// Appends the text as a JSON string with its quotes (RFC 8259, section 7): everything that must be
/// escaped is, nothing else; ill-formed UTF-8, which JSON can't hold, becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

std::string JsonString(std::string_view text);

}  // namespace tarn
