#include "expression_parser.h"

#include <utility>

#include "tarn/sql/parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

ExprPtr ExpressionParser::Dummy() { return MakeExpr(Here(), Literal{}); }

ExprPtr ExpressionParser::ParseExpression() { return ParseOr(); }

std::vector<ExprPtr> ExpressionParser::ParseExpressions() {
  std::vector<ExprPtr> list;
  do {
    list.push_back(ParseExpression());
  } while (Accept(T::kComma));
  return list;
}

std::vector<ExprPtr> ExpressionParser::ParseExpressionList() {
  Expect(T::kLeftParen);
  std::vector<ExprPtr> list = ParseExpressions();
  Expect(T::kRightParen);
  return list;
}

ExprPtr ExpressionParser::Balance(std::vector<ExprPtr>* operands, size_t low, size_t high,
                                  BinaryOperator op) {
  if (low == high) return std::move((*operands)[low]);
  // The first half gets the middle: that is the shape of Spark's trees, which shows in the names
  // of result columns.
  const size_t middle = high - low == 1 ? low : low + (high - low) / 2;
  ExprPtr left = Balance(operands, low, middle, op);
  ExprPtr right = Balance(operands, middle + 1, high, op);
  SourceRange range = left->source;
  range.end = right->source.end;
  return MakeExpr(range, Binary{op, std::move(left), std::move(right)});
}

ExprPtr ExpressionParser::ParseOr() {
  const Nesting nesting(this);
  if (!ok()) return Dummy();
  ExprPtr first = ParseAnd();
  if (!Is(K::kOr)) return first;
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(first));
  while (Accept(K::kOr)) operands.push_back(ParseAnd());
  return Balance(&operands, 0, operands.size() - 1, BinaryOperator::kOr);
}

ExprPtr ExpressionParser::ParseAnd() {
  ExprPtr first = ParseNot();
  if (!Is(K::kAnd)) return first;
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(first));
  while (Accept(K::kAnd)) operands.push_back(ParseNot());
  return Balance(&operands, 0, operands.size() - 1, BinaryOperator::kAnd);
}

ExprPtr ExpressionParser::ParseNot() {
  const SourceRange begin = Here();
  // A column may be called "not" where nothing can be negated.
  if (!(Is(K::kNot) && !IsAhead(1, T::kDot)) && !Is(T::kBang)) return ParsePredicated();
  const Nesting nesting(this);
  if (!ok()) return Dummy();
  Skip();
  ExprPtr operand = ParseNot();
  return MakeExpr(Since(begin), Unary{UnaryOperator::kNot, std::move(operand)});
}

ExprPtr ExpressionParser::ParsePredicated() { return ParsePredicate(ParseValue()); }

ExprPtr ExpressionParser::ParsePredicate(ExprPtr left) {
  const SourceRange begin = left->source;
  if (Is(K::kIs)) return ParseIs(std::move(left));
  bool negated = false;
  if (Is(K::kNot) || Is(T::kBang)) {
    switch (Ahead(1).keyword) {
      case K::kBetween:
      case K::kIn:
      case K::kLike:
      case K::kIlike:
      case K::kRlike:
      case K::kRegexp:
        Skip();
        negated = true;
        break;
      default:
        return left;
    }
  }
  switch (Now().keyword) {
    case K::kBetween: {
      Skip();
      Between between;
      between.negated = negated;
      between.operand = std::move(left);
      between.low = ParseValue();
      Expect(K::kAnd);
      between.high = ParseValue();
      return MakeExpr(Since(begin), std::move(between));
    }
    case K::kIn:
      return ParseIn(std::move(left), negated, begin);
    case K::kLike:
    case K::kIlike:
    case K::kRlike:
    case K::kRegexp:
      return ParseLike(std::move(left), negated, begin);
    default:
      return left;
  }
}

ExprPtr ExpressionParser::ParseIn(ExprPtr left, bool negated, const SourceRange& begin) {
  Skip();
  In in;
  in.negated = negated;
  in.operand = std::move(left);
  if (!Is(T::kLeftParen)) {
    FailExpected("'('");
    return Dummy();
  }
  if (IsQueryParenHere()) {
    Skip();
    in.query = ParseQuery();
  } else {
    Skip();
    in.list = ParseExpressions();
  }
  Expect(T::kRightParen);
  return MakeExpr(Since(begin), std::move(in));
}

