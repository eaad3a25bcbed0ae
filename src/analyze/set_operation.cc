#include <algorithm>

#include "query_analyzer.h"
#include "set_operands.h"
#include "tarn/plan/coercion.h"

namespace tarn::analyze {

namespace {

std::string_view NameOf(sql::SetOperator op) {
  switch (op) {
    case sql::SetOperator::kUnion:
      return "UNION";
    case sql::SetOperator::kIntersect:
      return "INTERSECT";
    case sql::SetOperator::kExcept:
      return "EXCEPT";
  }
  return {};
}

std::string Ordinal(size_t index) {
  static constexpr const char* kNames[] = {"first", "second", "third"};
  return index < 3 ? kNames[index] : std::to_string(index + 1) + "th";
}

/// Whether strings stand beside values of other types, which VALUES doesn't convert.
bool MixesStrings(const std::vector<DataType>& types) {
  bool strings = false;
  bool others = false;
  for (const DataType& type : types) {
    if (type.Is(TypeId::kNull)) continue;
    (type.IsString() ? strings : others) = true;
  }
  return strings && others;
}

Status CheckWidth(const sql::TableAlias& alias, size_t width, const SourceRange& source) {
  if (alias.columns.empty() || alias.columns.size() == width) return Status();
  return Error(Condition("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH"),
               {{"expectedNumCols", std::to_string(alias.columns.size())},
                {"actualNumCols", std::to_string(width)},
                {"rowIndex", "0"}})
      .WithPosition(source);
}

/// A type without the parts that set operations ignore.
DataType Nullable(const DataType& a, const DataType& b) {
  return a == b ? a : plan::SetOperationType(a, b).value_or(a);
}

}  // namespace

Result<Source> QueryAnalyzer::AnalyzeSetOperation(const sql::QueryBody& body,
                                                  const sql::SetOperation& node, const Scope* outer,
                                                  const Environment& env) {
  TARN_ASSIGN(Source left, AnalyzeBody(*node.left, outer, env));
  TARN_ASSIGN(Source right, AnalyzeBody(*node.right, outer, env));
  return CombineSets(std::move(left), std::move(right), node.op, node.all, node.by_name,
                     body.source);
}

Result<Source> QueryAnalyzer::CombineSets(Source left, Source right, sql::SetOperator op, bool all,
                                          bool by_name, const SourceRange& source) {
  // Which column of each side makes which column of the result; -1: NULL.
  std::vector<std::pair<int, int>> pairs;
  const auto& left_columns = left.node->columns;
  const auto& right_columns = right.node->columns;
  if (by_name) {
    std::vector<bool> used(right_columns.size());
    for (size_t i = 0; i < left_columns.size(); ++i) {
      int match = -1;
      for (size_t k = 0; k < right_columns.size(); ++k) {
        if (SameName(left_columns[i].name, right_columns[k].name)) match = static_cast<int>(k);
      }
      if (match >= 0) used[static_cast<size_t>(match)] = true;
      pairs.emplace_back(static_cast<int>(i), match);
    }
    for (size_t k = 0; k < right_columns.size(); ++k) {
      if (!used[k]) pairs.emplace_back(-1, static_cast<int>(k));
    }
  } else {
    if (left_columns.size() != right_columns.size()) {
      return Error(Condition("NUM_COLUMNS_MISMATCH"),
                   {{"operator", std::string(NameOf(op))},
                    {"firstNumColumns", std::to_string(left_columns.size())},
                    {"invalidOrdinalNum", "second"},
                    {"invalidNumColumns", std::to_string(right_columns.size())}})
          .WithPosition(source);
    }
    for (size_t i = 0; i < left_columns.size(); ++i) {
      pairs.emplace_back(static_cast<int>(i), static_cast<int>(i));
    }
  }
  std::vector<plan::OutputColumn> columns;
  bool project_left = by_name;
  bool project_right = by_name;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const plan::OutputColumn* a =
        pairs[i].first >= 0 ? &left_columns[static_cast<size_t>(pairs[i].first)] : nullptr;
    const plan::OutputColumn* b =
        pairs[i].second >= 0 ? &right_columns[static_cast<size_t>(pairs[i].second)] : nullptr;
    plan::OutputColumn column;
    column.id = NewColumn();
    column.name = a ? a->name : b->name;
    const DataType type_a = a ? a->type : DataType();
    const DataType type_b = b ? b->type : DataType();
    if (op != sql::SetOperator::kUnion || !all) {
      for (const DataType& type : {type_a, type_b}) {
        if (auto status = RequireSetOperand(column.name, type); !status.ok()) {
          return std::move(status).error().WithPosition(source);
        }
      }
    }
    const auto common = plan::SetOperationType(type_a, type_b);
    if (!common) {
      return Error(Condition("INCOMPATIBLE_COLUMN_TYPE"), {{"tableOrdinalNumber", "second"},
                                                           {"columnOrdinalNumber", Ordinal(i)},
                                                           {"dataType2", Quoted(type_a.ToSql())},
                                                           {"operator", std::string(NameOf(op))},
                                                           {"hint", ""},
                                                           {"dataType1", Quoted(type_b.ToSql())}})
          .WithPosition(source);
    }
    column.type = Nullable(*common, *common);
    const bool null_a = !a || a->nullable;
    const bool null_b = !b || b->nullable;
    column.nullable = op == sql::SetOperator::kUnion       ? null_a || null_b
                      : op == sql::SetOperator::kIntersect ? null_a && null_b
                                                           : null_a;
    project_left = project_left || !(type_a == column.type);
    project_right = project_right || !(type_b == column.type);
    std::vector<ColumnId> origins;
    if (a) origins.push_back(a->id);
    if (b && op != sql::SetOperator::kExcept) origins.push_back(b->id);
    SetOrigin(column.id, std::move(origins));
    columns.push_back(std::move(column));
  }
  const auto project = [&](NodePtr node, bool right_side) {
    std::vector<plan::NamedExpr> items;
    for (size_t i = 0; i < pairs.size(); ++i) {
      const int index = right_side ? pairs[i].second : pairs[i].first;
      ExprPtr value;
      if (index >= 0) {
        const plan::OutputColumn& from = node->columns[static_cast<size_t>(index)];
        value = plan::MakeColumnRef(from.id, from.name, from.type, from.nullable);
      } else {
        value = plan::MakeLiteral(Value());
      }
      value = plan::MakeCast(std::move(value), columns[i].type);
      const ColumnId id = NewColumn();
      SetOrigin(id, *value);
      items.push_back({id, columns[i].name, std::move(value)});
    }
    return MakeProject(std::move(node), std::move(items));
  };
  if (project_left) left.node = project(std::move(left.node), false);
  if (project_right) right.node = project(std::move(right.node), true);
  plan::SetOperation built;
  built.kind = op == sql::SetOperator::kUnion       ? plan::SetOperationKind::kUnion
               : op == sql::SetOperator::kIntersect ? plan::SetOperationKind::kIntersect
                                                    : plan::SetOperationKind::kExcept;
  built.all = all;
  built.left = std::move(left.node);
  built.right = std::move(right.node);
  Source result;
  for (const plan::OutputColumn& column : columns) {
    result.scope.columns.push_back({column.id, column.name, column.type, column.nullable});
  }
  result.scope.outer = left.scope.outer;
  result.node = MakeNode(std::move(built), std::move(columns));
  return result;
}

