#include "query_parser.h"

#include <utility>

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

QueryPtr QueryParser::ParseQuery() {
  const Nesting nesting(this);
  const SourceRange begin = Here();
  std::vector<CommonTable> with;
  bool recursive = false;
  if (ok() && Is(K::kWith)) with = ParseWith(&recursive);
  return ParseQueryAfterWith(std::move(with), recursive, begin);
}

QueryPtr QueryParser::ParseQueryAfterWith(std::vector<CommonTable> with, bool recursive,
                                          const SourceRange& begin) {
  auto query = std::make_unique<Query>();
  query->with = std::move(with);
  query->recursive = recursive;
  query->body = ParseSetOperations();
  query->tail = ParseTail();
  if (Is(T::kPipeStep)) query->pipe = ParsePipe();
  query->source = Since(begin);
  return query;
}

std::vector<CommonTable> QueryParser::ParseWith(bool* recursive) {
  std::vector<CommonTable> with;
  Expect(K::kWith);
  if (Is(K::kRecursive) && IsIdentifier(1) && !IsAhead(1, K::kAs)) {
    Skip();
    *recursive = true;
  }
  do {
    CommonTable table;
    const SourceRange begin = Here();
    table.name = ParseIdentifier("a name for the common table");
    if (Is(T::kLeftParen) && !IsQueryParenHere()) table.columns = ParseIdentifierList();
    if (AcceptSequence({K::kMax, K::kRecursion, K::kLevel})) table.max_recursion = ParseInteger();
    Accept(K::kAs);
    Expect(T::kLeftParen);
    table.query = ParseQuery();
    if (!Accept(T::kRightParen)) FailExpected("')'");
    table.source = Since(begin);
    with.push_back(std::move(table));
  } while (Accept(T::kComma));
  return with;
}

std::optional<SetOperation> QueryParser::AcceptSetOperator() {
  SetOperation operation;
  if (Accept(K::kUnion)) {
    operation.op = SetOperator::kUnion;
  } else if (Accept(K::kIntersect)) {
    operation.op = SetOperator::kIntersect;
  } else if (Accept(K::kExcept) || Accept(K::kMinus) || Accept(K::kSetminus)) {
    operation.op = SetOperator::kExcept;
  } else {
    return std::nullopt;
  }
  if (Accept(K::kAll)) {
    operation.all = true;
  } else {
    Accept(K::kDistinct);
  }
  if (operation.op == SetOperator::kUnion && AcceptSequence({K::kBy, K::kName})) {
    operation.by_name = true;
  }
  return operation;
}

QueryBodyPtr QueryParser::ParseSetOperations() {
  QueryBodyPtr left = ParseIntersections();
  for (int chain = 0; IsAnyOf({K::kUnion, K::kExcept, K::kMinus, K::kSetminus}); ++chain) {
    if (chain > kChainMax) {
      FailAt(Here(), "too many set operations in one chain");
      break;
    }
    SetOperation operation = *AcceptSetOperator();
    operation.right = ParseIntersections();
    SourceRange range = left->source;
    range.end = operation.right->source.end;
    operation.left = std::move(left);
    left = std::make_unique<QueryBody>(range, QueryBodyNode(std::move(operation)));
  }
  return left;
}

QueryBodyPtr QueryParser::ParseIntersections() {
  QueryBodyPtr left = ParseBody();
  for (int chain = 0; Is(K::kIntersect); ++chain) {
    if (chain > kChainMax) {
      FailAt(Here(), "too many set operations in one chain");
      break;
    }
    SetOperation operation = *AcceptSetOperator();
    operation.right = ParseBody();
    SourceRange range = left->source;
    range.end = operation.right->source.end;
    operation.left = std::move(left);
    left = std::make_unique<QueryBody>(range, QueryBodyNode(std::move(operation)));
  }
  return left;
}

