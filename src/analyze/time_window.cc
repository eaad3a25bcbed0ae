#include "query_analyzer.h"
#include "select_builder.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

bool IsTimeWindow(const sql::Expr& expr) {
  const auto* call = expr.As<sql::FunctionCall>();
  return call && call->name.parts.size() == 1 && SameName(call->name.parts[0].text, "window");
}

const sql::Expr* TimeWindowIn(const std::vector<sql::GroupingElement>& elements) {
  for (const sql::GroupingElement& element : elements) {
    if (element.expr && IsTimeWindow(*element.expr)) return element.expr.get();
    for (const auto& set : element.sets) {
      for (const auto& member : set) {
        if (IsTimeWindow(*member)) return member.get();
      }
    }
    if (const sql::Expr* nested = TimeWindowIn(element.nested)) return nested;
  }
  return nullptr;
}

}  // namespace

Status SelectBuilder::AnalyzeTimeWindow() {
  if (!select_.group_by) return Status();
  const sql::Expr* expr = TimeWindowIn(select_.group_by->elements);
  if (!expr) return Status();
  ExprContext context = Context();
  context.clause = "GROUP BY";
  TARN_ASSIGN([[maybe_unused]] ExprPtr column, analyzer_.Analyze(*expr, context));
  return Status();
}

Result<ExprPtr> SelectBuilder::TimeWindowColumn(ExprPtr call) {
  const SourceRange source = call->source;
  const DataType window = call->type;
  const auto column = [&] {
    return plan::MakeColumnRef(time_window_column_, "window", window, false, source);
  };
  if (time_window_) {
    if (SameExpr(*time_window_, *call)) return column();
    return UnsupportedFeature("More than one time window in a SELECT", source);
  }
  time_window_ = plan::Clone(*call);
  time_window_column_ = analyzer_.NewColumn();
  call->type = DataType::Array(window, false);
  std::vector<ExprPtr> args;
  args.push_back(std::move(call));
  TARN_ASSIGN(ExprPtr generator, analyzer_.Build("explode", std::move(args), source));
  std::vector<plan::OutputColumn> produced = {{time_window_column_, "window", window, false}};
  Scope scope = std::move(source_.scope);
  source_ =
      analyzer_.GenerateOver(std::move(source_), std::move(generator), std::move(produced), false);
  source_.scope = std::move(scope);
  ScopeColumn named{time_window_column_, "window", window, false};
  named.hidden = true;
  source_.scope.columns.push_back(std::move(named));
  return column();
}

}  // namespace tarn::analyze
