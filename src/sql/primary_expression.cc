// The operands of expressions: names, parentheses, CASE, CAST and the other forms led by a word.

#include <utility>

#include "expression_parser.h"
#include "tarn/sql/parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

ExprPtr ExpressionParser::ParseAtom() {
  const SourceRange begin = Here();
  switch (Now().kind) {
    case T::kWord:
      return ParseWord();
    case T::kQuotedIdentifier:
      return IsAhead(1, T::kArrow) ? ParseLambda() : ParseNameOrCall();
    case T::kString:
      return ParseStringLiteral();
    case T::kInteger:
    case T::kDecimal:
    case T::kExponent:
    case T::kBigIntSuffix:
    case T::kSmallIntSuffix:
    case T::kTinyIntSuffix:
    case T::kDoubleSuffix:
    case T::kFloatSuffix:
    case T::kDecimalSuffix:
      return ParseNumber(false, begin);
    case T::kLeftParen:
      return ParseParenthesis();
    case T::kAsterisk:
      Skip();
      return ParseStar({}, begin);
    case T::kQuestion:
      Skip();
      return MakeExpr(begin, Parameter{{}, ordinal_++});
    case T::kTryColons: {
      // ?::INT is a parameter and its cast.
      Token& token = tokens()[at()];
      token.kind = T::kDoubleColon;
      ++token.source.begin;
      ++token.source.column;
      SourceRange range = begin;
      range.end = range.begin + 1;
      return MakeExpr(range, Parameter{{}, ordinal_++});
    }
    case T::kColon: {
      Skip();
      Identifier name = ParseIdentifier("a parameter's name");
      return MakeExpr(Since(begin), Parameter{std::move(name), -1});
    }
    default:
      FailExpected("an expression");
      return Dummy();
  }
}

bool ExpressionParser::CannotBeName() const {
  switch (Now().keyword) {
    case K::kFrom:
    case K::kWhere:
    case K::kHaving:
    case K::kUnion:
    case K::kIntersect:
    case K::kExcept:
    case K::kWhen:
    case K::kThen:
    case K::kElse:
    case K::kAnd:
    case K::kOr:
    case K::kAs:
    case K::kOn:
    case K::kIs:
    case K::kBetween:
    case K::kSelect:
    case K::kJoin:
    case K::kInto:
      return !IsAhead(1, T::kDot);
    case K::kIn:
    case K::kLimit:
    case K::kUsing:
    case K::kQualify:
      return !IsAhead(1, T::kDot) && !IsAhead(1, T::kLeftParen);
    case K::kEnd:
      return case_depth_ > 0;
    case K::kGroup:
    case K::kOrder:
    case K::kSort:
    case K::kCluster:
    case K::kDistribute:
      return IsAhead(1, K::kBy);
    default:
      return false;
  }
}

ExprPtr ExpressionParser::ParseWord() {
  if (IsAhead(1, T::kArrow)) return ParseLambda();
  const Keyword keyword = Now().keyword;
  if (IsString(1) && keyword != Keyword::kCase) {
    // X 'FF', DATE '…', INTERVAL '…'
    return keyword == K::kInterval ? ParseInterval() : ParseTypedLiteral();
  }
  if (keyword == K::kNoKeyword) return ParseNameOrCall();
  if (CannotBeName()) {
    FailExpected("an expression");
    return Dummy();
  }
  if (ExprPtr special = ParseSpecialWord(keyword)) return special;
  return ParseNameOrCall();
}

