#include <algorithm>

#include "select_builder.h"
#include "set_operands.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// The number of an ordinal (ORDER BY 2), or nullopt.
std::optional<int64_t> OrdinalOf(const sql::Expr& expr) {
  const auto* literal = expr.As<sql::Literal>();
  if (!literal || literal->kind != sql::LiteralKind::kInt) return std::nullopt;
  return literal->integer;
}

/// The name of an item without alias (ResolveAliases).
std::string ItemName(const sql::Expr& source, const plan::Expr& built,
                     const QueryAnalyzer& analyzer) {
  const sql::Expr* expr = &source;
  if (const auto* cast = expr->As<sql::Cast>()) {
    // The cast of a column keeps the column's name.
    const auto* node = built.As<plan::Cast>();
    const bool column = node ? node->input->As<plan::ColumnRef>() != nullptr
                             : built.As<plan::ColumnRef>() != nullptr;
    if (column && cast->operand->As<sql::Name>()) expr = cast->operand.get();
  }
  if (const auto* name = expr->As<sql::Name>()) {
    const bool call = name->parts.size() == 1 && IsSpecialName(name->parts[0].text) &&
                      (built.As<plan::Call>() || built.As<plan::Literal>());
    if (!call) return name->parts.back().text;
  }
  return analyzer.ShownAs(built);
}

}  // namespace

ExprContext SelectBuilder::Context() {
  ExprContext context;
  context.time_windows = this;
  context.environment = &env_;
  context.scope = &source_.scope;
  context.windows = &windows_;
  return context;
}

Result<Source> SelectBuilder::Run() {
  TARN_ASSIGN(Source input, analyzer_.AnalyzeFrom(*select_.from, outer_, env_));
  return RunOver(std::move(input));
}

Result<Source> SelectBuilder::RunOver(Source input) {
  source_ = std::move(input);
  source_.scope.outer = outer_;
  if (select_.lateral_views) {
    for (const sql::LateralView& view : *select_.lateral_views) {
      TARN_ASSIGN(source_, analyzer_.ApplyLateralView(std::move(source_), view, env_));
      source_.scope.outer = outer_;
    }
  }
  if (select_.windows) {
    for (const sql::NamedWindow& window : *select_.windows) {
      windows_.emplace_back(window.name.text, &window.definition);
    }
  }
  if (tail_) {
    for (const sql::NamedWindow& window : tail_->windows) {
      windows_.emplace_back(window.name.text, &window.definition);
    }
  }
  for (size_t i = 0; i < windows_.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (!SameName(windows_[i].first, windows_[k].first)) continue;
      return Error(Condition("INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION"),
                   {{"windowName", QuoteIdentifier(windows_[i].first)}});
    }
  }
  if (select_.where) {
    ExprContext context = Context();
    context.clause = "WHERE";
    context.time_windows = nullptr;
    TARN_ASSIGN(ExprPtr condition, analyzer_.AnalyzeCondition(*select_.where, context));
    source_.node = MakeFilter(std::move(source_.node), std::move(condition));
  }
  TARN_TRY(AnalyzeTimeWindow());
  TARN_TRY(AnalyzeItems());
  if (select_.group_by || !select_.plain_groups.empty()) TARN_TRY(AnalyzeGroups());
  if (select_.having) {
    ExprContext context = Context();
    context.allow_aggregates = true;
    context.aliases = &items_;
    context.aliases_first = true;
    context.groups = &groups_;
    context.clause = "HAVING";
    TARN_ASSIGN(having_, analyzer_.AnalyzeCondition(*select_.having, context));
  }
  if (select_.qualify) {
    ExprContext context = Context();
    context.allow_aggregates = true;
    context.allow_windows = true;
    context.aliases = &items_;
    context.clause = "QUALIFY";
    TARN_ASSIGN(qualify_, analyzer_.AnalyzeCondition(*select_.qualify, context));
  }
  TARN_TRY(AnalyzeOrder());
  aggregated_ = select_.group_by || select_.aggregate || having_ != nullptr;
  TARN_TRY(ForEachResultExpr([&](ExprPtr& expr) -> Status {
    aggregated_ = aggregated_ || HasAggregate(*expr);
    return Status();
  }));
  return Assemble();
}

