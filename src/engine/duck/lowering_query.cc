// Set operations, common table expressions and generators.

#include "duck/functions/kernel.h"
#include "duck/lowering.h"

namespace tarn::engine::duck {

using duckdb::make_uniq;

namespace {

std::string CteName(plan::CteId id) { return "q" + std::to_string(static_cast<uint32_t>(id)); }

DuckTable NamedSubquery(duckdb::unique_ptr<duckdb::QueryNode> query, std::string alias,
                        const plan::Node& node) {
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(query);
  auto table = make_uniq<duckdb::SubqueryRef>(std::move(statement), std::move(alias));
  for (const plan::OutputColumn& column : node.columns) {
    table->column_name_alias.push_back(ColumnName(column.id));
  }
  return table;
}

duckdb::SetOperationType OperationType(plan::SetOperationKind kind) {
  switch (kind) {
    case plan::SetOperationKind::kUnion:
      return duckdb::SetOperationType::UNION;
    case plan::SetOperationKind::kIntersect:
      return duckdb::SetOperationType::INTERSECT;
    case plan::SetOperationKind::kExcept:
      break;
  }
  return duckdb::SetOperationType::EXCEPT;
}

/// What the operation combines, from left to right: a chain of UNIONs is one operation.
std::vector<const plan::Node*> PartsOf(const plan::SetOperation& operation) {
  std::vector<const plan::Node*> parts = {operation.right.get()};
  const plan::Node* left = operation.left.get();
  while (operation.kind == plan::SetOperationKind::kUnion) {
    const auto* inner = left->As<plan::SetOperation>();
    if (!inner || inner->kind != operation.kind || inner->all != operation.all) break;
    parts.push_back(inner->right.get());
    left = inner->left.get();
  }
  parts.push_back(left);
  return {parts.rbegin(), parts.rend()};
}

// What the rows of a recursive table carry besides the columns of its query: the number of the step
// that made them, and how many rows there were before that step.
constexpr const char* kLevel = "level";
constexpr const char* kRows = "rows_before";
/// Spark's spark.sql.cteRecursionRowLimit.
constexpr int64_t kRecursionRowsMax = 1'000'000;

/// `check(value, limit)` over the rows that the recursive table `name` shows: those of the last
/// step.
DuckExpr OfLastStep(LoweringContext& context, const std::string& name, const char* check,
                    DuckExpr value, int64_t limit) {
  auto table = make_uniq<duckdb::BaseTableRef>();
  table->table_name = name;
  auto select = make_uniq<duckdb::SelectNode>();
  select->from_table = std::move(table);
  select->select_list.push_back(std::move(value));
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  auto step = make_uniq<duckdb::SubqueryExpression>();
  step->subquery_type = duckdb::SubqueryType::SCALAR;
  step->subquery = std::move(statement);
  return CallKernel(context, check, TypeId::kLong, {TypeId::kLong, TypeId::kLong},
                    MakeArgs(std::move(step), Constant(duckdb::Value::BIGINT(limit))));
}

DuckExpr MaxOf(const char* column) {
  return CallNativeOf("max", make_uniq<duckdb::ColumnRefExpression>(column));
}

DuckExpr IntegerList(DuckExpr list) {
  return CastNative(std::move(list), duckdb::LogicalType::LIST(duckdb::LogicalType::INTEGER));
}

}  // namespace

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::SetOperation& operation) {
  auto result = make_uniq<duckdb::SetOperationNode>();
  result->setop_type = OperationType(operation.kind);
  result->setop_all = operation.all;
  for (const plan::Node* part : PartsOf(operation)) {
    result->children.push_back(Finish(LowerNode(*part)));
  }
  return FromTable(NamedSubquery(std::move(result), NextAlias(), node), node);
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::With& with) {
  duckdb::CommonTableExpressionMap definitions;
  for (const plan::With::Definition& definition : with.definitions) {
    auto info = make_uniq<duckdb::CommonTableExpressionInfo>();
    info->query = make_uniq<duckdb::SelectStatement>();
    info->query->node = definition.recursive_part ? LowerRecursive(definition)
                                                  : Finish(LowerNode(*definition.query));
    for (size_t i = 0; i < definition.query->columns.size(); ++i) {
      info->aliases.push_back("k" + std::to_string(i));
    }
    if (definition.recursive_part) info->aliases.insert(info->aliases.end(), {kLevel, kRows});
    definitions.map.insert(CteName(definition.id), std::move(info));
  }
  Block block = Wrap(LowerNode(*with.input));
  block.select->cte_map = std::move(definitions);
  // Closed, so that nothing is merged into a SELECT that has its own definitions.
  block.stage = Stage::kLimit;
  return block;
}

