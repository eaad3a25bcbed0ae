#pragma once

#include <string>
#include <string_view>

namespace tarn {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, with padding and without line breaks.
std::string EncodeBase64(std::string_view bytes);

}  // namespace tarn