ExprPtr ExpressionParser::ParseLike(ExprPtr left, bool negated, const SourceRange& begin) {
  Like like;
  like.negated = negated;
  like.operand = std::move(left);
  like.kind = Is(K::kLike) ? LikeKind::kLike : Is(K::kIlike) ? LikeKind::kILike : LikeKind::kRLike;
  Skip();
  if (like.kind != LikeKind::kRLike && IsAhead(1, T::kLeftParen) &&
      IsAnyOf({K::kAny, K::kSome, K::kAll})) {
    like.quantifier = Is(K::kAll) ? Quantifier::kAll : Quantifier::kAny;
    Skip();
    if (IsAhead(1, T::kRightParen)) {
      FailAt(Here(), "expected something between '(' and ')'");
      return Dummy();
    }
    like.patterns = ParseExpressionList();
    return MakeExpr(Since(begin), std::move(like));
  }
  like.patterns.push_back(ParseValue());
  if (like.kind != LikeKind::kRLike && Accept(K::kEscape)) {
    const SourceRange where = Here();
    like.escape = ParseString("the escape character");
    if (ok() && like.escape->size() != 1) {
      Fail(Error(Condition("INVALID_ESC"), {{"sqlExpr", std::string(sql::Slice(text(), where))}})
               .WithPosition(where));
    }
  }
  return MakeExpr(Since(begin), std::move(like));
}

ExprPtr ExpressionParser::ParseIs(ExprPtr left) {
  const SourceRange begin = left->source;
  Skip();
  const bool negated = Accept(K::kNot) || Accept(T::kBang);
  if (AcceptSequence({K::kDistinct, K::kFrom})) {
    ExprPtr right = ParseValue();
    return MakeExpr(Since(begin), IsDistinctFrom{negated, std::move(left), std::move(right)});
  }
  IsKind kind = IsKind::kNull;
  if (Accept(K::kNull)) {
    kind = IsKind::kNull;
  } else if (Accept(K::kTrue)) {
    kind = IsKind::kTrue;
  } else if (Accept(K::kFalse)) {
    kind = IsKind::kFalse;
  } else if (Accept(K::kUnknown)) {
    kind = IsKind::kUnknown;
  } else {
    FailExpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  }
  return MakeExpr(Since(begin), sql::Is{kind, negated, std::move(left)});
}