Status SelectBuilder::AddStar(const sql::Star& star, const SourceRange& source) {
  ExprContext context = Context();
  context.allow_aggregates = true;
  context.allow_windows = true;
  TARN_ASSIGN(auto columns, analyzer_.ExpandStar(star, source, context));
  for (auto& column : columns) {
    SelectItem built;
    built.id = analyzer_.NewColumn();
    built.name = std::move(column.name);
    built.expr = std::move(column.expr);
    built.relation = column.relation;
    items_.push_back(std::move(built));
  }
  return Status();
}

Status SelectBuilder::AnalyzeItems() {
  items_.reserve(select_.items.size());
  if (select_.all_columns_first) TARN_TRY(AddStar(sql::Star(), {}));
  for (const sql::NamedExpr* item : select_.items) {
    if (const auto* star = item->expr->As<sql::Star>()) {
      TARN_TRY(AddStar(*star, item->expr->source));
    } else {
      TARN_TRY(AddItem(*item));
    }
  }
  return Status();
}

Status SelectBuilder::AddItem(const sql::NamedExpr& item) {
  ExprContext context = Context();
  context.allow_aggregates = true;
  context.allow_windows = true;
  context.allow_generators = true;
  context.aliases = &items_;
  context.lateral_aliases = true;
  context.clause = "SELECT";
  SelectItem built;
  TARN_ASSIGN(built.expr, analyzer_.Analyze(*item.expr, context));
  built.source = item.expr.get();
  const plan::FunctionSpec* function = FunctionOf(*built.expr);
  if (function && function->kind == plan::FunctionKind::kGenerator) {
    return AddGenerator(std::move(built), item);
  }
  if (HasGenerator(*built.expr)) {
    return Error(Condition("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS"),
                 {{"expression", Quoted(analyzer_.ShownAs(*built.expr))}})
        .WithPosition(item.expr->source);
  }
  built.id = analyzer_.NewColumn();
  built.aliased = !item.aliases.empty();
  if (item.aliases.size() > 1) {
    return Error(
               Condition("MULTI_ALIAS_WITHOUT_GENERATOR"),
               {{"expr", Quoted(analyzer_.ShownAs(*built.expr))}, {"names", item.aliases[0].text}})
        .WithPosition(item.source);
  }
  built.name = built.aliased ? item.aliases[0].text : ItemName(*item.expr, *built.expr, analyzer_);
  if (const auto* ref = built.expr->As<plan::ColumnRef>(); ref && !built.aliased) {
    for (const ScopeColumn& column : source_.scope.columns) {
      if (column.id == ref->id) built.relation = column.relation;
    }
  }
  items_.push_back(std::move(built));
  return Status();
}

Status SelectBuilder::AddGenerator(SelectItem item, const sql::NamedExpr& source) {
  item.generator = true;
  const std::string_view name = FunctionOf(*item.expr)->name;
  item.outer = name.size() > 6 && name.substr(name.size() - 6) == "_outer";
  TARN_ASSIGN(item.generated, analyzer_.GeneratedColumns(*item.expr, item.outer));
  item.aliased = !source.aliases.empty();
  if (item.aliased) {
    if (source.aliases.size() != item.generated.size()) {
      return Error(Condition("UDTF_ALIAS_NUMBER_MISMATCH"),
                   {{"aliasesSize", std::to_string(item.generated.size())},
                    {"aliasesNames", source.aliases[0].text}})
          .WithPosition(source.source);
    }
    for (size_t i = 0; i < source.aliases.size(); ++i) {
      item.generated[i].name = source.aliases[i].text;
    }
  }
  items_.push_back(std::move(item));
  return Status();
}

