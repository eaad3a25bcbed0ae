#include <algorithm>

#include "query_analyzer.h"
#include "tarn/plan/coercion.h"
#include "tarn/types/any_type.h"

namespace tarn::analyze {

namespace {

plan::BoundKind BoundOf(sql::FrameBoundKind kind) {
  switch (kind) {
    case sql::FrameBoundKind::kUnboundedPreceding:
      return plan::BoundKind::kUnboundedPreceding;
    case sql::FrameBoundKind::kPreceding:
      return plan::BoundKind::kPreceding;
    case sql::FrameBoundKind::kCurrentRow:
      return plan::BoundKind::kCurrentRow;
    case sql::FrameBoundKind::kFollowing:
      return plan::BoundKind::kFollowing;
    case sql::FrameBoundKind::kUnboundedFollowing:
      return plan::BoundKind::kUnboundedFollowing;
  }
  TARN_UNREACHABLE();
}

plan::WindowFrame Frame(plan::FrameUnit unit, plan::BoundKind start, plan::BoundKind end) {
  plan::WindowFrame frame;
  frame.unit = unit;
  frame.start.kind = start;
  frame.end.kind = end;
  return frame;
}

/// The only frame a ranking function takes; nullopt for functions that take any.
std::optional<plan::WindowFrame> FixedFrame(std::string_view name) {
  if (name == "cume_dist") {
    return Frame(plan::FrameUnit::kRange, plan::BoundKind::kUnboundedPreceding,
                 plan::BoundKind::kCurrentRow);
  }
  if (name == "row_number" || name == "rank" || name == "dense_rank" || name == "percent_rank" ||
      name == "ntile") {
    return Frame(plan::FrameUnit::kRows, plan::BoundKind::kUnboundedPreceding,
                 plan::BoundKind::kCurrentRow);
  }
  return std::nullopt;
}

bool NeedsOrder(std::string_view name) {
  static constexpr std::string_view kNames[] = {"row_number",   "rank",      "dense_rank",
                                                "percent_rank", "ntile",     "lead",
                                                "lag",          "cume_dist", "nth_value"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// The number of groups of ntile and the place of nth_value are positive constants.
Status CheckPositions(const plan::Call& call, const std::string& shown, const SourceRange& source) {
  const bool ntile = call.function->name == "ntile";
  if (!ntile && call.function->name != "nth_value") return Status();
  const size_t index = ntile ? 0 : 1;
  if (call.args.size() <= index) return Status();
  const plan::Expr& arg = *call.args[index];
  const char* const name = ntile ? "buckets" : "offset";
  if (!IsConstant(arg)) {
    return Error(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
                 {{"sqlExpr", Quoted(shown)},
                  {"inputName", QuoteIdentifier(name)},
                  {"inputType", "\"INT\""},
                  {"inputExpr", Quoted(shown)}})
        .WithPosition(source);
  }
  const auto value = FoldConstant(arg, "UTC");
  if (!value || value->is_null() || !value->type().IsIntegral() || value->integer() > 0) {
    return Status();
  }
  return Error(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
               {{"sqlExpr", Quoted(shown)},
                {"exprName", QuoteIdentifier(name)},
                {"valueRange", "(0, 2147483647]"},
                {"currentValue", std::to_string(value->integer())}})
      .WithPosition(source);
}

Error FrameError(Condition condition, const std::string& shown, std::string detail,
                 const SourceRange& source) {
  return Error(condition, {{"sqlExpr", Quoted(shown)}, {"detail", std::move(detail)}})
      .WithPosition(source);
}

Status CheckDirection(const plan::WindowFrame& frame, const std::string& shown,
                      const SourceRange& at) {
  if (frame.start.kind <= frame.end.kind) return Status();
  const bool unbounded = frame.start.kind == plan::BoundKind::kUnboundedFollowing ||
                         frame.end.kind == plan::BoundKind::kUnboundedPreceding;
  return FrameError(unbounded
                        ? Condition("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND")
                        : Condition("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON"),
                    shown, "the frame ends before it starts", at);
}

/// What is wrong with an offset that doesn't go with a key of the type.
Condition RangeCondition(const DataType& key) {
  const bool takes_some = key.IsNumeric() || key.IsDatetime() || key.IsInterval();
  return takes_some ? Condition("DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE")
                    : Condition("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE");
}

/// The specification of a window, which may be one by another's name.
Result<const sql::WindowSpec*> SpecOf(const sql::WindowReference& over, const ExprContext& context,
                                      const SourceRange& source) {
  constexpr int kHopsMax = 20;
  const sql::WindowReference* at = &over;
  for (int hops = 0; !at->spec; ++hops) {
    const std::string& wanted = at->name.text;
    const sql::WindowReference* next = nullptr;
    if (context.windows) {
      for (const auto& [name, reference] : *context.windows) {
        if (SameName(name, wanted)) next = reference;
      }
    }
    if (!next || hops > kHopsMax) {
      return Error(Condition("MISSING_WINDOW_SPECIFICATION"), {{"windowName", wanted}})
          .WithPosition(source);
    }
    at = next;
  }
  return at->spec.get();
}

}  // namespace

Result<plan::SortKey> QueryAnalyzer::AnalyzeSortItem(const sql::SortItem& item,
                                                     const ExprContext& context) {
  plan::SortKey key;
  TARN_ASSIGN(key.expr, Analyze(*item.expr, context));
  key.descending = item.descending;
  key.nulls_first = item.nulls_first.value_or(!item.descending);
  if (!IsOrderable(key.expr->type)) {
    return Error(Condition("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"),
                 {{"sqlExpr", Quoted(ShownAs(*key.expr))},
                  {"functionName", "`sortorder`"},
                  {"dataType", Quoted(key.expr->type.ToSql())}})
        .WithPosition(item.source);
  }
  return key;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeWindow(ExprPtr function, const sql::Expr& expr,
                                             const sql::WindowReference& over,
                                             const ExprContext& context) {
  auto* call = function->As<plan::Call>();
  if (!call || call->function->kind == plan::FunctionKind::kScalar) {
    return Error(Condition("UNSUPPORTED_EXPR_FOR_WINDOW"),
                 {{"sqlExpr", Quoted(ShownAs(*function))}})
        .WithPosition(expr.source);
  }
  if (!context.allow_windows) {
    if (context.in_aggregate) {
      return Error(Condition("NESTED_AGGREGATE_FUNCTION")).WithPosition(expr.source);
    }
    const std::string shown = ShownAs(*function);
    if (context.clause == "WHERE" || context.clause == "HAVING") {
      return Error(Condition("WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE"),
                   {{"clauseName", std::string(context.clause)}})
          .WithPosition(expr.source);
    }
    return Error(Condition("UNSUPPORTED_EXPR_FOR_OPERATOR"), {{"invalidExprSqls", Quoted(shown)}})
        .WithPosition(expr.source);
  }
  if (call->distinct) {
    return Error(Condition("DISTINCT_WINDOW_FUNCTION_UNSUPPORTED"),
                 {{"windowExpr", Quoted(ShownAs(*function))}})
        .WithPosition(expr.source);
  }
  TARN_ASSIGN(const sql::WindowSpec* const spec, SpecOf(over, context, expr.source));
  ExprContext inner = context;
  inner.allow_windows = false;
  inner.allow_generators = false;
  inner.in_window = true;
  plan::WindowCall window;
  for (const auto& part : spec->partition_by) {
    TARN_ASSIGN(ExprPtr key, Analyze(*part, inner));
    if (!IsOrderable(key->type)) {
      return Error(Condition("EXPRESSION_TYPE_IS_NOT_ORDERABLE"),
                   {{"expr", Quoted(ShownAs(*key))}, {"exprType", Quoted(key->type.ToSql())}})
          .WithPosition(part->source);
    }
    window.partition_by.push_back(std::move(key));
  }
  for (const sql::SortItem& item : spec->order_by) {
    TARN_ASSIGN(plan::SortKey key, AnalyzeSortItem(item, inner));
    window.order_by.push_back(std::move(key));
  }
  const std::string name(call->function->name);
  std::string shown = ShownAs(*function);
  TARN_TRY(CheckPositions(*call, shown, expr.source));
  if (window.order_by.empty() && NeedsOrder(name)) {
    return Error(Condition("WINDOW_FUNCTION_FRAME_NOT_ORDERED"), {{"wf", shown}})
        .WithPosition(expr.source);
  }
  std::optional<plan::WindowFrame> frame;
  if (spec->frame) {
    frame.emplace();
    frame->unit = spec->frame->unit == sql::FrameUnit::kRows ? plan::FrameUnit::kRows
                                                             : plan::FrameUnit::kRange;
    frame->start.kind = BoundOf(spec->frame->start.kind);
    frame->end.kind =
        spec->frame->end ? BoundOf(spec->frame->end->kind) : plan::BoundKind::kCurrentRow;
    const SourceRange& at = spec->frame->source.known() ? spec->frame->source : expr.source;
    if (frame->unit == plan::FrameUnit::kRange) {
      const bool offsets =
          spec->frame->start.offset || (spec->frame->end && spec->frame->end->offset);
      if (window.order_by.empty()) {
        const bool whole = frame->start.kind == plan::BoundKind::kUnboundedPreceding &&
                           frame->end.kind == plan::BoundKind::kUnboundedFollowing;
        if (!whole) {
          return FrameError(Condition("DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER"), shown,
                            "a RANGE frame needs an ORDER BY", at);
        }
      } else if (offsets && window.order_by.size() > 1) {
        return FrameError(Condition("DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER"), shown,
                          "a RANGE frame with offsets needs exactly one key in ORDER BY", at);
      }
    }
    const auto settle = [&](const sql::FrameBound& from, plan::FrameBound& to) -> Status {
      if (!from.offset) return Status();
      TARN_ASSIGN(ExprPtr offset, Analyze(*from.offset, inner));
      const bool interval = offset->type.IsInterval();
      if (!IsConstant(*offset)) {
        return FrameError(Condition("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE"),
                          shown, "the offset " + ShownAs(*offset) + " isn't constant", at);
      }
      if (frame->unit == plan::FrameUnit::kRows && !offset->type.IsIntegral()) {
        return FrameError(Condition("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE"),
                          shown, "the offset " + ShownAs(*offset) + " isn't an integer", at);
      }
      if (frame->unit == plan::FrameUnit::kRange && !window.order_by.empty()) {
        const DataType& ordered = window.order_by[0].expr->type;
        const bool fits = (ordered.IsNumeric() && offset->type.IsNumeric()) ||
                          (ordered.Is(TypeId::kDate) && (offset->type.IsIntegral() || interval)) ||
                          (ordered.IsDatetime() && interval) || (ordered.IsInterval() && interval);
        if (!fits) {
          return FrameError(RangeCondition(ordered), shown,
                            "a key of type " + ordered.ToSql() + " takes no offset of type " +
                                offset->type.ToSql(),
                            at);
        }
        if (ordered.IsNumeric() && !(ordered == offset->type)) {
          offset = plan::MakeCast(std::move(offset), ordered);
        }
      }
      to.offset = std::move(offset);
      return Status();
    };
    TARN_TRY(settle(spec->frame->start, frame->start));
    if (spec->frame->end) TARN_TRY(settle(*spec->frame->end, frame->end));
    TARN_TRY(CheckDirection(*frame, shown, at));
  }
  const auto fixed = FixedFrame(name);
  if (frame && (fixed || name == "lead" || name == "lag")) {
    const bool same = fixed && frame->unit == fixed->unit &&
                      frame->start.kind == fixed->start.kind && frame->end.kind == fixed->end.kind;
    if (!same) {
      return Error(Condition("INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC"),
                   {{"aggFunc", Quoted(shown)}})
          .WithPosition(expr.source);
    }
  }
  std::string frame_shown;
  if (!frame) {
    if (fixed) {
      frame.emplace();
      frame->unit = fixed->unit;
      frame->start.kind = fixed->start.kind;
      frame->end.kind = fixed->end.kind;
    } else if (name == "lead" || name == "lag") {
      frame.emplace(Frame(plan::FrameUnit::kRows, plan::BoundKind::kUnboundedPreceding,
                          plan::BoundKind::kUnboundedFollowing));
      // Spark shows the offset as the frame.
      std::string offset = call->args.size() > 1 ? ShownAs(*call->args[1]) : "1";
      shown = name + "(" + ShownAs(*call->args[0]) + ", " + offset + ", " +
              (call->args.size() > 2 ? ShownAs(*call->args[2]) : "NULL") + ")";
      const bool lead = name == "lead";
      if (!lead && offset != "0") {
        offset = !offset.empty() && offset[0] == '-' ? offset.substr(1) : "-" + offset;
      }
      frame_shown = "ROWS BETWEEN " + offset + " FOLLOWING AND " + offset + " FOLLOWING";
    } else if (window.order_by.empty()) {
      frame.emplace(Frame(plan::FrameUnit::kRows, plan::BoundKind::kUnboundedPreceding,
                          plan::BoundKind::kUnboundedFollowing));
    } else {
      frame.emplace(Frame(plan::FrameUnit::kRange, plan::BoundKind::kUnboundedPreceding,
                          plan::BoundKind::kCurrentRow));
    }
  }
  auto built = std::make_unique<plan::Expr>();
  built->type = function->type;
  built->nullable = function->nullable;
  built->source = expr.source;
  window.call = std::move(*call);
  window.frame = std::move(frame);
  // The function shows as it was written; the rest is read off the window.
  built->kind = std::move(window);
  auto* node = built->As<plan::WindowCall>();
  if (shown_.contains(function.get()) || !frame_shown.empty()) {
    std::string inside;
    for (size_t i = 0; i < node->partition_by.size(); ++i) {
      inside += (i ? ", " : "PARTITION BY ") + ShownAs(*node->partition_by[i]);
    }
    if (frame_shown.empty()) {
      shown_.erase(function.get());
      const std::string whole = ShownAs(*built);
      const auto cut = whole.find(" OVER (");
      shown_[built.get()] = shown + whole.substr(cut);
    } else {
      for (size_t i = 0; i < node->order_by.size(); ++i) {
        inside += i ? ", " : inside.empty() ? "ORDER BY " : " ORDER BY ";
        inside += ShownAs(*node->order_by[i].expr);
        inside += node->order_by[i].descending ? " DESC" : " ASC";
        inside += node->order_by[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
      }
      shown_[built.get()] = shown + " OVER (" + inside + " " + frame_shown + ")";
    }
  }
  return built;
}

}  // namespace tarn::analyze
