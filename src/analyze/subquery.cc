#include "query_analyzer.h"
#include "tarn/plan/coercion.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// The names of enclosing queries' columns that a query uses, in order: how Spark shows subqueries.
std::string OuterNames(plan::Node& node, const Scope* scope) {
  std::string names;
  std::vector<ColumnId> seen;
  auto look = [&](const plan::ColumnRef& ref) {
    for (const Scope* s = scope; s; s = s->outer) {
      if (!s->Produces(ref.id)) continue;
      for (const ColumnId id : seen) {
        if (id == ref.id) return;
      }
      seen.push_back(ref.id);
      names += (names.empty() ? "" : ", ") + ref.name;
      return;
    }
  };
  ForEachColumnRef(node, look);
  return names;
}

}  // namespace

Result<ExprPtr> QueryAnalyzer::AnalyzeScalarSubquery(const sql::Expr& expr, const sql::Query& query,
                                                     const ExprContext& context) {
  TARN_ASSIGN(Source source, AnalyzeQuery(query, context.scope, *context.environment));
  if (source.node->columns.size() != 1) {
    return Error(Condition("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_"
                           "OUTPUT_COLUMN"),
                 {{"number", std::to_string(source.node->columns.size())}})
        .WithPosition(expr.source);
  }
  auto built = std::make_unique<plan::Expr>();
  built->type = source.node->columns[0].type;
  built->nullable = true;
  built->source = expr.source;
  shown_[built.get()] = "scalarsubquery(" + OuterNames(*source.node, context.scope) + ")";
  plan::Subquery subquery;
  subquery.kind = plan::SubqueryKind::kScalar;
  subquery.query = std::move(source.node);
  built->kind = std::move(subquery);
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeExists(const sql::Expr& expr, const sql::Query& query,
                                             const ExprContext& context) {
  TARN_ASSIGN(Source source, AnalyzeQuery(query, context.scope, *context.environment));
  auto built = std::make_unique<plan::Expr>();
  built->type = TypeId::kBoolean;
  built->nullable = false;
  built->source = expr.source;
  shown_[built.get()] = "exists(" + OuterNames(*source.node, context.scope) + ")";
  plan::Subquery subquery;
  subquery.kind = plan::SubqueryKind::kExists;
  subquery.query = std::move(source.node);
  built->kind = std::move(subquery);
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeInSubquery(const sql::Expr& expr, const sql::In& in,
                                                 const ExprContext& context) {
  TARN_ASSIGN(Source source, AnalyzeQuery(*in.query, context.scope, *context.environment));
  plan::Subquery subquery;
  subquery.kind = plan::SubqueryKind::kIn;
  subquery.negated = in.negated;
  const size_t width = source.node->columns.size();
  const auto* row = in.operand->As<sql::StructConstructor>();
  std::string shown;
  if (row && row->is_row && row->items.size() > 1) {
    for (const sql::NamedExpr& item : row->items) {
      TARN_ASSIGN(ExprPtr operand, Analyze(*item.expr, context));
      subquery.operands.push_back(std::move(operand));
    }
  } else {
    TARN_ASSIGN(ExprPtr operand, Analyze(*in.operand, context));
    subquery.operands.push_back(std::move(operand));
  }
  if (subquery.operands.size() != width) {
    return Error(Condition("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH"),
                 {{"sqlExpr", Quoted(ShownAs(*subquery.operands[0]) + " IN (listquery())")},
                  {"leftLength", std::to_string(subquery.operands.size())},
                  {"rightLength", std::to_string(width)}})
        .WithPosition(expr.source);
  }
  bool nullable = false;
  bool casts = false;
  std::vector<DataType> types;
  for (size_t i = 0; i < width; ++i) {
    const plan::OutputColumn& column = source.node->columns[i];
    const auto common = plan::CommonType(subquery.operands[i]->type, column.type);
    if (!common) {
      return Error(Condition("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH"),
                   {{"sqlExpr", Quoted(ShownAs(*subquery.operands[i]) + " IN (listquery())")},
                    {"mismatchedColumns", column.name},
                    {"leftType", Quoted(subquery.operands[i]->type.ToSql())},
                    {"rightType", Quoted(column.type.ToSql())}})
          .WithPosition(expr.source);
    }
    nullable = nullable || column.nullable || subquery.operands[i]->nullable;
    subquery.operands[i] = plan::MakeCast(std::move(subquery.operands[i]), *common);
    casts = casts || !(column.type == *common);
    types.push_back(*common);
  }
  const std::string outer = OuterNames(*source.node, context.scope);
  if (casts) {
    std::vector<plan::NamedExpr> items;
    for (size_t i = 0; i < width; ++i) {
      const plan::OutputColumn& column = source.node->columns[i];
      const ColumnId id = NewColumn();
      ExprPtr ref = plan::MakeColumnRef(column.id, column.name, column.type, column.nullable);
      items.push_back({id, column.name, plan::MakeCast(std::move(ref), types[i])});
      SetOrigin(id, std::vector<ColumnId>{column.id});
    }
    source.node = MakeProject(std::move(source.node), std::move(items));
  }
  for (const ExprPtr& operand : subquery.operands) {
    shown += (shown.empty() ? "" : ", ");
    if (width > 1) shown += ShownAs(*operand) + ", ";
    shown += ShownAs(*operand);
  }
  if (width > 1) shown = "named_struct(" + shown + ")";
  shown = "(" + shown + " IN (listquery(" + outer + ")))";
  if (in.negated) shown = "(NOT " + shown + ")";
  subquery.query = std::move(source.node);
  auto built = std::make_unique<plan::Expr>();
  built->type = TypeId::kBoolean;
  built->nullable = nullable;
  built->source = expr.source;
  built->kind = std::move(subquery);
  shown_[built.get()] = std::move(shown);
  return built;
}

}  // namespace tarn::analyze
