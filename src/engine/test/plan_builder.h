#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/plan/function.h"
#include "tarn/plan/node.h"

namespace tarn::engine {

// Short ways to write plans by hand, for tests.

inline plan::ColumnId Id(uint32_t id) { return plan::ColumnId{id}; }

inline plan::ExprPtr Lit(Value value) { return plan::MakeLiteral(std::move(value)); }
inline plan::ExprPtr Int(int32_t value) { return Lit(Value::Int(value)); }
inline plan::ExprPtr Text(std::string value) { return Lit(Value::String(std::move(value))); }

inline plan::ExprPtr Col(uint32_t id, DataType type) {
  return plan::MakeColumnRef(Id(id), "c" + std::to_string(id), std::move(type), true);
}

template <typename... Args>
plan::ExprPtr Fn(std::string_view name, Args&&... args) {
  std::vector<plan::ExprPtr> list;
  (list.push_back(std::forward<Args>(args)), ...);
  auto call = plan::BuildCall(name, std::move(list));
  TARN_CHECK(call.ok());
  return std::move(call).value();
}

inline plan::NodePtr MakeNode(plan::Node::Kind kind, std::vector<plan::OutputColumn> columns) {
  auto node = std::make_unique<plan::Node>();
  node->kind = std::move(kind);
  node->columns = std::move(columns);
  return node;
}

inline plan::NodePtr OneRow() {
  plan::Values values;
  values.rows.emplace_back();
  return MakeNode(std::move(values), {});
}

inline plan::NodePtr ValuesOf(std::vector<std::vector<plan::ExprPtr>> rows, uint32_t first_id) {
  std::vector<plan::OutputColumn> columns;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    columns.push_back(
        {Id(first_id + static_cast<uint32_t>(i)), "v" + std::to_string(i), rows[0][i]->type});
  }
  plan::Values values;
  values.rows = std::move(rows);
  return MakeNode(std::move(values), std::move(columns));
}

inline plan::NodePtr ProjectOf(plan::NodePtr input, std::vector<plan::NamedExpr> items) {
  std::vector<plan::OutputColumn> columns;
  for (const plan::NamedExpr& item : items)
    columns.push_back({item.id, item.name, item.expr->type});
  return MakeNode(plan::Project{std::move(input), std::move(items)}, std::move(columns));
}

inline plan::NamedExpr Named(uint32_t id, plan::ExprPtr expr) {
  return {Id(id), "n" + std::to_string(id), std::move(expr)};
}

template <typename... Items>
std::vector<plan::NamedExpr> Items_(Items&&... items) {
  std::vector<plan::NamedExpr> list;
  (list.push_back(std::forward<Items>(items)), ...);
  return list;
}

inline plan::NodePtr FilterOf(plan::NodePtr input, plan::ExprPtr condition) {
  std::vector<plan::OutputColumn> columns = input->columns;
  return MakeNode(plan::Filter{std::move(input), std::move(condition)}, std::move(columns));
}

inline plan::NodePtr SortOf(plan::NodePtr input, plan::ExprPtr key, bool descending = false) {
  std::vector<plan::OutputColumn> columns = input->columns;
  plan::Sort sort;
  sort.input = std::move(input);
  plan::SortKey sort_key;
  sort_key.expr = std::move(key);
  sort_key.descending = descending;
  sort_key.nulls_first = !descending;
  sort.keys.push_back(std::move(sort_key));
  return MakeNode(std::move(sort), std::move(columns));
}

inline plan::NodePtr JoinOf(plan::JoinKind kind, plan::NodePtr left, plan::NodePtr right,
                            plan::ExprPtr condition) {
  std::vector<plan::OutputColumn> columns = left->columns;
  if (kind != plan::JoinKind::kLeftSemi && kind != plan::JoinKind::kLeftAnti) {
    columns.insert(columns.end(), right->columns.begin(), right->columns.end());
  }
  plan::Join join;
  join.kind = kind;
  join.left = std::move(left);
  join.right = std::move(right);
  join.condition = std::move(condition);
  return MakeNode(std::move(join), std::move(columns));
}

inline plan::Query QueryOf(plan::NodePtr root, std::vector<plan::Relation> relations = {}) {
  plan::Query query;
  query.root = std::move(root);
  query.relations = std::move(relations);
  return query;
}

}  // namespace tarn::engine
