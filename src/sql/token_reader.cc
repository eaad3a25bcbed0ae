#include "token_reader.h"

#include <charconv>
#include <utility>

#include "keyword_suggestion.h"
#include "tarn/sql/parser.h"

namespace tarn::sql {

namespace {

std::string_view Spelling(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLeftParen:
      return "'('";
    case TokenKind::kRightParen:
      return "')'";
    case TokenKind::kLeftBracket:
      return "'['";
    case TokenKind::kRightBracket:
      return "']'";
    case TokenKind::kComma:
      return "','";
    case TokenKind::kDot:
      return "'.'";
    case TokenKind::kSemicolon:
      return "';'";
    case TokenKind::kColon:
      return "':'";
    case TokenKind::kEqual:
      return "'='";
    case TokenKind::kLess:
      return "'<'";
    case TokenKind::kGreater:
      return "'>'";
    case TokenKind::kArrow:
      return "'->'";
    case TokenKind::kAsterisk:
      return "'*'";
    case TokenKind::kHintEnd:
      return "'*/'";
    case TokenKind::kString:
      return "a string";
    default:
      return "another token";
  }
}

}  // namespace

bool TokenReader::IsAnyOf(std::initializer_list<Keyword> keywords) const {
  const Keyword now = Now().keyword;
  for (Keyword keyword : keywords) {
    if (keyword == now) return true;
  }
  return false;
}

bool TokenReader::IsSequence(std::initializer_list<Keyword> keywords) const {
  size_t ahead = 0;
  for (Keyword keyword : keywords) {
    if (Ahead(ahead++).keyword != keyword) return false;
  }
  return true;
}

bool TokenReader::Accept(TokenKind kind) {
  if (!Is(kind) || kind == TokenKind::kEnd) return false;
  ++at_;
  return true;
}

bool TokenReader::Accept(Keyword keyword) {
  if (!Is(keyword)) return false;
  ++at_;
  return true;
}

bool TokenReader::AcceptSequence(std::initializer_list<Keyword> keywords) {
  if (!IsSequence(keywords)) return false;
  at_ += keywords.size();
  return true;
}

bool TokenReader::IsWord(std::string_view upper, size_t ahead) const {
  const Token& token = Ahead(ahead);
  if (token.kind != TokenKind::kWord) return false;
  const std::string_view word = Text(token);
  if (word.size() != upper.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 32) : word[i];
    if (c != upper[i]) return false;
  }
  return true;
}

bool TokenReader::AcceptWord(std::string_view upper) {
  if (!IsWord(upper)) return false;
  ++at_;
  return true;
}

std::string TokenReader::UpperText() const {
  std::string word(Text(Now()));
  for (char& c : word) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return word;
}

void TokenReader::Expect(TokenKind kind) {
  if (!Accept(kind)) FailExpected(Spelling(kind));
}

void TokenReader::Expect(Keyword keyword) {
  if (!Accept(keyword)) FailExpected(KeywordText(keyword));
}

void TokenReader::ExpectSequence(std::initializer_list<Keyword> keywords) {
  for (Keyword keyword : keywords) Expect(keyword);
}

void TokenReader::ExpectEnd() {
  if (!AtEnd()) FailExpected("the end of the statement");
}

void TokenReader::FailExpected(std::string_view what) {
  if (!ok()) return;
  std::string near = AtEnd() ? "end of input" : "'" + std::string(Text(Now())) + "'";
  if (near.size() > 100) near = near.substr(0, 97) + "...'";
  Error error(Condition("PARSE_SYNTAX_ERROR"),
              {{"error", std::move(near)}, {"detail", "expected " + std::string(what)}});
  error = std::move(error).WithPosition(Here());
  // A misspelt keyword is often taken for an alias, so that the token after it is the odd one.
  for (size_t back = 0; back < 2 && back <= at_; ++back) {
    const Token& token = tokens_[at_ - back];
    if (token.kind != TokenKind::kWord || token.keyword != Keyword::kNoKeyword) continue;
    const std::string_view better = SuggestKeyword(Text(token));
    if (better.empty()) continue;
    error = std::move(error).WithHint("Did you mean " + std::string(better) + " instead of " +
                                      std::string(Text(token)) + "?");
    break;
  }
  if (Is(TokenKind::kString) && text_[Here().begin] == '"') {
    error = std::move(error).WithHint(
        "Double quotes enclose strings; names are quoted with back-ticks (`).");
  }
  Fail(std::move(error));
}

