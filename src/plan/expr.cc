#include "tarn/plan/expr.h"

#include "tarn/plan/node.h"

namespace tarn::plan {

ExprPtr MakeLiteral(Value value, const SourceRange& source) {
  auto expr = std::make_unique<Expr>();
  expr->type = value.type();
  expr->nullable = value.is_null();
  expr->source = source;
  expr->kind = Literal{std::move(value)};
  return expr;
}

ExprPtr MakeColumnRef(ColumnId id, std::string name, DataType type, bool nullable,
                      const SourceRange& source) {
  auto expr = std::make_unique<Expr>();
  expr->type = std::move(type);
  expr->nullable = nullable;
  expr->source = source;
  expr->kind = ColumnRef{id, std::move(name)};
  return expr;
}

ExprPtr MakeCast(ExprPtr input, DataType type, CastMode mode, bool implicit) {
  if (implicit && input->type == type) return input;
  auto expr = std::make_unique<Expr>();
  expr->nullable = input->nullable || mode == CastMode::kTry;
  expr->source = input->source;
  // A NULL without type takes on the type that is wanted.
  if (auto* literal = input->As<Literal>(); implicit && literal && literal->value.is_null()) {
    expr->kind = Literal{Value::Null(type)};
  } else {
    expr->kind = Cast{std::move(input), mode, implicit};
  }
  expr->type = std::move(type);
  return expr;
}

ExprPtr MakeCall(const FunctionSpec* function, std::vector<ExprPtr> args, DataType type,
                 bool nullable, const SourceRange& source) {
  auto expr = std::make_unique<Expr>();
  expr->type = std::move(type);
  expr->nullable = nullable;
  expr->source = source;
  Call call;
  call.function = function;
  call.args = std::move(args);
  expr->kind = std::move(call);
  return expr;
}

namespace {

ExprPtr CloneOrNull(const ExprPtr& expr) { return expr ? Clone(*expr) : nullptr; }
NodePtr CloneOrNull(const NodePtr& node) { return node ? Clone(*node) : nullptr; }

std::vector<ExprPtr> CloneAll(const std::vector<ExprPtr>& from) {
  std::vector<ExprPtr> to;
  to.reserve(from.size());
  for (const ExprPtr& expr : from) to.push_back(Clone(*expr));
  return to;
}

std::vector<SortKey> CloneAll(const std::vector<SortKey>& from) {
  std::vector<SortKey> to;
  for (const SortKey& key : from) {
    to.push_back({Clone(*key.expr), key.descending, key.nulls_first});
  }
  return to;
}

std::vector<NamedExpr> CloneAll(const std::vector<NamedExpr>& from) {
  std::vector<NamedExpr> to;
  for (const NamedExpr& item : from) to.push_back({item.id, item.name, Clone(*item.expr)});
  return to;
}

Call CloneCall(const Call& call) {
  return Call{call.function,     CloneAll(call.args),      call.distinct,
              call.ignore_nulls, CloneOrNull(call.filter), CloneAll(call.order_by)};
}

struct CloneExprKind {
  Expr::Kind operator()(const Literal& x) const { return x; }
  Expr::Kind operator()(const ColumnRef& x) const { return x; }
  Expr::Kind operator()(const Call& x) const { return CloneCall(x); }
  Expr::Kind operator()(const Cast& x) const { return Cast{Clone(*x.input), x.mode, x.implicit}; }
  Expr::Kind operator()(const Case& x) const {
    Case copy;
    for (const Case::Branch& branch : x.branches) {
      copy.branches.push_back({Clone(*branch.condition), Clone(*branch.result)});
    }
    copy.otherwise = CloneOrNull(x.otherwise);
    return copy;
  }
  Expr::Kind operator()(const FieldAccess& x) const { return FieldAccess{Clone(*x.base), x.index}; }
  Expr::Kind operator()(const Lambda& x) const { return Lambda{x.parameters, Clone(*x.body)}; }
  Expr::Kind operator()(const Subquery& x) const {
    return Subquery{x.kind, CloneOrNull(x.query), CloneAll(x.operands), x.negated};
  }
  Expr::Kind operator()(const WindowCall& x) const {
    WindowCall copy{CloneCall(x.call), CloneAll(x.partition_by), CloneAll(x.order_by), {}};
    if (x.frame) {
      copy.frame = WindowFrame{x.frame->unit,
                               {x.frame->start.kind, CloneOrNull(x.frame->start.offset)},
                               {x.frame->end.kind, CloneOrNull(x.frame->end.offset)}};
    }
    return copy;
  }
};

struct CloneNodeKind {
  Node::Kind operator()(const Scan& x) const { return x; }
  Node::Kind operator()(const Values& x) const {
    Values copy;
    for (const auto& row : x.rows) copy.rows.push_back(CloneAll(row));
    return copy;
  }
  Node::Kind operator()(const Project& x) const {
    return Project{CloneOrNull(x.input), CloneAll(x.items)};
  }
  Node::Kind operator()(const Filter& x) const {
    return Filter{CloneOrNull(x.input), CloneOrNull(x.condition)};
  }
  Node::Kind operator()(const Join& x) const {
    return Join{x.kind, CloneOrNull(x.left), CloneOrNull(x.right), CloneOrNull(x.condition),
                x.lateral};
  }
  Node::Kind operator()(const Aggregate& x) const {
    return Aggregate{CloneOrNull(x.input), CloneAll(x.groups), x.grouping_sets, x.grouping_id,
                     CloneAll(x.aggregates)};
  }
  Node::Kind operator()(const Window& x) const {
    return Window{CloneOrNull(x.input), CloneAll(x.calls)};
  }
  Node::Kind operator()(const Sort& x) const {
    return Sort{CloneOrNull(x.input), CloneAll(x.keys)};
  }
  Node::Kind operator()(const Limit& x) const {
    return Limit{CloneOrNull(x.input), CloneOrNull(x.count), CloneOrNull(x.offset)};
  }
  Node::Kind operator()(const Distinct& x) const { return Distinct{CloneOrNull(x.input)}; }
  Node::Kind operator()(const SetOperation& x) const {
    return SetOperation{x.kind, x.all, CloneOrNull(x.left), CloneOrNull(x.right)};
  }
  Node::Kind operator()(const Generate& x) const {
    return Generate{CloneOrNull(x.input), CloneOrNull(x.generator), x.produced, x.outer};
  }
  Node::Kind operator()(const Sample& x) const {
    return Sample{CloneOrNull(x.input), x.fraction, x.rows, x.seed};
  }
  Node::Kind operator()(const With& x) const {
    With copy;
    for (const With::Definition& def : x.definitions) {
      copy.definitions.push_back({def.id, def.name, CloneOrNull(def.query),
                                  CloneOrNull(def.recursive_part), def.union_all,
                                  def.recursion_limit});
    }
    copy.input = CloneOrNull(x.input);
    return copy;
  }
  Node::Kind operator()(const CteScan& x) const { return x; }
};

bool SameAll(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!SameExpr(*a[i], *b[i])) return false;
  }
  return true;
}

