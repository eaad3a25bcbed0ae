#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/plan/expr.h"
#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::session {

/// The query with one more column, the same text in every row.
plan::Query WithTextColumn(plan::Query query, const std::string& name, std::string text);

/// An id that no node of the query uses, nor any greater one.
plan::ColumnId FirstFreeColumn(const plan::Query& query);

/// Whether an expression gives the same of the same columns whenever it is evaluated: no random
/// numbers, neither the time nor the user of a statement.
bool GivesTheSame(const plan::Expr& expr);

/// Refuses a query with rand(), uuid() and the like: a condition of DELETE or UPDATE is evaluated
/// in more than one pass. INVALID_NON_DETERMINISTIC_EXPRESSIONS at `source`.
Status RequireDeterministic(const plan::Query& query, const SourceRange& source,
                            std::string_view expression);

/// Builds the nodes on top of a query, one after the other.
class PlanExtension {
 public:
  explicit PlanExtension(plan::Query query)
      : query_(std::move(query)), next_(static_cast<uint32_t>(FirstFreeColumn(query_))) {}

  const std::vector<plan::OutputColumn>& columns() const { return query_.root->columns; }
  plan::ColumnId NewId() { return plan::ColumnId{next_++}; }
  plan::ColumnId next() const { return plan::ColumnId{next_}; }

  plan::ExprPtr Ref(size_t index) const {
    const plan::OutputColumn& column = columns()[index];
    return plan::MakeColumnRef(column.id, column.name, column.type, column.nullable);
  }

  /// Replaces the columns by these expressions.
  void Project(std::vector<std::pair<std::string, plan::ExprPtr>> items) {
    auto node = std::make_unique<plan::Node>();
    plan::Project project;
    for (auto& [name, expr] : items) {
      const plan::ColumnId id = NewId();
      node->columns.push_back({id, name, expr->type, expr->nullable});
      project.items.push_back({id, std::move(name), std::move(expr)});
    }
    project.input = std::move(query_.root);
    node->kind = std::move(project);
    query_.root = std::move(node);
  }

  /// A column behind the others that numbers the rows from 1; its index.
  size_t AppendRowNumber() {
    auto node = std::make_unique<plan::Node>();
    node->columns = columns();
    plan::Expr expr;
    plan::WindowCall call;
    call.call.function = plan::FindFunction("row_number");
    expr.type = TypeId::kInt;
    expr.nullable = false;
    expr.kind = std::move(call);
    const plan::ColumnId id = NewId();
    node->columns.push_back({id, "__row_number", expr.type, false});
    plan::Window window;
    window.calls.push_back({id, "__row_number", std::make_unique<plan::Expr>(std::move(expr))});
    window.input = std::move(query_.root);
    node->kind = std::move(window);
    query_.root = std::move(node);
    return columns().size() - 1;
  }

  /// From now on Filter asks nothing of rows for which this boolean column isn't true.
  void ExemptUnless(size_t column) { guards_.push_back(column); }

  void Filter(plan::ExprPtr condition) {
    if (!guards_.empty()) {
      auto guarded = std::make_unique<plan::Expr>();
      guarded->type = TypeId::kBoolean;
      plan::Case choice;
      for (const size_t guard : guards_) {
        plan::Case::Branch branch;
        branch.condition = Untrue(Ref(guard));
        branch.result = plan::MakeLiteral(Value::Boolean(true));
        choice.branches.push_back(std::move(branch));
      }
      choice.otherwise = std::move(condition);
      guarded->kind = std::move(choice);
      condition = std::move(guarded);
    }
    auto node = std::make_unique<plan::Node>();
    node->columns = columns();
    plan::Filter filter{std::move(query_.root), std::move(condition)};
    node->kind = std::move(filter);
    query_.root = std::move(node);
  }

  plan::Query Take() { return std::move(query_); }

 private:
  static plan::ExprPtr Untrue(plan::ExprPtr flag) {
    auto result = std::make_unique<plan::Expr>();
    result->type = TypeId::kBoolean;
    result->nullable = false;
    plan::Case choice;
    choice.branches.push_back({std::move(flag), plan::MakeLiteral(Value::Boolean(false))});
    choice.otherwise = plan::MakeLiteral(Value::Boolean(true));
    result->kind = std::move(choice);
    return result;
  }

  plan::Query query_;
  uint32_t next_;
  std::vector<size_t> guards_;
};

}  // namespace tarn::session
