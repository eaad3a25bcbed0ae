#include "duck/lowering.h"
#include "duck/order_key.h"
#include "duck/row_checker.h"

namespace tarn::engine::duck {

using duckdb::ExpressionType;
using duckdb::make_uniq;

namespace {

std::vector<plan::ColumnId> IdsOf(const plan::Node& node) {
  std::vector<plan::ColumnId> ids;
  ids.reserve(node.columns.size());
  for (const plan::OutputColumn& column : node.columns) ids.push_back(column.id);
  return ids;
}

std::string KeyName(plan::ColumnId id) { return "k" + ColumnName(id); }

bool AreColumns(const std::vector<plan::SortKey>& keys) {
  for (const plan::SortKey& key : keys) {
    if (key.expr->As<plan::ColumnRef>() == nullptr && key.expr->As<plan::Literal>() == nullptr)
      return false;
    if (NeedsOrderKey(key.expr->type)) return false;
  }
  return true;
}

}  // namespace

duckdb::unique_ptr<duckdb::SelectStatement> Lowering::LowerQuery(const plan::Node& root) {
  return FinishStatement(LowerNode(root));
}

Lowering::Block Lowering::LowerNode(const plan::Node& node) {
  Block block = std::visit([&](const auto& kind) { return LowerKind(node, kind); }, node.kind);
  block.columns = IdsOf(node);
  return block;
}

Lowering::Block Lowering::FromTable(DuckTable table, const plan::Node& node) {
  Block block;
  block.select = make_uniq<duckdb::SelectNode>();
  block.select->from_table = std::move(table);
  block.columns = IdsOf(node);
  return block;
}

Lowering::Block Lowering::Wrap(Block block) {
  Block outer;
  outer.columns = block.columns;
  outer.select = make_uniq<duckdb::SelectNode>();
  outer.select->from_table = ToTable(std::move(block));
  return outer;
}

Lowering::Block Lowering::InputUpTo(const plan::Node& input, Stage last) {
  Block block = LowerNode(input);
  return block.stage > last ? Wrap(std::move(block)) : std::move(block);
}

void Lowering::AddColumn(Block& block, DuckExpr expr, plan::ColumnId id) {
  expr->SetAlias(ColumnName(id));
  block.select->select_list.push_back(std::move(expr));
}

void Lowering::SelectColumns(Block& block, const std::vector<plan::ColumnId>& columns) {
  for (const plan::ColumnId id : columns) {
    block.select->select_list.push_back(make_uniq<duckdb::ColumnRefExpression>(ColumnName(id)));
  }
}

duckdb::unique_ptr<duckdb::QueryNode> Lowering::Finish(Block block) {
  duckdb::SelectNode& select = *block.select;
  if (select.select_list.empty()) SelectColumns(block, block.columns);
  if (select.select_list.empty())
    select.select_list.push_back(Constant(duckdb::Value::BOOLEAN(true)));
  if (!select.from_table) select.from_table = make_uniq<duckdb::EmptyTableRef>();
  return std::move(block.select);
}

duckdb::unique_ptr<duckdb::SelectStatement> Lowering::FinishStatement(Block block) {
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = Finish(std::move(block));
  return statement;
}

DuckTable Lowering::ToTable(Block block) {
  const bool bare = block.stage == Stage::kFrom && block.select->cte_map.map.empty() &&
                    !block.select->sample && block.select->select_list.empty();
  if (bare && block.select->from_table) return std::move(block.select->from_table);
  return make_uniq<duckdb::SubqueryRef>(FinishStatement(std::move(block)), NextAlias());
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Scan& scan) {
  DuckTable table = scans_.TableOf(*this, node, scan);
  if (table->alias.empty()) table->alias = NextAlias();
  return FromTable(std::move(table), node);
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Values& values) {
  if (values.rows.size() == 1) {
    Block block = FromTable(nullptr, node);
    for (size_t i = 0; i < node.columns.size(); ++i) {
      AddColumn(block, Lower(*values.rows[0][i]), node.columns[i].id);
    }
    if (!node.columns.empty()) block.stage = Stage::kProject;
    return block;
  }
  auto list = make_uniq<duckdb::ExpressionListRef>();
  list->alias = NextAlias();
  for (const plan::OutputColumn& column : node.columns) {
    list->expected_names.push_back(ColumnName(column.id));
    list->expected_types.push_back(ToDuckType(column.type));
  }
  for (const std::vector<plan::ExprPtr>& row : values.rows) {
    DuckArgs cells;
    for (const plan::ExprPtr& cell : row) cells.push_back(Lower(*cell));
    list->values.push_back(std::move(cells));
  }
  if (!list->values.empty() && !node.columns.empty()) return FromTable(std::move(list), node);

  // No rows, or several without columns: a filter or a range stands for them.
  Block block = FromTable(nullptr, node);
  for (const plan::OutputColumn& column : node.columns) {
    AddColumn(block, Constant(duckdb::Value(ToDuckType(column.type))), column.id);
  }
  if (values.rows.empty()) {
    block.select->where_clause = Constant(duckdb::Value::BOOLEAN(false));
  } else {
    auto range = make_uniq<duckdb::TableFunctionRef>();
    range->function =
        CallNativeOf("range", Constant(duckdb::Value::BIGINT(int64_t(values.rows.size()))));
    range->alias = NextAlias();
    block.select->from_table = std::move(range);
  }
  block.stage = Stage::kProject;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Project& project) {
  Block block = InputUpTo(*project.input, Stage::kWhere);
  for (const plan::NamedExpr& item : project.items) AddColumn(block, Lower(*item.expr), item.id);
  block.stage = Stage::kProject;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Filter& filter) {
  Block block = InputUpTo(*filter.input, Stage::kWhere);
  DuckExpr condition = LowerCondition(*filter.condition);
  if (block.select->where_clause) {
    condition = make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                         std::move(block.select->where_clause),
                                                         std::move(condition));
  }
  block.select->where_clause = std::move(condition);
  block.stage = Stage::kWhere;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Join& join) {
  auto result = make_uniq<duckdb::JoinRef>(join.condition ? duckdb::JoinRefType::REGULAR
                                                          : duckdb::JoinRefType::CROSS);
  result->left = ToTable(LowerNode(*join.left));
  result->right = ToTable(LowerNode(*join.right));
  switch (join.kind) {
    case plan::JoinKind::kInner:
    case plan::JoinKind::kCross:
      break;
    case plan::JoinKind::kLeft:
      result->type = duckdb::JoinType::LEFT;
      break;
    case plan::JoinKind::kRight:
      result->type = duckdb::JoinType::RIGHT;
      break;
    case plan::JoinKind::kFull:
      result->type = duckdb::JoinType::OUTER;
      break;
    case plan::JoinKind::kLeftSemi:
      result->type = duckdb::JoinType::SEMI;
      break;
    case plan::JoinKind::kLeftAnti:
      result->type = duckdb::JoinType::ANTI;
      break;
  }
  if (join.condition) {
    result->condition = Lower(*join.condition);
  } else if (result->type != duckdb::JoinType::INNER) {
    result->ref_type = duckdb::JoinRefType::REGULAR;
    result->condition = Constant(duckdb::Value::BOOLEAN(true));
  }
  return FromTable(std::move(result), node);
}