bool SameOrNull(const ExprPtr& a, const ExprPtr& b) {
  if (!a || !b) return !a && !b;
  return SameExpr(*a, *b);
}

bool SameKeys(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first ||
        !SameExpr(*a[i].expr, *b[i].expr)) {
      return false;
    }
  }
  return true;
}

bool SameCall(const Call& a, const Call& b) {
  return a.function == b.function && a.distinct == b.distinct && a.ignore_nulls == b.ignore_nulls &&
         SameAll(a.args, b.args) && SameOrNull(a.filter, b.filter) &&
         SameKeys(a.order_by, b.order_by);
}

struct SameKind {
  const Expr& other;
  bool operator()(const Literal& x) const { return x.value == other.As<Literal>()->value; }
  bool operator()(const ColumnRef& x) const { return x.id == other.As<ColumnRef>()->id; }
  bool operator()(const Call& x) const { return SameCall(x, *other.As<Call>()); }
  bool operator()(const Cast& x) const {
    const auto& y = *other.As<Cast>();
    return x.mode == y.mode && SameExpr(*x.input, *y.input);
  }
  bool operator()(const Case& x) const {
    const auto& y = *other.As<Case>();
    if (x.branches.size() != y.branches.size()) return false;
    for (size_t i = 0; i < x.branches.size(); ++i) {
      if (!SameExpr(*x.branches[i].condition, *y.branches[i].condition) ||
          !SameExpr(*x.branches[i].result, *y.branches[i].result)) {
        return false;
      }
    }
    return SameOrNull(x.otherwise, y.otherwise);
  }
  bool operator()(const FieldAccess& x) const {
    const auto& y = *other.As<FieldAccess>();
    return x.index == y.index && SameExpr(*x.base, *y.base);
  }
  // Parameters of lambdas and columns of subqueries have ids of their own, so two are never the
  // same.
  bool operator()(const Lambda& x) const { return &x == other.As<Lambda>(); }
  bool operator()(const Subquery& x) const { return &x == other.As<Subquery>(); }
  bool operator()(const WindowCall& x) const {
    const auto& y = *other.As<WindowCall>();
    const auto same_bound = [](const FrameBound& a, const FrameBound& b) {
      return a.kind == b.kind && SameOrNull(a.offset, b.offset);
    };
    if (x.frame.has_value() != y.frame.has_value()) return false;
    if (x.frame && (x.frame->unit != y.frame->unit || !same_bound(x.frame->start, y.frame->start) ||
                    !same_bound(x.frame->end, y.frame->end))) {
      return false;
    }
    return SameCall(x.call, y.call) && SameAll(x.partition_by, y.partition_by) &&
           SameKeys(x.order_by, y.order_by);
  }
};

}  // namespace

ExprPtr Clone(const Expr& expr) {
  auto copy = std::make_unique<Expr>();
  copy->type = expr.type;
  copy->nullable = expr.nullable;
  copy->source = expr.source;
  copy->kind = std::visit(CloneExprKind{}, expr.kind);
  return copy;
}

NodePtr Clone(const Node& node) {
  auto copy = std::make_unique<Node>();
  copy->columns = node.columns;
  copy->kind = std::visit(CloneNodeKind{}, node.kind);
  return copy;
}

bool SameExpr(const Expr& a, const Expr& b) {
  if (a.kind.index() != b.kind.index() || !(a.type == b.type)) return false;
  return std::visit(SameKind{b}, a.kind);
}

}  // namespace tarn::plan