QueryBodyPtr QueryParser::ParseBody() {
  const SourceRange begin = Here();
  if (Is(K::kSelect)) return ParseSelect();
  if (Is(K::kFrom)) return ParseFromFirst();
  if (Is(K::kValues)) {
    InlineTable table = ParseValues();
    TableAlias alias = ParseTableAlias();
    auto body = std::make_unique<QueryBody>(Since(begin), QueryBodyNode(std::move(table)));
    body->alias = std::move(alias);
    return body;
  }
  if (Accept(K::kTable)) {
    TableBody table{ParseObjectName("a table")};
    return std::make_unique<QueryBody>(Since(begin), QueryBodyNode(std::move(table)));
  }
  if (Accept(T::kLeftParen)) {
    ParenthesizedBody body{ParseQuery()};
    Expect(T::kRightParen);
    return std::make_unique<QueryBody>(Since(begin), QueryBodyNode(std::move(body)));
  }
  FailExpected("a query");
  return std::make_unique<QueryBody>(begin, QueryBodyNode(Select{}));
}

InlineTable QueryParser::ParseValues() {
  Expect(K::kValues);
  InlineTable table;
  table.rows = ParseExpressions();
  return table;
}

std::vector<Hint> QueryParser::ParseHints() {
  std::vector<Hint> hints;
  while (Accept(T::kHintStart)) {
    while (!Is(T::kHintEnd) && !AtEnd()) {
      Hint hint;
      hint.name = ParseIdentifier("a hint");
      if (Accept(T::kLeftParen)) {
        if (!Is(T::kRightParen)) {
          do {
            hint.parameters.push_back(ParsePrimary());
          } while (Accept(T::kComma));
        }
        Expect(T::kRightParen);
      }
      hints.push_back(std::move(hint));
      Accept(T::kComma);
    }
    Expect(T::kHintEnd);
  }
  return hints;
}

void QueryParser::ParseSelectItems(Select* select) {
  Expect(K::kSelect);
  select->hints = ParseHints();
  const bool bare = IsAhead(1, T::kComma) || IsAhead(1, K::kFrom) || IsAhead(1, T::kEnd) ||
                    IsAhead(1, T::kDot) || IsAhead(1, T::kRightParen);
  if (Is(K::kDistinct) && !bare) {
    Skip();
    select->distinct = true;
  } else if (Is(K::kAll) && !bare) {
    Skip();
  }
  do {
    // A trailing comma before FROM is a slip that deserves a message of its own.
    if (Is(K::kFrom) && !select->items.empty()) {
      Fail(Error(Condition("TRAILING_COMMA_IN_SELECT")).WithPosition(Here()));
      return;
    }
    select->items.push_back(ParseNamedExpr());
  } while (Accept(T::kComma));
  if (Is(K::kUsing) && IsString(1)) {
    Fail(UnsupportedFeature("SELECT TRANSFORM … USING a script", Here()));
  }
}

void QueryParser::ParseFrom(Select* select) {
  do {
    select->from.push_back(ParseRelation());
  } while (Accept(T::kComma));
  while (IsSequence({K::kLateral, K::kView})) select->lateral_views.push_back(ParseLateralView());
}

void QueryParser::ParseAfterFrom(Select* select) {
  while (IsSequence({K::kLateral, K::kView})) select->lateral_views.push_back(ParseLateralView());
  if (Accept(K::kWhere)) select->where = ParseExpression();
  if (IsSequence({K::kGroup, K::kBy})) select->group_by = ParseGroupBy();
  if (Accept(K::kHaving)) select->having = ParseExpression();
  if (Accept(K::kQualify)) select->qualify = ParseExpression();
  if (IsWindowClause()) select->windows = ParseWindows();
  if (select->qualify == nullptr && Accept(K::kQualify)) select->qualify = ParseExpression();
}

QueryBodyPtr QueryParser::ParseSelect() {
  const SourceRange begin = Here();
  Select select;
  ParseSelectItems(&select);
  if (Accept(K::kFrom)) ParseFrom(&select);
  ParseAfterFrom(&select);
  return std::make_unique<QueryBody>(Since(begin), QueryBodyNode(std::move(select)));
}

