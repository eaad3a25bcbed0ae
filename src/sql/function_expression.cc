// Function calls, the forms of syntax that stand for calls, and windows.

#include <utility>

#include "expression_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

bool IsDatetimeUnit(Keyword keyword) {
  switch (keyword) {
    case K::kYear:
    case K::kQuarter:
    case K::kMonth:
    case K::kWeek:
    case K::kDay:
    case K::kDayofyear:
    case K::kHour:
    case K::kMinute:
    case K::kSecond:
    case K::kMillisecond:
    case K::kMicrosecond:
      return true;
    default:
      return false;
  }
}

ExprPtr StringExpr(const SourceRange& source, std::string text) {
  Literal literal;
  literal.kind = LiteralKind::kString;
  literal.text = std::move(text);
  return MakeExpr(source, std::move(literal));
}

}  // namespace

ExprPtr ExpressionParser::MakeCall(const SourceRange& begin, std::string_view name, CallForm form,
                                   std::vector<ExprPtr> args) {
  FunctionCall call;
  call.form = form;
  call.name.parts.push_back({std::string(name), begin, false});
  call.name.source = begin;
  for (ExprPtr& arg : args) call.args.push_back({{}, std::move(arg)});
  return MakeExpr(Since(begin), std::move(call));
}

ExprPtr ExpressionParser::ParseCall(ObjectName name, const SourceRange& begin) {
  FunctionCall call;
  call.name = std::move(name);
  Expect(T::kLeftParen);
  const bool bare = IsAhead(1, T::kComma) || IsAhead(1, T::kRightParen) || IsAhead(1, T::kDot);
  if (Is(K::kDistinct) && !bare) {
    Skip();
    call.distinct = true;
  } else if (Is(K::kAll) && !bare) {
    Skip();
  }
  if (!Is(T::kRightParen)) {
    do {
      call.args.push_back(ParseArgument());
    } while (Accept(T::kComma));
  }
  if (AcceptSequence({K::kIgnore, K::kNulls})) call.nulls = NullTreatment::kIgnore;
  if (AcceptSequence({K::kRespect, K::kNulls})) call.nulls = NullTreatment::kRespect;
  if (!Accept(T::kRightParen)) FailExpected("',' or ')'");
  ParseCallTail(&call);
  return MakeExpr(Since(begin), std::move(call));
}

void ExpressionParser::ParseCallTail(FunctionCall* call) {
  if (Is(K::kWithin) && IsAhead(1, K::kGroup)) {
    Skip(2);
    Expect(T::kLeftParen);
    ExpectSequence({K::kOrder, K::kBy});
    call->within_group = ParseSortItems();
    Expect(T::kRightParen);
  }
  if (Is(K::kFilter) && IsAhead(1, T::kLeftParen) && IsAhead(2, K::kWhere)) {
    Skip(3);
    call->filter = ParseExpression();
    Expect(T::kRightParen);
  }
  if (AcceptSequence({K::kIgnore, K::kNulls})) call->nulls = NullTreatment::kIgnore;
  if (AcceptSequence({K::kRespect, K::kNulls})) call->nulls = NullTreatment::kRespect;
  if (Is(K::kOver) && (IsIdentifier(1) || IsAhead(1, T::kLeftParen))) {
    Skip();
    call->over = std::make_unique<WindowReference>(ParseWindowReference());
  }
}

FunctionArgument ExpressionParser::ParseArgument() {
  FunctionArgument argument;
  if (IsIdentifier() && IsAhead(1, T::kFatArrow)) {
    argument.name = ParseIdentifier();
    Skip();
  }
  if (Is(K::kTable) && (IsIdentifier(1) || IsAhead(1, T::kLeftParen))) {
    argument.value = ParseTableArgument();
  } else {
    argument.value = ParseExpression();
  }
  return argument;
}

std::vector<FunctionArgument> ExpressionParser::ParseArguments() {
  std::vector<FunctionArgument> arguments;
  Expect(T::kLeftParen);
  if (!Is(T::kRightParen)) {
    do {
      arguments.push_back(ParseArgument());
    } while (Accept(T::kComma));
  }
  if (!Accept(T::kRightParen)) FailExpected("',' or ')'");
  return arguments;
}

