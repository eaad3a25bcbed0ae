#include <algorithm>

#include "query_analyzer.h"
#include "tarn/base/check.h"
#include "tarn/plan/coercion.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// The type of the values that UNPIVOT puts into one column: strings aren't converted to others.
std::optional<DataType> UnpivotType(const std::vector<DataType>& types) {
  const auto strings = std::count_if(types.begin(), types.end(),
                                     [](const DataType& type) { return type.IsString(); });
  if (strings > 0 && strings < static_cast<std::ptrdiff_t>(types.size())) return std::nullopt;
  return plan::CommonType(types);
}

bool IsAggregateCall(const plan::Expr& expr) {
  const plan::FunctionSpec* function = FunctionOf(expr);
  return function && function->kind == plan::FunctionKind::kAggregate;
}

}  // namespace

/// A PIVOT is an aggregation whose aggregates are filtered by the values, one column each.
Result<Source> QueryAnalyzer::AnalyzePivot(Source input, const sql::PivotRelation& pivot,
                                           const SourceRange& source, const Environment& env) {
  ExprContext context;
  context.environment = &env;
  context.scope = &input.scope;
  std::vector<ExprPtr> keys;
  for (const sql::Identifier& column : pivot.columns) {
    TARN_ASSIGN(ExprPtr key, ResolveName(std::span(&column, 1), column.source, context));
    keys.push_back(std::move(key));
  }
  struct Aggregated {
    std::string name;
    ExprPtr expr;
  };
  std::vector<Aggregated> aggregates;
  std::vector<ColumnId> used;
  auto use = [&](const plan::ColumnRef& ref) { used.push_back(ref.id); };
  for (const ExprPtr& key : keys) ForEachColumnRef(*key, use);
  context.allow_aggregates = true;
  for (const sql::NamedExpr& item : pivot.aggregates) {
    Aggregated built;
    TARN_ASSIGN(built.expr, Analyze(*item.expr, context));
    if (!HasAggregate(*built.expr)) {
      return Error(Condition("UNSUPPORTED_EXPR_FOR_PIVOT_AGGREGATE"),
                   {{"sql", ShownAs(*built.expr)}})
          .WithPosition(item.expr->source);
    }
    built.name = item.aliases.empty() ? ShownAs(*built.expr) : item.aliases[0].text;
    ForEachColumnRef(*built.expr, use);
    aggregates.push_back(std::move(built));
  }
  context.allow_aggregates = false;
  plan::Aggregate node;
  std::vector<plan::OutputColumn> columns;
  std::vector<plan::NamedExpr> items;
  Source result;
  result.scope.outer = input.scope.outer;
  const auto output = [&](std::string name, ExprPtr value) {
    const ColumnId id = NewColumn();
    SetOrigin(id, *value);
    result.scope.columns.push_back({id, name, value->type, value->nullable});
    items.push_back({id, std::move(name), std::move(value)});
  };
  for (const ScopeColumn& column : input.scope.columns) {
    if (column.qualified_only || column.hidden ||
        std::find(used.begin(), used.end(), column.id) != used.end()) {
      continue;
    }
    const ColumnId id = NewColumn();
    SetOrigin(id, std::vector<ColumnId>{column.id});
    node.groups.push_back({id, column.name, RefTo(column, column.name, source)});
    columns.push_back({id, column.name, column.type, column.nullable});
    output(column.name, plan::MakeColumnRef(id, column.name, column.type, column.nullable));
  }
  const auto add_aggregate = [&](ExprPtr call) {
    const ColumnId id = NewColumn();
    SetOrigin(id, *call);
    std::string name = "pivot" + std::to_string(node.aggregates.size());
    ExprPtr ref = plan::MakeColumnRef(id, name, call->type, call->nullable, call->source);
    columns.push_back({id, name, call->type, call->nullable});
    node.aggregates.push_back({id, std::move(name), std::move(call)});
    return ref;
  };
  for (const sql::NamedExpr& item : pivot.values) {
    std::vector<ExprPtr> values;
    const auto* row = item.expr->As<sql::StructConstructor>();
    if (row && row->is_row && keys.size() > 1) {
      for (const sql::NamedExpr& part : row->items) {
        TARN_ASSIGN(ExprPtr value, Analyze(*part.expr, context));
        values.push_back(std::move(value));
      }
    } else {
      TARN_ASSIGN(ExprPtr value, Analyze(*item.expr, context));
      values.push_back(std::move(value));
    }
    if (values.size() != keys.size()) {
      return Error(Condition("PIVOT_VALUE_DATA_TYPE_MISMATCH"),
                   {{"value", ShownAs(*values[0])},
                    {"valueType", values[0]->type.ToSql()},
                    {"pivotType", keys[0]->type.ToSql()}})
          .WithPosition(item.expr->source);
    }
    std::string name;
    ExprPtr condition;
    for (size_t i = 0; i < values.size(); ++i) {
      if (!IsConstant(*values[i])) {
        return Error(Condition("NON_LITERAL_PIVOT_VALUES"),
                     {{"expression", Quoted(ShownAs(*values[i]))}})
            .WithPosition(item.expr->source);
      }
      if (!plan::CanCast(values[i]->type, keys[i]->type)) {
        return Error(Condition("PIVOT_VALUE_DATA_TYPE_MISMATCH"),
                     {{"value", ShownAs(*values[i])},
                      {"valueType", values[i]->type.ToSql()},
                      {"pivotType", keys[i]->type.ToSql()}})
            .WithPosition(item.expr->source);
      }
      const auto folded = FoldConstant(*values[i], context_.session_zone);
      std::string shown = folded && !folded->is_null()
                              ? RenderAsString(*folded, context_.session_zone)
                              : (folded ? "null" : ShownAs(*values[i]));
      name += (i ? ", " : "") + shown;
      std::vector<ExprPtr> args;
      args.push_back(plan::Clone(*keys[i]));
      args.push_back(plan::MakeCast(std::move(values[i]), keys[i]->type));
      TARN_ASSIGN(ExprPtr same, Build("<=>", std::move(args), item.expr->source));
      if (condition) {
        std::vector<ExprPtr> both;
        both.push_back(std::move(condition));
        both.push_back(std::move(same));
        TARN_ASSIGN(condition, Build("and", std::move(both), item.expr->source));
      } else {
        condition = std::move(same);
      }
    }
    if (values.size() > 1) name = "{" + name + "}";
    if (!item.aliases.empty()) name = item.aliases[0].text;
    for (const Aggregated& aggregate : aggregates) {
      ExprPtr value = plan::Clone(*aggregate.expr);
      bool empty_is_null = true;
      Status status;
      const auto filter = [&](const auto& self, ExprPtr& expr) -> void {
        if (!status.ok()) return;
        if (!IsAggregateCall(*expr)) {
          ForEachChild(*expr, [&](ExprPtr& child) { self(self, child); });
          return;
        }
        empty_is_null = empty_is_null && expr->nullable;
        auto& call = *expr->As<plan::Call>();
        if (call.filter) {
          std::vector<ExprPtr> both;
          both.push_back(std::move(call.filter));
          both.push_back(plan::Clone(*condition));
          auto joined = Build("and", std::move(both), source);
          if (!joined.ok()) {
            status = std::move(joined).error();
            return;
          }
          call.filter = std::move(*joined);
        } else {
          call.filter = plan::Clone(*condition);
        }
        expr = add_aggregate(std::move(expr));
      };
      filter(filter, value);
      TARN_TRY(std::move(status));
      if (!empty_is_null) {
        // A combination without rows is NULL, also for aggregates that count.
        std::vector<ExprPtr> one;
        one.push_back(plan::MakeLiteral(Value::Int(1)));
        TARN_ASSIGN(ExprPtr count, Build("count", std::move(one), source));
        count->As<plan::Call>()->filter = plan::Clone(*condition);
        std::vector<ExprPtr> args;
        args.push_back(add_aggregate(std::move(count)));
        args.push_back(plan::MakeLiteral(Value::Long(0)));
        plan::Case::Branch branch;
        TARN_ASSIGN(branch.condition, Build(">", std::move(args), source));
        auto guarded = std::make_unique<plan::Expr>();
        guarded->type = value->type;
        guarded->nullable = true;
        guarded->source = source;
        branch.result = std::move(value);
        plan::Case guard;
        guard.branches.push_back(std::move(branch));
        guarded->kind = std::move(guard);
        value = std::move(guarded);
      }
      output(aggregates.size() == 1 ? name : name + "_" + aggregate.name, std::move(value));
    }
  }
  node.input = std::move(input.node);
  result.node = MakeProject(MakeNode(std::move(node), std::move(columns)), std::move(items));
  return result;
}