void TokenReader::FailAt(const SourceRange& range, std::string detail) {
  if (!ok()) return;
  const std::string_view near = Slice(text_, range);
  std::string shown = near.empty() ? "end of input" : "'" + std::string(near.substr(0, 97)) + "'";
  Fail(Error(Condition("PARSE_SYNTAX_ERROR"),
             {{"error", std::move(shown)}, {"detail", std::move(detail)}})
           .WithPosition(range));
}

void TokenReader::Fail(Error error) {
  if (!ok()) return;
  error_ = std::move(error).WithDefaultPosition(Here());
  at_ = tokens_.size() - 1;
}

SourceRange TokenReader::Since(const SourceRange& begin) const {
  SourceRange range = begin;
  if (at_ > 0 && tokens_[at_ - 1].source.end > range.begin) range.end = tokens_[at_ - 1].source.end;
  return range;
}

Identifier TokenReader::ParseIdentifier(std::string_view what) {
  Identifier identifier;
  const Token& token = Now();
  if (token.kind == TokenKind::kWord) {
    identifier.text = std::string(Text(token));
  } else if (token.kind == TokenKind::kQuotedIdentifier) {
    identifier.text = DecodeQuotedIdentifier(Text(token));
    identifier.quoted = true;
    if (identifier.text.empty()) {
      FailAt(token.source, "a name must not be empty");
      return identifier;
    }
  } else {
    FailExpected(what);
    return identifier;
  }
  identifier.source = token.source;
  ++at_;
  return identifier;
}

std::vector<Identifier> TokenReader::ParseParts(std::string_view what) {
  std::vector<Identifier> parts;
  parts.push_back(ParseIdentifier(what));
  while (Is(TokenKind::kDot) && IsIdentifier(1)) {
    Skip();
    parts.push_back(ParseIdentifier());
  }
  return parts;
}

std::vector<Identifier> TokenReader::ParseIdentifierList() {
  std::vector<Identifier> list;
  Expect(TokenKind::kLeftParen);
  do {
    list.push_back(ParseIdentifier());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return list;
}

std::vector<std::vector<Identifier>> TokenReader::ParsePartsSequence() {
  std::vector<std::vector<Identifier>> list;
  do {
    list.push_back(ParseParts());
  } while (Accept(TokenKind::kComma));
  return list;
}

std::string TokenReader::ParseString(std::string_view what) {
  if (!IsString()) {
    FailExpected(what);
    return {};
  }
  std::string value;
  while (IsString()) {
    value += DecodeString(Text(Now()));
    ++at_;
  }
  return value;
}

int64_t TokenReader::ParseInteger(std::string_view what) {
  const SourceRange begin = Here();
  const bool negative = Is(TokenKind::kMinus) && IsAhead(1, TokenKind::kInteger);
  if (negative || (Is(TokenKind::kPlus) && IsAhead(1, TokenKind::kInteger))) ++at_;
  if (!Is(TokenKind::kInteger) && !Is(TokenKind::kBigIntSuffix)) {
    FailExpected(what);
    return 0;
  }
  std::string digits = negative ? "-" : "";
  digits += Text(Now());
  ++at_;
  int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc()) FailAt(Since(begin), "this number is too large");
  return value;
}

bool TokenReader::AcceptIfExists() { return AcceptSequence({Keyword::kIf, Keyword::kExists}); }

bool TokenReader::AcceptIfNotExists() {
  return AcceptSequence({Keyword::kIf, Keyword::kNot, Keyword::kExists});
}

TokenReader::Nesting::Nesting(TokenReader* reader) : reader_(reader) {
  if (++reader_->depth_ > kNestingMax) {
    reader_->FailAt(reader_->Here(), "the statement is nested too deeply");
  }
}

}  // namespace tarn::sql
