#include <utility>

#include "sql_writer.h"
#include "tarn/sql/printer.h"

namespace tarn::sql {

namespace {

constexpr int kComparisonLevel = 5;

/// SELECT * and nothing else, so that FROM can stand alone.
bool IsPlainStar(const Select& select) {
  if (select.items.size() != 1 || !select.items[0].aliases.empty()) return false;
  const auto* star = select.items[0].expr->As<Star>();
  return star != nullptr && star->qualifier.empty() && star->except.empty() &&
         star->replace.empty() && !select.distinct && select.hints.empty() && !select.where &&
         !select.group_by && !select.having && !select.qualify && select.windows.empty();
}

}  // namespace

struct RelationPrinter {
  SqlWriter& w;
  const Relation& relation;

  void operator()(const TableRelation& n) const {
    if (n.stream) w.Put("STREAM ");
    w.PutObject(n.name);
    if (n.time_travel) w.Travel(*n.time_travel);
    if (n.options.empty()) return;
    w.Put(" WITH ");
    w.PutProperties(n.options);
  }
  void operator()(const SubqueryRelation& n) const {
    w.Put("(");
    w.Write(*n.query);
    w.Put(")");
  }
  void operator()(const FunctionRelation& n) const {
    if (n.stream) w.Put("STREAM ");
    if (n.name.parts.size() == 1 &&
        (n.name.parts[0].text == kDescribeHistory || n.name.parts[0].text == kDescribeDetail)) {
      w.Put("(" + n.name.parts[0].text + " ");
      w.PutObject(n.args[0].value->As<TableArgument>()->table);
      w.Put(")");
      return;
    }
    w.PutObject(n.name);
    w.Put("(");
    w.Arguments(n.args);
    w.Put(")");
  }
  void operator()(const InlineTable& n) const {
    w.Put("VALUES ");
    w.Exprs(n.rows);
  }
  void operator()(const ParenthesizedRelation& n) const {
    w.Put("(");
    w.Write(*n.relation);
    w.Put(")");
  }
  void operator()(const JoinRelation& n) const {
    w.Write(*n.left);
    w.Join(n);
  }
  void operator()(const PivotRelation& n) const {
    w.Write(*n.input);
    w.Pivot(n);
  }
  void operator()(const UnpivotRelation& n) const {
    w.Write(*n.input);
    w.Unpivot(n);
  }
};

void SqlWriter::Write(const Relation& relation) {
  if (relation.lateral) Put("LATERAL ");
  std::visit(RelationPrinter{*this, relation}, relation.node);
  if (relation.sample) Sample(*relation.sample);
  Alias(relation.alias);
}

void SqlWriter::Alias(const TableAlias& alias) {
  if (alias.empty()) return;
  Put(" AS ");
  PutName(alias.name);
  if (!alias.columns.empty()) PutNames(alias.columns);
}

void SqlWriter::Join(const JoinRelation& join) {
  Put(join.natural ? " NATURAL " : " ");
  Put(ToSql(join.type));
  Put(" ");
  // A join on the right side only comes in parentheses, which are a relation of their own.
  Write(*join.right);
  if (join.on) {
    Put(" ON ");
    Write(*join.on);
  }
  if (join.has_using) {
    Put(" USING ");
    PutNames(join.using_columns);
  }
}

void SqlWriter::Travel(const TimeTravel& travel) {
  const Expr& at = travel.version ? *travel.version : *travel.timestamp;
  if (travel.at_syntax) {
    const auto* literal = at.As<Literal>();
    Put(travel.version ? "@v" : "@");
    if (literal != nullptr) Put(literal->text);
    return;
  }
  Put(travel.version ? " VERSION AS OF " : " TIMESTAMP AS OF ");
  Operand(at, kComparisonLevel);
}

void SqlWriter::Sample(const TableSample& sample) {
  Put(" TABLESAMPLE (");
  switch (sample.kind) {
    case SampleKind::kPercent:
      Operand(*sample.amount, kComparisonLevel);
      Put(" PERCENT");
      break;
    case SampleKind::kRows:
      Operand(*sample.amount, kComparisonLevel);
      Put(" ROWS");
      break;
    case SampleKind::kBucket:
      Put("BUCKET " + std::to_string(sample.bucket) + " OUT OF " + std::to_string(sample.buckets));
      break;
    case SampleKind::kBytes:
      if (const auto* literal = sample.amount->As<Literal>()) Put(literal->text);
      break;
  }
  Put(")");
  if (sample.seed) Put(" REPEATABLE (" + std::to_string(*sample.seed) + ")");
}

void SqlWriter::Pivot(const PivotRelation& pivot) {
  Put(" PIVOT (");
  NamedList(pivot.aggregates);
  Put(" FOR ");
  if (pivot.columns.size() == 1) {
    PutName(pivot.columns[0]);
  } else {
    PutNames(pivot.columns);
  }
  Put(" IN (");
  NamedList(pivot.values);
  Put("))");
}

void SqlWriter::Unpivot(const UnpivotRelation& unpivot) {
  Put(unpivot.include_nulls ? " UNPIVOT INCLUDE NULLS (" : " UNPIVOT (");
  if (unpivot.multi_value) {
    PutNames(unpivot.value_columns);
  } else {
    PutName(unpivot.value_columns[0]);
  }
  Put(" FOR ");
  PutName(unpivot.name_column);
  Put(" IN (");
  for (size_t i = 0; i < unpivot.inputs.size(); ++i) {
    const UnpivotColumns& input = unpivot.inputs[i];
    if (i > 0) Put(", ");
    if (unpivot.multi_value) {
      PutPartsList(input.columns);
    } else {
      PutParts(input.columns[0]);
    }
    if (input.alias.empty()) continue;
    Put(" AS ");
    PutName(input.alias);
  }
  Put("))");
}

void SqlWriter::With(const std::vector<CommonTable>& with, bool recursive) {
  if (with.empty()) return;
  Put(recursive ? "WITH RECURSIVE " : "WITH ");
  for (size_t i = 0; i < with.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(with[i].name);
    if (!with[i].columns.empty()) PutNames(with[i].columns);
    if (with[i].max_recursion) {
      Put(" MAX RECURSION LEVEL " + std::to_string(*with[i].max_recursion));
    }
    Put(" AS (");
    Write(*with[i].query);
    Put(")");
  }
  Put(" ");
}

void SqlWriter::Write(const Query& query) {
  With(query.with, query.recursive);
  Body(*query.body);
  Tail(query.tail);
  for (const PipeStep& step : query.pipe) Pipe(step);
}

void SqlWriter::SetOp(SetOperator op, bool all, bool by_name) {
  static constexpr const char* kWords[] = {"UNION", "INTERSECT", "EXCEPT"};
  Put(" ");
  Put(kWords[static_cast<size_t>(op)]);
  if (all) Put(" ALL");
  if (by_name) Put(" BY NAME");
  Put(" ");
}

void SqlWriter::Body(const QueryBody& body) {
  if (const auto* select = body.As<Select>()) {
    WriteSelect(*select);
  } else if (const auto* operation = body.As<SetOperation>()) {
    // INTERSECT binds tighter than the others, and chains lean to the left, so that the tree
    // needs no parentheses of its own.
    Body(*operation->left);
    SetOp(operation->op, operation->all, operation->by_name);
    Body(*operation->right);
  } else if (const auto* values = body.As<InlineTable>()) {
    Put("VALUES ");
    Exprs(values->rows);
    Alias(body.alias);
  } else if (const auto* table = body.As<TableBody>()) {
    Put("TABLE ");
    PutObject(table->name);
  } else if (const auto* nested = body.As<ParenthesizedBody>()) {
    Put("(");
    Write(*nested->query);
    Put(")");
  }
}

void SqlWriter::WriteSelect(const Select& select) {
  const bool from_alone = select.from_first && IsPlainStar(select);
  const auto from = [&] {
    for (size_t i = 0; i < select.from.size(); ++i) {
      Put(i > 0 ? ", " : "FROM ");
      Write(*select.from[i]);
    }
  };
  if (select.from_first) {
    from();
    if (from_alone) {
      for (const LateralView& view : select.lateral_views) View(view);
      return;
    }
    Put(" ");
  }
  Put("SELECT ");
  for (const Hint& hint : select.hints) {
    Put("/*+ ");
    PutName(hint.name);
    if (!hint.parameters.empty()) {
      Put("(");
      Exprs(hint.parameters);
      Put(")");
    }
    Put(" */ ");
  }
  if (select.distinct) Put("DISTINCT ");
  NamedList(select.items);
  if (!select.from_first && !select.from.empty()) {
    Put(" ");
    from();
  }
  for (const LateralView& view : select.lateral_views) View(view);
  if (select.where) {
    Put(" WHERE ");
    Write(*select.where);
  }
  if (select.group_by) Group(*select.group_by);
  if (select.having) {
    Put(" HAVING ");
    Write(*select.having);
  }
  if (select.qualify) {
    Put(" QUALIFY ");
    Write(*select.qualify);
  }
  Windows(select.windows);
}

void SqlWriter::View(const LateralView& view) {
  Put(view.outer ? " LATERAL VIEW OUTER " : " LATERAL VIEW ");
  PutObject(view.function);
  Put("(");
  Arguments(view.args);
  Put(")");
  if (!view.table.empty()) {
    Put(" ");
    PutName(view.table);
  }
  for (size_t i = 0; i < view.columns.size(); ++i) {
    Put(i == 0 ? " AS " : ", ");
    PutName(view.columns[i]);
  }
}

void SqlWriter::Sets(const std::vector<std::vector<ExprPtr>>& sets) {
  Put("(");
  for (size_t i = 0; i < sets.size(); ++i) {
    if (i > 0) Put(", ");
    Put("(");
    Exprs(sets[i]);
    Put(")");
  }
  Put(")");
}

void SqlWriter::Element(const GroupingElement& element) {
  switch (element.kind) {
    case GroupingKind::kExpression:
      return Write(*element.expr);
    case GroupingKind::kRollup:
      Put("ROLLUP ");
      return Sets(element.sets);
    case GroupingKind::kCube:
      Put("CUBE ");
      return Sets(element.sets);
    case GroupingKind::kGroupingSets:
      break;
  }
  Put("GROUPING SETS (");
  for (size_t i = 0; i < element.nested.size(); ++i) {
    const GroupingElement& nested = element.nested[i];
    if (i > 0) Put(", ");
    if (nested.kind == GroupingKind::kGroupingSets && nested.nested.empty()) {
      Put("(");
      Exprs(nested.sets[0]);
      Put(")");
    } else {
      Element(nested);
    }
  }
  Put(")");
}

void SqlWriter::Group(const GroupBy& group) {
  Put(" GROUP BY ");
  if (group.all) return Put("ALL");
  for (size_t i = 0; i < group.elements.size(); ++i) {
    if (i > 0) Put(", ");
    Element(group.elements[i]);
  }
  if (group.trailing == GroupingKind::kRollup) Put(" WITH ROLLUP");
  if (group.trailing == GroupingKind::kCube) Put(" WITH CUBE");
  if (group.trailing == GroupingKind::kGroupingSets) {
    Put(" GROUPING SETS ");
    Sets(group.trailing_sets);
  }
}

void SqlWriter::Windows(const std::vector<NamedWindow>& windows) {
  for (size_t i = 0; i < windows.size(); ++i) {
    Put(i == 0 ? " WINDOW " : ", ");
    PutName(windows[i].name);
    Put(" AS ");
    Window(windows[i].definition);
  }
}

void SqlWriter::Tail(const QueryTail& tail) {
  if (tail.order_by_all) {
    Put(" ORDER BY ALL");
    if (!tail.order_by.empty()) {
      if (tail.order_by[0].descending) Put(" DESC");
      if (tail.order_by[0].nulls_first) {
        Put(*tail.order_by[0].nulls_first ? " NULLS FIRST" : " NULLS LAST");
      }
    }
  } else if (!tail.order_by.empty()) {
    Put(" ORDER BY ");
    SortItems(tail.order_by);
  }
  if (!tail.cluster_by.empty()) {
    Put(" CLUSTER BY ");
    Exprs(tail.cluster_by);
  }
  if (!tail.distribute_by.empty()) {
    Put(" DISTRIBUTE BY ");
    Exprs(tail.distribute_by);
  }
  if (!tail.sort_by.empty()) {
    Put(" SORT BY ");
    SortItems(tail.sort_by);
  }
  Windows(tail.windows);
  if (tail.limit_all) Put(" LIMIT ALL");
  if (tail.limit) {
    Put(" LIMIT ");
    Write(*tail.limit);
  }
  if (tail.offset) {
    Put(" OFFSET ");
    Write(*tail.offset);
  }
}

struct PipePrinter {
  SqlWriter& w;

