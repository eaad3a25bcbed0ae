#pragma once

#include <optional>
#include <vector>

#include "expression_parser.h"

namespace tarn::sql {

/// Reads queries: common tables, set operations, SELECT, relations, pipes.
class QueryParser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  QueryPtr ParseQuery() override;

 protected:
  std::vector<CommonTable> ParseWith(bool* recursive);
  /// A query whose WITH was read already.
  QueryPtr ParseQueryAfterWith(std::vector<CommonTable> with, bool recursive,
                               const SourceRange& begin);
  RelationPtr ParseRelation();
  /// One relation with alias and sample, without joins.
  RelationPtr ParseRelationPrimary();
  /// The relation alone, without alias and sample.
  RelationPtr ParseRelationAtom();
  TableAlias ParseTableAlias();
  /// ('key' = 'value', a.b = 1, c)
  std::vector<Property> ParseProperties();
  /// name@v3
  bool IsAtTimeTravel() const;
  TimeTravel ParseAtTimeTravel();
  bool IsTimeTravel() const;
  TimeTravel ParseTimeTravel();
  bool IsQueryHere() const { return IsQueryStart(at()) || IsQueryParenHere(); }

 private:
  QueryBodyPtr ParseSetOperations();
  QueryBodyPtr ParseIntersections();
  QueryBodyPtr ParseBody();
  std::optional<SetOperation> AcceptSetOperator();
  QueryBodyPtr ParseSelect();
  QueryBodyPtr ParseFromFirst();
  void ParseFrom(Select* select);
  void ParseSelectItems(Select* select);
  void ParseAfterFrom(Select* select);
  std::vector<Hint> ParseHints();
  LateralView ParseLateralView();
  GroupBy ParseGroupBy();
  GroupingElement ParseGroupingElement();
  std::vector<std::vector<ExprPtr>> ParseGroupingSets();
  std::vector<ExprPtr> ParseGroupingSet();
  std::vector<NamedWindow> ParseWindows();
  bool IsWindowClause() const;
  bool IsTailStart() const;
  QueryTail ParseTail();
  InlineTable ParseValues();

  std::vector<PipeStep> ParsePipe();
  PipeStep ParsePipeStep();
  PipeAggregate ParsePipeAggregate();

  std::optional<JoinRelation> AcceptJoin();
  RelationPtr ParseJoins(RelationPtr left);
  void ParseJoinCriteria(JoinRelation* join);
  RelationPtr ParseParenthesizedRelation();
  RelationPtr ParseDescription(const SourceRange& begin);
  void ParseRelationTail(Relation* relation);
  RelationPtr ParsePivot(RelationPtr input);
  RelationPtr ParseUnpivot(RelationPtr input);
  void ParseUnpivotInputs(UnpivotRelation* unpivot);
  TableSample ParseSample();
  bool StopsTableAlias() const;
};

}  // namespace tarn::sql
