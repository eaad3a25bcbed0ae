#pragma once

#include "query_analyzer.h"

namespace tarn::analyze {

/// The clauses of a SELECT, or of a pipe step that works like one. Null where there is none.
struct SelectParts {
  std::vector<const sql::NamedExpr*> items;
  const std::vector<sql::RelationPtr>* from = nullptr;
  const std::vector<sql::LateralView>* lateral_views = nullptr;
  const sql::Expr* where = nullptr;
  const sql::GroupBy* group_by = nullptr;
  /// Instead of group_by: plain expressions (|> AGGREGATE … GROUP BY).
  std::vector<const sql::Expr*> plain_groups;
  const sql::Expr* having = nullptr;
  const sql::Expr* qualify = nullptr;
  const std::vector<sql::NamedWindow>* windows = nullptr;
  bool distinct = false;
  bool all_columns_first = false;  ///< as if the list began with *
  bool aggregate = false;          ///< one row per group even without any aggregate
};

SelectParts PartsOf(const sql::Select& select);

/// Builds the plan of one SELECT: FROM, WHERE, grouping, windows, select list, DISTINCT, ORDER BY,
/// LIMIT. Expressions are analysed over the columns of FROM with aggregates and windows left in
/// place, and taken apart afterwards.
class SelectBuilder {
 public:
  SelectBuilder(QueryAnalyzer& analyzer, SelectParts select, const sql::QueryTail* tail,
                const Scope* outer, const Environment& env)
      : analyzer_(analyzer), select_(std::move(select)), tail_(tail), outer_(outer), env_(env) {}

  Result<Source> Run();
  /// As Run, over a given input instead of FROM.
  Result<Source> RunOver(Source input);

  /// The column that holds the windows of a call of window(…), which is put below this SELECT: each
  /// row comes once for each of its windows.
  Result<ExprPtr> TimeWindowColumn(ExprPtr call);

 private:
  ExprContext Context();

  // select.cc
  Status AnalyzeItems();
  Status AddStar(const sql::Star& star, const SourceRange& source);
  Status AddItem(const sql::NamedExpr& item);
  Status AddGenerator(SelectItem item, const sql::NamedExpr& source);
  Status AnalyzeOrder();
  Status AddOrderKey(const sql::SortItem& item);
  Status SettleOrderKey(plan::SortKey key, const SourceRange& source);
  Scope OutputScope() const;
  Result<Source> Assemble();
  /// Puts the list's generators below it.
  Status AssembleGenerators();
  Status ExtractWindows();
  Status ReplaceWindows(ExprPtr& expr, plan::Window& window);
  /// Calls `f` on every expression computed above the grouping.
  template <typename F>
  Status ForEachResultExpr(F&& f);

  // time_window.cc
  /// Puts the window that GROUP BY names below, so that `window` is a name of the whole SELECT.
  Status AnalyzeTimeWindow();

  // aggregate.cc
  Status AnalyzeGroups();
  Status AddGroupElement(const sql::GroupingElement& element, std::vector<std::vector<int>>& sets,
                         bool& analytic);
  Result<int> AddGroup(const sql::Expr& expr);
  Result<int> AddGroupExpr(ExprPtr expr, const std::string& name);
  Result<std::vector<int>> AddGroups(const std::vector<sql::ExprPtr>& exprs);
  Status GroupByAll();
  Status BuildAggregate();
  Status ReplaceGrouped(ExprPtr& expr, bool in_subquery);
  Status ReplaceInSubquery(plan::Node& node);
  /// Of HAVING and ORDER BY.
  Status ReplaceAbove(ExprPtr& expr);
  Result<ExprPtr> BuildGrouping(const plan::Expr& call);
  Error MissingAggregation(const plan::Expr& expr) const;

  QueryAnalyzer& analyzer_;
  SelectParts select_;
  const sql::QueryTail* tail_;
  const Scope* outer_;
  const Environment& env_;

  Source source_;
  std::vector<std::pair<std::string, const sql::WindowReference*>> windows_;
  std::vector<SelectItem> items_;
  std::vector<SelectItem> hidden_;  ///< what ORDER BY needs besides the items
  std::vector<plan::SortKey> order_;
  ExprPtr having_;
  ExprPtr qualify_;

  ExprPtr time_window_;  ///< the call of window(…), if there is one
  ColumnId time_window_column_{};

  bool aggregated_ = false;
  std::vector<plan::NamedExpr> groups_;
  std::vector<std::vector<int>> grouping_sets_;
  bool analytic_ = false;
  std::optional<ColumnId> grouping_id_;
  std::vector<plan::NamedExpr> aggregates_;
};

template <typename F>
Status SelectBuilder::ForEachResultExpr(F&& f) {
  for (SelectItem& item : items_) TARN_TRY(f(item.expr));
  for (SelectItem& item : hidden_) TARN_TRY(f(item.expr));
  if (having_) TARN_TRY(f(having_));
  if (qualify_) TARN_TRY(f(qualify_));
  return Status();
}

}  // namespace tarn::analyze
