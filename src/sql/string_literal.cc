#include <cstdint>
#include <string>
#include <string_view>

#include "token.h"

namespace tarn::sql {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(uint32_t code, std::string* out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (code >> 6)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (code >> 12)));
    out->push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (code >> 18)));
    out->push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

/// Reads `count` hexadecimal digits at `i`; false if they aren't there.
bool ReadHex(std::string_view text, size_t i, int count, uint32_t* code) {
  if (i + count > text.size()) return false;
  *code = 0;
  for (int k = 0; k < count; ++k) {
    const int digit = HexDigit(text[i + k]);
    if (digit < 0) return false;
    *code = *code * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

bool IsOctal(std::string_view text, size_t i) {
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  return i + 2 < text.size() && (text[i] == '0' || text[i] == '1') && octal(text[i + 1]) &&
         octal(text[i + 2]);
}

/// A surrogate pair written as two \uXXXX makes one code point, as in Java.
size_t AppendUnicodeEscape(std::string_view body, size_t i, uint32_t code, std::string* out) {
  uint32_t low = 0;
  if (code >= 0xD800 && code <= 0xDBFF && i + 1 < body.size() && body[i] == '\\' &&
      body[i + 1] == 'u' && ReadHex(body, i + 2, 4, &low) && low >= 0xDC00 && low <= 0xDFFF) {
    AppendUtf8(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), out);
    return i + 6;
  }
  AppendUtf8(code, out);
  return i;
}

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '0':
      out->push_back('\0');
      break;
    case 'b':
      out->push_back('\b');
      break;
    case 'n':
      out->push_back('\n');
      break;
    case 'r':
      out->push_back('\r');
      break;
    case 't':
      out->push_back('\t');
      break;
    case 'Z':
      out->push_back('\x1A');
      break;
    case '%':
    case '_':
      // Left escaped, so that LIKE still sees the backslash.
      out->push_back('\\');
      out->push_back(c);
      break;
    default:
      out->push_back(c);
  }
}

}  // namespace

std::string DecodeString(std::string_view token_text) {
  if (token_text[0] == '$') return std::string(token_text.substr(2, token_text.size() - 4));
  if (token_text[0] == 'r' || token_text[0] == 'R') {
    return std::string(token_text.substr(2, token_text.size() - 3));
  }
  const char quote = token_text[0];
  const std::string_view body = token_text.substr(1, token_text.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size();) {
    const char c = body[i];
    if (c == quote) {
      out.push_back(c);
      i += 2;
      continue;
    }
    if (c != '\\' || i + 1 >= body.size()) {
      out.push_back(c);
      ++i;
      continue;
    }
    uint32_t code = 0;
    if (body[i + 1] == 'u' && ReadHex(body, i + 2, 4, &code)) {
      i = AppendUnicodeEscape(body, i + 6, code, &out);
    } else if (body[i + 1] == 'U' && ReadHex(body, i + 2, 8, &code)) {
      AppendUtf8(code, &out);
      i += 10;
    } else if (IsOctal(body, i + 1)) {
      AppendUtf8(static_cast<uint32_t>((body[i + 1] - '0') * 64 + (body[i + 2] - '0') * 8 +
                                       (body[i + 3] - '0')),
                 &out);
      i += 4;
    } else {
      AppendEscaped(body[i + 1], &out);
      i += 2;
    }
  }
  return out;
}

std::string DecodeQuotedIdentifier(std::string_view token_text) {
  const std::string_view body = token_text.substr(1, token_text.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    out.push_back(body[i]);
    if (body[i] == '`') ++i;
  }
  return out;
}

}  // namespace tarn::sql
