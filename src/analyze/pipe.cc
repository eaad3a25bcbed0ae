#include <algorithm>

#include "query_analyzer.h"
#include "select_builder.h"

namespace tarn::analyze {

/// One step of a pipe (|> …) over the query so far.
Result<Source> QueryAnalyzer::ApplyPipe(Source source, const sql::PipeStep& step,
                                        const Scope* outer, const Environment& env) {
  source.scope.outer = outer;
  const auto select = [&](SelectParts parts) {
    return SelectBuilder(*this, std::move(parts), nullptr, outer, env).RunOver(std::move(source));
  };
  if (const auto* where = std::get_if<sql::PipeWhere>(&step.node)) {
    ExprContext context;
    context.environment = &env;
    context.scope = &source.scope;
    context.clause = "WHERE";
    TARN_ASSIGN(ExprPtr condition, AnalyzeCondition(*where->condition, context));
    source.node = MakeFilter(std::move(source.node), std::move(condition));
    return source;
  }
  if (const auto* node = std::get_if<sql::PipeSelect>(&step.node)) {
    SelectParts parts;
    for (const sql::NamedExpr& item : node->items) parts.items.push_back(&item);
    parts.windows = &node->windows;
    parts.distinct = node->distinct;
    return select(std::move(parts));
  }
  if (const auto* extend = std::get_if<sql::PipeExtend>(&step.node)) {
    SelectParts parts;
    for (const sql::NamedExpr& item : extend->items) parts.items.push_back(&item);
    parts.all_columns_first = true;
    return select(std::move(parts));
  }
  if (const auto* aggregate = std::get_if<sql::PipeAggregate>(&step.node)) {
    SelectParts parts;
    parts.aggregate = true;
    for (const sql::NamedExpr& group : aggregate->groups) {
      parts.items.push_back(&group);
      parts.plain_groups.push_back(group.expr.get());
    }
    if (aggregate->analytics) parts.group_by = &*aggregate->analytics;
    for (const sql::NamedExpr& item : aggregate->aggregates) parts.items.push_back(&item);
    return select(std::move(parts));
  }
  if (const auto* set = std::get_if<sql::PipeSet>(&step.node)) {
    ExprContext context;
    context.environment = &env;
    std::vector<plan::NamedExpr> items;
    for (const ScopeColumn& column : source.scope.columns) {
      if (column.qualified_only || column.hidden) continue;
      items.push_back({NewColumn(), column.name, RefTo(column, column.name, step.source)});
    }
    context.scope = &source.scope;
    for (const sql::StarReplacement& assignment : set->assignments) {
      const auto target = std::find_if(items.begin(), items.end(), [&](const auto& item) {
        return SameName(item.name, assignment.name.text);
      });
      if (target == items.end()) {
        return UnresolvedColumn(std::span(&assignment.name, 1), assignment.name.source, context);
      }
      TARN_ASSIGN(target->expr, Analyze(*assignment.value, context));
    }
    Source result;
    result.scope.outer = outer;
    for (plan::NamedExpr& item : items) {
      SetOrigin(item.id, *item.expr);
      result.scope.columns.push_back({item.id, item.name, item.expr->type, item.expr->nullable});
    }
    result.node = MakeProject(std::move(source.node), std::move(items));
    return result;
  }
  if (const auto* drop = std::get_if<sql::PipeDrop>(&step.node)) {
    for (const sql::Identifier& name : drop->columns) {
      ExprContext context;
      context.environment = &env;
      context.scope = &source.scope;
      const size_t removed = std::erase_if(source.scope.columns, [&](const ScopeColumn& column) {
        return !column.qualified_only && SameName(column.name, name.text);
      });
      if (removed == 0) return UnresolvedColumn(std::span(&name, 1), name.source, context);
    }
    return source;
  }
  if (const auto* as = std::get_if<sql::PipeAs>(&step.node)) {
    source.scope.Requalify({as->alias.text});
    return source;
  }
  if (const auto* join = std::get_if<sql::PipeJoin>(&step.node)) {
    return JoinSources(std::move(source), join->join, outer, env, step.source);
  }
  if (const auto* combine = std::get_if<sql::PipeSetOperation>(&step.node)) {
    TARN_ASSIGN(Source right, AnalyzeBody(*combine->right, outer, env));
    AlignColumns(source);
    return CombineSets(std::move(source), std::move(right), combine->op, combine->all,
                       combine->by_name, step.source);
  }
  if (const auto* tail = std::get_if<sql::PipeTail>(&step.node)) {
    return ApplyTail(std::move(source), tail->tail, env);
  }
  if (const auto* pivot = std::get_if<sql::PipePivot>(&step.node)) {
    TARN_ASSIGN(source, AnalyzePivot(std::move(source), pivot->pivot, step.source, env));
    return ApplyAlias(std::move(source), pivot->alias, step.source);
  }
  if (const auto* unpivot = std::get_if<sql::PipeUnpivot>(&step.node)) {
    TARN_ASSIGN(source, AnalyzeUnpivot(std::move(source), unpivot->unpivot, step.source, env));
    return ApplyAlias(std::move(source), unpivot->alias, step.source);
  }
  if (const auto* sample = std::get_if<sql::PipeSample>(&step.node)) {
    return ApplySample(std::move(source), sample->sample, env);
  }
  return ApplyLateralView(std::move(source), std::get<sql::PipeLateralView>(step.node).view, env);
}

}  // namespace tarn::analyze
