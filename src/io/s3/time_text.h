#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::io {

/// Times as AWS writes them, in microseconds since 1970-01-01T00:00:00Z.

/// "20130524T000000Z", as it is signed.
std::string AmzDate(int64_t time_us);
/// Of "2026-11-27T06:38:32.123Z", also without the fraction.
std::optional<int64_t> ParseIsoTime(std::string_view text);
/// Of "Fri, 27 Nov 2026 06:38:32 GMT"; 0 if it is none.
int64_t ParseHttpDate(const std::string& text);

}  // namespace tarn::io
