#include <algorithm>

#include "query_analyzer.h"

namespace tarn::analyze {

namespace {

plan::JoinKind KindOf(sql::JoinType type) {
  switch (type) {
    case sql::JoinType::kInner:
      return plan::JoinKind::kInner;
    case sql::JoinType::kCross:
      return plan::JoinKind::kCross;
    case sql::JoinType::kLeft:
      return plan::JoinKind::kLeft;
    case sql::JoinType::kRight:
      return plan::JoinKind::kRight;
    case sql::JoinType::kFull:
      return plan::JoinKind::kFull;
    case sql::JoinType::kLeftSemi:
      return plan::JoinKind::kLeftSemi;
    case sql::JoinType::kLeftAnti:
      return plan::JoinKind::kLeftAnti;
  }
  TARN_UNREACHABLE();
}

bool OnlyLeft(plan::JoinKind kind) {
  return kind == plan::JoinKind::kLeftSemi || kind == plan::JoinKind::kLeftAnti;
}

void MakeNullable(Source& source) {
  for (plan::OutputColumn& column : source.node->columns) column.nullable = true;
  for (ScopeColumn& column : source.scope.columns) column.nullable = true;
}

/// One condition and another; the one may be null.
Result<ExprPtr> Both(ExprPtr condition, ExprPtr another, const SourceRange& source) {
  if (!condition) return another;
  std::vector<ExprPtr> both;
  both.push_back(std::move(condition));
  both.push_back(std::move(another));
  return plan::BuildCall("and", std::move(both), source);
}

/// The join's node, with the columns of the sides that the kind keeps.
NodePtr JoinNodes(plan::JoinKind kind, NodePtr left, NodePtr right, ExprPtr condition, bool lateral,
                  bool left_nullable, bool right_nullable) {
  auto columns = left->columns;
  for (plan::OutputColumn& column : columns) column.nullable |= left_nullable;
  if (!OnlyLeft(kind)) {
    for (plan::OutputColumn column : right->columns) {
      column.nullable |= right_nullable;
      columns.push_back(std::move(column));
    }
  }
  plan::Join join;
  join.kind = kind;
  join.left = std::move(left);
  join.right = std::move(right);
  join.condition = std::move(condition);
  join.lateral = lateral;
  return MakeNode(std::move(join), std::move(columns));
}

const char* JoinName(plan::JoinKind kind) {
  switch (kind) {
    case plan::JoinKind::kRight:
      return "RIGHT OUTER";
    case plan::JoinKind::kFull:
      return "FULL OUTER";
    case plan::JoinKind::kLeftSemi:
      return "LEFT SEMI";
    case plan::JoinKind::kLeftAnti:
      return "LEFT ANTI";
    default:
      return "INNER";
  }
}

}  // namespace

Result<Source> QueryAnalyzer::AnalyzeJoin(const sql::Relation& relation,
                                          const sql::JoinRelation& join, const Scope* outer,
                                          const Environment& env) {
  TARN_ASSIGN(Source left, AnalyzeRelation(*join.left, outer, env));
  left.scope.outer = outer;
  return JoinSources(std::move(left), join, outer, env, relation.source);
}

Result<Source> QueryAnalyzer::JoinSources(Source left, const sql::JoinRelation& join,
                                          const Scope* outer, const Environment& env,
                                          const SourceRange& source) {
  const plan::JoinKind kind = KindOf(join.type);
  const bool lateral = join.right->lateral;
  if (lateral &&
      (kind == plan::JoinKind::kRight || kind == plan::JoinKind::kFull || OnlyLeft(kind))) {
    return Error(Condition("INVALID_LATERAL_JOIN_TYPE"), {{"joinType", JoinName(kind)}})
        .WithPosition(source);
  }
  if (lateral && join.has_using) {
    return Error(Condition("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING")).WithPosition(source);
  }
  TARN_ASSIGN(Source right, AnalyzeRelation(*join.right, lateral ? &left.scope : outer, env));
  std::vector<sql::Identifier> shared = join.using_columns;
  if (join.natural) {
    for (const ScopeColumn& column : left.scope.columns) {
      if (column.qualified_only || column.hidden) continue;
      const bool common = std::any_of(
          right.scope.columns.begin(), right.scope.columns.end(), [&](const ScopeColumn& other) {
            return !other.qualified_only && SameName(other.name, column.name);
          });
      sql::Identifier name;
      name.text = column.name;
      name.source = source;
      if (common) shared.push_back(std::move(name));
    }
  }
  if (join.has_using || join.natural) {
    return MergeUsing(std::move(left), std::move(right), kind, shared, lateral, source);
  }
  Scope both = left.scope;
  both.outer = outer;
  both.Append(Scope(right.scope));
  ExprPtr condition;
  if (join.on) {
    ExprContext context;
    context.environment = &env;
    context.scope = &both;
    context.clause = "ON";
    TARN_ASSIGN(condition, AnalyzeCondition(*join.on, context));
  }
  const bool left_nullable = kind == plan::JoinKind::kRight || kind == plan::JoinKind::kFull;
  const bool right_nullable = kind == plan::JoinKind::kLeft || kind == plan::JoinKind::kFull;
  if (left_nullable) MakeNullable(left);
  if (right_nullable) MakeNullable(right);
  plan::JoinKind used = kind;
  if (!condition && kind == plan::JoinKind::kInner) used = plan::JoinKind::kCross;
  if (condition && kind == plan::JoinKind::kCross) used = plan::JoinKind::kInner;
  Source result;
  result.scope = std::move(left.scope);
  if (!OnlyLeft(kind)) result.scope.Append(std::move(right.scope));
  result.scope.outer = outer;
  result.node = JoinNodes(used, std::move(left.node), std::move(right.node), std::move(condition),
                          lateral, left_nullable, right_nullable);
  return result;
}

Result<Source> QueryAnalyzer::MergeUsing(Source left, Source right, plan::JoinKind kind,
                                         const std::vector<sql::Identifier>& columns, bool lateral,
                                         const SourceRange& source) {
  const auto find = [&](const Scope& scope, const sql::Identifier& name,
                        const char* side) -> Result<size_t> {
    size_t found = scope.columns.size();
    for (size_t i = 0; i < scope.columns.size(); ++i) {
      if (scope.columns[i].qualified_only || !SameName(scope.columns[i].name, name.text)) continue;
      if (found < scope.columns.size()) {
        return Error(Condition("AMBIGUOUS_REFERENCE"),
                     {{"name", QuoteIdentifier(name.text)},
                      {"referenceNames", "[" + QuoteIdentifier(name.text) + "]"},
                      {"candidates", QuoteIdentifier(name.text)}})
            .WithPosition(name.source);
      }
      found = i;
    }
    if (found == scope.columns.size()) {
      std::string known;
      for (const ScopeColumn& column : scope.columns) {
        known += (known.empty() ? "" : ", ") + QuoteIdentifier(column.name);
      }
      return Error(Condition("UNRESOLVED_USING_COLUMN_FOR_JOIN"),
                   {{"colName", QuoteIdentifier(name.text)}, {"side", side}, {"suggestion", known}})
          .WithPosition(name.source.known() ? name.source : source);
    }
    return found;
  };
  struct Pair {
    size_t left;
    size_t right;
  };
  std::vector<Pair> pairs;
  ExprPtr condition;
  for (const sql::Identifier& name : columns) {
    Pair pair{};
    TARN_ASSIGN(pair.left, find(left.scope, name, "left"));
    TARN_ASSIGN(pair.right, find(right.scope, name, "right"));
    const ScopeColumn& a = left.scope.columns[pair.left];
    const ScopeColumn& b = right.scope.columns[pair.right];
    std::vector<ExprPtr> args;
    args.push_back(RefTo(a, a.name, source));
    args.push_back(RefTo(b, b.name, source));
    TARN_TRY(PadComparison(&args));
    TARN_ASSIGN(ExprPtr same, Build("=", std::move(args), source));
    TARN_ASSIGN(condition, Both(std::move(condition), std::move(same), source));
    pairs.push_back(pair);
  }
  const bool left_nullable = kind == plan::JoinKind::kRight || kind == plan::JoinKind::kFull;
  const bool right_nullable = kind == plan::JoinKind::kLeft || kind == plan::JoinKind::kFull;
  if (left_nullable) MakeNullable(left);
  if (right_nullable) MakeNullable(right);
  plan::JoinKind used = kind;
  if (!condition && kind == plan::JoinKind::kInner) used = plan::JoinKind::kCross;
  if (condition && kind == plan::JoinKind::kCross) used = plan::JoinKind::kInner;
  Source result;
  const size_t left_relations = left.scope.relations.size();
  const Scope* outer = left.scope.outer;
  result.node = JoinNodes(used, std::move(left.node), std::move(right.node), std::move(condition),
                          lateral, left_nullable, right_nullable);
  result.scope.outer = outer;
  result.scope.relations = left.scope.relations;
  const bool keep_right = !OnlyLeft(kind);
  if (keep_right) {
    for (const ScopeRelation& relation : right.scope.relations) {
      result.scope.relations.push_back(relation);
    }
    for (ScopeColumn& column : right.scope.columns) {
      if (column.relation >= 0) column.relation += static_cast<int>(left_relations);
    }
  }
  // The merged columns come first, then the rest of the left, then the rest of the right side.
  std::vector<plan::NamedExpr> merged;
  for (const Pair& pair : pairs) {
    ScopeColumn a = left.scope.columns[pair.left];
    ScopeColumn b = right.scope.columns[pair.right];
    if (kind == plan::JoinKind::kFull) {
      std::vector<ExprPtr> args;
      args.push_back(RefTo(a, a.name, source));
      args.push_back(RefTo(b, b.name, source));
      TARN_ASSIGN(ExprPtr value, Build("coalesce", std::move(args), source));
      const ColumnId id = NewColumn();
      SetOrigin(id, *value);
      result.scope.columns.push_back({id, a.name, value->type, value->nullable});
      merged.push_back({id, a.name, std::move(value)});
    } else {
      result.scope.columns.push_back(kind == plan::JoinKind::kRight ? b : a);
    }
  }
  const auto is_merged = [&](size_t index, bool of_left) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
      return (of_left ? pair.left : pair.right) == index;
    });
  };
  std::vector<ScopeColumn> hidden;
  for (size_t i = 0; i < left.scope.columns.size(); ++i) {
    if (!is_merged(i, true)) {
      result.scope.columns.push_back(left.scope.columns[i]);
    } else if (kind == plan::JoinKind::kRight || kind == plan::JoinKind::kFull) {
      hidden.push_back(left.scope.columns[i]);
    }
  }
  if (keep_right) {
    for (size_t i = 0; i < right.scope.columns.size(); ++i) {
      if (!is_merged(i, false)) {
        result.scope.columns.push_back(right.scope.columns[i]);
      } else if (kind != plan::JoinKind::kRight) {
        hidden.push_back(right.scope.columns[i]);
      }
    }
  }
  for (ScopeColumn& column : hidden) {
    column.qualified_only = true;
    result.scope.columns.push_back(std::move(column));
  }
  if (!merged.empty()) {
    std::vector<plan::NamedExpr> items = std::move(merged);
    for (const plan::OutputColumn& column : result.node->columns) {
      items.push_back({column.id, column.name,
                       plan::MakeColumnRef(column.id, column.name, column.type, column.nullable)});
    }
    result.node = MakeProject(std::move(result.node), std::move(items));
  }
  return result;
}

}  // namespace tarn::analyze