QueryBodyPtr QueryParser::ParseFromFirst() {
  const SourceRange begin = Here();
  Select select;
  select.from_first = true;
  Expect(K::kFrom);
  ParseFrom(&select);
  if (Is(K::kSelect)) {
    ParseSelectItems(&select);
    ParseAfterFrom(&select);
    if (Is(K::kSelect)) Fail(UnsupportedFeature("FROM with several SELECT clauses", Here()));
  } else if (Is(K::kInsert)) {
    Fail(UnsupportedFeature("FROM … INSERT", Here()));
  } else {
    NamedExpr all;
    all.expr = MakeExpr(begin, Star{});
    all.source = begin;
    select.items.push_back(std::move(all));
  }
  return std::make_unique<QueryBody>(Since(begin), QueryBodyNode(std::move(select)));
}

LateralView QueryParser::ParseLateralView() {
  LateralView view;
  const SourceRange begin = Here();
  ExpectSequence({K::kLateral, K::kView});
  if (Is(K::kOuter) && IsIdentifier(1)) {
    Skip();
    view.outer = true;
  }
  view.function = ParseObjectName("a table function");
  view.args = ParseArguments();
  if (!Is(K::kAs) && IsIdentifier() && !StopsAlias()) view.table = ParseIdentifier();
  if (Accept(K::kAs) || (IsIdentifier() && !StopsAlias() && !view.table.empty())) {
    if (Is(T::kLeftParen)) {
      view.columns = ParseIdentifierList();
    } else {
      do {
        view.columns.push_back(ParseIdentifier("a column's name"));
      } while (Accept(T::kComma));
    }
  }
  view.source = Since(begin);
  return view;
}

GroupBy QueryParser::ParseGroupBy() {
  GroupBy group;
  const SourceRange begin = Here();
  Skip(2);
  const bool bare = IsAhead(1, T::kComma) || IsAhead(1, T::kDot);
  if (Is(K::kAll) && !bare) {
    Skip();
    group.all = true;
    group.source = Since(begin);
    return group;
  }
  do {
    group.elements.push_back(ParseGroupingElement());
  } while (Accept(T::kComma));
  if (AcceptSequence({K::kWith, K::kRollup})) {
    group.trailing = GroupingKind::kRollup;
  } else if (AcceptSequence({K::kWith, K::kCube})) {
    group.trailing = GroupingKind::kCube;
  } else if (AcceptSequence({K::kGrouping, K::kSets})) {
    group.trailing = GroupingKind::kGroupingSets;
    group.trailing_sets = ParseGroupingSets();
  }
  group.source = Since(begin);
  return group;
}

std::vector<ExprPtr> QueryParser::ParseGroupingSet() {
  std::vector<ExprPtr> set;
  const bool parenthesised = Is(T::kLeftParen) && !IsQueryParenHere();
  const uint32_t close = parenthesised ? Now().match : 0;
  // (a, b) and () are sets; (a) + 1 is an expression.
  const T after = close != 0 ? tokens()[close + 1].kind : T::kEnd;
  if (parenthesised && (after == T::kComma || after == T::kRightParen)) {
    Skip();
    if (!Is(T::kRightParen)) set = ParseExpressions();
    Expect(T::kRightParen);
    return set;
  }
  set.push_back(ParseExpression());
  return set;
}

std::vector<std::vector<ExprPtr>> QueryParser::ParseGroupingSets() {
  std::vector<std::vector<ExprPtr>> sets;
  Expect(T::kLeftParen);
  do {
    sets.push_back(ParseGroupingSet());
  } while (Accept(T::kComma));
  Expect(T::kRightParen);
  return sets;
}