Scope SelectBuilder::OutputScope() const {
  Scope scope;
  scope.relations = source_.scope.relations;
  for (ScopeRelation& relation : scope.relations) relation.scan = nullptr;
  for (const SelectItem& item : items_) {
    if (item.generator) {
      for (const plan::OutputColumn& column : item.generated) {
        scope.columns.push_back({column.id, column.name, column.type, column.nullable});
      }
      continue;
    }
    scope.columns.push_back(
        {item.id, item.name, item.expr->type, item.expr->nullable, item.relation});
  }
  return scope;
}

Status SelectBuilder::AnalyzeOrder() {
  if (!tail_) return Status();
  if (tail_->order_by_all) {
    const bool has_options = !tail_->order_by.empty();
    for (const plan::OutputColumn& column : [&] {
           std::vector<plan::OutputColumn> columns;
           for (const ScopeColumn& c : OutputScope().columns) {
             columns.push_back({c.id, c.name, c.type, c.nullable});
           }
           return columns;
         }()) {
      plan::SortKey key;
      key.expr = plan::MakeColumnRef(column.id, column.name, column.type, column.nullable);
      key.descending = has_options && tail_->order_by[0].descending;
      key.nulls_first = has_options && tail_->order_by[0].nulls_first
                            ? *tail_->order_by[0].nulls_first
                            : !key.descending;
      order_.push_back(std::move(key));
    }
    return Status();
  }
  for (const sql::SortItem& item : tail_->order_by) TARN_TRY(AddOrderKey(item));
  for (const sql::SortItem& item : tail_->sort_by) TARN_TRY(AddOrderKey(item));
  for (const auto& expr : tail_->cluster_by) {
    ExprContext context = Context();
    const Scope output = OutputScope();
    context.output_scope = &output;
    plan::SortKey key;
    TARN_ASSIGN(key.expr, analyzer_.Analyze(*expr, context));
    TARN_TRY(SettleOrderKey(std::move(key), expr->source));
  }
  return Status();
}

Status SelectBuilder::AddOrderKey(const sql::SortItem& item) {
  const Scope output = OutputScope();
  if (auto ordinal = OrdinalOf(*item.expr)) {
    if (*ordinal < 1 || *ordinal > static_cast<int64_t>(output.columns.size())) {
      return Error(Condition("ORDER_BY_POS_OUT_OF_RANGE"),
                   {{"index", std::to_string(*ordinal)},
                    {"size", std::to_string(output.columns.size())}})
          .WithPosition(item.expr->source);
    }
    const ScopeColumn& column = output.columns[static_cast<size_t>(*ordinal - 1)];
    plan::SortKey key;
    key.expr = plan::MakeColumnRef(column.id, column.name, column.type, column.nullable,
                                   item.expr->source);
    key.descending = item.descending;
    key.nulls_first = item.nulls_first.value_or(!item.descending);
    order_.push_back(std::move(key));
    return Status();
  }
  ExprContext context = Context();
  context.output_scope = &output;
  context.allow_aggregates = true;
  context.allow_windows = true;
  context.clause = "ORDER BY";
  TARN_ASSIGN(plan::SortKey key, analyzer_.AnalyzeSortItem(item, context));
  return SettleOrderKey(std::move(key), item.expr->source);
}