duckdb::unique_ptr<duckdb::QueryNode> Lowering::LowerRecursive(
    const plan::With::Definition& definition) {
  auto result = make_uniq<duckdb::RecursiveCTENode>();
  result->ctename = CteName(definition.id);
  result->union_all = definition.union_all;
  Block start = LowerNode(*definition.query);
  Block step = LowerNode(*definition.recursive_part);
  for (size_t i = 0; i < definition.query->columns.size(); ++i) {
    result->aliases.push_back("k" + std::to_string(i));
  }
  AddSteps(start, Constant(duckdb::Value::BIGINT(0)), Constant(duckdb::Value::BIGINT(0)));
  AddSteps(
      step,
      OfLastStep(*this, result->ctename, "recursion_level", MaxOf(kLevel),
                 definition.recursion_limit),
      OfLastStep(*this, result->ctename, "recursion_rows",
                 CallNativeOf("+", MaxOf(kRows), CallNativeOf("count_star")), kRecursionRowsMax));
  result->aliases.insert(result->aliases.end(), {kLevel, kRows});
  result->left = Finish(std::move(start));
  result->right = Finish(std::move(step));
  return result;
}

void Lowering::AddSteps(Block& block, DuckExpr level, DuckExpr rows) {
  block = Wrap(std::move(block));
  SelectColumns(block, block.columns);
  level->SetAlias(kLevel);
  block.select->select_list.push_back(std::move(level));
  rows->SetAlias(kRows);
  block.select->select_list.push_back(std::move(rows));
  block.stage = Stage::kProject;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::CteScan& scan) {
  auto table = make_uniq<duckdb::BaseTableRef>();
  table->table_name = CteName(scan.cte);
  table->alias = NextAlias();
  for (const plan::OutputColumn& column : node.columns) {
    table->column_name_alias.push_back(ColumnName(column.id));
  }
  return FromTable(std::move(table), node);
}

// The lists whose elements, taken in parallel, are the rows; with `structs` it is one list whose
// elements hold all columns.
DuckArgs Lowering::GeneratorLists(const plan::Call& call, size_t produced, bool& structs) {
  std::string name(call.function->name);
  if (name.ends_with("_outer")) name.resize(name.size() - 6);
  structs = false;
  DuckArgs lists;
  if (name == "explode" || name == "posexplode") {
    const bool of_map = call.args[0]->type.Is(TypeId::kMap);
    DuckExpr input = Lower(*call.args[0]);
    if (name == "posexplode") {
      DuckExpr elements = of_map ? CallNativeOf("map_keys", input->Copy()) : input->Copy();
      lists.push_back(IntegerList(CallNativeOf("range", CallNativeOf("len", std::move(elements)))));
    }
    if (of_map) {
      lists.push_back(CallNativeOf("map_keys", input->Copy()));
      lists.push_back(CallNativeOf("map_values", std::move(input)));
    } else {
      lists.push_back(std::move(input));
    }
    return lists;
  }
  if (name == "stack") {
    const auto* count = call.args[0]->As<plan::Literal>();
    const size_t rows = count == nullptr ? 1 : static_cast<size_t>(count->value.integer());
    for (size_t column = 0; column < produced; ++column) {
      DuckArgs cells;
      for (size_t row = 0; row < rows; ++row) {
        const size_t at = 1 + row * produced + column;
        if (at < call.args.size()) {
          cells.push_back(Lower(*call.args[at]));
        } else {
          cells.push_back(Constant(duckdb::Value()));
        }
      }
      lists.push_back(CallNative("list_value", std::move(cells)));
    }
    return lists;
  }
  structs = true;
  if (name == "inline") {
    lists.push_back(Lower(*call.args[0]));
    return lists;
  }
  // The registry gives the others as a list of structs.
  const CallTemplate* const build = registry_.FindTemplate(name);
  if (build == nullptr) {
    throw LoweringFailure{UnsupportedFeature("The generator " + name)};
  }
  DuckArgs args;
  for (const plan::ExprPtr& arg : call.args) args.push_back(Lower(*arg));
  plan::Expr none;
  lists.push_back((*build)(*this, none, call, std::move(args)));
  return lists;
}

