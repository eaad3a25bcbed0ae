#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/base/source_position.h"

namespace tarn::sql {

enum class Keyword : uint16_t {
  kNoKeyword,
#define TARN_KEYWORD(enumerator, text) enumerator,
#include "keyword_list.inc"
#undef TARN_KEYWORD
};

/// The keyword of a word in any case, or kNoKeyword.
Keyword FindKeyword(std::string_view word);
/// "SELECT"; "" for kNoKeyword.
std::string_view KeywordText(Keyword keyword);

enum class TokenKind : uint8_t {
  kEnd,
  kWord,              ///< an unquoted identifier or keyword
  kQuotedIdentifier,  ///< `name`
  kString,            ///< '…', "…", r'…'
  kDollarString,      ///< $$…$$
  kUnknown,           ///< a character that begins no token
  kInteger,
  kDecimal,         ///< 1.5, .5
  kExponent,        ///< 1e3
  kBigIntSuffix,    ///< 1L
  kSmallIntSuffix,  ///< 1S
  kTinyIntSuffix,   ///< 1Y
  kDoubleSuffix,    ///< 1.5D
  kFloatSuffix,     ///< 1.5F
  kDecimalSuffix,   ///< 1.5BD
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kComma,
  kDot,
  kSemicolon,
  kColon,
  kDoubleColon,
  kTryColons,  ///< ?::
  kQuestion,
  kEqual,
  kNullSafeEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,  ///< >> and >>> are several of these, so that types can close with them
  kGreaterEqual,
  kShiftLeft,
  kBang,
  kPlus,
  kMinus,
  kAsterisk,
  kSlash,
  kPercent,
  kAmpersand,
  kPipe,
  kConcat,
  kHat,
  kTilde,
  kArrow,     ///< ->
  kFatArrow,  ///< =>
  kPipeStep,  ///< |>
  kAt,
  kHintStart,
  kHintEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Keyword keyword = Keyword::kNoKeyword;  ///< of a kWord
  uint32_t match = 0;                     ///< of a kLeftParen: index of its kRightParen, or 0
  SourceRange source;
};

/// Cuts `text` into tokens; the last one is kEnd. Comments and blanks vanish.
/// Errors: PARSE_SYNTAX_ERROR for bytes that no token starts with, an unterminated string or
/// identifier, invalid UTF-8 or too many tokens; UNCLOSED_BRACKETED_COMMENT.
Result<std::vector<Token>> Tokenize(std::string_view text);

/// The content of a string token: quotes removed, escapes resolved as Spark does.
std::string DecodeString(std::string_view token_text);
/// The content of a back-quoted identifier.
std::string DecodeQuotedIdentifier(std::string_view token_text);

}  // namespace tarn::sql
