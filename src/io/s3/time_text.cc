#include "s3/time_text.h"

#include <curl/curl.h>

#include <chrono>
#include <cstdio>

#include "tarn/base/parse_number.h"

namespace tarn::io {

namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kDayUs = 86'400 * kSecondUs;

}  // namespace

std::string AmzDate(int64_t time_us) {
  const int64_t days = time_us / kDayUs;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const int64_t seconds = (time_us - days * kDayUs) / kSecondUs;
  char text[64];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  return text;
}

std::optional<int64_t> ParseIsoTime(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || !text.ends_with('Z')) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  const auto number = [&](size_t at, size_t size) {
    return ParseNumber<int>(text.substr(at, size)).value_or(0);
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) {
    return std::nullopt;
  }
  int64_t us = std::chrono::sys_days(date).time_since_epoch().count() * kDayUs;
  us += (number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2)) * kSecondUs;
  std::string_view fraction = text.substr(kShape.size());
  fraction.remove_suffix(1);
  if (fraction.empty()) return us;
  if (fraction[0] != '.') return std::nullopt;
  int64_t unit = kSecondUs / 10;
  for (const char c : fraction.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    us += (c - '0') * unit;
    unit /= 10;
  }
  return us;
}

int64_t ParseHttpDate(const std::string& text) {
  constexpr int64_t kYear10000 = 253'402'300'800;  // seconds
  const auto seconds = static_cast<int64_t>(curl_getdate(text.c_str(), nullptr));
  return seconds < 0 || seconds >= kYear10000 ? 0 : seconds * kSecondUs;
}

}  // namespace tarn::io