Lowering::Block Lowering::LowerRange(const plan::Generate& generate) {
  const plan::Call& call = *generate.generator->As<plan::Call>();
  const auto* step = call.args[2]->As<plan::Literal>();
  if (step && !step->value.is_null() && step->value.integer() == 0) {
    throw LoweringFailure{
        Error(Condition("FAILED_FUNCTION_CALL"), {{"funcName", "`range`"}, {"detail", "step is 0"}})
            .WithPosition(call.args[2]->source)};
  }
  auto range = make_uniq<duckdb::TableFunctionRef>();
  DuckArgs args;
  for (const plan::ExprPtr& arg : call.args) args.push_back(Lower(*arg));
  range->function = CallNative("range", std::move(args));
  range->alias = NextAlias();
  range->column_name_alias.push_back(ColumnName(generate.produced[0].id));
  Block block;
  block.select = make_uniq<duckdb::SelectNode>();
  block.select->from_table = std::move(range);
  block.columns = {generate.produced[0].id};
  return block;
}

Lowering::Block Lowering::LowerKind(const plan::Node& node, const plan::Generate& generate) {
  const plan::Call& call = *generate.generator->As<plan::Call>();
  if (call.function->name == "range") return LowerRange(generate);
  const bool outer = generate.outer || call.function->name.ends_with("_outer");
  Block block = InputUpTo(*generate.input, Stage::kWhere);
  const std::vector<plan::ColumnId> input_columns = block.columns;
  SelectColumns(block, input_columns);
  bool structs = false;
  DuckArgs lists = GeneratorLists(call, generate.produced.size(), structs);
  for (size_t i = 0; i < lists.size(); ++i) {
    DuckExpr list = std::move(lists[i]);
    if (outer) {
      // An empty list becomes one of a single NULL.
      auto choice = make_uniq<duckdb::CaseExpression>();
      duckdb::CaseCheck check;
      check.when_expr = make_uniq<duckdb::ComparisonExpression>(
          duckdb::ExpressionType::COMPARE_GREATERTHAN, CallNativeOf("len", list->Copy()),
          Constant(duckdb::Value::BIGINT(0)));
      check.then_expr = std::move(list);
      choice->case_checks.push_back(std::move(check));
      choice->else_expr = CallNativeOf("list_value", Constant(duckdb::Value()));
      list = std::move(choice);
    }
    DuckExpr rows = make_uniq<duckdb::FunctionExpression>("unnest", MakeArgs(std::move(list)));
    rows->SetAlias(structs ? "s" : ColumnName(generate.produced[i].id));
    block.select->select_list.push_back(std::move(rows));
  }
  block.stage = Stage::kProject;
  if (!structs) {
    block = Wrap(std::move(block));
    return block;
  }
  Block unpacked = Wrap(std::move(block));
  SelectColumns(unpacked, input_columns);
  for (size_t i = 0; i < generate.produced.size(); ++i) {
    DuckExpr field = CallNativeOf("struct_extract_at", make_uniq<duckdb::ColumnRefExpression>("s"),
                                  Constant(duckdb::Value::BIGINT(static_cast<int64_t>(i) + 1)));
    AddColumn(unpacked, std::move(field), generate.produced[i].id);
  }
  unpacked.stage = Stage::kProject;
  return unpacked;
}

}  // namespace tarn::engine::duck
