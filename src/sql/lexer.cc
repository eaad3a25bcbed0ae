#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/utf8.h"
#include "tarn/sql/parser.h"
#include "token.h"

namespace tarn::sql {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Length of a blank that isn't ASCII (no-break, zero-width, ideographic space …), or 0.
size_t WideBlankLength(std::string_view rest) {
  static constexpr std::string_view kBlanks[] = {"\xC2\xA0",     "\xE2\x80\x8B", "\xE3\x80\x80",
                                                 "\xEF\xBB\xBF", "\xE2\x80\xAF", "\xE2\x80\x83",
                                                 "\xE2\x80\x82"};
  for (std::string_view blank : kBlanks) {
    if (rest.starts_with(blank)) return blank.size();
  }
  return 0;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    TARN_TRY(CheckUtf8());
    tokens_.reserve(text_.size() / 4 + 8);
    if (text_.starts_with("\xEF\xBB\xBF")) Advance(3);
    for (;;) {
      TARN_TRY(SkipBlanks());
      if (at_ >= text_.size()) break;
      if (tokens_.size() >= kTokensMax) return Fail(at_, at_ + 1, "the statement is too long");
      TARN_TRY(Next());
    }
    Push(TokenKind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  SourceRange RangeHere(size_t length) const {
    return {static_cast<uint32_t>(at_), static_cast<uint32_t>(at_ + length), line_,
            static_cast<uint32_t>(at_ - line_start_ - continuation_bytes_ + 1)};
  }

  /// Moves over `length` bytes, keeping line and column.
  void Advance(size_t length) {
    for (size_t end = at_ + length; at_ < end; ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
        continuation_bytes_ = 0;
      } else if ((static_cast<unsigned char>(c) & 0xC0u) == 0x80u) {
        ++continuation_bytes_;
      }
    }
  }

  Token& Push(TokenKind kind, size_t length) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.source = RangeHere(length);
    return token;
  }

  void Emit(TokenKind kind, size_t length) {
    Push(kind, length);
    Advance(length);
  }

  Error Fail(size_t begin, size_t end, std::string detail) {
    Advance(begin - at_);
    const size_t stop = std::min(end, text_.size());
    std::string near = begin < text_.size() ? std::string(text_.substr(begin, stop - begin))
                                            : std::string("end of input");
    return Error(Condition("PARSE_SYNTAX_ERROR"),
                 {{"error", "'" + near + "'"}, {"detail", std::move(detail)}})
        .WithPosition(RangeHere(stop - begin));
  }

  Status CheckUtf8() {
    if (text_.size() >= UINT32_MAX) return Fail(0, 1, "the statement is too long");
    for (size_t i = 0; i < text_.size();) {
      if (static_cast<unsigned char>(text_[i]) < 0x80) {
        ++i;
        continue;
      }
      const int length = Utf8SequenceAt(text_.substr(i));
      if (length < 0) {
        Advance(i - at_);
        return Error(Condition("PARSE_SYNTAX_ERROR"),
                     {{"error", "a byte that isn't UTF-8"},
                      {"detail", "the statement must be UTF-8 text"}})
            .WithPosition(RangeHere(1));
      }
      i += static_cast<size_t>(length);
    }
    return {};
  }