ExprPtr ExpressionParser::ParseSpecialWord(Keyword keyword) {
  const SourceRange begin = Here();
  const bool call = IsAhead(1, T::kLeftParen);
  switch (keyword) {
    case K::kNull:
      if (IsAhead(1, T::kDot) || call) return nullptr;
      Skip();
      return MakeExpr(begin, Literal{});
    case K::kTrue:
    case K::kFalse: {
      if (IsAhead(1, T::kDot) || call) return nullptr;
      Skip();
      Literal literal;
      literal.kind = LiteralKind::kBoolean;
      literal.boolean = keyword == K::kTrue;
      return MakeExpr(begin, std::move(literal));
    }
    case K::kCase:
      // "case" is a column where nothing of a CASE can follow.
      if (IsAhead(1, T::kDot) || IsAhead(1, T::kComma) || IsAhead(1, T::kRightParen) ||
          IsAhead(1, T::kEnd) || IsAhead(1, K::kFrom)) {
        return nullptr;
      }
      return ParseCase();
    case K::kCast:
      return call ? ParseCast(false) : nullptr;
    case K::kTryCast:
      return call ? ParseCast(true) : nullptr;
    case K::kStruct:
      return call ? ParseStruct() : nullptr;
    case K::kExists:
      if (!call || !IsQueryParen(at() + 1)) return nullptr;
      Skip(2);
      {
        QueryPtr query = ParseQuery();
        Expect(T::kRightParen);
        return MakeExpr(Since(begin), Exists{std::move(query)});
      }
    case K::kExtract:
      return call ? ParseExtract() : nullptr;
    case K::kSubstring:
    case K::kSubstr:
      return call ? ParseSubstring() : nullptr;
    case K::kTrim:
      return call ? ParseTrim() : nullptr;
    case K::kOverlay:
      return call ? ParseOverlay() : nullptr;
    case K::kPosition:
      return call ? ParsePosition() : nullptr;
    case K::kTimestampadd:
    case K::kDateadd:
    case K::kDateAdd:
      return call && IsUnitFirstCall() ? ParseUnitFirst(true) : nullptr;
    case K::kTimestampdiff:
    case K::kDatediff:
    case K::kDateDiff:
    case K::kTimediff:
      return call && IsUnitFirstCall() ? ParseUnitFirst(false) : nullptr;
    case K::kInterval:
      return IsIntervalValue() ? ParseInterval() : nullptr;
    case K::kIdentifier:
      return call ? ParseIdentifierClause() : nullptr;
    default:
      return nullptr;
  }
}

ExprPtr ExpressionParser::ParseNameOrCall() {
  const SourceRange begin = Here();
  std::vector<Identifier> parts;
  parts.push_back(ParseIdentifier("an expression"));
  while (Is(T::kDot)) {
    if (IsAhead(1, T::kAsterisk)) {
      Skip(2);
      return ParseStar(std::move(parts), begin);
    }
    if (!IsIdentifier(1)) break;
    Skip();
    parts.push_back(ParseIdentifier());
  }
  const bool query_follows = query_may_follow_ && IsAhead(1, K::kSelect);
  if (Is(T::kLeftParen) && ok() && !query_follows) {
    ObjectName name;
    name.parts = std::move(parts);
    name.source = Since(begin);
    return ParseCall(std::move(name), begin);
  }
  return MakeExpr(Since(begin), Name{std::move(parts)});
}

ExprPtr ExpressionParser::ParseStar(std::vector<Identifier> qualifier, const SourceRange& begin) {
  Star star;
  star.qualifier = std::move(qualifier);
  if (Is(K::kExcept) && IsAhead(1, T::kLeftParen) && !IsQueryParen(at() + 1)) {
    Skip(2);
    star.except = ParsePartsSequence();
    Expect(T::kRightParen);
  }
  if (Is(K::kReplace) && IsAhead(1, T::kLeftParen)) {
    Skip(2);
    do {
      ExprPtr value = ParseExpression();
      Accept(K::kAs);
      star.replace.push_back({std::move(value), ParseIdentifier("a column's name")});
    } while (Accept(T::kComma));
    Expect(T::kRightParen);
  }
  return MakeExpr(Since(begin), std::move(star));
}

ExprPtr ExpressionParser::ParseParenthesis() {
  const SourceRange begin = Here();
  const uint32_t close = Now().match;
  if (close != 0 && tokens()[close + 1].kind == T::kArrow) return ParseLambda();
  if (IsQueryParen(at())) {
    Skip();
    QueryPtr query = ParseQuery();
    Expect(T::kRightParen);
    return MakeExpr(Since(begin), ScalarSubquery{std::move(query)});
  }
  Skip();
  NamedExpr first = ParseNamedExpr();
  if (Is(T::kComma)) {
    StructConstructor row;
    row.is_row = true;
    row.items.push_back(std::move(first));
    while (Accept(T::kComma)) row.items.push_back(ParseNamedExpr());
    Expect(T::kRightParen);
    return MakeExpr(Since(begin), std::move(row));
  }
  if (!first.aliases.empty()) FailAt(first.aliases[0].source, "expected ')'");
  Expect(T::kRightParen);
  // The range of the parenthesised text, so that errors point at all of it.
  first.expr->source = Since(begin);
  return std::move(first.expr);
}

ExprPtr ExpressionParser::ParseLambda() {
  const SourceRange begin = Here();
  Lambda lambda;
  if (Is(T::kLeftParen)) {
    lambda.parameters = ParseIdentifierList();
  } else {
    lambda.parameters.push_back(ParseIdentifier());
  }
  Expect(T::kArrow);
  lambda.body = ParseExpression();
  return MakeExpr(Since(begin), std::move(lambda));
}

