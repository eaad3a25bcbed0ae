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
  Node::Kind operator()(const Check& x) const {
    return Check{CloneOrNull(x.input), x.checks, CloneAll(x.conditions)};
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

/// Compares two expressions. Parameters of lambdas have ids of their own, so those of two lambdas
/// under comparison are the same if they stand at the same place.
class Comparison {
 public:
  bool Same(const Expr& a, const Expr& b) {
    if (a.kind.index() != b.kind.index() || !(a.type == b.type)) return false;
    return std::visit(
        [&](const auto& x) {
          using Kind = std::decay_t<decltype(x)>;
          return SameKind(x, *b.As<Kind>());
        },
        a.kind);
  }

 private:
  bool Same(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!Same(*a[i], *b[i])) return false;
    }
    return true;
  }
  bool Same(const ExprPtr& a, const ExprPtr& b) {
    if (!a || !b) return !a && !b;
    return Same(*a, *b);
  }
  bool Same(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first ||
          !Same(*a[i].expr, *b[i].expr)) {
        return false;
      }
    }
    return true;
  }
  bool Same(const FrameBound& a, const FrameBound& b) {
    return a.kind == b.kind && Same(a.offset, b.offset);
  }

  bool SameKind(const Literal& x, const Literal& y) { return x.value == y.value; }
  bool SameKind(const ColumnRef& x, const ColumnRef& y) {
    for (const auto& [a, b] : parameters_) {
      if (x.id == a || y.id == b) return x.id == a && y.id == b;
    }
    return x.id == y.id;
  }
  bool SameKind(const Call& x, const Call& y) {
    return x.function == y.function && x.distinct == y.distinct &&
           x.ignore_nulls == y.ignore_nulls && Same(x.args, y.args) && Same(x.filter, y.filter) &&
           Same(x.order_by, y.order_by);
  }
  bool SameKind(const Cast& x, const Cast& y) {
    return x.mode == y.mode && Same(*x.input, *y.input);
  }
  bool SameKind(const Case& x, const Case& y) {
    if (x.branches.size() != y.branches.size()) return false;
    for (size_t i = 0; i < x.branches.size(); ++i) {
      if (!Same(*x.branches[i].condition, *y.branches[i].condition) ||
          !Same(*x.branches[i].result, *y.branches[i].result)) {
        return false;
      }
    }
    return Same(x.otherwise, y.otherwise);
  }
  bool SameKind(const FieldAccess& x, const FieldAccess& y) {
    return x.index == y.index && Same(*x.base, *y.base);
  }
  bool SameKind(const Lambda& x, const Lambda& y) {
    if (x.parameters.size() != y.parameters.size()) return false;
    for (size_t i = 0; i < x.parameters.size(); ++i) {
      if (!(x.parameters[i].type == y.parameters[i].type)) return false;
      parameters_.emplace_back(x.parameters[i].id, y.parameters[i].id);
    }
    const bool same = Same(*x.body, *y.body);
    parameters_.resize(parameters_.size() - x.parameters.size());
    return same;
  }
  // Columns of subqueries have ids of their own, so two are never the same.
  bool SameKind(const Subquery& x, const Subquery& y) { return &x == &y; }
  bool SameKind(const WindowCall& x, const WindowCall& y) {
    if (x.frame.has_value() != y.frame.has_value()) return false;
    if (x.frame && (x.frame->unit != y.frame->unit || !Same(x.frame->start, y.frame->start) ||
                    !Same(x.frame->end, y.frame->end))) {
      return false;
    }
    return SameKind(x.call, y.call) && Same(x.partition_by, y.partition_by) &&
           Same(x.order_by, y.order_by);
  }

  std::vector<std::pair<ColumnId, ColumnId>> parameters_;
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

bool SameExpr(const Expr& a, const Expr& b) { return Comparison().Same(a, b); }

}  // namespace tarn::plan
