#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/sql/ast.h"
#include "token.h"

namespace tarn::sql {

/// Reads tokens one after the other. The first failure is kept and the reader jumps to the end, so
/// that every loop of the parser stops by itself: parse functions always return something, and
/// whoever starts the parser asks TakeError() once.
class TokenReader {
 public:
  TokenReader(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  bool ok() const { return !error_.has_value(); }
  /// The first failure; call only if !ok().
  Error TakeError() { return *std::move(error_); }
  bool AtEnd() const { return Now().kind == TokenKind::kEnd; }
  /// Fails unless all tokens were read.
  void ExpectEnd();

 protected:
  const Token& Now() const { return tokens_[at_]; }
  const Token& Ahead(size_t count) const {
    return tokens_[at_ + count < tokens_.size() ? at_ + count : tokens_.size() - 1];
  }
  bool Is(TokenKind kind) const { return Now().kind == kind; }
  bool Is(Keyword keyword) const { return Now().keyword == keyword; }
  bool IsAhead(size_t count, TokenKind kind) const { return Ahead(count).kind == kind; }
  bool IsAhead(size_t count, Keyword keyword) const { return Ahead(count).keyword == keyword; }
  bool IsAnyOf(std::initializer_list<Keyword> keywords) const;
  /// The next words are exactly these.
  bool IsSequence(std::initializer_list<Keyword> keywords) const;
  /// A word or a quoted identifier.
  bool IsIdentifier(size_t ahead = 0) const {
    const TokenKind kind = Ahead(ahead).kind;
    return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
  }
  bool IsString(size_t ahead = 0) const { return IsAhead(ahead, TokenKind::kString); }
  /// The current token begins right where the previous one ended.
  bool Touches(size_t ahead) const {
    return Ahead(ahead).source.begin == Ahead(ahead - 1).source.end;
  }

  void Skip(size_t count = 1) {
    for (; count > 0 && !AtEnd(); --count) ++at_;
  }
  bool Accept(TokenKind kind);
  bool Accept(Keyword keyword);
  /// Takes all of the words or none.
  bool AcceptSequence(std::initializer_list<Keyword> keywords);
  /// The current token is that word (given in upper case), keyword or not.
  bool IsWord(std::string_view upper, size_t ahead = 0) const;
  bool AcceptWord(std::string_view upper);
  void Expect(TokenKind kind);
  void Expect(Keyword keyword);
  void ExpectSequence(std::initializer_list<Keyword> keywords);

  /// PARSE_SYNTAX_ERROR at the current token: "expected <what>".
  void FailExpected(std::string_view what);
  /// PARSE_SYNTAX_ERROR at a range with a detail of one's own.
  void FailAt(const SourceRange& range, std::string detail);
  void Fail(Error error);

  std::string_view Text(const Token& token) const {
    return text_.substr(token.source.begin, token.source.end - token.source.begin);
  }
  std::string_view text() const { return text_; }
  /// From `begin` to the end of the last token taken.
  SourceRange Since(const SourceRange& begin) const;
  SourceRange Here() const { return Now().source; }

  Identifier ParseIdentifier(std::string_view what = "a name");
  /// a.b.c; any word may stand after a dot.
  std::vector<Identifier> ParseParts(std::string_view what = "a name");
  /// The current word in upper case.
  std::string UpperText() const;
  /// (a, b, c)
  std::vector<Identifier> ParseIdentifierList();
  /// (a.b, c) without the parentheses
  std::vector<std::vector<Identifier>> ParsePartsSequence();
  std::string ParseString(std::string_view what = "a string");
  /// A whole number with an optional sign.
  int64_t ParseInteger(std::string_view what = "a whole number");
  bool AcceptIfExists();
  bool AcceptIfNotExists();

  struct Mark {
    size_t at;
  };
  Mark Save() const { return {at_}; }
  /// Goes back; must not follow a failure.
  void GoTo(Mark mark) { at_ = mark.at; }

  /// Counts nesting while it lives; too deep a nesting is a failure.
  class Nesting {
   public:
    explicit Nesting(TokenReader* reader);
    ~Nesting() { --reader_->depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    TokenReader* reader_;
  };

  std::vector<Token>& tokens() { return tokens_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  std::optional<Error> error_;
};

}  // namespace tarn::sql
