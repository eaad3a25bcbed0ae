// The steps of a query in pipe syntax: FROM t |> WHERE … |> SELECT ….

#include <utility>

#include "query_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

std::vector<PipeStep> QueryParser::ParsePipe() {
  std::vector<PipeStep> steps;
  while (Accept(T::kPipeStep)) {
    if (steps.size() > static_cast<size_t>(kChainMax)) {
      FailAt(Here(), "too many pipe steps");
      break;
    }
    steps.push_back(ParsePipeStep());
  }
  return steps;
}

PipeAggregate QueryParser::ParsePipeAggregate() {
  PipeAggregate aggregate;
  Skip();
  if (!IsSequence({K::kGroup, K::kBy})) aggregate.aggregates = ParseNamedExprs();
  if (!IsSequence({K::kGroup, K::kBy})) return aggregate;
  aggregate.has_group_by = true;
  const K first = Ahead(2).keyword;
  if (((first == K::kRollup || first == K::kCube) && IsAhead(3, T::kLeftParen)) ||
      (first == K::kGrouping && IsAhead(3, K::kSets))) {
    aggregate.analytics = ParseGroupBy();
    return aggregate;
  }
  Skip(2);
  aggregate.groups = ParseNamedExprs();
  return aggregate;
}

PipeStep QueryParser::ParsePipeStep() {
  const SourceRange begin = Here();
  const auto step = [&](auto node) {
    PipeStep made;
    made.node = std::move(node);
    made.source = Since(begin);
    return made;
  };
  switch (Now().keyword) {
    case K::kWhere:
      Skip();
      return step(PipeWhere{ParseExpression()});
    case K::kSelect: {
      Select select;
      ParseSelectItems(&select);
      PipeSelect node{select.distinct, std::move(select.items), {}};
      if (IsWindowClause()) node.windows = ParseWindows();
      return step(std::move(node));
    }
    case K::kExtend:
      Skip();
      return step(PipeExtend{ParseNamedExprs()});
    case K::kSet: {
      Skip();
      PipeSet node;
      do {
        Identifier name = ParseIdentifier("a column's name");
        Expect(T::kEqual);
        node.assignments.push_back({ParseExpression(), std::move(name)});
      } while (Accept(T::kComma));
      return step(std::move(node));
    }
    case K::kDrop: {
      Skip();
      PipeDrop node;
      do {
        node.columns.push_back(ParseIdentifier("a column's name"));
      } while (Accept(T::kComma));
      return step(std::move(node));
    }
    case K::kAs:
      Skip();
      return step(PipeAs{ParseIdentifier("an alias")});
    case K::kAggregate:
      return step(ParsePipeAggregate());
    case K::kPivot: {
      RelationPtr pivot = ParsePivot(nullptr);
      if (!ok()) return step(PipeWhere{Dummy()});
      return step(PipePivot{std::move(*pivot->As<PivotRelation>()), std::move(pivot->alias)});
    }
    case K::kUnpivot: {
      RelationPtr unpivot = ParseUnpivot(nullptr);
      if (!ok()) return step(PipeWhere{Dummy()});
      return step(
          PipeUnpivot{std::move(*unpivot->As<UnpivotRelation>()), std::move(unpivot->alias)});
    }
    case K::kTablesample:
      return step(PipeSample{ParseSample()});
    default:
      break;
  }
  if (IsSequence({K::kLateral, K::kView})) return step(PipeLateralView{ParseLateralView()});
  if (IsTailStart()) return step(PipeTail{ParseTail()});
  if (std::optional<SetOperation> operation = AcceptSetOperator()) {
    return step(PipeSetOperation{operation->op, operation->all, operation->by_name, ParseBody()});
  }
  if (std::optional<JoinRelation> join = AcceptJoin()) {
    join->right = ParseRelationPrimary();
    ParseJoinCriteria(&*join);
    return step(PipeJoin{*std::move(join)});
  }
  FailExpected("WHERE, SELECT, EXTEND, SET, DROP, AS, AGGREGATE, JOIN, ORDER BY or another step");
  return step(PipeWhere{Dummy()});
}

}  // namespace tarn::sql