GroupingElement QueryParser::ParseGroupingElement() {
  const Nesting nesting(this);
  GroupingElement element;
  const SourceRange begin = Here();
  if ((Is(K::kRollup) || Is(K::kCube)) && IsAhead(1, T::kLeftParen)) {
    element.kind = Is(K::kRollup) ? GroupingKind::kRollup : GroupingKind::kCube;
    Skip();
    element.sets = ParseGroupingSets();
  } else if (IsSequence({K::kGrouping, K::kSets})) {
    element.kind = GroupingKind::kGroupingSets;
    Skip(2);
    Expect(T::kLeftParen);
    do {
      const bool analytics = ((Is(K::kRollup) || Is(K::kCube)) && IsAhead(1, T::kLeftParen)) ||
                             IsSequence({K::kGrouping, K::kSets});
      if (analytics) {
        element.nested.push_back(ParseGroupingElement());
      } else {
        GroupingElement plain;
        plain.kind = GroupingKind::kGroupingSets;
        plain.source = Here();
        plain.sets.push_back(ParseGroupingSet());
        element.nested.push_back(std::move(plain));
      }
    } while (Accept(T::kComma));
    Expect(T::kRightParen);
  } else {
    element.expr = ParseExpression();
  }
  element.source = Since(begin);
  return element;
}

bool QueryParser::IsWindowClause() const {
  return Is(K::kWindow) && IsIdentifier(1) && IsAhead(2, K::kAs);
}

std::vector<NamedWindow> QueryParser::ParseWindows() {
  std::vector<NamedWindow> windows;
  Expect(K::kWindow);
  do {
    NamedWindow window;
    window.name = ParseIdentifier("a window's name");
    Expect(K::kAs);
    window.definition = ParseWindowReference();
    windows.push_back(std::move(window));
  } while (Accept(T::kComma));
  return windows;
}

bool QueryParser::IsTailStart() const {
  switch (Now().keyword) {
    case K::kOrder:
    case K::kSort:
    case K::kCluster:
    case K::kDistribute:
      return IsAhead(1, K::kBy);
    case K::kLimit:
    case K::kOffset:
      return true;
    case K::kWindow:
      return IsWindowClause();
    default:
      return false;
  }
}

QueryTail QueryParser::ParseTail() {
  QueryTail tail;
  while (IsTailStart()) {
    switch (Now().keyword) {
      case K::kOrder:
        if (!tail.order_by.empty() || tail.order_by_all) {
          FailAt(Here(), "ORDER BY stands twice");
          return tail;
        }
        Skip(2);
        if (Is(K::kAll) && !IsAhead(1, T::kComma) && !IsAhead(1, T::kDot)) {
          tail.order_by_all = true;
          tail.order_by = ParseSortItems();
        } else {
          tail.order_by = ParseSortItems();
        }
        break;
      case K::kSort:
        Skip(2);
        tail.sort_by = ParseSortItems();
        break;
      case K::kCluster:
        Skip(2);
        tail.cluster_by = ParseExpressions();
        break;
      case K::kDistribute:
        Skip(2);
        tail.distribute_by = ParseExpressions();
        break;
      case K::kWindow:
        tail.windows = ParseWindows();
        break;
      case K::kLimit:
        if (tail.limit != nullptr || tail.limit_all) {
          FailAt(Here(), "LIMIT stands twice");
          return tail;
        }
        Skip();
        if (Accept(K::kAll)) {
          tail.limit_all = true;
        } else {
          tail.limit = ParseExpression();
        }
        break;
      default:
        if (tail.offset != nullptr) {
          FailAt(Here(), "OFFSET stands twice");
          return tail;
        }
        Skip();
        tail.offset = ParseExpression();
        Accept(K::kRows);
        break;
    }
  }
  const bool order = !tail.order_by.empty() || tail.order_by_all;
  const bool sort = !tail.sort_by.empty();
  const bool cluster = !tail.cluster_by.empty();
  const bool distribute = !tail.distribute_by.empty();
  if ((order && (sort || cluster || distribute)) || (cluster && (sort || distribute))) {
    Fail(Error(Condition("UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES")));
  }
  return tail;
}

}  // namespace tarn::sql
