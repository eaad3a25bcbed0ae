#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::plan {

namespace {

std::string Id(ColumnId id) { return "#" + std::to_string(static_cast<uint32_t>(id)); }

std::string List(const std::vector<ExprPtr>& exprs) {
  std::string text;
  for (const ExprPtr& expr : exprs) text += (text.empty() ? "" : ", ") + Render(*expr);
  return text;
}

std::string Keys(const std::vector<SortKey>& keys) {
  std::string text;
  for (const SortKey& key : keys) {
    if (!text.empty()) text += ", ";
    text += Render(*key.expr) + (key.descending ? " DESC" : " ASC") +
            (key.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
  return text;
}

bool IsSymbol(std::string_view name) {
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || c == '_') return false;
  }
  return true;
}

std::string CallText(const Call& call) {
  const std::string_view name = call.function->name;
  std::string text;
  if (call.args.size() == 2 && (IsSymbol(name) || name == "and" || name == "or" || name == "div")) {
    std::string op(name);
    if (op == "and") op = "AND";
    if (op == "or") op = "OR";
    text = "(" + Render(*call.args[0]) + " " + op + " " + Render(*call.args[1]) + ")";
  } else {
    text = std::string(name) + "(" + (call.distinct ? "DISTINCT " : "") + List(call.args) + ")";
  }
  if (!call.order_by.empty()) text += " WITHIN GROUP (ORDER BY " + Keys(call.order_by) + ")";
  if (call.filter) text += " FILTER (WHERE " + Render(*call.filter) + ")";
  return text;
}

struct RenderExpr {
  const Expr& expr;
  std::string operator()(const Literal& x) const {
    if (x.value.is_null()) return "NULL";
    return x.value.type().IsString() ? x.value.text() : RenderAsSqlLiteral(x.value, "UTC");
  }
  std::string operator()(const ColumnRef& x) const { return x.name; }
  std::string operator()(const Call& x) const { return CallText(x); }
  std::string operator()(const Cast& x) const {
    if (x.implicit) return Render(*x.input);
    return (x.mode == CastMode::kTry ? "TRY_CAST(" : "CAST(") + Render(*x.input) + " AS " +
           expr.type.ToSql() + ")";
  }
  std::string operator()(const Case& x) const {
    std::string text = "CASE";
    for (const Case::Branch& branch : x.branches) {
      text += " WHEN " + Render(*branch.condition) + " THEN " + Render(*branch.result);
    }
    if (x.otherwise) text += " ELSE " + Render(*x.otherwise);
    return text + " END";
  }
  std::string operator()(const FieldAccess& x) const {
    return Render(*x.base) + "." + x.base->type.fields()[x.index].name;
  }
  std::string operator()(const Lambda& x) const {
    std::string text = "lambdafunction(" + Render(*x.body);
    for (const Lambda::Parameter& parameter : x.parameters) text += ", " + parameter.name;
    return text + ")";
  }
  std::string operator()(const Subquery& x) const {
    if (x.kind == SubqueryKind::kScalar) return "scalarsubquery()";
    if (x.kind == SubqueryKind::kExists) return x.negated ? "(NOT exists())" : "exists()";
    return "(" + List(x.operands) + (x.negated ? " NOT IN (listquery()))" : " IN (listquery()))");
  }
  std::string operator()(const WindowCall& x) const {
    std::string text = CallText(x.call) + " OVER (";
    if (!x.partition_by.empty()) text += "PARTITION BY " + List(x.partition_by);
    if (!x.order_by.empty()) {
      text += (x.partition_by.empty() ? "ORDER BY " : " ORDER BY ") + Keys(x.order_by);
    }
    return text + ")";
  }
};

/// Writes one node per line, children indented below.
class TreeWriter {
 public:
  explicit TreeWriter(const Query& query) : query_(query) {}

  void Write(const Node& node, int depth) {
    text_.append(static_cast<size_t>(depth) * 2, ' ');
    std::visit([&](const auto& kind) { Line(kind, node); }, node.kind);
    text_ += '\n';
    std::visit([&](const auto& kind) { Children(kind, depth + 1); }, node.kind);
  }

  std::string Take() { return std::move(text_); }