ExprPtr ExpressionParser::ParseCase() {
  const SourceRange begin = Here();
  Skip();
  ++case_depth_;
  Case node;
  if (!Is(K::kWhen)) node.operand = ParseExpression();
  if (!Is(K::kWhen)) FailExpected("WHEN");
  while (Accept(K::kWhen)) {
    CaseBranch branch;
    branch.when = ParseExpression();
    Expect(K::kThen);
    branch.then = ParseExpression();
    node.branches.push_back(std::move(branch));
  }
  if (Accept(K::kElse)) node.otherwise = ParseExpression();
  --case_depth_;
  if (!Accept(K::kEnd)) FailExpected(node.otherwise ? "END" : "WHEN, ELSE or END");
  return MakeExpr(Since(begin), std::move(node));
}

ExprPtr ExpressionParser::ParseCast(bool is_try) {
  const SourceRange begin = Here();
  Skip(2);
  Cast cast;
  cast.is_try = is_try;
  cast.operand = ParseExpression();
  Expect(K::kAs);
  cast.type_source = Here();
  cast.type = ParseType();
  cast.type_source = Since(cast.type_source);
  Expect(T::kRightParen);
  return MakeExpr(Since(begin), std::move(cast));
}

ExprPtr ExpressionParser::ParseStruct() {
  const SourceRange begin = Here();
  Skip(2);
  StructConstructor node;
  if (!Is(T::kRightParen)) {
    do {
      node.items.push_back(ParseNamedExpr());
    } while (Accept(T::kComma));
  }
  Expect(T::kRightParen);
  return MakeExpr(Since(begin), std::move(node));
}

ExprPtr ExpressionParser::ParseIdentifierClause() {
  const SourceRange begin = Here();
  Skip(2);
  ExprPtr expr = ParseExpression();
  Expect(T::kRightParen);
  std::vector<Identifier> parts;
  while (Is(T::kDot) && IsIdentifier(1)) {
    Skip();
    parts.push_back(ParseIdentifier());
  }
  if (Is(T::kLeftParen)) {
    ObjectName name;
    name.identifier_clause = std::move(expr);
    name.parts = std::move(parts);
    name.source = Since(begin);
    return ParseCall(std::move(name), begin);
  }
  return MakeExpr(Since(begin), IdentifierClause{std::move(expr), std::move(parts)});
}

ObjectName ExpressionParser::ParseObjectName(std::string_view what) {
  ObjectName name;
  const SourceRange begin = Here();
  if (Is(K::kIdentifier) && IsAhead(1, T::kLeftParen)) {
    Skip(2);
    name.identifier_clause = ParseExpression();
    Expect(T::kRightParen);
    while (Is(T::kDot) && IsIdentifier(1)) {
      Skip();
      name.parts.push_back(ParseIdentifier());
    }
  } else {
    name.parts = ParseParts(what);
  }
  name.source = Since(begin);
  if (Is(T::kMinus) && IsIdentifier(1) && Touches(1) && Here().begin == name.source.end) {
    Fail(Error(Condition("INVALID_IDENTIFIER"),
               {{"ident",
                 std::string(text().substr(begin.begin, Ahead(1).source.end - begin.begin))}})
             .WithPosition(Here()));
  }
  return name;
}

NamedExpr ExpressionParser::ParseNamedExpr() {
  NamedExpr item;
  const SourceRange begin = Here();
  item.expr = ParseExpression();
  if (Accept(K::kAs)) {
    if (Is(T::kLeftParen)) {
      item.aliases = ParseIdentifierList();
    } else if (Is(K::kIdentifier) && IsAhead(1, T::kLeftParen) && IsString(2) &&
               IsAhead(3, T::kRightParen)) {
      Skip(2);
      Identifier alias;
      alias.source = Here();
      alias.text = DecodeString(Text(Now()));
      Skip(2);
      item.aliases.push_back(std::move(alias));
    } else {
      item.aliases.push_back(ParseIdentifier("an alias"));
    }
  } else if (Is(T::kQuotedIdentifier) || (Is(T::kWord) && !StopsAlias())) {
    item.aliases.push_back(ParseIdentifier());
  }
  item.source = Since(begin);
  return item;
}

std::vector<NamedExpr> ExpressionParser::ParseNamedExprs() {
  std::vector<NamedExpr> items;
  do {
    items.push_back(ParseNamedExpr());
  } while (Accept(T::kComma));
  return items;
}