  void operator()(const PipeWhere& n) const {
    w.Put("WHERE ");
    w.Write(*n.condition);
  }
  void operator()(const PipeSelect& n) const {
    w.Put(n.distinct ? "SELECT DISTINCT " : "SELECT ");
    w.NamedList(n.items);
    w.Windows(n.windows);
  }
  void operator()(const PipeExtend& n) const {
    w.Put("EXTEND ");
    w.NamedList(n.items);
  }
  void operator()(const PipeSet& n) const {
    for (size_t i = 0; i < n.assignments.size(); ++i) {
      w.Put(i == 0 ? "SET " : ", ");
      w.PutName(n.assignments[i].name);
      w.Put(" = ");
      w.Write(*n.assignments[i].value);
    }
  }
  void operator()(const PipeDrop& n) const {
    for (size_t i = 0; i < n.columns.size(); ++i) {
      w.Put(i == 0 ? "DROP " : ", ");
      w.PutName(n.columns[i]);
    }
  }
  void operator()(const PipeAs& n) const {
    w.Put("AS ");
    w.PutName(n.alias);
  }
  void operator()(const PipeAggregate& n) const {
    w.Put("AGGREGATE");
    if (!n.aggregates.empty()) w.Put(" ");
    w.NamedList(n.aggregates);
    if (n.analytics) return w.Group(*n.analytics);
    if (!n.has_group_by) return;
    w.Put(" GROUP BY ");
    w.NamedList(n.groups);
  }
  void operator()(const PipeJoin& n) const { w.Join(n.join); }
  void operator()(const PipeSetOperation& n) const {
    w.SetOp(n.op, n.all, n.by_name);
    w.Body(*n.right);
  }
  void operator()(const PipeTail& n) const { w.Tail(n.tail); }
  void operator()(const PipePivot& n) const {
    w.Pivot(n.pivot);
    w.Alias(n.alias);
  }
  void operator()(const PipeUnpivot& n) const {
    w.Unpivot(n.unpivot);
    w.Alias(n.alias);
  }
  void operator()(const PipeSample& n) const { w.Sample(n.sample); }
  void operator()(const PipeLateralView& n) const { w.View(n.view); }
};

void SqlWriter::Pipe(const PipeStep& step) {
  Put(" |> ");
  std::visit(PipePrinter{*this}, step.node);
}

}  // namespace tarn::sql