Status SelectBuilder::SettleOrderKey(plan::SortKey key, const SourceRange& source) {
  bool inner = HasAggregate(*key.expr) || HasWindow(*key.expr);
  auto look = [&](const plan::ColumnRef& ref) { inner = inner || source_.scope.Produces(ref.id); };
  ForEachColumnRef(*key.expr, look);
  if (!inner) {
    order_.push_back(std::move(key));
    return Status();
  }
  // Computed below the select list: names of the list become what they stand for.
  const auto substitute = [&](const auto& self, ExprPtr& expr) -> void {
    if (const auto* ref = expr->As<plan::ColumnRef>()) {
      for (const SelectItem& item : items_) {
        if (!item.generator && item.id == ref->id) {
          expr = plan::Clone(*item.expr);
          return;
        }
      }
      return;
    }
    ForEachChild(*expr, [&](ExprPtr& child) { self(self, child); });
  };
  substitute(substitute, key.expr);
  ColumnId id{};
  bool found = false;
  for (const SelectItem& item : items_) {
    if (!item.generator && SameExpr(*item.expr, *key.expr)) {
      id = item.id;
      found = true;
    }
  }
  if (!found && select_.distinct) {
    return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
                 {{"objectName", QuoteIdentifier(analyzer_.ShownAs(*key.expr))},
                  {"proposal", QuoteIdentifier(items_.empty() ? "" : items_[0].name)}})
        .WithPosition(source);
  }
  DataType type = key.expr->type;
  const bool nullable = key.expr->nullable;
  if (!found) {
    SelectItem hidden;
    hidden.id = id = analyzer_.NewColumn();
    hidden.name = "sort" + std::to_string(hidden_.size());
    hidden.expr = std::move(key.expr);
    hidden_.push_back(std::move(hidden));
  }
  key.expr = plan::MakeColumnRef(id, "sort", std::move(type), nullable, source);
  order_.push_back(std::move(key));
  return Status();
}

Status SelectBuilder::ReplaceWindows(ExprPtr& expr, plan::Window& window) {
  // A window inside of another's arguments is computed below it, so it comes first.
  bool nested = false;
  ForEachChild(*expr, [&](ExprPtr& child) { nested = nested || HasWindow(*child); });
  if (expr->As<plan::WindowCall>() && !nested) {
    for (const plan::NamedExpr& known : window.calls) {
      if (SameExpr(*known.expr, *expr)) {
        expr = plan::MakeColumnRef(known.id, known.name, expr->type, expr->nullable, expr->source);
        return Status();
      }
    }
    const ColumnId id = analyzer_.NewColumn();
    analyzer_.SetOrigin(id, *expr);
    const std::string name = "window" + std::to_string(window.calls.size());
    ExprPtr ref = plan::MakeColumnRef(id, name, expr->type, expr->nullable, expr->source);
    window.calls.push_back({id, name, std::move(expr)});
    expr = std::move(ref);
    return Status();
  }
  if (!nested) return Status();
  Status status;
  ForEachChild(*expr, [&](ExprPtr& child) {
    if (status.ok()) status = ReplaceWindows(child, window);
  });
  return status;
}

Status SelectBuilder::ExtractWindows() {
  for (bool any = false;; any = true) {
    plan::Window window;
    TARN_TRY(ForEachResultExpr([&](ExprPtr& expr) { return ReplaceWindows(expr, window); }));
    if (qualify_ && !any && window.calls.empty()) {
      return Error(Condition("UNSUPPORTED_EXPR_FOR_OPERATOR"),
                   {{"invalidExprSqls", "QUALIFY without a window function"}})
          .WithPosition(select_.qualify->source);
    }
    if (window.calls.empty()) return Status();
    auto columns = source_.node->columns;
    for (const plan::NamedExpr& call : window.calls) {
      columns.push_back({call.id, call.name, call.expr->type, call.expr->nullable});
    }
    window.input = std::move(source_.node);
    source_.node = MakeNode(std::move(window), std::move(columns));
  }
}

Status SelectBuilder::AssembleGenerators() {
  for (SelectItem& item : items_) {
    if (!item.generator) continue;
    // The generator's columns get ids of their own below the list, also where other items use them.
    for (plan::OutputColumn& column : item.generated) {
      const ColumnId inner = analyzer_.NewColumn();
      analyzer_.SetOrigin(inner, *item.expr);
      analyzer_.SetOrigin(column.id, std::vector<ColumnId>{inner});
      const auto rename = [&](const auto& self, plan::Expr& expr) -> void {
        if (auto* ref = expr.As<plan::ColumnRef>(); ref && ref->id == column.id) ref->id = inner;
        ForEachChild(expr, [&](ExprPtr& child) { self(self, *child); });
      };
      for (SelectItem& other : items_) rename(rename, *other.expr);
      item.shown.push_back(column.id);
      column.id = inner;
    }
    Source input;
    input.node = std::move(source_.node);
    source_.node =
        analyzer_.GenerateOver(std::move(input), std::move(item.expr), item.generated, item.outer)
            .node;
    item.expr = plan::MakeLiteral(Value());
  }
  return Status();
}