ExprPtr ExpressionParser::ParseTableArgument() {
  const SourceRange begin = Here();
  Skip();
  TableArgument argument;
  if (IsQueryParenHere()) {
    Skip();
    argument.query = ParseQuery();
    Expect(T::kRightParen);
  } else if (Accept(T::kLeftParen)) {
    argument.table = ParseObjectName("a table");
    Expect(T::kRightParen);
  } else {
    argument.table = ParseObjectName("a table");
  }
  if (AcceptSequence({K::kWith, K::kSingle, K::kPartition})) {
    argument.single_partition = true;
  } else if (IsSequence({K::kPartition, K::kBy}) || IsSequence({K::kDistribute, K::kBy})) {
    Skip(2);
    if (Is(T::kLeftParen)) {
      argument.partition_by = ParseExpressionList();
    } else {
      argument.partition_by.push_back(ParseExpression());
    }
  }
  if (IsSequence({K::kOrder, K::kBy}) || IsSequence({K::kSort, K::kBy})) {
    Skip(2);
    const bool parenthesised = Accept(T::kLeftParen);
    argument.order_by = ParseSortItems();
    if (parenthesised) Expect(T::kRightParen);
  }
  return MakeExpr(Since(begin), std::move(argument));
}

ExprPtr ExpressionParser::ParseExtract() {
  const SourceRange begin = Here();
  Skip(2);
  const SourceRange unit_source = Here();
  std::string unit = IsString() ? ParseString() : ParseIdentifier("a unit of time").text;
  std::vector<ExprPtr> args;
  args.push_back(StringExpr(unit_source, std::move(unit)));
  Expect(K::kFrom);
  args.push_back(ParseValue());
  Expect(T::kRightParen);
  return MakeCall(begin, "extract", CallForm::kExtract, std::move(args));
}

ExprPtr ExpressionParser::FinishPlainCall(const SourceRange& begin, std::string name,
                                          std::vector<ExprPtr> args) {
  FunctionCall call;
  call.name.source = begin;
  call.name.parts.push_back({std::move(name), begin, false});
  for (ExprPtr& arg : args) call.args.push_back({{}, std::move(arg)});
  while (Accept(T::kComma)) call.args.push_back(ParseArgument());
  if (!Accept(T::kRightParen)) FailExpected("',' or ')'");
  ParseCallTail(&call);
  return MakeExpr(Since(begin), std::move(call));
}

bool ExpressionParser::IsOrdinaryCall() const {
  return IsAhead(2, T::kRightParen) || (IsIdentifier(2) && IsAhead(3, T::kFatArrow));
}

ExprPtr ExpressionParser::ParseSubstring() {
  if (IsOrdinaryCall()) return ParseNameOrCall();
  const SourceRange begin = Here();
  std::string name(Text(Now()));
  Skip(2);
  std::vector<ExprPtr> args;
  args.push_back(ParseExpression());
  if (!Accept(K::kFrom)) return FinishPlainCall(begin, std::move(name), std::move(args));
  args.push_back(ParseValue());
  if (Accept(K::kFor)) args.push_back(ParseValue());
  Expect(T::kRightParen);
  return MakeCall(begin, name, CallForm::kSubstring, std::move(args));
}

ExprPtr ExpressionParser::ParseTrim() {
  if (IsOrdinaryCall()) return ParseNameOrCall();
  const SourceRange begin = Here();
  std::string name(Text(Now()));
  Skip(2);
  CallForm form = CallForm::kPlain;
  const bool bare = IsAhead(1, T::kComma) || IsAhead(1, T::kRightParen) || IsAhead(1, T::kDot);
  if (!bare && Accept(K::kBoth)) {
    form = CallForm::kTrimBoth;
  } else if (!bare && Accept(K::kLeading)) {
    form = CallForm::kTrimLeading;
  } else if (!bare && Accept(K::kTrailing)) {
    form = CallForm::kTrimTrailing;
  }
  std::vector<ExprPtr> args;
  if (form != CallForm::kPlain && Accept(K::kFrom)) {
    args.push_back(ParseValue());
  } else {
    ExprPtr first = ParseExpression();
    if (!Is(K::kFrom) && form == CallForm::kPlain) {
      args.push_back(std::move(first));
      return FinishPlainCall(begin, std::move(name), std::move(args));
    }
    Expect(K::kFrom);
    if (form == CallForm::kPlain) form = CallForm::kTrimBoth;
    args.push_back(ParseValue());
    args.push_back(std::move(first));
  }
  Expect(T::kRightParen);
  return MakeCall(begin, "trim", form, std::move(args));
}

ExprPtr ExpressionParser::ParseOverlay() {
  if (IsOrdinaryCall()) return ParseNameOrCall();
  const SourceRange begin = Here();
  std::string name(Text(Now()));
  Skip(2);
  std::vector<ExprPtr> args;
  args.push_back(ParseExpression());
  if (!Accept(K::kPlacing)) return FinishPlainCall(begin, std::move(name), std::move(args));
  args.push_back(ParseValue());
  Expect(K::kFrom);
  args.push_back(ParseValue());
  if (Accept(K::kFor)) args.push_back(ParseValue());
  Expect(T::kRightParen);
  return MakeCall(begin, "overlay", CallForm::kOverlay, std::move(args));
}