/// An UNPIVOT makes one row per listed column: inline(array(struct(name, values…), …)).
Result<Source> QueryAnalyzer::AnalyzeUnpivot(Source input, const sql::UnpivotRelation& unpivot,
                                             const SourceRange& source, const Environment& env) {
  ExprContext context;
  context.environment = &env;
  context.scope = &input.scope;
  const size_t width = unpivot.value_columns.size();
  std::vector<ColumnId> used;
  auto use = [&](const plan::ColumnRef& ref) { used.push_back(ref.id); };
  std::vector<std::string> names;
  std::vector<std::vector<ExprPtr>> values;
  for (const sql::UnpivotColumns& columns : unpivot.inputs) {
    std::vector<ExprPtr> row;
    std::string name;
    if (columns.columns.size() != width) {
      return Error(Condition("UNPIVOT_VALUE_SIZE_MISMATCH"), {{"names", std::to_string(width)}})
          .WithPosition(columns.source);
    }
    for (const auto& column : columns.columns) {
      TARN_ASSIGN(ExprPtr value, ResolveName(column, columns.source, context));
      ForEachColumnRef(*value, use);
      name += (name.empty() ? "" : "_") + column.back().text;
      row.push_back(std::move(value));
    }
    names.push_back(columns.alias.empty() ? name : columns.alias.text);
    values.push_back(std::move(row));
  }
  TARN_CHECK(!values.empty());  // the grammar wants one
  for (size_t i = 0; i < width; ++i) {
    std::vector<DataType> types;
    for (const auto& row : values) types.push_back(row[i]->type);
    const auto common = UnpivotType(types);
    if (!common) {
      std::string shown;
      for (const DataType& type : types) {
        shown += (shown.empty() ? "" : ", ") + Quoted(type.ToSql());
      }
      return Error(Condition("UNPIVOT_VALUE_DATA_TYPE_MISMATCH"), {{"types", shown}})
          .WithPosition(source);
    }
    for (auto& row : values) row[i] = plan::MakeCast(std::move(row[i]), *common);
  }
  std::vector<ExprPtr> rows;
  for (size_t r = 0; r < values.size(); ++r) {
    std::vector<ExprPtr> args;
    args.push_back(plan::MakeLiteral(Value::String("name")));
    args.push_back(plan::MakeLiteral(Value::String(names[r])));
    for (size_t i = 0; i < width; ++i) {
      args.push_back(plan::MakeLiteral(Value::String("value" + std::to_string(i))));
      args.push_back(std::move(values[r][i]));
    }
    TARN_ASSIGN(ExprPtr row, Build("named_struct", std::move(args), source));
    rows.push_back(std::move(row));
  }
  TARN_ASSIGN(ExprPtr array, Build("array", std::move(rows), source));
  std::vector<ExprPtr> args;
  args.push_back(std::move(array));
  TARN_ASSIGN(ExprPtr generator, Build("inline", std::move(args), source));
  TARN_ASSIGN(auto produced, GeneratedColumns(*generator, false));
  produced[0].name = unpivot.name_column.text;
  for (size_t i = 0; i < width; ++i) produced[i + 1].name = unpivot.value_columns[i].text;
  Source result;
  result.scope.outer = input.scope.outer;
  result.scope.relations = input.scope.relations;
  for (const ScopeColumn& column : input.scope.columns) {
    if (column.qualified_only || column.hidden ||
        std::find(used.begin(), used.end(), column.id) != used.end()) {
      continue;
    }
    result.scope.columns.push_back(column);
  }
  for (const plan::OutputColumn& column : produced) {
    result.scope.columns.push_back({column.id, column.name, column.type, column.nullable});
  }
  const auto generated = produced;
  result.node =
      GenerateOver(std::move(input), std::move(generator), std::move(produced), false).node;
  if (unpivot.include_nulls) return result;
  ExprPtr condition;
  for (size_t i = 0; i < width; ++i) {
    const plan::OutputColumn& column = generated[i + 1];
    std::vector<ExprPtr> operand;
    operand.push_back(
        plan::MakeColumnRef(column.id, column.name, column.type, column.nullable, source));
    TARN_ASSIGN(ExprPtr known, Build("isnotnull", std::move(operand), source));
    if (condition) {
      std::vector<ExprPtr> either;
      either.push_back(std::move(condition));
      either.push_back(std::move(known));
      TARN_ASSIGN(condition, Build("or", std::move(either), source));
    } else {
      condition = std::move(known);
    }
  }
  result.node = MakeFilter(std::move(result.node), std::move(condition));
  return result;
}

}  // namespace tarn::analyze