 private:
  void Line(const Scan& x, const Node& node) {
    text_ += "Scan " + query_.relation(x.relation).name + " [";
    for (size_t i = 0; i < node.columns.size(); ++i) {
      text_ += (i ? ", " : "") + node.columns[i].name + Id(node.columns[i].id);
    }
    text_ += "]";
    if (x.file_subset) text_ += " files=" + std::to_string(x.file_subset->size());
  }
  void Line(const Values& x, const Node&) {
    text_ += "Values (" + std::to_string(x.rows.size()) + " rows)";
  }
  void Line(const Project& x, const Node&) { text_ += "Project [" + Named(x.items) + "]"; }
  void Line(const Filter& x, const Node&) { text_ += "Filter " + Render(*x.condition); }
  void Line(const Join& x, const Node&) {
    static constexpr const char* kNames[] = {"Inner",     "Cross",    "LeftOuter", "RightOuter",
                                             "FullOuter", "LeftSemi", "LeftAnti"};
    text_ += std::string(x.lateral ? "LateralJoin " : "Join ") + kNames[static_cast<int>(x.kind)];
    if (x.condition) text_ += " on " + Render(*x.condition);
  }
  void Line(const Aggregate& x, const Node&) {
    text_ += "Aggregate [" + Named(x.groups) + "] [" + Named(x.aggregates) + "]";
    if (!x.grouping_sets.empty()) {
      text_ += " sets=" + std::to_string(x.grouping_sets.size());
    }
  }
  void Line(const Window& x, const Node&) { text_ += "Window [" + Named(x.calls) + "]"; }
  void Line(const Sort& x, const Node&) { text_ += "Sort [" + Keys(x.keys) + "]"; }
  void Line(const Limit& x, const Node&) {
    text_ += "Limit";
    if (x.count) text_ += " " + Render(*x.count);
    if (x.offset) text_ += " offset " + Render(*x.offset);
  }
  void Line(const Distinct&, const Node&) { text_ += "Distinct"; }
  void Line(const SetOperation& x, const Node&) {
    static constexpr const char* kNames[] = {"Union", "Intersect", "Except"};
    text_ += kNames[static_cast<int>(x.kind)];
    if (x.all) text_ += " all";
  }
  void Line(const Generate& x, const Node&) {
    text_ += "Generate " + Render(*x.generator);
    if (x.outer) text_ += " outer";
  }
  void Line(const Sample& x, const Node&) {
    text_ += "Sample " + (x.rows ? std::to_string(*x.rows) + " rows" : std::to_string(x.fraction));
  }
  void Line(const Check& x, const Node&) {
    text_ += "Check [";
    for (size_t i = 0; i < x.conditions.size(); ++i) {
      text_ += (i == 0 ? "" : ", ") + x.checks[i].name + ": " + Render(*x.conditions[i]);
    }
    text_ += "]";
  }
  void Line(const With& x, const Node&) {
    text_ += "With";
    for (const With::Definition& def : x.definitions) {
      text_ += " " + def.name + "#" + std::to_string(static_cast<uint32_t>(def.id));
    }
  }
  void Line(const CteScan& x, const Node&) {
    text_ += "CteScan #" + std::to_string(static_cast<uint32_t>(x.cte));
  }

  void Children(const Scan&, int) {}
  void Children(const Values&, int) {}
  void Children(const CteScan&, int) {}
  void Children(const Join& x, int depth) {
    Write(*x.left, depth);
    Write(*x.right, depth);
  }
  void Children(const SetOperation& x, int depth) {
    Write(*x.left, depth);
    Write(*x.right, depth);
  }
  void Children(const With& x, int depth) {
    for (const With::Definition& def : x.definitions) {
      Write(*def.query, depth);
      if (def.recursive_part) Write(*def.recursive_part, depth);
    }
    Write(*x.input, depth);
  }
  template <typename T>
  void Children(const T& x, int depth) {
    Write(*x.input, depth);
  }

  static std::string Named(const std::vector<NamedExpr>& items) {
    std::string text;
    for (const NamedExpr& item : items) {
      if (!text.empty()) text += ", ";
      text += Render(*item.expr);
      const auto* column = item.expr->As<ColumnRef>();
      if (!column || column->id != item.id) text += " AS " + item.name + Id(item.id);
    }
    return text;
  }

  const Query& query_;
  std::string text_;
};

}  // namespace

std::string Render(const Expr& expr) { return std::visit(RenderExpr{expr}, expr.kind); }

std::string Render(const Query& query) {
  TreeWriter writer(query);
  writer.Write(*query.root, 0);
  return writer.Take();
}

}  // namespace tarn::plan
