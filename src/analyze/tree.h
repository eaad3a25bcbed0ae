#pragma once

#include <utility>

#include "tarn/plan/node.h"

namespace tarn::analyze {

/// Calls `f(ExprPtr&)` for each direct child expression. Queries of subqueries are not entered.
template <typename F>
void ForEachChild(plan::Expr& expr, F&& f) {
  const auto call_children = [&](plan::Call& call) {
    for (auto& arg : call.args) f(arg);
    if (call.filter) f(call.filter);
    for (auto& key : call.order_by) f(key.expr);
  };
  if (auto* call = expr.As<plan::Call>()) {
    call_children(*call);
  } else if (auto* cast = expr.As<plan::Cast>()) {
    f(cast->input);
  } else if (auto* branches = expr.As<plan::Case>()) {
    for (auto& branch : branches->branches) {
      f(branch.condition);
      f(branch.result);
    }
    if (branches->otherwise) f(branches->otherwise);
  } else if (auto* access = expr.As<plan::FieldAccess>()) {
    f(access->base);
  } else if (auto* lambda = expr.As<plan::Lambda>()) {
    f(lambda->body);
  } else if (auto* subquery = expr.As<plan::Subquery>()) {
    for (auto& operand : subquery->operands) f(operand);
  } else if (auto* window = expr.As<plan::WindowCall>()) {
    call_children(window->call);
    for (auto& part : window->partition_by) f(part);
    for (auto& key : window->order_by) f(key.expr);
    if (window->frame) {
      if (window->frame->start.offset) f(window->frame->start.offset);
      if (window->frame->end.offset) f(window->frame->end.offset);
    }
  }
}

/// Calls `f(ExprPtr&)` for each expression that stands directly in `node`.
template <typename F>
void ForEachNodeExpr(plan::Node& node, F&& f) {
  if (auto* values = node.As<plan::Values>()) {
    for (auto& row : values->rows) {
      for (auto& cell : row) f(cell);
    }
  } else if (auto* project = node.As<plan::Project>()) {
    for (auto& item : project->items) f(item.expr);
  } else if (auto* filter = node.As<plan::Filter>()) {
    f(filter->condition);
  } else if (auto* join = node.As<plan::Join>()) {
    if (join->condition) f(join->condition);
  } else if (auto* aggregate = node.As<plan::Aggregate>()) {
    for (auto& item : aggregate->groups) f(item.expr);
    for (auto& item : aggregate->aggregates) f(item.expr);
  } else if (auto* window = node.As<plan::Window>()) {
    for (auto& item : window->calls) f(item.expr);
  } else if (auto* sort = node.As<plan::Sort>()) {
    for (auto& key : sort->keys) f(key.expr);
  } else if (auto* limit = node.As<plan::Limit>()) {
    if (limit->count) f(limit->count);
    if (limit->offset) f(limit->offset);
  } else if (auto* generate = node.As<plan::Generate>()) {
    f(generate->generator);
  } else if (auto* check = node.As<plan::Check>()) {
    for (auto& condition : check->conditions) f(condition);
  }
}

/// Calls `f(NodePtr&)` for each direct input of `node`, definitions of a With included.
template <typename F>
void ForEachInput(plan::Node& node, F&& f) {
  if (auto* project = node.As<plan::Project>()) {
    f(project->input);
  } else if (auto* filter = node.As<plan::Filter>()) {
    f(filter->input);
  } else if (auto* join = node.As<plan::Join>()) {
    f(join->left);
    f(join->right);
  } else if (auto* aggregate = node.As<plan::Aggregate>()) {
    f(aggregate->input);
  } else if (auto* window = node.As<plan::Window>()) {
    f(window->input);
  } else if (auto* sort = node.As<plan::Sort>()) {
    f(sort->input);
  } else if (auto* limit = node.As<plan::Limit>()) {
    f(limit->input);
  } else if (auto* distinct = node.As<plan::Distinct>()) {
    f(distinct->input);
  } else if (auto* operation = node.As<plan::SetOperation>()) {
    f(operation->left);
    f(operation->right);
  } else if (auto* generate = node.As<plan::Generate>()) {
    f(generate->input);
  } else if (auto* sample = node.As<plan::Sample>()) {
    f(sample->input);
  } else if (auto* check = node.As<plan::Check>()) {
    f(check->input);
  } else if (auto* with = node.As<plan::With>()) {
    for (auto& definition : with->definitions) {
      f(definition.query);
      if (definition.recursive_part) f(definition.recursive_part);
    }
    f(with->input);
  }
}

/// Calls `f(const plan::ColumnRef&)` for every column reference below, those in subqueries
/// included.
template <typename F>
void ForEachColumnRef(plan::Node& node, F& f);

template <typename F>
void ForEachColumnRef(plan::Expr& expr, F& f) {
  if (auto* ref = expr.As<plan::ColumnRef>()) {
    f(*ref);
    return;
  }
  if (auto* subquery = expr.As<plan::Subquery>()) ForEachColumnRef(*subquery->query, f);
  ForEachChild(expr, [&](plan::ExprPtr& child) { ForEachColumnRef(*child, f); });
}

template <typename F>
void ForEachColumnRef(plan::Node& node, F& f) {
  ForEachNodeExpr(node, [&](plan::ExprPtr& expr) { ForEachColumnRef(*expr, f); });
  ForEachInput(node, [&](plan::NodePtr& input) { ForEachColumnRef(*input, f); });
}

/// Calls `f(ExprPtr&)` for every expression that stands directly in a node of the tree.
template <typename F>
void ForEachTreeExpr(plan::Node& node, F& f) {
  ForEachNodeExpr(node, f);
  ForEachInput(node, [&](plan::NodePtr& input) { ForEachTreeExpr(*input, f); });
}

}  // namespace tarn::analyze