std::vector<SortItem> ExpressionParser::ParseSortItems() {
  std::vector<SortItem> items;
  do {
    SortItem item;
    const SourceRange begin = Here();
    item.expr = ParseExpression();
    if (Accept(K::kDesc)) {
      item.descending = true;
    } else {
      Accept(K::kAsc);
    }
    if (Is(K::kNulls) && (IsAhead(1, K::kFirst) || IsAhead(1, K::kLast))) {
      item.nulls_first = IsAhead(1, K::kFirst);
      Skip(2);
    }
    item.source = Since(begin);
    items.push_back(std::move(item));
  } while (Accept(T::kComma));
  return items;
}

bool ExpressionParser::IsQueryStart(size_t index) const {
  const auto at = [&](size_t i) -> const Token& {
    return tokens()[i < tokens().size() ? i : tokens().size() - 1];
  };
  const Token& next = at(index + 1);
  switch (at(index).keyword) {
    case K::kSelect:
      return next.kind != T::kRightParen && next.kind != T::kDot;
    case K::kFrom:
      return next.kind == T::kWord || next.kind == T::kQuotedIdentifier ||
             next.kind == T::kLeftParen;
    case K::kWith:
      return next.kind == T::kWord || next.kind == T::kQuotedIdentifier;
    case K::kValues:
      return next.kind != T::kRightParen && next.kind != T::kDot && next.kind != T::kComma &&
             (next.kind < T::kEqual || next.kind == T::kMinus) && next.kind != T::kEnd;
    case K::kTable:
      return (next.kind == T::kWord || next.kind == T::kQuotedIdentifier);
    default:
      return false;
  }
}

namespace {

/// Whether a query in parentheses may go on with the token, or end before it.
bool ContinuesQuery(const Token& after) {
  switch (after.keyword) {
    case K::kUnion:
    case K::kIntersect:
    case K::kExcept:
    case K::kMinus:
    case K::kSetminus:
    case K::kOrder:
    case K::kSort:
    case K::kCluster:
    case K::kDistribute:
    case K::kLimit:
    case K::kOffset:
      return true;
    default:
      return after.kind == T::kRightParen || after.kind == T::kPipeStep;
  }
}

}  // namespace

bool ExpressionParser::IsQueryParen(size_t index) const {
  // To the innermost of the parentheses that stand side by side.
  size_t inner = index;
  while (tokens()[inner].kind == T::kLeftParen && !IsQueryStart(inner + 1)) {
    const Token& next = tokens()[inner + 1];
    const bool deep = inner - index > static_cast<size_t>(kNestingMax);
    if (deep || next.kind != T::kLeftParen || next.match == 0) return false;
    ++inner;
  }
  if (tokens()[inner].kind != T::kLeftParen) return false;
  // ((query) …: what follows an inner parenthesis tells a query from an expression or a join.
  for (; inner > index; --inner) {
    if (!ContinuesQuery(tokens()[tokens()[inner].match + 1])) return false;
  }
  return true;
}

bool ExpressionParser::StopsAlias() const {
  const bool end_next = IsAhead(1, T::kComma) || IsAhead(1, T::kRightParen) ||
                        IsAhead(1, T::kEnd) || IsAhead(1, K::kFrom) || IsAhead(1, T::kSemicolon);
  switch (Now().keyword) {
    case K::kNoKeyword:
      return false;
    case K::kFrom:
    case K::kWhere:
    case K::kHaving:
    case K::kQualify:
    case K::kUnion:
    case K::kIntersect:
    case K::kExcept:
    case K::kMinus:
    case K::kSetminus:
    case K::kInto:
    case K::kFor:
    case K::kOn:
    case K::kWhen:
    case K::kThen:
    case K::kElse:
    case K::kDo:
    case K::kAnd:
    case K::kOr:
    case K::kIs:
    case K::kIn:
    case K::kBetween:
    case K::kLike:
    case K::kIlike:
    case K::kRlike:
    case K::kRegexp:
    case K::kUsing:
    case K::kJoin:
      return true;
    case K::kGroup:
    case K::kOrder:
    case K::kSort:
    case K::kCluster:
    case K::kDistribute:
    case K::kPartition:
      return IsAhead(1, K::kBy);
    case K::kLimit:
    case K::kOffset:
    case K::kEnd:
      return !end_next;
    case K::kLateral:
      return IsAhead(1, K::kView);
    case K::kWindow:
      return IsIdentifier(1) && IsAhead(2, K::kAs);
    default:
      return false;
  }
}

}  // namespace tarn::sql
