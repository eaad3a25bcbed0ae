#include "json_text.h"

#include <cstring>

#include "tarn/base/json_string.h"
#include "tarn/base/utf8.h"

namespace tarn::format {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' || c == '$' ||
         c == '-' || c == '@' || c == '#' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Result<JsonSyntax> JsonSyntax::Of(const ReadOptions& options) {
  JsonSyntax syntax;
  TARN_ASSIGN(syntax.comments, options.Flag("allowComments", false));
  TARN_ASSIGN(syntax.unquoted_names, options.Flag("allowUnquotedFieldNames", false));
  TARN_ASSIGN(syntax.single_quotes, options.Flag("allowSingleQuotes", true));
  TARN_ASSIGN(syntax.leading_zeros, options.Flag("allowNumericLeadingZeros", false));
  TARN_ASSIGN(syntax.any_escape, options.Flag("allowBackslashEscapingAnyCharacter", false));
  TARN_ASSIGN(syntax.control_characters, options.Flag("allowUnquotedControlChars", false));
  TARN_ASSIGN(syntax.non_numeric_numbers, options.Flag("allowNonNumericNumbers", true));
  return syntax;
}

bool JsonText::SkipComment() {
  if (!syntax_.comments || end_ - at_ < 2) return false;
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  if (at_[1] == '/') {
    const size_t line_end = rest.find('\n');
    at_ = line_end == rest.npos ? end_ : at_ + line_end;
    return true;
  }
  if (at_[1] != '*') return false;
  const size_t close = rest.find("*/", 2);
  if (close == rest.npos) return false;
  at_ += close + 2;
  return true;
}

/// False at a comment that isn't one.
bool JsonText::SkipBlanks() {
  while (at_ != end_) {
    const char c = *at_;
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      ++at_;
    } else if (c != '/') {
      return true;
    } else if (!SkipComment()) {
      return false;
    }
  }
  return true;
}

JsonText::Kind JsonText::Peek() {
  if (!SkipBlanks()) return Kind::kBad;
  if (at_ == end_) return Kind::kEnd;
  switch (*at_) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case '\'':
      return syntax_.single_quotes ? Kind::kString : Kind::kBad;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case 'n':
      return Kind::kNull;
    case 'N':
    case 'I':
    case '+':
      return syntax_.non_numeric_numbers ? Kind::kNumber : Kind::kBad;
    default:
      return IsDigit(*at_) || *at_ == '-' ? Kind::kNumber : Kind::kBad;
  }
}

bool JsonText::Enter(bool first, char open) {
  if (!first) return true;
  if (at_ == end_ || *at_ != open || ++depth_ > kJsonDepthMax) return false;
  ++at_;
  return true;
}

JsonText::Next JsonText::NextItem(bool first, char open, char close) {
  if (!Enter(first, open) || !SkipBlanks() || at_ == end_) return Next::kBad;
  if (*at_ == close) {
    ++at_;
    --depth_;
    return Next::kClose;
  }
  if (!first) {
    if (*at_ != ',') return Next::kBad;
    ++at_;
    if (!SkipBlanks()) return Next::kBad;
  }
  return Next::kItem;
}

JsonText::Next JsonText::NextMember(bool first, std::string_view* name) {
  if (const Next next = NextItem(first, '{', '}'); next != Next::kItem) return next;
  if (at_ == end_) return Next::kBad;
  if (!ReadName(name) || !SkipBlanks() || at_ == end_ || *at_ != ':') return Next::kBad;
  ++at_;
  return SkipBlanks() ? Next::kItem : Next::kBad;
}

JsonText::Next JsonText::NextElement(bool first) { return NextItem(first, '[', ']'); }

bool JsonText::ReadName(std::string_view* name) {
  if (*at_ == '"' || (*at_ == '\'' && syntax_.single_quotes)) return ReadQuoted(*at_, &name_, name);
  if (!syntax_.unquoted_names || IsDigit(*at_)) return false;
  const char* const begin = at_;
  while (at_ != end_ && IsNameCharacter(*at_)) ++at_;
  *name = Since(begin);
  return !name->empty();
}

bool JsonText::ReadString(std::string_view* text) { return ReadQuoted(*at_, &text_, text); }

bool JsonText::ReadQuoted(char quote, std::string* scratch, std::string_view* text) {
  const char* const begin = ++at_;
  while (at_ != end_ && *at_ != quote && *at_ != '\\' &&
         (static_cast<unsigned char>(*at_) >= 0x20 || syntax_.control_characters)) {
    ++at_;
  }
  if (at_ == end_) return false;
  if (*at_ == quote) {
    *text = Since(begin);
    ++at_;
    return true;
  }
  scratch->assign(begin, at_);
  while (at_ != end_ && *at_ != quote) {
    if (*at_ == '\\') {
      if (!ReadEscape(scratch)) return false;
    } else if (static_cast<unsigned char>(*at_) < 0x20 && !syntax_.control_characters) {
      return false;
    } else {
      *scratch += *at_++;
    }
  }
  if (at_ == end_) return false;
  ++at_;
  *text = *scratch;
  return true;
}