// Grouping sets: the keys become columns first, since a key that isn't in a set is NULL there even
// if it is a constant or equals another key.
Lowering::Block Lowering::ComputeKeys(const plan::Aggregate& aggregate) {
  Block block = InputUpTo(*aggregate.input, Stage::kWhere);
  const std::vector<plan::ColumnId> input_columns = block.columns;
  SelectColumns(block, input_columns);
  for (const plan::NamedExpr& group : aggregate.groups) {
    DuckExpr key = Lower(*group.expr);
    key->SetAlias(KeyName(group.id));
    block.select->select_list.push_back(std::move(key));
  }
  if (block.select->select_list.empty()) {
    block.select->select_list.push_back(Constant(duckdb::Value::BOOLEAN(true)));
  }
  block.stage = Stage::kProject;
  return Wrap(std::move(block));
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Aggregate& aggregate) {
  const bool sets = !aggregate.grouping_sets.empty();
  Block block = sets ? ComputeKeys(aggregate) : InputUpTo(*aggregate.input, Stage::kWhere);
  duckdb::GroupByNode& groups = block.select->groups;
  for (const plan::NamedExpr& group : aggregate.groups) {
    DuckExpr expr =
        sets ? make_uniq<duckdb::ColumnRefExpression>(KeyName(group.id)) : Lower(*group.expr);
    // A constant would be taken for the number of a column.
    if (group.expr->As<plan::Literal>() != nullptr) {
      expr = CastNative(std::move(expr), ToDuckType(group.expr->type));
    }
    groups.group_expressions.push_back(expr->Copy());
    AddColumn(block, std::move(expr), group.id);
  }
  for (const std::vector<int>& set : aggregate.grouping_sets) {
    duckdb::GroupingSet members;
    for (const int index : set) members.insert(static_cast<duckdb::idx_t>(index));
    groups.grouping_sets.push_back(std::move(members));
  }
  if (!sets && !aggregate.groups.empty()) {
    duckdb::GroupingSet all;
    for (size_t i = 0; i < aggregate.groups.size(); ++i) all.insert(i);
    groups.grouping_sets.push_back(std::move(all));
  }
  if (aggregate.grouping_id) AddGroupingId(block, *aggregate.grouping_id);
  for (const plan::NamedExpr& item : aggregate.aggregates)
    AddColumn(block, Lower(*item.expr), item.id);
  if (block.select->select_list.empty()) {
    block.select->select_list.push_back(CallNative("count_star", {}));
  }
  if (sets) {
    // Where there are no rows, the empty set has none either.
    block.select->having = make_uniq<duckdb::ComparisonExpression>(
        ExpressionType::COMPARE_GREATERTHAN, CallNative("count_star", {}),
        Constant(duckdb::Value::BIGINT(0)));
  }
  block.stage = Stage::kProject;
  // The columns may stand in another order than groups, grouping_id, aggregates.
  Block ordered = Wrap(std::move(block));
  return ordered;
}

