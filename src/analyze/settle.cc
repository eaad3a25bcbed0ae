#include <algorithm>

#include "query_analyzer.h"
#include "tree.h"

namespace tarn::analyze {

void QueryAnalyzer::MarkNeeded(plan::Expr& expr) {
  if (const auto* ref = expr.As<plan::ColumnRef>()) {
    needed_[static_cast<size_t>(ref->id)] = true;
    return;
  }
  if (auto* subquery = expr.As<plan::Subquery>()) {
    MarkAll(*subquery->query);
    PruneNode(*subquery->query);
  }
  ForEachChild(expr, [&](ExprPtr& child) { MarkNeeded(*child); });
}

void QueryAnalyzer::MarkAll(plan::Node& node) {
  for (const plan::OutputColumn& column : node.columns) {
    needed_[static_cast<size_t>(column.id)] = true;
  }
}

namespace {

/// The columns of a node that passes on its input's, once those are settled.
void TakeInputColumns(plan::Node& node) {
  if (auto* generate = node.As<plan::Generate>()) {
    node.columns = generate->input->columns;
    node.columns.insert(node.columns.end(), generate->produced.begin(), generate->produced.end());
  } else if (auto* window = node.As<plan::Window>()) {
    node.columns = window->input->columns;
    for (const plan::NamedExpr& call : window->calls) {
      node.columns.push_back({call.id, call.name, call.expr->type, call.expr->nullable});
    }
  } else if (auto* filter = node.As<plan::Filter>()) {
    node.columns = filter->input->columns;
  } else if (auto* sort = node.As<plan::Sort>()) {
    node.columns = sort->input->columns;
  } else if (auto* limit = node.As<plan::Limit>()) {
    node.columns = limit->input->columns;
  } else if (auto* distinct = node.As<plan::Distinct>()) {
    node.columns = distinct->input->columns;
  } else if (auto* sample = node.As<plan::Sample>()) {
    node.columns = sample->input->columns;
  } else if (auto* check = node.As<plan::Check>()) {
    node.columns = check->input->columns;
  }
}

}  // namespace

/// Visits users of columns before their producers: what nothing above needs is dropped on the way.
void QueryAnalyzer::PruneNode(plan::Node& node) {
  const auto unused = [&](const auto& column) { return !needed_[static_cast<size_t>(column.id)]; };
  if (auto* scan = node.As<plan::Scan>()) {
    std::erase_if(scan->columns, unused);
    std::erase_if(node.columns, unused);
    return;
  }
  if (auto* project = node.As<plan::Project>()) {
    // At least one column stays, since a row of none is hard to tell from no row.
    if (std::all_of(project->items.begin(), project->items.end(), unused)) {
      project->items.resize(std::min<size_t>(project->items.size(), 1));
    } else {
      std::erase_if(project->items, unused);
    }
    node.columns.clear();
    for (const plan::NamedExpr& item : project->items) {
      node.columns.push_back({item.id, item.name, item.expr->type, item.expr->nullable});
    }
  }
  if (auto* aggregate = node.As<plan::Aggregate>()) {
    const bool keep_one =
        aggregate->groups.empty() &&
        std::all_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), unused);
    if (keep_one) {
      aggregate->aggregates.resize(std::min<size_t>(aggregate->aggregates.size(), 1));
    } else {
      std::erase_if(aggregate->aggregates, unused);
    }
    std::erase_if(node.columns, [&](const plan::OutputColumn& column) {
      return unused(column) &&
             std::none_of(aggregate->groups.begin(), aggregate->groups.end(),
                          [&](const plan::NamedExpr& group) { return group.id == column.id; }) &&
             std::none_of(aggregate->aggregates.begin(), aggregate->aggregates.end(),
                          [&](const plan::NamedExpr& item) { return item.id == column.id; });
    });
  }
  if (auto* window = node.As<plan::Window>()) {
    if (!std::all_of(window->calls.begin(), window->calls.end(), unused)) {
      std::erase_if(window->calls, unused);
    } else {
      window->calls.resize(1);
    }
  }
  ForEachNodeExpr(node, [&](ExprPtr& expr) { MarkNeeded(*expr); });
  if (auto* join = node.As<plan::Join>()) {
    // The right side of a lateral join uses columns of the left.
    PruneNode(*join->right);
    PruneNode(*join->left);
    const auto before = std::move(node.columns);
    node.columns = join->left->columns;
    if (join->kind != plan::JoinKind::kLeftSemi && join->kind != plan::JoinKind::kLeftAnti) {
      node.columns.insert(node.columns.end(), join->right->columns.begin(),
                          join->right->columns.end());
    }
    const bool left = join->kind == plan::JoinKind::kRight || join->kind == plan::JoinKind::kFull;
    const bool right = join->kind == plan::JoinKind::kLeft || join->kind == plan::JoinKind::kFull;
    const size_t left_count = join->left->columns.size();
    for (size_t i = 0; i < node.columns.size(); ++i) {
      node.columns[i].nullable |= i < left_count ? left : right;
    }
    return;
  }
  if (auto* with = node.As<plan::With>()) {
    PruneNode(*with->input);
    for (size_t i = with->definitions.size(); i-- > 0;) {
      plan::With::Definition& definition = with->definitions[i];
      MarkAll(*definition.query);
      if (definition.recursive_part) {
        MarkAll(*definition.recursive_part);
        PruneNode(*definition.recursive_part);
      }
      PruneNode(*definition.query);
    }
    node.columns = with->input->columns;
    return;
  }
  const bool positional = node.As<plan::Distinct>() || node.As<plan::SetOperation>();
  ForEachInput(node, [&](NodePtr& input) {
    if (positional) MarkAll(*input);
    PruneNode(*input);
  });
  TakeInputColumns(node);
}

void QueryAnalyzer::Prune(plan::Node& root) {
  needed_.assign(origins_.size(), false);
  MarkAll(root);
  PruneNode(root);
}

Result<plan::Query> QueryAnalyzer::Finish(NodePtr root) {
  Prune(*root);
  plan::Query query;
  for (const plan::OutputColumn& column : root->columns) {
    plan::ColumnLineage lineage;
    std::vector<bool> seen(origins_.size());
    std::vector<ColumnId> open = {column.id};
    while (!open.empty()) {
      const auto id = static_cast<size_t>(open.back());
      open.pop_back();
      if (seen[id]) continue;
      seen[id] = true;
      if (!origins_[id].base.empty()) lineage.sources.push_back(origins_[id].base);
      open.insert(open.end(), origins_[id].inputs.begin(), origins_[id].inputs.end());
    }
    std::sort(lineage.sources.begin(), lineage.sources.end());
    lineage.sources.erase(std::unique(lineage.sources.begin(), lineage.sources.end()),
                          lineage.sources.end());
    query.lineage.push_back(std::move(lineage));
  }
  query.root = std::move(root);
  query.relations = std::move(relations_);
  return query;
}

}  // namespace tarn::analyze