Result<Source> SelectBuilder::Assemble() {
  if (aggregated_) {
    TARN_TRY(BuildAggregate());
  }
  TARN_TRY(ExtractWindows());
  if (qualify_) source_.node = MakeFilter(std::move(source_.node), std::move(qualify_));
  Source result;
  result.scope = OutputScope();
  result.scope.outer = outer_;
  std::vector<plan::NamedExpr> projected;
  projected.reserve(items_.size() + hidden_.size());
  TARN_TRY(AssembleGenerators());
  for (SelectItem& item : items_) {
    if (!item.generator) {
      analyzer_.SetOrigin(item.id, *item.expr);
      projected.push_back({item.id, item.name, std::move(item.expr)});
      continue;
    }
    for (size_t i = 0; i < item.generated.size(); ++i) {
      const plan::OutputColumn& column = item.generated[i];
      projected.push_back(
          {item.shown[i], column.name,
           plan::MakeColumnRef(column.id, column.name, column.type, column.nullable)});
    }
  }
  for (SelectItem& item : hidden_) {
    analyzer_.SetOrigin(item.id, *item.expr);
    projected.push_back({item.id, item.name, std::move(item.expr)});
  }
  NodePtr node = MakeProject(std::move(source_.node), std::move(projected));
  if (select_.distinct) {
    for (const plan::OutputColumn& column : node->columns) {
      TARN_TRY(RequireSetOperand(column.name, column.type));
    }
    auto columns = node->columns;
    node = MakeNode(plan::Distinct{std::move(node)}, std::move(columns));
  }
  if (!order_.empty()) {
    auto columns = node->columns;
    node = MakeNode(plan::Sort{std::move(node), std::move(order_)}, std::move(columns));
  }
  if (tail_) {
    TARN_ASSIGN(node, analyzer_.ApplyLimit(std::move(node), *tail_, result.scope, env_));
  }
  if (!hidden_.empty()) {
    std::vector<plan::NamedExpr> visible;
    for (ScopeColumn& column : result.scope.columns) {
      const ColumnId id = analyzer_.NewColumn();
      analyzer_.SetOrigin(id, std::vector<ColumnId>{column.id});
      visible.push_back(
          {id, column.name,
           plan::MakeColumnRef(column.id, column.name, column.type, column.nullable)});
      column.id = id;
    }
    node = MakeProject(std::move(node), std::move(visible));
  }
  for (size_t i = 0; i < result.scope.columns.size(); ++i) {
    result.scope.columns[i].nullable = node->columns[i].nullable;
  }
  result.node = std::move(node);
  return result;
}

SelectParts PartsOf(const sql::Select& select) {
  SelectParts parts;
  for (const sql::NamedExpr& item : select.items) parts.items.push_back(&item);
  parts.from = &select.from;
  parts.lateral_views = &select.lateral_views;
  parts.where = select.where.get();
  parts.group_by = select.group_by ? &*select.group_by : nullptr;
  parts.having = select.having.get();
  parts.qualify = select.qualify.get();
  parts.windows = &select.windows;
  parts.distinct = select.distinct;
  return parts;
}

Result<Source> QueryAnalyzer::AnalyzeSelect(const sql::Select& select, const sql::QueryTail* tail,
                                            const Scope* outer, const Environment& env) {
  return SelectBuilder(*this, PartsOf(select), tail, outer, env).Run();
}

}  // namespace tarn::analyze
