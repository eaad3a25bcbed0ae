#include <algorithm>

#include "select_builder.h"
#include "tarn/types/any_type.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

using Sets = std::vector<std::vector<int>>;

Sets RollupSets(const Sets& members) {
  Sets sets;
  for (size_t n = members.size() + 1; n-- > 0;) {
    std::vector<int> set;
    for (size_t i = 0; i < n; ++i) set.insert(set.end(), members[i].begin(), members[i].end());
    sets.push_back(std::move(set));
  }
  return sets;
}

Sets CubeSets(const Sets& members) {
  Sets sets;
  for (size_t mask = size_t{1} << members.size(); mask-- > 0;) {
    std::vector<int> set;
    for (size_t i = 0; i < members.size(); ++i) {
      if (mask >> (members.size() - 1 - i) & 1) {
        set.insert(set.end(), members[i].begin(), members[i].end());
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

/// Every set of the one with every set of the other.
Sets Cross(const Sets& left, const Sets& right) {
  Sets sets;
  for (const auto& a : left) {
    for (const auto& b : right) {
      std::vector<int> set = a;
      for (const int group : b) {
        if (std::find(set.begin(), set.end(), group) == set.end()) set.push_back(group);
      }
      sets.push_back(std::move(set));
    }
  }
  return sets;
}

constexpr size_t kCubeMembersMax = 12;

}  // namespace

Result<int> SelectBuilder::AddGroupExpr(ExprPtr expr, const std::string& name) {
  if (AnyType(expr->type, [](const DataType& type) { return type.Is(TypeId::kVariant); })) {
    return Error(Condition("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE"),
                 {{"sqlExpr", Quoted(analyzer_.ShownAs(*expr))},
                  {"dataType", Quoted(expr->type.ToSql())}})
        .WithPosition(expr->source);
  }
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (SameExpr(*groups_[i].expr, *expr)) return static_cast<int>(i);
  }
  const ColumnId id = analyzer_.NewColumn();
  analyzer_.SetOrigin(id, *expr);
  groups_.push_back({id, name, std::move(expr)});
  return static_cast<int>(groups_.size() - 1);
}

Result<int> SelectBuilder::AddGroup(const sql::Expr& expr) {
  const auto* literal = expr.As<sql::Literal>();
  if (literal && literal->kind == sql::LiteralKind::kInt) {
    const int64_t ordinal = literal->integer;
    size_t width = 0;
    const SelectItem* chosen = nullptr;
    for (const SelectItem& item : items_) {
      if (static_cast<int64_t>(width) == ordinal - 1) chosen = &item;
      width += item.generator ? item.generated.size() : 1;
    }
    if (!chosen) {
      return Error(Condition("GROUP_BY_POS_OUT_OF_RANGE"),
                   {{"index", std::to_string(ordinal)}, {"size", std::to_string(width)}})
          .WithPosition(expr.source);
    }
    if (HasAggregate(*chosen->expr) || HasWindow(*chosen->expr)) {
      return Error(Condition("GROUP_BY_POS_AGGREGATE"),
                   {{"index", std::to_string(ordinal)},
                    {"aggExpr", analyzer_.ShownAs(*chosen->expr)}})
          .WithPosition(expr.source);
    }
    return AddGroupExpr(plan::Clone(*chosen->expr), chosen->name);
  }
  ExprContext context = Context();
  context.aliases = &items_;
  context.clause = "GROUP BY";
  TARN_ASSIGN(ExprPtr built, analyzer_.Analyze(expr, context));
  if (HasAggregate(*built)) {
    return Error(Condition("GROUP_BY_AGGREGATE"), {{"sqlExpr", analyzer_.ShownAs(*built)}})
        .WithPosition(expr.source);
  }
  std::string name = analyzer_.ShownAs(*built);
  return AddGroupExpr(std::move(built), name);
}

Result<std::vector<int>> SelectBuilder::AddGroups(const std::vector<sql::ExprPtr>& exprs) {
  std::vector<int> set;
  for (const auto& expr : exprs) {
    TARN_ASSIGN(int group, AddGroup(*expr));
    set.push_back(group);
  }
  return set;
}

Status SelectBuilder::AddGroupElement(const sql::GroupingElement& element, Sets& sets,
                                      bool& analytic) {
  if (element.kind == sql::GroupingKind::kExpression) {
    TARN_ASSIGN(int group, AddGroup(*element.expr));
    sets = Cross(sets, {{group}});
    return Status();
  }
  analytic = true;
  Sets members;
  for (const auto& member : element.sets) {
    TARN_ASSIGN(std::vector<int> set, AddGroups(member));
    members.push_back(std::move(set));
  }
  if (element.kind == sql::GroupingKind::kCube && members.size() > kCubeMembersMax) {
    return Error(Condition("GROUPING_SIZE_LIMIT_EXCEEDED"),
                 {{"maxSize", std::to_string(kCubeMembersMax)}})
        .WithPosition(element.source);
  }
  if (element.kind == sql::GroupingKind::kRollup) members = RollupSets(members);
  if (element.kind == sql::GroupingKind::kCube) members = CubeSets(members);
  for (const sql::GroupingElement& nested : element.nested) {
    Sets inner = {{}};
    TARN_TRY(AddGroupElement(nested, inner, analytic));
    members.insert(members.end(), inner.begin(), inner.end());
  }
  sets = Cross(sets, members);
  return Status();
}

Status SelectBuilder::GroupByAll() {
  for (const SelectItem& item : items_) {
    if (item.generator || HasAggregate(*item.expr) || HasWindow(*item.expr)) continue;
    TARN_TRY(AddGroupExpr(plan::Clone(*item.expr), item.name));
  }
  return Status();
}

Status SelectBuilder::AnalyzeGroups() {
  for (const sql::Expr* expr : select_.plain_groups) {
    TARN_ASSIGN([[maybe_unused]] int group, AddGroup(*expr));
  }
  if (!select_.group_by) return Status();
  const sql::GroupBy& group_by = *select_.group_by;
  if (group_by.all) return GroupByAll();
  Sets sets = {{}};
  if (group_by.trailing == sql::GroupingKind::kExpression) {
    for (const sql::GroupingElement& element : group_by.elements) {
      TARN_TRY(AddGroupElement(element, sets, analytic_));
    }
  } else {
    analytic_ = true;
    Sets members;
    for (const sql::GroupingElement& element : group_by.elements) {
      TARN_ASSIGN(int group, AddGroup(*element.expr));
      members.push_back({group});
    }
    if (group_by.trailing == sql::GroupingKind::kRollup) {
      sets = RollupSets(members);
    } else if (group_by.trailing == sql::GroupingKind::kCube) {
      sets = CubeSets(members);
    } else {
      sets.clear();
      for (const auto& set : group_by.trailing_sets) {
        TARN_ASSIGN(std::vector<int> groups, AddGroups(set));
        sets.push_back(std::move(groups));
      }
    }
  }
  if (analytic_) {
    grouping_sets_ = std::move(sets);
    grouping_id_ = analyzer_.NewColumn();
    analyzer_.SetOrigin(*grouping_id_, std::vector<ColumnId>());
  }
  return Status();
}

Error SelectBuilder::MissingAggregation(const plan::Expr& expr) const {
  const std::string shown = analyzer_.ShownAs(expr);
  if (groups_.empty() && !(select_.group_by && select_.group_by->all)) {
    return Error(Condition("MISSING_GROUP_BY")).WithPosition(expr.source);
  }
  return Error(Condition("MISSING_AGGREGATION"),
               {{"expression", Quoted(shown)}, {"expressionAnyValue", "any_value(" + shown + ")"}})
      .WithPosition(expr.source);
}

Result<ExprPtr> SelectBuilder::BuildGrouping(const plan::Expr& expr) {
  const auto& call = *expr.As<plan::Call>();
  if (!grouping_id_) {
    return Error(Condition("UNSUPPORTED_GROUPING_EXPRESSION")).WithPosition(expr.source);
  }
  const auto index_of = [&](const plan::Expr& arg) -> int {
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (SameExpr(*groups_[i].expr, arg)) return static_cast<int>(i);
    }
    return -1;
  };
  ExprPtr id = plan::MakeColumnRef(*grouping_id_, "grouping_id", TypeId::kLong, false, expr.source);
  const auto bit = [&](ExprPtr value, int index) -> Result<ExprPtr> {
    std::vector<ExprPtr> args;
    args.push_back(std::move(value));
    const int shift = static_cast<int>(groups_.size()) - 1 - index;
    args.push_back(plan::MakeLiteral(Value::Int(shift), expr.source));
    TARN_ASSIGN(ExprPtr shifted, analyzer_.Build(">>", std::move(args), expr.source));
    std::vector<ExprPtr> masked;
    masked.push_back(std::move(shifted));
    masked.push_back(plan::MakeLiteral(Value::Long(1), expr.source));
    return analyzer_.Build("&", std::move(masked), expr.source);
  };
  if (call.function->name == "grouping") {
    const int index = index_of(*call.args[0]);
    if (index < 0) {
      return Error(Condition("GROUPING_COLUMN_MISMATCH"),
                   {{"grouping", analyzer_.ShownAs(*call.args[0])}, {"groupingColumns", ""}})
          .WithPosition(expr.source);
    }
    TARN_ASSIGN(ExprPtr value, bit(std::move(id), index));
    return plan::MakeCast(std::move(value), TypeId::kByte);
  }
  bool same = call.args.empty() || call.args.size() == groups_.size();
  for (size_t i = 0; i < call.args.size() && same; ++i) {
    same = index_of(*call.args[i]) == static_cast<int>(i);
  }
  if (!same) {
    return Error(Condition("GROUPING_ID_COLUMN_MISMATCH"),
                 {{"groupingIdColumn", analyzer_.ShownAs(expr)}, {"groupByColumns", ""}})
        .WithPosition(expr.source);
  }
  return id;
}

Status SelectBuilder::ReplaceGrouped(ExprPtr& expr, bool in_subquery) {
  // A constant is a key as well where sets make it NULL.
  if (analytic_ || !expr->As<plan::Literal>()) {
    for (const plan::NamedExpr& group : groups_) {
      if (!SameExpr(*group.expr, *expr)) continue;
      expr = plan::MakeColumnRef(group.id, group.name, group.expr->type,
                                 group.expr->nullable || analytic_, expr->source);
      return Status();
    }
  }
  if (const plan::FunctionSpec* function = FunctionOf(*expr)) {
    if (function->name == "grouping" || function->name == "grouping_id") {
      TARN_ASSIGN(expr, BuildGrouping(*expr));
      return Status();
    }
    if (function->kind == plan::FunctionKind::kAggregate) {
      if (in_subquery) {
        // Only an aggregate over this query's columns is this query's.
        bool own = false;
        auto look = [&](const plan::ColumnRef& ref) {
          own = own || source_.scope.Produces(ref.id);
        };
        ForEachColumnRef(*expr, look);
        if (!own) return Status();
      }
      for (const plan::NamedExpr& known : aggregates_) {
        if (SameExpr(*known.expr, *expr)) {
          expr =
              plan::MakeColumnRef(known.id, known.name, expr->type, expr->nullable, expr->source);
          return Status();
        }
      }
      const ColumnId id = analyzer_.NewColumn();
      analyzer_.SetOrigin(id, *expr);
      std::string name = analyzer_.ShownAs(*expr);
      ExprPtr ref = plan::MakeColumnRef(id, name, expr->type, expr->nullable, expr->source);
      aggregates_.push_back({id, std::move(name), std::move(expr)});
      expr = std::move(ref);
      return Status();
    }
  }
  if (const auto* ref = expr->As<plan::ColumnRef>()) {
    if (source_.scope.Produces(ref->id)) return MissingAggregation(*expr);
    return Status();
  }
  if (auto* subquery = expr->As<plan::Subquery>()) {
    TARN_TRY(ReplaceInSubquery(*subquery->query));
  }
  Status status;
  ForEachChild(*expr, [&](ExprPtr& child) {
    if (status.ok()) status = ReplaceGrouped(child, in_subquery);
  });
  return status;
}

Status SelectBuilder::ReplaceInSubquery(plan::Node& node) {
  Status status;
  if (auto* aggregate = node.As<plan::Aggregate>()) {
    for (auto& item : aggregate->groups) {
      if (status.ok()) status = ReplaceGrouped(item.expr, true);
    }
    // The subquery's own aggregates stay; what they are computed from may be of this query.
    for (auto& item : aggregate->aggregates) {
      ForEachChild(*item.expr, [&](ExprPtr& child) {
        if (status.ok()) status = ReplaceGrouped(child, true);
      });
    }
  } else {
    ForEachNodeExpr(node, [&](ExprPtr& expr) {
      if (status.ok()) status = ReplaceGrouped(expr, true);
    });
  }
  ForEachInput(node, [&](NodePtr& input) {
    if (status.ok()) status = ReplaceInSubquery(*input);
  });
  return status;
}

Status SelectBuilder::ReplaceAbove(ExprPtr& expr) {
  Status status = ReplaceGrouped(expr, false);
  if (status.ok() || status.error().condition() != Condition("MISSING_AGGREGATION")) return status;
  // HAVING and ORDER BY see the result and the groups only.
  std::string names;
  for (const SelectItem& item : items_) {
    names += (names.empty() ? "" : ", ") + QuoteIdentifier(item.name);
  }
  return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
               {{"objectName", std::string(status.error().parameter("expression"))},
                {"proposal", names}})
      .WithPosition(status.error().position());
}

