#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/sql/ast.h"
#include "type_parser.h"

namespace tarn::sql {

/// A chain of one operator, a list of joins or of set operations may be this long.
inline constexpr int kChainMax = 1000;

/// Reads expressions: Spark's precedence, from OR down to subscripts. Operators are read by
/// climbing, everything else by descent.
class ExpressionParser : public TypeParser {
 public:
  using TypeParser::TypeParser;
  virtual ~ExpressionParser() = default;

  ExprPtr ParseExpression();

 protected:
  virtual QueryPtr ParseQuery() = 0;

  std::vector<ExprPtr> ParseExpressions();
  /// (a, b, …)
  std::vector<ExprPtr> ParseExpressionList();
  /// An expression without AND, OR, NOT and predicates, as in LIMIT or TIMESTAMP AS OF.
  ExprPtr ParseValue() { return ParseOperators(kComparison); }
  ExprPtr ParsePrimary();
  /// expression [[AS] alias | [AS] (alias, …)]
  NamedExpr ParseNamedExpr();
  std::vector<NamedExpr> ParseNamedExprs();
  std::vector<SortItem> ParseSortItems();
  /// A table, function or other object: a.b.c or IDENTIFIER(expr)[.b].
  ObjectName ParseObjectName(std::string_view what = "a name");
  std::vector<FunctionArgument> ParseArguments();
  WindowReference ParseWindowReference();
  /// A query begins at this token: SELECT, WITH, VALUES, FROM, TABLE name.
  bool IsQueryStart(size_t index) const;
  /// The token is a '(' that encloses a query rather than an expression or a relation.
  bool IsQueryParen(size_t index) const;
  bool IsQueryParenHere() const { return Is(TokenKind::kLeftParen) && IsQueryParen(at()); }
  /// The word at the current token can't be an alias that stands without AS.
  virtual bool StopsAlias() const;
  ExprPtr Dummy();
  /// While set, name (SELECT … isn't a call: the parenthesis begins the query after the expression.
  bool query_may_follow_ = false;

 private:
  static constexpr int kComparison = 1;

  struct Operator {
    BinaryOperator op;
    int precedence;
    int tokens;
  };

  ExprPtr ParseOr();
  ExprPtr ParseAnd();
  ExprPtr ParseNot();
  ExprPtr ParsePredicated();
  ExprPtr ParsePredicate(ExprPtr left);
  ExprPtr ParseIs(ExprPtr left);
  ExprPtr ParseLike(ExprPtr left, bool negated, const SourceRange& begin);
  ExprPtr ParseIn(ExprPtr left, bool negated, const SourceRange& begin);
  ExprPtr ParseOperators(int precedence_min);
  std::optional<Operator> PeekOperator() const;
  ExprPtr ParseUnary();
  ExprPtr ParsePostfix(ExprPtr base);
  ExprPtr ParseJsonPath(ExprPtr base);
  bool IsJsonPathNext() const;
  ExprPtr Balance(std::vector<ExprPtr>* operands, size_t low, size_t high, BinaryOperator op);

  ExprPtr ParseAtom();
  ExprPtr ParseWord();
  ExprPtr ParseSpecialWord(Keyword keyword);
  ExprPtr ParseNameOrCall();
  ExprPtr ParseStar(std::vector<Identifier> qualifier, const SourceRange& begin);
  ExprPtr ParseParenthesis();
  ExprPtr ParseLambda();
  ExprPtr ParseCase();
  ExprPtr ParseCast(bool is_try);
  ExprPtr ParseStruct();
  ExprPtr ParseIdentifierClause();
  bool CannotBeName() const;

  ExprPtr ParseNumber(bool negative, const SourceRange& begin);
  ExprPtr ParseStringLiteral();
  ExprPtr ParseTypedLiteral();
  ExprPtr ParseInterval();
  IntervalTerm ParseIntervalTerm();
  bool IsIntervalValue() const;
  void CheckRange(const Literal& literal, const SourceRange& range);

  ExprPtr ParseCall(ObjectName name, const SourceRange& begin);
  void ParseCallTail(FunctionCall* call);
  FunctionArgument ParseArgument();
  ExprPtr ParseTableArgument();
  ExprPtr ParseExtract();
  ExprPtr ParseSubstring();
  ExprPtr ParseTrim();
  ExprPtr ParseOverlay();
  ExprPtr ParsePosition();
  ExprPtr ParseUnitFirst(bool is_add);
  bool IsUnitFirstCall() const;
  ExprPtr MakeCall(const SourceRange& begin, std::string_view name, CallForm form,
                   std::vector<ExprPtr> args);
  /// The rest of name(args… as an ordinary call.
  ExprPtr FinishPlainCall(const SourceRange& begin, std::string name, std::vector<ExprPtr> args);
  bool IsOrdinaryCall() const;
  WindowSpec ParseWindowSpec();
  WindowFrame ParseWindowFrame();
  FrameBound ParseFrameBound();

  int ordinal_ = 0;
  int case_depth_ = 0;
};

/// The unit that a word names: DAY, DAYS, …
std::optional<IntervalUnit> IntervalUnitOf(Keyword keyword);

}  // namespace tarn::sql