ExprPtr ExpressionParser::ParsePosition() {
  if (IsOrdinaryCall()) return ParseNameOrCall();
  const SourceRange begin = Here();
  std::string name(Text(Now()));
  Skip(2);
  std::vector<ExprPtr> args;
  args.push_back(ParseValue());
  if (!Accept(K::kIn)) return FinishPlainCall(begin, std::move(name), std::move(args));
  args.push_back(ParseValue());
  Expect(T::kRightParen);
  return MakeCall(begin, "position", CallForm::kPosition, std::move(args));
}

bool ExpressionParser::IsUnitFirstCall() const {
  return IsDatetimeUnit(Ahead(2).keyword) && IsAhead(3, T::kComma);
}

ExprPtr ExpressionParser::ParseUnitFirst(bool is_add) {
  const SourceRange begin = Here();
  std::string name(Text(Now()));
  Skip(2);
  const Token unit = Now();
  Skip(2);
  std::vector<ExprPtr> args;
  args.push_back(StringExpr(unit.source, Upper(Text(unit))));
  args.push_back(ParseValue());
  if (Is(T::kRightParen)) {
    // Two arguments: date_add(day, 3) of a column called day.
    std::vector<Identifier> parts;
    parts.push_back({std::string(Text(unit)), unit.source, false});
    args[0] = MakeExpr(unit.source, Name{std::move(parts)});
    return FinishPlainCall(begin, std::move(name), std::move(args));
  }
  Expect(T::kComma);
  args.push_back(ParseValue());
  Expect(T::kRightParen);
  return MakeCall(begin, is_add ? "timestampadd" : "timestampdiff", CallForm::kUnitFirst,
                  std::move(args));
}

WindowReference ExpressionParser::ParseWindowReference() {
  WindowReference reference;
  if (IsIdentifier()) {
    reference.name = ParseIdentifier("a window");
    return reference;
  }
  if (Is(T::kLeftParen) && IsIdentifier(1) && IsAhead(2, T::kRightParen)) {
    Skip();
    reference.name = ParseIdentifier();
    Skip();
    return reference;
  }
  reference.spec = std::make_unique<WindowSpec>(ParseWindowSpec());
  return reference;
}

WindowSpec ExpressionParser::ParseWindowSpec() {
  WindowSpec spec;
  const SourceRange begin = Here();
  Expect(T::kLeftParen);
  if (AcceptSequence({K::kCluster, K::kBy}) || AcceptSequence({K::kPartition, K::kBy}) ||
      AcceptSequence({K::kDistribute, K::kBy})) {
    spec.partition_by = ParseExpressions();
  }
  if (AcceptSequence({K::kOrder, K::kBy}) || AcceptSequence({K::kSort, K::kBy})) {
    spec.order_by = ParseSortItems();
  }
  if (Is(K::kRows) || Is(K::kRange)) spec.frame = ParseWindowFrame();
  if (!Accept(T::kRightParen)) FailExpected("PARTITION BY, ORDER BY, ROWS, RANGE or ')'");
  spec.source = Since(begin);
  return spec;
}

WindowFrame ExpressionParser::ParseWindowFrame() {
  WindowFrame frame;
  const SourceRange begin = Here();
  frame.unit = Is(K::kRange) ? FrameUnit::kRange : FrameUnit::kRows;
  Skip();
  if (Accept(K::kBetween)) {
    frame.start = ParseFrameBound();
    Expect(K::kAnd);
    frame.end = ParseFrameBound();
  } else {
    frame.start = ParseFrameBound();
  }
  frame.source = Since(begin);
  return frame;
}

FrameBound ExpressionParser::ParseFrameBound() {
  FrameBound bound;
  if (Accept(K::kUnbounded)) {
    bound.kind = Is(K::kFollowing) ? FrameBoundKind::kUnboundedFollowing
                                   : FrameBoundKind::kUnboundedPreceding;
    if (!Accept(K::kFollowing)) Expect(K::kPreceding);
    return bound;
  }
  if (AcceptSequence({K::kCurrent, K::kRow})) return bound;
  bound.offset = ParseValue();
  bound.kind = Is(K::kFollowing) ? FrameBoundKind::kFollowing : FrameBoundKind::kPreceding;
  if (!Accept(K::kFollowing) && !Accept(K::kPreceding)) FailExpected("PRECEDING or FOLLOWING");
  return bound;
}

}  // namespace tarn::sql