  Status SkipBlanks() {
    for (;;) {
      const char c = Peek();
      if (c == '\n') {
        Advance(1);
      } else if (at_ < text_.size() &&
                 (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v')) {
        ++at_;
      } else if (c == '-' && Peek(1) == '-') {
        SkipLineComment();
      } else if (c == '/' && Peek(1) == '*' && Peek(2) != '+') {
        TARN_TRY(SkipBlockComment());
      } else {
        return {};
      }
    }
  }

  void SkipLineComment() {
    size_t end = at_;
    while (end < text_.size() && text_[end] != '\n') {
      // A backslash at the end of the line carries the comment on.
      if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] == '\n') ++end;
      ++end;
    }
    Advance(end - at_);
  }

  Status SkipBlockComment() {
    size_t i = at_ + 2;
    int depth = 1;
    while (i < text_.size() && depth > 0) {
      if (text_[i] == '/' && i + 1 < text_.size() && text_[i + 1] == '*') {
        ++depth;
        i += 2;
      } else if (text_[i] == '*' && i + 1 < text_.size() && text_[i + 1] == '/') {
        --depth;
        i += 2;
      } else {
        ++i;
      }
    }
    if (depth > 0) {
      return Error(Condition("UNCLOSED_BRACKETED_COMMENT")).WithPosition(RangeHere(2));
    }
    Advance(i - at_);
    return {};
  }

  Status Next() {
    const char c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      if (Number()) return {};
    }
    if (c == '\'' || c == '"') return String(0, false);
    if ((c == 'r' || c == 'R') && (Peek(1) == '\'' || Peek(1) == '"')) return String(1, true);
    if (c == '`') return QuotedIdentifier();
    if (IsWordByte(c)) return Word();
    return Symbol();
  }

  Status Word() {
    if (static_cast<unsigned char>(Peek()) >= 0x80) {
      if (size_t blank = WideBlankLength(text_.substr(at_))) {
        return Fail(at_, at_ + blank, "this blank is a special character, use an ordinary one");
      }
    }
    size_t end = at_;
    bool ascii = true;
    while (end < text_.size() && IsWordByte(text_[end])) {
      if (static_cast<unsigned char>(text_[end]) >= 0x80) {
        if (WideBlankLength(text_.substr(end)) != 0) break;
        ascii = false;
      }
      ++end;
    }
    const size_t length = end - at_;
    Token& token = Push(TokenKind::kWord, length);
    if (ascii) {
      token.keyword = FindKeyword(text_.substr(at_, length));
      at_ = end;
    } else {
      Advance(length);
    }
    return {};
  }

  size_t SkipDigits(size_t i) const {
    while (i < text_.size() && IsDigit(text_[i])) ++i;
    return i;
  }

  /// Emits a number, or returns false if the digits begin an identifier (1st) or a dot stands
  /// alone.
  bool Number() {
    size_t end = SkipDigits(at_);
    TokenKind kind = TokenKind::kInteger;
    if (end < text_.size() && text_[end] == '.') {
      kind = TokenKind::kDecimal;
      end = SkipDigits(end + 1);
    }
    if (end < text_.size() && (text_[end] | 0x20) == 'e') {
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && IsDigit(text_[exponent])) {
        kind = TokenKind::kExponent;
        end = SkipDigits(exponent);
      }
    }
    end = Suffix(end, &kind);
    if (end < text_.size() && IsWordByte(text_[end])) {
      if (kind == TokenKind::kInteger || Peek() == '.') return false;
      const size_t digits = SkipDigits(at_);
      if (text_[digits] != '.') return false;
      // 1.x: an integer, a dot and a word.
      Emit(TokenKind::kInteger, digits - at_);
      return true;
    }
    Emit(kind, end - at_);
    return true;
  }

  size_t Suffix(size_t end, TokenKind* kind) const {
    if (end >= text_.size()) return end;
    const char letter = static_cast<char>(text_[end] | 0x20);
    const bool last = end + 1 >= text_.size() || !IsWordByte(text_[end + 1]);
    if (letter == 'b' && end + 1 < text_.size() && (text_[end + 1] | 0x20) == 'd' &&
        (end + 2 >= text_.size() || !IsWordByte(text_[end + 2]))) {
      *kind = TokenKind::kDecimalSuffix;
      return end + 2;
    }
    if (!last) return end;
    if (letter == 'd') *kind = TokenKind::kDoubleSuffix;
    if (letter == 'f') *kind = TokenKind::kFloatSuffix;
    if (letter == 'd' || letter == 'f') return end + 1;
    if (*kind != TokenKind::kInteger) return end;
    if (letter == 'l') *kind = TokenKind::kBigIntSuffix;
    if (letter == 's') *kind = TokenKind::kSmallIntSuffix;
    if (letter == 'y') *kind = TokenKind::kTinyIntSuffix;
    return *kind == TokenKind::kInteger ? end : end + 1;
  }

  Status String(size_t prefix, bool raw) {
    const char quote = text_[at_ + prefix];
    size_t i = at_ + prefix + 1;
    for (; i < text_.size(); ++i) {
      if (text_[i] == '\\' && !raw) {
        ++i;
      } else if (text_[i] == quote) {
        if (raw || i + 1 >= text_.size() || text_[i + 1] != quote) break;
        ++i;
      }
    }
    if (i >= text_.size()) {
      return Fail(at_, at_ + prefix + 1, "this string has no closing quote");
    }
    Emit(TokenKind::kString, i + 1 - at_);
    return {};
  }

  Status QuotedIdentifier() {
    size_t i = at_ + 1;
    for (; i < text_.size(); ++i) {
      if (text_[i] != '`') continue;
      if (i + 1 >= text_.size() || text_[i + 1] != '`') break;
      ++i;
    }
    if (i >= text_.size()) return Fail(at_, at_ + 1, "this identifier has no closing back-tick");
    Emit(TokenKind::kQuotedIdentifier, i + 1 - at_);
    return {};
  }

  Status Symbol() {
    struct Spelling {
      std::string_view text;
      TokenKind kind;
    };
    // Longer spellings stand before their own beginnings.
    static constexpr Spelling kSpellings[] = {{"/*+", TokenKind::kHintStart},
                                              {"*/", TokenKind::kHintEnd},
                                              {"?::", TokenKind::kTryColons},
                                              {"::", TokenKind::kDoubleColon},
                                              {"<=>", TokenKind::kNullSafeEqual},
                                              {"==", TokenKind::kEqual},
                                              {"=>", TokenKind::kFatArrow},
                                              {"<>", TokenKind::kNotEqual},
                                              {"!=", TokenKind::kNotEqual},
                                              {"<=", TokenKind::kLessEqual},
                                              {"!>", TokenKind::kLessEqual},
                                              {">=", TokenKind::kGreaterEqual},
                                              {"!<", TokenKind::kGreaterEqual},
                                              {"<<", TokenKind::kShiftLeft},
                                              {"||", TokenKind::kConcat},
                                              {"|>", TokenKind::kPipeStep},
                                              {"->", TokenKind::kArrow},
                                              {"(", TokenKind::kLeftParen},
                                              {")", TokenKind::kRightParen},
                                              {"[", TokenKind::kLeftBracket},
                                              {"]", TokenKind::kRightBracket},
                                              {",", TokenKind::kComma},
                                              {".", TokenKind::kDot},
                                              {";", TokenKind::kSemicolon},
                                              {":", TokenKind::kColon},
                                              {"?", TokenKind::kQuestion},
                                              {"=", TokenKind::kEqual},
                                              {"<", TokenKind::kLess},
                                              {">", TokenKind::kGreater},
                                              {"!", TokenKind::kBang},
                                              {"+", TokenKind::kPlus},
                                              {"-", TokenKind::kMinus},
                                              {"*", TokenKind::kAsterisk},
                                              {"/", TokenKind::kSlash},
                                              {"%", TokenKind::kPercent},
                                              {"&", TokenKind::kAmpersand},
                                              {"|", TokenKind::kPipe},
                                              {"^", TokenKind::kHat},
                                              {"~", TokenKind::kTilde},
                                              {"@", TokenKind::kAt}};
    switch (Peek()) {
      case '(':
        open_.push_back(tokens_.size());
        Emit(TokenKind::kLeftParen, 1);
        return {};
      case ')':
        if (!open_.empty()) {
          tokens_[open_.back()].match = static_cast<uint32_t>(tokens_.size());
          open_.pop_back();
        }
        Emit(TokenKind::kRightParen, 1);
        return {};
      case ',':
        Emit(TokenKind::kComma, 1);
        return {};
      case '.':
        Emit(TokenKind::kDot, 1);
        return {};
      case '$':
        return Dollar();
      default:
        break;
    }
    // count(*)/2 and SELECT */2 hold no end of a hint.
    const bool in_hint = hint_open_;
    const std::string_view rest = text_.substr(at_);
    for (const Spelling& spelling : kSpellings) {
      if (!rest.starts_with(spelling.text)) continue;
      if (spelling.kind == TokenKind::kHintEnd && !in_hint) continue;
      if (spelling.kind == TokenKind::kHintStart) hint_open_ = true;
      if (spelling.kind == TokenKind::kHintEnd) hint_open_ = false;
      Emit(spelling.kind, spelling.text.size());
      return {};
    }
    // The parser refuses it where it stands, so that a script can still be cut into statements.
    Emit(TokenKind::kUnknown, 1);
    return {};
  }

  Status Dollar() {
    if (Peek(1) == '{') {
      return Fail(at_, at_ + 2, "substitution of ${…} isn't supported, use a parameter (:name)");
    }
    if (Peek(1) != '$') {
      Emit(TokenKind::kUnknown, 1);
      return {};
    }
    const size_t end = text_.find("$$", at_ + 2);
    if (end == std::string_view::npos) return Fail(at_, at_ + 2, "this body has no closing $$");
    Emit(TokenKind::kDollarString, end + 2 - at_);
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  size_t line_start_ = 0;
  size_t continuation_bytes_ = 0;
  bool hint_open_ = false;
  std::vector<size_t> open_;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view text) { return Lexer(text).Run(); }

}  // namespace tarn::sql
