#include "query_analyzer.h"
#include "select_builder.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// Queries within queries, views included, beyond this are refused.
constexpr int kQueryDepthMax = 400;

bool HasTail(const sql::QueryTail& tail) {
  return !tail.order_by.empty() || tail.order_by_all || !tail.sort_by.empty() ||
         !tail.cluster_by.empty() || tail.limit || tail.offset;
}

}  // namespace

QueryAnalyzer::QueryAnalyzer(const RequestContext& request, const AnalyzerContext& context)
    : request_(request), context_(context) {
  environment_.catalog = context.current_catalog;
  environment_.schema = context.current_schema;
  // Column 0 stays unused, so that a forgotten id is noticed.
  origins_.emplace_back();
}

ColumnId QueryAnalyzer::NewColumn() {
  origins_.emplace_back();
  return static_cast<ColumnId>(origins_.size() - 1);
}

void QueryAnalyzer::SetOrigin(ColumnId id, plan::Expr& expr) {
  std::vector<ColumnId> inputs;
  auto look = [&](const plan::ColumnRef& ref) { inputs.push_back(ref.id); };
  ForEachColumnRef(expr, look);
  Origin& origin = origins_[static_cast<size_t>(id)];
  origin.inputs = std::move(inputs);
  origin.char_length = CharLength(expr);
}

void QueryAnalyzer::SetOrigin(ColumnId id, std::string base) {
  origins_[static_cast<size_t>(id)].base = std::move(base);
}

void QueryAnalyzer::SetOrigin(ColumnId id, std::vector<ColumnId> inputs) {
  Origin& origin = origins_[static_cast<size_t>(id)];
  if (inputs.size() == 1) origin.char_length = origins_[static_cast<size_t>(inputs[0])].char_length;
  origin.inputs = std::move(inputs);
}

void QueryAnalyzer::AlignColumns(Source& source) {
  const auto shown = [](const ScopeColumn& column) {
    return !column.qualified_only && !column.hidden;
  };
  const auto& columns = source.scope.columns;
  size_t visible = 0;
  bool same = true;
  for (const ScopeColumn& column : columns) {
    if (!shown(column)) continue;
    same = same && visible < source.node->columns.size() &&
           source.node->columns[visible].id == column.id &&
           source.node->columns[visible].name == column.name;
    ++visible;
  }
  if (same && visible == source.node->columns.size()) return;
  std::vector<plan::NamedExpr> items;
  Scope scope;
  scope.outer = source.scope.outer;
  scope.relations = source.scope.relations;
  for (const ScopeColumn& column : columns) {
    if (!shown(column)) continue;
    const ColumnId id = NewColumn();
    SetOrigin(id, std::vector<ColumnId>{column.id});
    items.push_back({id, column.name, RefTo(column, column.name, {})});
    scope.columns.push_back({id, column.name, column.type, column.nullable, column.relation});
  }
  source.node = MakeProject(std::move(source.node), std::move(items));
  source.scope = std::move(scope);
}

Result<Source> QueryAnalyzer::AnalyzeQuery(const sql::Query& query, const Scope* outer,
                                           const Environment& env) {
  if (env.query_depth > kQueryDepthMax) {
    return Error(Condition("VIEW_EXCEED_MAX_NESTED_DEPTH"),
                 {{"viewName", "query"}, {"maxNestedDepth", "100"}})
        .WithPosition(query.source);
  }
  CommonTables tables;
  Environment inner = env;
  inner.query_depth = env.query_depth + 1;
  std::vector<plan::With::Definition> definitions;
  if (!query.with.empty()) {
    tables.outer = env.common_tables;
    inner.common_tables = &tables;
    TARN_ASSIGN(definitions, DefineCommonTables(query, outer, env, tables));
  }
  Source source;
  if (const auto* select = query.body->As<sql::Select>()) {
    TARN_ASSIGN(source, AnalyzeSelect(*select, &query.tail, outer, inner));
  } else {
    TARN_ASSIGN(source, AnalyzeBody(*query.body, outer, inner));
    if (HasTail(query.tail)) {
      TARN_ASSIGN(source, ApplyTail(std::move(source), query.tail, inner));
    }
  }
  for (const sql::PipeStep& step : query.pipe) {
    TARN_ASSIGN(source, ApplyPipe(std::move(source), step, outer, inner));
  }
  if (!query.pipe.empty()) AlignColumns(source);
  if (!definitions.empty()) {
    source.node = WrapWith(std::move(source.node), std::move(definitions));
  }
  return source;
}

Result<Source> QueryAnalyzer::AnalyzeBody(const sql::QueryBody& body, const Scope* outer,
                                          const Environment& env) {
  if (const auto* select = body.As<sql::Select>()) {
    return AnalyzeSelect(*select, nullptr, outer, env);
  }
  if (const auto* operation = body.As<sql::SetOperation>()) {
    return AnalyzeSetOperation(body, *operation, outer, env);
  }
  if (const auto* inner = body.As<sql::ParenthesizedBody>()) {
    return AnalyzeQuery(*inner->query, outer, env);
  }
  Source source;
  if (const auto* table = body.As<sql::InlineTable>()) {
    TARN_ASSIGN(source, AnalyzeValues(*table, &body.alias, outer, env, body.source));
  } else {
    TARN_ASSIGN(source, OpenRelation(body.As<sql::TableBody>()->name, nullptr, env));
  }
  // The columns of a query's node are called as its scope calls them.
  for (size_t i = 0; i < source.node->columns.size(); ++i) {
    source.node->columns[i].name = source.scope.columns[i].name;
  }
  return source;
}