bool JsonText::ReadEscape(std::string* out) {
  if (end_ - at_ < 2) return false;
  const char c = at_[1];
  at_ += 2;
  switch (c) {
    case 'b':
      *out += '\b';
      return true;
    case 't':
      *out += '\t';
      return true;
    case 'n':
      *out += '\n';
      return true;
    case 'f':
      *out += '\f';
      return true;
    case 'r':
      *out += '\r';
      return true;
    case '"':
    case '/':
    case '\\':
      *out += c;
      return true;
    case 'u':
      return ReadUnicodeEscape(out);
    default:
      if (!syntax_.any_escape && !(c == '\'' && syntax_.single_quotes)) return false;
      *out += c;
      return true;
  }
}

bool JsonText::ReadHex(uint32_t* unit) {
  if (end_ - at_ < 4) return false;
  *unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *at_++;
    const int digit = IsDigit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    *unit = *unit << 4 | static_cast<uint32_t>(digit);
  }
  return true;
}

bool JsonText::ReadUnicodeEscape(std::string* out) {
  uint32_t unit = 0;
  if (!ReadHex(&unit)) return false;
  if (unit >= 0xD800 && unit <= 0xDBFF && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
    const char* const back = at_;
    at_ += 2;
    uint32_t low = 0;
    if (!ReadHex(&low)) return false;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      AppendCodePoint(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
      return true;
    }
    at_ = back;
  }
  // Half a pair can't be written as UTF-8; Java writes a question mark.
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    *out += '?';
  } else {
    AppendCodePoint(unit, out);
  }
  return true;
}

bool JsonText::AtValueEnd() const {
  return at_ == end_ || std::strchr(" \n\r\t,]}/", *at_) != nullptr;
}

bool JsonText::ReadNonNumeric() {
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  for (const std::string_view name :
       {"NaN", "Infinity", "-Infinity", "+Infinity", "-INF", "+INF"}) {
    if (!rest.starts_with(name)) continue;
    at_ += name.size();
    return AtValueEnd();
  }
  return false;
}

bool JsonText::ReadNumber(std::string_view* raw, bool* integral) {
  const char* const begin = at_;
  *integral = true;
  if (*at_ == '-') ++at_;
  if (at_ == end_) return false;
  if (!IsDigit(*at_)) {
    at_ = begin;
    *integral = false;
    if (!syntax_.non_numeric_numbers || !ReadNonNumeric()) return false;
    *raw = Since(begin);
    return true;
  }
  if (*at_ == '0' && end_ - at_ > 1 && IsDigit(at_[1]) && !syntax_.leading_zeros) return false;
  while (at_ != end_ && IsDigit(*at_)) ++at_;
  if (at_ != end_ && *at_ == '.') {
    *integral = false;
    ++at_;
    if (at_ == end_ || !IsDigit(*at_)) return false;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    *integral = false;
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (at_ == end_ || !IsDigit(*at_)) return false;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
  }
  *raw = Since(begin);
  return AtValueEnd();
}

bool JsonText::ReadLiteral() {
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!rest.starts_with(word)) continue;
    at_ += word.size();
    return AtValueEnd();
  }
  return false;
}

bool JsonText::Skip() {
  std::string_view text;
  bool integral = false;
  switch (Peek()) {
    case Kind::kObject:
      for (bool first = true;; first = false) {
        const Next next = NextMember(first, &text);
        if (next == Next::kClose) return true;
        if (next == Next::kBad || !Skip()) return false;
      }
    case Kind::kArray:
      for (bool first = true;; first = false) {
        const Next next = NextElement(first);
        if (next == Next::kClose) return true;
        if (next == Next::kBad || !Skip()) return false;
      }
    case Kind::kString:
      return ReadString(&text);
    case Kind::kNumber:
      return ReadNumber(&text, &integral);
    case Kind::kTrue:
    case Kind::kFalse:
    case Kind::kNull:
      return ReadLiteral();
    default:
      return false;
  }
}

bool JsonText::Copy(std::string* out) {
  std::string_view text;
  const Kind kind = Peek();
  const char* const begin = at_;
  switch (kind) {
    case Kind::kObject:
      *out += '{';
      for (bool first = true;; first = false) {
        const Next next = NextMember(first, &text);
        if (next == Next::kClose) break;
        if (next == Next::kBad) return false;
        if (!first) *out += ',';
        AppendJsonString(text, out);
        *out += ':';
        if (!Copy(out)) return false;
      }
      *out += '}';
      return true;
    case Kind::kArray:
      *out += '[';
      for (bool first = true;; first = false) {
        const Next next = NextElement(first);
        if (next == Next::kClose) break;
        if (next == Next::kBad) return false;
        if (!first) *out += ',';
        if (!Copy(out)) return false;
      }
      *out += ']';
      return true;
    case Kind::kString:
      if (!ReadString(&text)) return false;
      AppendJsonString(text, out);
      return true;
    default:
      if (!Skip()) return false;
      out->append(Since(begin));
      return true;
  }
}

}  // namespace tarn::format