Status SelectBuilder::BuildAggregate() {
  for (SelectItem& item : items_) TARN_TRY(ReplaceGrouped(item.expr, false));
  for (SelectItem& item : hidden_) TARN_TRY(ReplaceAbove(item.expr));
  if (having_) TARN_TRY(ReplaceAbove(having_));
  if (qualify_) TARN_TRY(ReplaceGrouped(qualify_, false));
  plan::Aggregate aggregate;
  std::vector<plan::OutputColumn> columns;
  for (const plan::NamedExpr& group : groups_) {
    columns.push_back({group.id, group.name, group.expr->type, group.expr->nullable || analytic_});
  }
  for (const plan::NamedExpr& item : aggregates_) {
    columns.push_back({item.id, item.name, item.expr->type, item.expr->nullable});
  }
  if (grouping_id_) columns.push_back({*grouping_id_, "grouping_id", TypeId::kLong, false});
  aggregate.input = std::move(source_.node);
  aggregate.groups = std::move(groups_);
  aggregate.grouping_sets = std::move(grouping_sets_);
  aggregate.grouping_id = grouping_id_;
  aggregate.aggregates = std::move(aggregates_);
  source_.node = MakeNode(std::move(aggregate), std::move(columns));
  if (having_) source_.node = MakeFilter(std::move(source_.node), std::move(having_));
  return Status();
}

}  // namespace tarn::analyze
