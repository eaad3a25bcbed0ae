#include "duck/lowering.h"

namespace tarn::engine::duck {

using duckdb::ExpressionType;
using duckdb::WindowBoundary;

namespace {

ExpressionType RankingType(std::string_view name) {
  static constexpr std::pair<std::string_view, ExpressionType> kTypes[] = {
      {"row_number", ExpressionType::WINDOW_ROW_NUMBER},
      {"rank", ExpressionType::WINDOW_RANK},
      {"dense_rank", ExpressionType::WINDOW_RANK_DENSE},
      {"percent_rank", ExpressionType::WINDOW_PERCENT_RANK},
      {"cume_dist", ExpressionType::WINDOW_CUME_DIST},
      {"ntile", ExpressionType::WINDOW_NTILE},
      {"lag", ExpressionType::WINDOW_LAG},
      {"lead", ExpressionType::WINDOW_LEAD},
      {"first", ExpressionType::WINDOW_FIRST_VALUE},
      {"first_value", ExpressionType::WINDOW_FIRST_VALUE},
      {"any_value", ExpressionType::WINDOW_FIRST_VALUE},
      {"last", ExpressionType::WINDOW_LAST_VALUE},
      {"last_value", ExpressionType::WINDOW_LAST_VALUE},
      {"nth_value", ExpressionType::WINDOW_NTH_VALUE},
  };
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
  }
  return ExpressionType::INVALID;
}

WindowBoundary BoundaryOf(const plan::FrameBound& bound, plan::FrameUnit unit) {
  const bool rows = unit == plan::FrameUnit::kRows;
  switch (bound.kind) {
    case plan::BoundKind::kUnboundedPreceding:
      return WindowBoundary::UNBOUNDED_PRECEDING;
    case plan::BoundKind::kPreceding:
      return rows ? WindowBoundary::EXPR_PRECEDING_ROWS : WindowBoundary::EXPR_PRECEDING_RANGE;
    case plan::BoundKind::kCurrentRow:
      return rows ? WindowBoundary::CURRENT_ROW_ROWS : WindowBoundary::CURRENT_ROW_RANGE;
    case plan::BoundKind::kFollowing:
      return rows ? WindowBoundary::EXPR_FOLLOWING_ROWS : WindowBoundary::EXPR_FOLLOWING_RANGE;
    case plan::BoundKind::kUnboundedFollowing:
      break;
  }
  return WindowBoundary::UNBOUNDED_FOLLOWING;
}

}  // namespace

DuckExpr Lowering::LowerKind(const plan::Expr& expr, const plan::WindowCall& window) {
  const ExpressionType ranking = RankingType(window.call.function->name);
  if (ranking != ExpressionType::INVALID) return RankingWindow(expr, window, ranking);
  window_ = &window;
  DuckExpr result = LowerKind(expr, window.call);
  window_ = nullptr;
  return result;
}

DuckExpr Lowering::RankingWindow(const plan::Expr& expr, const plan::WindowCall& window,
                                 ExpressionType type) {
  auto result = duckdb::make_uniq<duckdb::WindowExpression>(
      type, "system", "main", std::string(window.call.function->name));
  const std::vector<plan::ExprPtr>& args = window.call.args;
  const bool shifts = type == ExpressionType::WINDOW_LAG || type == ExpressionType::WINDOW_LEAD;
  const bool takes_flag =
      type == ExpressionType::WINDOW_FIRST_VALUE || type == ExpressionType::WINDOW_LAST_VALUE;
  bool ignore_nulls = window.call.ignore_nulls;
  for (size_t i = 0; i < args.size(); ++i) {
    if (shifts && i == 1) {
      result->offset_expr = Lower(*args[i]);
    } else if (shifts && i == 2) {
      result->default_expr = Lower(*args[i]);
    } else if (takes_flag && i == 1) {
      // first(x, true) is first(x) IGNORE NULLS.
      const auto* flag = args[i]->As<plan::Literal>();
      ignore_nulls |= flag != nullptr && !flag->value.is_null() && flag->value.boolean();
    } else {
      result->children.push_back(Lower(*args[i]));
    }
  }
  result->ignore_nulls = ignore_nulls;
  FillWindow(*result, window);
  if (shifts) {
    // DuckDB would take a frame into account here.
    result->start = WindowBoundary::UNBOUNDED_PRECEDING;
    result->end = WindowBoundary::CURRENT_ROW_RANGE;
    result->start_expr.reset();
    result->end_expr.reset();
  }
  return CastNative(std::move(result), ToDuckType(expr.type));
}

void Lowering::FillWindow(duckdb::WindowExpression& result, const plan::WindowCall& window) {
  const plan::WindowCall* const outer = std::exchange(window_, nullptr);
  for (const plan::ExprPtr& key : window.partition_by) result.partitions.push_back(Lower(*key));
  result.orders = LowerKeys(window.order_by);
  result.start = WindowBoundary::UNBOUNDED_PRECEDING;
  result.end = window.order_by.empty() ? WindowBoundary::UNBOUNDED_FOLLOWING
                                       : WindowBoundary::CURRENT_ROW_RANGE;
  if (window.frame) {
    result.start = BoundaryOf(window.frame->start, window.frame->unit);
    result.end = BoundaryOf(window.frame->end, window.frame->unit);
    result.start_expr = FrameOffset(window.frame->start, window);
    result.end_expr = FrameOffset(window.frame->end, window);
  }
  window_ = outer;
}

DuckExpr Lowering::FrameOffset(const plan::FrameBound& bound, const plan::WindowCall& window) {
  if (!bound.offset) return nullptr;
  DuckExpr offset = Lower(*bound.offset);
  if (window.frame->unit == plan::FrameUnit::kRows) {
    return CastNative(std::move(offset), duckdb::LogicalType::BIGINT);
  }
  // A range over dates or times: DuckDB adds its interval to the key.
  if (bound.offset->type.Is(TypeId::kDayTimeInterval)) {
    return CallNativeOf("to_microseconds", std::move(offset));
  }
  if (bound.offset->type.Is(TypeId::kYearMonthInterval)) {
    return CallNativeOf("to_months", std::move(offset));
  }
  if (!window.order_by.empty() && window.order_by[0].expr->type.Is(TypeId::kDate)) {
    return CallNativeOf("to_days", CastNative(std::move(offset), duckdb::LogicalType::INTEGER));
  }
  return offset;
}

}  // namespace tarn::engine::duck