std::optional<ExpressionParser::Operator> ExpressionParser::PeekOperator() const {
  using B = BinaryOperator;
  switch (Now().kind) {
    case T::kEqual:
      return Operator{B::kEqual, kComparison, 1};
    case T::kNullSafeEqual:
      return Operator{B::kNullSafeEqual, kComparison, 1};
    case T::kNotEqual:
      return Operator{B::kNotEqual, kComparison, 1};
    case T::kLess:
      return Operator{B::kLess, kComparison, 1};
    case T::kLessEqual:
      return Operator{B::kLessEqual, kComparison, 1};
    case T::kGreaterEqual:
      return Operator{B::kGreaterEqual, kComparison, 1};
    case T::kGreater:
      if (IsAhead(1, T::kGreater) && Touches(1)) {
        if (IsAhead(2, T::kGreater) && Touches(2)) return Operator{B::kShiftRightUnsigned, 5, 3};
        return Operator{B::kShiftRight, 5, 2};
      }
      return Operator{B::kGreater, kComparison, 1};
    case T::kPipe:
      return Operator{B::kBitOr, 2, 1};
    case T::kHat:
      return Operator{B::kBitXor, 3, 1};
    case T::kAmpersand:
      return Operator{B::kBitAnd, 4, 1};
    case T::kShiftLeft:
      return Operator{B::kShiftLeft, 5, 1};
    case T::kPlus:
      return Operator{B::kAdd, 6, 1};
    case T::kMinus:
      return Operator{B::kSubtract, 6, 1};
    case T::kConcat:
      return Operator{B::kConcat, 6, 1};
    case T::kAsterisk:
      return Operator{B::kMultiply, 7, 1};
    case T::kSlash:
      return Operator{B::kDivide, 7, 1};
    case T::kPercent:
      return Operator{B::kModulo, 7, 1};
    case T::kWord:
      if (Is(K::kDiv)) return Operator{B::kIntegralDivide, 7, 1};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

ExprPtr ExpressionParser::ParseOperators(int precedence_min) {
  ExprPtr left = ParseUnary();
  int chain = 0;
  while (const std::optional<Operator> next = PeekOperator()) {
    if (next->precedence < precedence_min) break;
    if (++chain > kChainMax) {
      FailAt(Here(), "too many operators in one chain");
      break;
    }
    Skip(static_cast<size_t>(next->tokens));
    ExprPtr right = ParseOperators(next->precedence + 1);
    SourceRange range = left->source;
    range.end = right->source.end;
    left = MakeExpr(range, Binary{next->op, std::move(left), std::move(right)});
  }
  return left;
}

ExprPtr ExpressionParser::ParseUnary() {
  const SourceRange begin = Here();
  UnaryOperator op;
  if (Is(T::kMinus)) {
    const T next = Ahead(1).kind;
    if (next >= T::kInteger && next <= T::kDecimalSuffix) {
      Skip();
      return ParsePostfix(ParseNumber(true, begin));
    }
    op = UnaryOperator::kMinus;
  } else if (Is(T::kPlus)) {
    op = UnaryOperator::kPlus;
  } else if (Is(T::kTilde)) {
    op = UnaryOperator::kBitNot;
  } else {
    return ParsePrimary();
  }
  const Nesting nesting(this);
  if (!ok()) return Dummy();
  Skip();
  ExprPtr operand = ParseUnary();
  return MakeExpr(Since(begin), Unary{op, std::move(operand)});
}

ExprPtr ExpressionParser::ParsePrimary() { return ParsePostfix(ParseAtom()); }

ExprPtr ExpressionParser::ParsePostfix(ExprPtr base) {
  const SourceRange begin = base->source;
  for (int chain = 0; ok(); ++chain) {
    if (chain > kChainMax) {
      FailAt(Here(), "too many operators in one chain");
      break;
    }
    if (Is(T::kDot) && IsIdentifier(1)) {
      Skip();
      Identifier field = ParseIdentifier("a field's name");
      base = MakeExpr(Since(begin), FieldAccess{std::move(base), std::move(field)});
    } else if (Accept(T::kLeftBracket)) {
      ExprPtr index = ParseValue();
      Expect(T::kRightBracket);
      base = MakeExpr(Since(begin), Subscript{std::move(base), std::move(index)});
    } else if (Is(T::kDoubleColon) || Is(T::kTryColons)) {
      const bool is_try = Is(T::kTryColons);
      Skip();
      Cast cast{std::move(base), {}, is_try, true, Here()};
      cast.type = ParseType();
      cast.type_source = Since(cast.type_source);
      base = MakeExpr(Since(begin), std::move(cast));
    } else if (Is(T::kColon) && IsJsonPathNext()) {
      base = ParseJsonPath(std::move(base));
    } else if (Is(K::kCollate) && IsIdentifier(1)) {
      Skip();
      ObjectName collation = ParseObjectName("a collation");
      base = MakeExpr(Since(begin), Collate{std::move(base), std::move(collation)});
    } else {
      break;
    }
  }
  return base;
}

bool ExpressionParser::IsJsonPathNext() const {
  return IsIdentifier(1) || IsAhead(1, T::kLeftBracket);
}

ExprPtr ExpressionParser::ParseJsonPath(ExprPtr base) {
  const SourceRange begin = base->source;
  JsonPath path;
  path.base = std::move(base);
  Skip();
  const auto field = [&] {
    Identifier name = ParseIdentifier("a field's name");
    path.steps.push_back({JsonStepKind::kField, std::move(name.text), name.quoted, 0});
  };
  if (!Is(T::kLeftBracket)) field();
  for (;;) {
    if (Is(T::kDot) && IsIdentifier(1)) {
      Skip();
      field();
    } else if (Accept(T::kLeftBracket)) {
      JsonStep step;
      if (Accept(T::kAsterisk)) {
        step.kind = JsonStepKind::kWildcard;
      } else if (IsString()) {
        step.field = ParseString();
        step.exact_case = true;
      } else {
        step.kind = JsonStepKind::kIndex;
        step.index = ParseInteger("an index, a field's name in quotes, or *");
      }
      Expect(T::kRightBracket);
      path.steps.push_back(std::move(step));
    } else {
      break;
    }
  }
  return MakeExpr(Since(begin), std::move(path));
}

}  // namespace tarn::sql
