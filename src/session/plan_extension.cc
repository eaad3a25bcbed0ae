#include "plan_extension.h"

#include <algorithm>

namespace tarn::session {

namespace {

using plan::ExprPtr;

bool TellsOfStatement(std::string_view function) {
  static constexpr std::string_view kNames[] = {
      "current_timestamp", "now",           "current_date", "localtimestamp",   "current_time",
      "current_user",      "user",          "session_user", "current_timezone", "current_catalog",
      "current_database",  "current_schema"};
  return std::ranges::find(kNames, function) != std::end(kNames);
}

/// Greatest column id below a node, and whether each run of it gives the same.
struct GreatestId {
  uint32_t greatest = 0;
  bool deterministic = true;
  bool of_statement = false;  ///< tells of the statement that evaluates it

  void See(plan::ColumnId id) { greatest = std::max(greatest, static_cast<uint32_t>(id)); }

  void Visit(const plan::Node& node) {
    for (const plan::OutputColumn& column : node.columns) See(column.id);
    std::visit([this](const auto& kind) { Inside(kind); }, node.kind);
  }
  void Visit(const plan::NodePtr& node) {
    if (node) Visit(*node);
  }
  void VisitOne(const plan::Expr& expr) {
    std::visit([this](const auto& kind) { Inside(kind); }, expr.kind);
  }
  void Visit(const ExprPtr& expr) {
    if (expr) VisitOne(*expr);
  }
  void Visit(const std::vector<ExprPtr>& exprs) {
    for (const ExprPtr& expr : exprs) Visit(expr);
  }
  void Visit(const std::vector<plan::NamedExpr>& items) {
    for (const plan::NamedExpr& item : items) {
      See(item.id);
      Visit(item.expr);
    }
  }
  void Visit(const std::vector<plan::SortKey>& keys) {
    for (const plan::SortKey& key : keys) Visit(key.expr);
  }

  void Inside(const plan::Literal&) {}
  void Inside(const plan::ColumnRef& x) { See(x.id); }
  void Inside(const plan::Call& x) {
    deterministic &= x.function->deterministic;
    of_statement |= TellsOfStatement(x.function->name);
    Visit(x.args);
    Visit(x.filter);
    Visit(x.order_by);
  }
  void Inside(const plan::Cast& x) { Visit(x.input); }
  void Inside(const plan::Case& x) {
    for (const auto& branch : x.branches) {
      Visit(branch.condition);
      Visit(branch.result);
    }
    Visit(x.otherwise);
  }
  void Inside(const plan::FieldAccess& x) { Visit(x.base); }
  void Inside(const plan::Lambda& x) {
    for (const auto& parameter : x.parameters) See(parameter.id);
    Visit(x.body);
  }
  void Inside(const plan::Subquery& x) {
    Visit(x.query);
    Visit(x.operands);
  }
  void Inside(const plan::WindowCall& x) {
    Inside(x.call);
    Visit(x.partition_by);
    Visit(x.order_by);
  }
  void Inside(const plan::Scan&) {}
  void Inside(const plan::CteScan&) {}
  void Inside(const plan::Values& x) {
    for (const auto& row : x.rows) Visit(row);
  }
  void Inside(const plan::Project& x) {
    Visit(x.input);
    Visit(x.items);
  }
  void Inside(const plan::Filter& x) {
    Visit(x.input);
    Visit(x.condition);
  }
  void Inside(const plan::Join& x) {
    Visit(x.left);
    Visit(x.right);
    Visit(x.condition);
  }
  void Inside(const plan::Aggregate& x) {
    Visit(x.input);
    Visit(x.groups);
    Visit(x.aggregates);
    if (x.grouping_id) See(*x.grouping_id);
  }
  void Inside(const plan::Window& x) {
    Visit(x.input);
    Visit(x.calls);
  }
  void Inside(const plan::Sort& x) {
    Visit(x.input);
    Visit(x.keys);
  }
  void Inside(const plan::Limit& x) { Visit(x.input); }
  void Inside(const plan::Distinct& x) { Visit(x.input); }
  void Inside(const plan::SetOperation& x) {
    Visit(x.left);
    Visit(x.right);
  }
  void Inside(const plan::Generate& x) {
    Visit(x.input);
    Visit(x.generator);
    for (const plan::OutputColumn& column : x.produced) See(column.id);
  }
  void Inside(const plan::Sample& x) { Visit(x.input); }
  void Inside(const plan::Check& x) {
    Visit(x.input);
    Visit(x.conditions);
  }
  void Inside(const plan::With& x) {
    for (const auto& definition : x.definitions) {
      Visit(definition.query);
      Visit(definition.recursive_part);
    }
    Visit(x.input);
  }
};

}  // namespace

plan::Query WithTextColumn(plan::Query query, const std::string& name, std::string text) {
  PlanExtension extension(std::move(query));
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < extension.columns().size(); ++i) {
    items.emplace_back(extension.columns()[i].name, extension.Ref(i));
  }
  items.emplace_back(name, plan::MakeLiteral(Value::String(std::move(text))));
  extension.Project(std::move(items));
  return extension.Take();
}

bool GivesTheSame(const plan::Expr& expr) {
  GreatestId all;
  all.VisitOne(expr);
  return all.deterministic && !all.of_statement;
}

plan::ColumnId FirstFreeColumn(const plan::Query& query) {
  GreatestId ids;
  ids.Visit(*query.root);
  return plan::ColumnId{ids.greatest + 1};
}

Status RequireDeterministic(const plan::Query& query, const SourceRange& source,
                            std::string_view expression) {
  GreatestId all;
  all.Visit(*query.root);
  if (all.deterministic) return {};
  return Error(Condition("INVALID_NON_DETERMINISTIC_EXPRESSIONS"),
               {{"sqlExprs", "\"" + std::string(expression) + "\""}})
      .WithPosition(source);
}

}  // namespace tarn::session
