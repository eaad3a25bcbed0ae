#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/sql/ast.h"

namespace tarn::sql {

/// Writes trees as canonical SQL. One writer makes one text.
class SqlWriter {
 public:
  std::string Take() { return std::move(out_); }

  void Write(const Statement& statement);
  void Write(const Query& query);
  void Write(const Relation& relation);
  /// An expression where any expression may stand.
  void Write(const Expr& expr);

 private:
  friend struct ExprPrinter;
  friend struct RelationPrinter;
  friend struct PipePrinter;
  friend struct StatementPrinter;
  friend struct AlterPrinter;

  // Text.
  void Put(std::string_view text) { out_ += text; }
  void PutName(std::string_view name);
  void PutName(const Identifier& name) { PutName(name.text); }
  void PutParts(const std::vector<Identifier>& parts);
  void PutObject(const ObjectName& name);
  void PutFunction(const ObjectName& name);
  void PutString(std::string_view text);
  void PutType(const DataType& type);
  void PutFieldTypes(const std::vector<Field>& fields);
  void PutProperties(const std::vector<Property>& properties);
  void PutNames(const std::vector<Identifier>& names);  ///< (a, b)
  void PutPartsList(const std::vector<std::vector<Identifier>>& list);
  void PutComment(const std::optional<std::string>& comment);

  // Expressions.
  /// An operand; in parentheses unless it binds at least as tightly as `level`.
  void Operand(const Expr& expr, int level);
  void Primary(const Expr& expr);
  void Exprs(const std::vector<ExprPtr>& list);
  void Named(const NamedExpr& item);
  void NamedList(const std::vector<NamedExpr>& items);
  void SortItems(const std::vector<SortItem>& items);
  void Arguments(const std::vector<FunctionArgument>& args);
  void Window(const WindowReference& window);
  void Bound(const FrameBound& bound);
  void Call(const FunctionCall& call);
  bool SpecialCall(const FunctionCall& call);
  void WriteLiteral(const Literal& literal);
  void WriteInterval(const IntervalLiteral& interval);
  void WriteJsonPath(const JsonPath& path);

  // Queries.
  void With(const std::vector<CommonTable>& with, bool recursive);
  void Body(const QueryBody& body);
  void WriteSelect(const Select& select);
  void Group(const GroupBy& group);
  void Element(const GroupingElement& element);
  void Sets(const std::vector<std::vector<ExprPtr>>& sets);
  void Tail(const QueryTail& tail);
  void Windows(const std::vector<NamedWindow>& windows);
  void Pipe(const PipeStep& step);
  void Alias(const TableAlias& alias);
  void Sample(const TableSample& sample);
  void Travel(const TimeTravel& travel);
  void View(const LateralView& view);
  void Join(const JoinRelation& join);
  void Pivot(const PivotRelation& pivot);
  void Unpivot(const UnpivotRelation& unpivot);
  void SetOp(SetOperator op, bool all, bool by_name);

  // Statements.
  void Assignments(const std::vector<Assignment>& assignments);
  void Partition(const PartitionSpec& spec);
  void Merging(const MergeClause& clause);
  void Column(const ColumnDefinition& column);
  void Columns(const std::vector<ColumnDefinition>& columns,
               const std::vector<Constraint>& constraints);
  void WriteConstraint(const Constraint& constraint);
  void Mask(const ColumnMask& mask);
  void Filter(const RowFilter& filter);
  void Cluster(const ClusterBy& cluster);
  void Clauses(const TableClauses& clauses);
  void PartitionFields(const std::vector<PartitionField>& fields);
  void Mode(CreateMode mode, std::string_view modifiers, std::string_view kind);
  void Routine(const CreateFunction& function);
  void Parameters(const std::vector<RoutineParameter>& parameters);
  void Change(const ColumnChange& change);
  void Cdc(const AutoCdc& cdc);
  void Block(const StatementBlock& block);

  std::string out_;
};

/// How tightly an expression binds: 1 OR, 2 AND, 3 NOT, 4 predicates, 5 comparisons, …, 13
/// operands.
int BindingOf(const Expr& expr);

}  // namespace tarn::sql