Result<Source> QueryAnalyzer::ApplyTail(Source source, const sql::QueryTail& tail,
                                        const Environment& env) {
  ExprContext context;
  context.environment = &env;
  context.scope = &source.scope;
  context.clause = "ORDER BY";
  std::vector<plan::SortKey> keys;
  if (tail.order_by_all) {
    for (const ScopeColumn& column : source.scope.columns) {
      plan::SortKey key;
      key.expr = RefTo(column, column.name, {});
      keys.push_back(std::move(key));
    }
  } else {
    for (const auto* items : {&tail.order_by, &tail.sort_by}) {
      for (const sql::SortItem& item : *items) {
        const auto* literal = item.expr->As<sql::Literal>();
        if (literal && literal->kind == sql::LiteralKind::kInt) {
          const int64_t ordinal = literal->integer;
          const auto size = static_cast<int64_t>(source.scope.columns.size());
          if (ordinal < 1 || ordinal > size) {
            return Error(Condition("ORDER_BY_POS_OUT_OF_RANGE"),
                         {{"index", std::to_string(ordinal)}, {"size", std::to_string(size)}})
                .WithPosition(item.expr->source);
          }
          const ScopeColumn& column = source.scope.columns[static_cast<size_t>(ordinal - 1)];
          plan::SortKey key;
          key.expr = RefTo(column, column.name, item.expr->source);
          key.descending = item.descending;
          key.nulls_first = item.nulls_first.value_or(!item.descending);
          keys.push_back(std::move(key));
          continue;
        }
        TARN_ASSIGN(plan::SortKey key, AnalyzeSortItem(item, context));
        keys.push_back(std::move(key));
      }
    }
    for (const auto& expr : tail.cluster_by) {
      plan::SortKey key;
      TARN_ASSIGN(key.expr, Analyze(*expr, context));
      keys.push_back(std::move(key));
    }
  }
  if (!keys.empty()) {
    auto columns = source.node->columns;
    source.node = MakeNode(plan::Sort{std::move(source.node), std::move(keys)}, std::move(columns));
  }
  TARN_ASSIGN(source.node, ApplyLimit(std::move(source.node), tail, source.scope, env));
  return source;
}

Result<std::optional<int64_t>> QueryAnalyzer::LimitValue(const sql::Expr& expr,
                                                         std::string_view clause,
                                                         const Scope* scope,
                                                         const Environment& env) {
  ExprContext context;
  context.environment = &env;
  context.scope = scope;
  context.clause = clause;
  const std::string name(clause);
  TARN_ASSIGN(ExprPtr value, Analyze(expr, context));
  if (!IsConstant(*value)) {
    return Error(Condition("INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE"),
                 {{"name", Lower(name)}, {"expr", Quoted(ShownAs(*value))}})
        .WithPosition(expr.source);
  }
  if (!value->type.Is(TypeId::kInt)) {
    return Error(Condition("INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE"),
                 {{"name", Lower(name)},
                  {"expr", Quoted(ShownAs(*value))},
                  {"dataType", Quoted(value->type.ToSql())}})
        .WithPosition(expr.source);
  }
  TARN_ASSIGN(const auto folded, EvaluateConstant(*value));
  if (!folded) {
    return Error(Condition("INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE"),
                 {{"name", Lower(name)}, {"expr", Quoted(ShownAs(*value))}})
        .WithPosition(expr.source);
  }
  if (folded->is_null()) {
    return Error(Condition("INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL"),
                 {{"name", Lower(name)}, {"expr", Quoted(ShownAs(*value))}})
        .WithPosition(expr.source);
  }
  if (folded->integer() < 0) {
    return Error(Condition("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"),
                 {{"name", Lower(name)},
                  {"expr", Quoted(ShownAs(*value))},
                  {"v", std::to_string(folded->integer())}})
        .WithPosition(expr.source);
  }
  return std::optional<int64_t>(folded->integer());
}

Result<NodePtr> QueryAnalyzer::ApplyLimit(NodePtr node, const sql::QueryTail& tail,
                                          const Scope& scope, const Environment& env) {
  if (!tail.limit && !tail.offset) return node;
  plan::Limit limit;
  if (tail.limit) {
    TARN_ASSIGN(auto count, LimitValue(*tail.limit, "LIMIT", &scope, env));
    limit.count = plan::MakeLiteral(Value::Long(*count), tail.limit->source);
  }
  if (tail.offset) {
    TARN_ASSIGN(auto offset, LimitValue(*tail.offset, "OFFSET", &scope, env));
    limit.offset = plan::MakeLiteral(Value::Long(*offset), tail.offset->source);
  }
  auto columns = node->columns;
  limit.input = std::move(node);
  return MakeNode(std::move(limit), std::move(columns));
}

}  // namespace tarn::analyze