void Lowering::AddGroupingId(Block& block, plan::ColumnId id) {
  const auto& keys = block.select->groups.group_expressions;
  if (keys.empty()) return AddColumn(block, Constant(duckdb::Value::BIGINT(0)), id);
  DuckArgs args;
  for (const DuckExpr& key : keys) args.push_back(key->Copy());
  AddColumn(
      block,
      make_uniq<duckdb::OperatorExpression>(ExpressionType::GROUPING_FUNCTION, std::move(args)),
      id);
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Window& window) {
  Block block = InputUpTo(*window.input, Stage::kWhere);
  SelectColumns(block, block.columns);
  for (const plan::NamedExpr& call : window.calls) AddColumn(block, Lower(*call.expr), call.id);
  block.stage = Stage::kProject;
  return Wrap(std::move(block));
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Sort& sort) {
  Block block = InputUpTo(*sort.input, Stage::kDistinct);
  if (block.stage > Stage::kWhere && !AreColumns(sort.keys)) block = Wrap(std::move(block));
  auto order = make_uniq<duckdb::OrderModifier>();
  order->orders = LowerKeys(sort.keys);
  if (!order->orders.empty()) block.select->modifiers.push_back(std::move(order));
  block.stage = Stage::kOrder;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Limit& limit) {
  Block block = InputUpTo(*limit.input, Stage::kOrder);
  auto modifier = make_uniq<duckdb::LimitModifier>();
  if (limit.count) modifier->limit = CastNative(Lower(*limit.count), duckdb::LogicalType::BIGINT);
  if (limit.offset)
    modifier->offset = CastNative(Lower(*limit.offset), duckdb::LogicalType::BIGINT);
  block.select->modifiers.push_back(std::move(modifier));
  block.stage = Stage::kLimit;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Distinct& distinct) {
  Block block = InputUpTo(*distinct.input, Stage::kProject);
  block.select->modifiers.push_back(make_uniq<duckdb::DistinctModifier>());
  block.stage = Stage::kDistinct;
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Sample& sample) {
  Block block = Wrap(LowerNode(*sample.input));
  auto options = make_uniq<duckdb::SampleOptions>();
  options->is_percentage = !sample.rows.has_value();
  if (sample.rows) {
    options->sample_size = duckdb::Value::BIGINT(*sample.rows);
    options->method = duckdb::SampleMethod::RESERVOIR_SAMPLE;
  } else {
    options->sample_size = duckdb::Value::DOUBLE(sample.fraction * 100);
    options->method = duckdb::SampleMethod::BERNOULLI_SAMPLE;
  }
  if (sample.seed) options->SetSeed(static_cast<duckdb::idx_t>(*sample.seed));
  options->repeatable = sample.seed.has_value();
  block.select->sample = std::move(options);
  block.stage = Stage::kWhere;
  return Wrap(std::move(block));
}

// A function that takes a table is a wall to DuckDB's optimizer: no filter and no choice of columns
// gets to what is below it.
Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Check& check) {
  Block block = InputUpTo(*check.input, Stage::kWhere);
  SelectColumns(block, block.columns);
  if (block.columns.empty()) {
    block.select->select_list.push_back(Constant(duckdb::Value::BOOLEAN(true)));
  }
  for (const plan::ExprPtr& condition : check.conditions) {
    block.select->select_list.push_back(
        CastNative(Lower(*condition), duckdb::LogicalType::BOOLEAN));
  }
  block.stage = Stage::kProject;
  auto rows = make_uniq<duckdb::SubqueryExpression>();
  rows->subquery_type = duckdb::SubqueryType::SCALAR;
  rows->subquery = FinishStatement(std::move(block));
  DuckArgs args;
  args.push_back(std::move(rows));
  args.push_back(Constant(duckdb::Value::BIGINT(static_cast<int64_t>(scans_.NumberOf(check)))));
  auto table = make_uniq<duckdb::TableFunctionRef>();
  table->function = CallNative(kCheckFunction, std::move(args));
  table->alias = NextAlias();
  return FromTable(std::move(table), node);
}

}  // namespace tarn::engine::duck
