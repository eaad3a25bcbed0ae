#include "duck/functions/text.h"

#include <unicode/ucasemap.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tarn::engine::duck {

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  const auto length = static_cast<int32_t>(bytes.size());
  for (int32_t i = 0; i < length;) {
    const int32_t start = i;
    UChar32 point = 0;
    U8_NEXT(bytes.data(), i, length, point);
    if (point < 0) {
      text += "\xEF\xBF\xBD";
    } else {
      text.append(bytes.substr(static_cast<size_t>(start), static_cast<size_t>(i - start)));
    }
  }
  return text;
}

int64_t CountPoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

size_t OffsetOfPoint(std::string_view text, int64_t index) {
  size_t offset = 0;
  for (; index > 0 && offset < text.size(); --index) offset += SequenceLength(text[offset]);
  return std::min(offset, text.size());
}

std::vector<std::string_view> SplitPoints(std::string_view text) {
  std::vector<std::string_view> points;
  for (size_t at = 0; at < text.size();) {
    const size_t size = std::min(SequenceLength(text[at]), text.size() - at);
    points.push_back(text.substr(at, size));
    at += size;
  }
  return points;
}

std::string UnquoteJson(std::string_view json) {
  if (!json.starts_with('"')) return std::string(json);
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(json);
}

namespace {

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

using Mapper = int32_t (*)(const UCaseMap*, char*, int32_t, const char*, int32_t, UErrorCode*);

std::string MapCase(std::string_view text, Mapper mapper) {
  static const UCaseMap* const map = [] {
    UErrorCode status = U_ZERO_ERROR;
    return ucasemap_open("", 0, &status);
  }();
  std::string result(text.size() + 16, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t size = mapper(map, result.data(), static_cast<int32_t>(result.size()),
                                text.data(), static_cast<int32_t>(text.size()), &status);
    const bool fits = size <= static_cast<int32_t>(result.size());
    result.resize(static_cast<size_t>(size));
    if (fits) break;
  }
  return result;
}

}  // namespace

std::string ToUpperUtf8(std::string_view text) {
  if (!IsAscii(text)) return MapCase(text, ucasemap_utf8ToUpper);
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

std::string ToLowerUtf8(std::string_view text) {
  if (!IsAscii(text)) return MapCase(text, ucasemap_utf8ToLower);
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char c : bytes) {
    text += kDigits[c >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

void AppendPoint(uint32_t point, std::string* out) {
  char bytes[4];
  int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, point);
  out->append(bytes, static_cast<size_t>(size));
}

}  // namespace tarn::engine::duck
