#include "query_analyzer.h"
#include "tree.h"

namespace tarn::analyze {

NodePtr MakeNode(plan::Node::Kind kind, std::vector<plan::OutputColumn> columns) {
  auto node = std::make_unique<plan::Node>();
  node->columns = std::move(columns);
  node->kind = std::move(kind);
  return node;
}

NodePtr MakeProject(NodePtr input, std::vector<plan::NamedExpr> items) {
  std::vector<plan::OutputColumn> columns;
  columns.reserve(items.size());
  for (const plan::NamedExpr& item : items) {
    columns.push_back({item.id, item.name, item.expr->type, item.expr->nullable});
  }
  return MakeNode(plan::Project{std::move(input), std::move(items)}, std::move(columns));
}

NodePtr MakeFilter(NodePtr input, ExprPtr condition) {
  auto columns = input->columns;
  return MakeNode(plan::Filter{std::move(input), std::move(condition)}, std::move(columns));
}

NodePtr MakeSingleRow() {
  plan::Values values;
  values.rows.emplace_back();
  return MakeNode(std::move(values), {});
}

const plan::FunctionSpec* FunctionOf(const plan::Expr& expr) {
  if (const auto* call = expr.As<plan::Call>()) return call->function;
  return nullptr;
}

bool IsCallOf(const plan::Expr& expr, std::string_view function) {
  const plan::FunctionSpec* spec = FunctionOf(expr);
  return spec != nullptr && spec->name == function;
}

namespace {

/// Whether `test` holds for the expression or one below it, subqueries' queries left out.
template <typename F>
bool Any(const plan::Expr& expr, const F& test) {
  if (test(expr)) return true;
  bool found = false;
  ForEachChild(const_cast<plan::Expr&>(expr),
               [&](ExprPtr& child) { found = found || Any(*child, test); });
  return found;
}

bool IsAggregateCall(const plan::Expr& expr) {
  const plan::FunctionSpec* spec = FunctionOf(expr);
  return spec != nullptr && spec->kind == plan::FunctionKind::kAggregate;
}

}  // namespace

bool HasAggregate(const plan::Expr& expr) { return Any(expr, IsAggregateCall); }

bool HasWindow(const plan::Expr& expr) {
  return Any(expr, [](const plan::Expr& e) { return e.As<plan::WindowCall>() != nullptr; });
}

bool HasSubquery(const plan::Expr& expr) {
  return Any(expr, [](const plan::Expr& e) { return e.As<plan::Subquery>() != nullptr; });
}

bool HasGenerator(const plan::Expr& expr) {
  return Any(expr, [](const plan::Expr& e) {
    const plan::FunctionSpec* spec = FunctionOf(e);
    return spec != nullptr && spec->kind == plan::FunctionKind::kGenerator;
  });
}

bool IsConstant(const plan::Expr& expr) {
  return !Any(expr, [](const plan::Expr& e) {
    if (e.As<plan::ColumnRef>() || e.As<plan::Subquery>() || e.As<plan::WindowCall>()) return true;
    const plan::FunctionSpec* spec = FunctionOf(e);
    return spec != nullptr && (!spec->deterministic || spec->kind != plan::FunctionKind::kScalar);
  });
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

std::string Quoted(std::string_view sql) { return "\"" + std::string(sql) + "\""; }

}  // namespace tarn::analyze