Result<Source> QueryAnalyzer::AnalyzeValues(const sql::InlineTable& table,
                                            const sql::TableAlias* alias, const Scope* outer,
                                            const Environment& env, const SourceRange& source) {
  plan::Values values;
  Scope scope;
  scope.outer = outer;
  ExprContext context;
  context.environment = &env;
  context.scope = &scope;
  context.clause = "VALUES";
  size_t width = 0;
  for (const auto& row : table.rows) {
    std::vector<ExprPtr> cells;
    const auto* tuple = row->As<sql::StructConstructor>();
    const auto add = [&](const sql::Expr& expr) -> Status {
      if (sql::IsDefaultKeyword(expr)) {
        return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"),
                     {{"objectName", "`DEFAULT`"}})
            .WithPosition(expr.source);
      }
      TARN_ASSIGN(ExprPtr cell, Analyze(expr, context));
      if (HasSubquery(*cell)) {
        return Error(Condition("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.SCALAR_SUBQUERY_IN_"
                               "VALUES"))
            .WithPosition(expr.source);
      }
      cells.push_back(std::move(cell));
      return Status();
    };
    if (tuple) {
      for (const sql::NamedExpr& item : tuple->items) TARN_TRY(add(*item.expr));
    } else {
      TARN_TRY(add(*row));
    }
    if (!values.rows.empty() && cells.size() != width) {
      return Error(Condition("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH"),
                   {{"expectedNumCols", std::to_string(width)},
                    {"actualNumCols", std::to_string(cells.size())},
                    {"rowIndex", std::to_string(values.rows.size())}})
          .WithPosition(row->source);
    }
    width = cells.size();
    values.rows.push_back(std::move(cells));
  }
  std::vector<plan::OutputColumn> columns;
  for (size_t i = 0; i < width; ++i) {
    std::vector<DataType> types;
    bool nullable = false;
    for (const auto& row : values.rows) {
      types.push_back(row[i]->type);
      nullable = nullable || row[i]->nullable;
    }
    const auto common = plan::CommonType(types);
    if (!common || MixesStrings(types)) {
      return Error(Condition("INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE"),
                   {{"colName", QuoteIdentifier("col" + std::to_string(i + 1))}})
          .WithPosition(source);
    }
    for (auto& row : values.rows) row[i] = plan::MakeCast(std::move(row[i]), *common);
    columns.push_back({NewColumn(), "col" + std::to_string(i + 1), *common, nullable});
  }
  if (alias) TARN_TRY(CheckWidth(*alias, width, source));
  Source result;
  for (const plan::OutputColumn& column : columns) {
    result.scope.columns.push_back({column.id, column.name, column.type, column.nullable});
  }
  result.node = MakeNode(std::move(values), std::move(columns));
  if (alias) return ApplyAlias(std::move(result), *alias, source);
  return result;
}

}  // namespace tarn::analyze
