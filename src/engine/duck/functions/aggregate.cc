// Aggregates made of DuckDB's.

#include "duck/functions/aggregate.h"

#include <algorithm>
#include <cmath>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/order_key.h"

namespace tarn::engine::duck {

namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::make_uniq;

DuckExpr IsNotNull(const DuckExpr& input) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL, input->Copy());
}

DuckExpr Both(DuckExpr left, DuckExpr right) {
  if (!left) return right;
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND, std::move(left),
                                                  std::move(right));
}

bool IsLiteral(const plan::Expr& expr) { return expr.As<plan::Literal>() != nullptr; }

bool TrueLiteral(const plan::Call& call, size_t index) {
  if (index >= call.args.size()) return false;
  const auto* literal = call.args[index]->As<plan::Literal>();
  return literal && !literal->value.is_null() && literal->value.boolean();
}

DuckExpr Count(LoweringContext& context, const plan::Expr&, const plan::Call& call, DuckArgs args) {
  const bool stars =
      args.empty() || (args.size() == 1 && IsLiteral(*call.args[0]) &&
                       !call.args[0]->As<plan::Literal>()->value.is_null() && !call.distinct);
  if (stars) return context.Aggregate("count_star", {}, call);
  if (args.size() == 1) return context.Aggregate("count", std::move(args), call);
  DuckExpr filter;
  for (const DuckExpr& arg : args) filter = Both(std::move(filter), IsNotNull(arg));
  if (!call.distinct) return context.Aggregate("count_star", {}, call, std::move(filter));
  DuckExpr row = CallNative("row", std::move(args));
  return context.Aggregate("count", MakeArgs(std::move(row)), call, std::move(filter));
}

DuckExpr CountIf(LoweringContext& context, const plan::Expr&, const plan::Call& call,
                 DuckArgs args) {
  if (call.distinct) {
    DuckExpr filter = args[0]->Copy();
    return context.Aggregate("count", std::move(args), call, std::move(filter));
  }
  return context.Aggregate("count_star", {}, call, std::move(args[0]));
}

DataType SumState(const DataType& type) {
  return type.Is(TypeId::kDecimal) ? DataType::Decimal(38, type.scale()) : DataType::Decimal(38, 0);
}

DuckExpr Sum(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
             DuckArgs args, bool tried) {
  const DataType& type = call.args[0]->type;
  if (type.IsFractional()) {
    if (type.Is(TypeId::kFloat)) args[0] = CastNative(std::move(args[0]), LogicalType::DOUBLE);
    return context.Aggregate("sum", std::move(args), call);
  }
  DuckExpr sum = context.Aggregate("sum", std::move(args), call);
  const char* kernel = expr.type.Is(TypeId::kDecimal)             ? "sum_decimal"
                       : expr.type.Is(TypeId::kYearMonthInterval) ? "sum_ym"
                       : expr.type.Is(TypeId::kDayTimeInterval)   ? "sum_dt"
                                                                  : "sum_bigint";
  return CallKernel(context, kernel, expr.type, {SumState(type)}, MakeArgs(std::move(sum)),
                    tried ? "try" : "");
}

DuckExpr Average(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                 DuckArgs args, bool tried) {
  const DataType& type = call.args[0]->type;
  if (expr.type.Is(TypeId::kDouble)) {
    return CastNative(context.Aggregate("avg", std::move(args), call), LogicalType::DOUBLE);
  }
  DuckArgs again = MakeArgs(args[0]->Copy());
  DuckExpr sum = context.Aggregate("sum", std::move(args), call);
  DuckExpr count = context.Aggregate("count", std::move(again), call);
  const char* kernel = expr.type.Is(TypeId::kDecimal)             ? "avg_decimal"
                       : expr.type.Is(TypeId::kYearMonthInterval) ? "avg_ym"
                                                                  : "avg_dt";
  return CallKernel(context, kernel, expr.type, {SumState(type), TypeId::kLong},
                    MakeArgs(std::move(sum), std::move(count)), tried ? "try" : "");
}

/// first, last, any_value: with the first row, NULL or not, or of the rows that aren't NULL.
CallTemplate OneOf(const char* native) {
  return [native](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
    const bool ignore = call.ignore_nulls || TrueLiteral(call, 1);
    args.resize(1);
    DuckExpr filter = ignore ? IsNotNull(args[0]) : nullptr;
    return context.Aggregate(native, std::move(args), call, std::move(filter));
  };
}

DuckExpr EmptyIfNull(DuckExpr list, const DataType& type) {
  DuckArgs parts;
  parts.push_back(std::move(list));
  parts.push_back(
      Constant(duckdb::Value::LIST(ToDuckType(type.element()), duckdb::vector<duckdb::Value>())));
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_COALESCE, std::move(parts));
}

DuckExpr CollectList(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args) {
  DuckExpr filter = IsNotNull(args[0]);
  return EmptyIfNull(context.Aggregate("list", std::move(args), call, std::move(filter)),
                     expr.type);
}

DuckExpr CollectSet(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                    DuckArgs args) {
  DuckExpr list = CollectList(context, expr, call, std::move(args));
  return CallKernel(context, "array_distinct", expr.type, {expr.type}, MakeArgs(std::move(list)));
}

CallTemplate Extreme(const char* native, const char* by_key) {
  return [native, by_key](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                          DuckArgs args) -> DuckExpr {
    const DataType& type = call.args[0]->type;
    if (!NeedsOrderKey(type)) return context.Aggregate(native, std::move(args), call);
    args.push_back(OrderKey(args[0]->Copy(), type));
    return context.Aggregate(by_key, std::move(args), call);
  };
}

CallTemplate ExtremeBy(const char* one, const char* many) {
  return [one, many](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                     DuckArgs args) -> DuckExpr {
    if (args.size() == 2) return context.Aggregate(one, std::move(args), call);
    args[2] = CastNative(std::move(args[2]), LogicalType::BIGINT);
    return context.Aggregate(many, std::move(args), call);
  };
}

DuckExpr Mode(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
              DuckArgs args) {
  const bool within = !call.order_by.empty();
  if (!within && !TrueLiteral(call, 1)) {
    args.resize(1);
    return context.Aggregate("mode", std::move(args), call);
  }
  args.resize(1);
  const DataType list_type = DataType::Array(expr.type);
  DuckExpr filter = IsNotNull(args[0]);
  DuckExpr list = context.Aggregate("list", std::move(args), call, std::move(filter));
  const bool last = within && call.order_by[0].descending;
  return CallKernel(context, "mode_of_list", expr.type, {list_type}, MakeArgs(std::move(list)),
                    last ? "last" : "");
}

DuckExpr Fraction(DuckExpr percentage, bool complement) {
  if (!complement) return percentage;
  return CallNativeOf("-", Constant(duckdb::Value::DOUBLE(1)), std::move(percentage));
}

/// Interpolated percentiles; those of intervals are cut to whole units.
DuckExpr Interpolated(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                      DuckArgs args, const char* native) {
  const bool descending = !call.order_by.empty() && call.order_by[0].descending;
  const bool interval = !call.args[0]->type.IsNumeric();
  const bool many = expr.type.Is(TypeId::kArray);
  if (args.size() == 1) args.push_back(Constant(duckdb::Value::DOUBLE(0.5)));
  if (args.size() == 3 && !IsLiteral(*call.args[2])) {
    // With frequencies: over the lists of both, in one kernel.
    DuckArgs counts = MakeArgs(std::move(args[2]));
    DuckExpr percentage = std::move(args[1]);
    args.resize(1);
    DuckExpr values = context.Aggregate(
        "list", MakeArgs(CastNative(std::move(args[0]), LogicalType::DOUBLE)), call);
    DuckExpr weights = context.Aggregate("list", std::move(counts), call);
    return CallKernel(context, "percentile_of_lists", expr.type,
                      {DataType::Array(TypeId::kDouble), DataType::Array(TypeId::kLong),
                       many ? DataType::Array(TypeId::kDouble) : DataType(TypeId::kDouble)},
                      MakeArgs(std::move(values), std::move(weights), std::move(percentage)));
  }
  args.resize(2);
  if (descending) args[1] = Fraction(std::move(args[1]), true);
  args[0] = CastNative(std::move(args[0]), LogicalType::DOUBLE);
  DuckExpr result = context.Aggregate(native, std::move(args), call);
  if (!interval) return result;
  // Whole units, cut off.
  const LogicalType type = ToDuckType(expr.type);
  if (!many) return CastNative(CallNativeOf("trunc", std::move(result)), type);
  duckdb::vector<duckdb::string> names = {"percentile_item"};
  DuckExpr item = CallNativeOf("trunc", make_uniq<duckdb::ColumnRefExpression>("percentile_item"));
  return CastNative(
      CallNativeOf("list_transform", std::move(result),
                   make_uniq<duckdb::LambdaExpression>(std::move(names), std::move(item))),
      type);
}

/// NULL where `value` is 0.
DuckExpr NullIfZero(DuckExpr value, DuckExpr otherwise) {
  auto choice = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = make_uniq<duckdb::ComparisonExpression>(
      ExpressionType::COMPARE_EQUAL, std::move(value), Constant(duckdb::Value::DOUBLE(0)));
  check.then_expr = Constant(duckdb::Value(LogicalType::DOUBLE));
  choice->case_checks.push_back(std::move(check));
  choice->else_expr = std::move(otherwise);
  return choice;
}

DuckArgs CopyOf(const DuckArgs& args) {
  DuckArgs copy;
  for (const DuckExpr& arg : args) copy.push_back(arg->Copy());
  return copy;
}

/// A line through points that stand above each other, one alone among them, has no parameters.
CallTemplate Regression(const char* native) {
  return [native](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
    DuckExpr spread = context.Aggregate("regr_sxx", CopyOf(args), call);
    return NullIfZero(std::move(spread), context.Aggregate(native, std::move(args), call));
  };
}

/// NULL for one pair; without variance it is a division by zero, as in Spark.
DuckExpr Correlation(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args) {
  DuckExpr more_than_one = CallNativeOf(
      "-", CastNative(context.Aggregate("regr_count", CopyOf(args), call), LogicalType::DOUBLE),
      Constant(duckdb::Value::DOUBLE(1)));
  DuckExpr spread =
      CallNativeOf("*", CallNativeOf("sqrt", context.Aggregate("regr_sxx", CopyOf(args), call)),
                   CallNativeOf("sqrt", context.Aggregate("regr_syy", CopyOf(args), call)));
  // The quotient is 1, but for the error.
  DuckExpr one = CallKernel(context, "divide_double", expr.type, {TypeId::kDouble, TypeId::kDouble},
                            MakeArgs(spread->Copy(), spread->Copy()));
  DuckExpr checked = NullIfZero(std::move(more_than_one), std::move(one));
  auto known = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = IsNotNull(checked);
  check.then_expr = context.Aggregate("corr", std::move(args), call);
  known->case_checks.push_back(std::move(check));
  known->else_expr = Constant(duckdb::Value(LogicalType::DOUBLE));
  return known;
}

DuckExpr PercentileApprox(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                          DuckArgs args) {
  args.resize(2);
  return CastNative(context.Aggregate("quantile_disc", std::move(args), call),
                    ToDuckType(expr.type));
}

DuckExpr PercentileDisc(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                        DuckArgs args) {
  if (!call.order_by.empty() && call.order_by[0].descending) {
    // A negative percentage counts from the other end.
    args[1] = CallNativeOf("-", std::move(args[1]));
  }
  // The order is in the percentage now.
  const plan::Call unordered{call.function,
                             {},
                             call.distinct,
                             call.ignore_nulls,
                             call.filter ? plan::Clone(*call.filter) : nullptr,
                             {}};
  return CastNative(context.Aggregate("quantile_disc", std::move(args), unordered),
                    ToDuckType(expr.type));
}

/// Distinct texts without an order of the user's come in their own order, so that the result is
/// the same in every run.
DuckExpr JoinDistinct(LoweringContext& context, const plan::Call& call, DuckArgs args) {
  const DataType texts = DataType::Array(TypeId::kString);
  DuckExpr separator = std::move(args[1]);
  args.resize(1);
  DuckExpr filter = IsNotNull(args[0]);
  DuckExpr list = context.Aggregate("list", std::move(args), call, std::move(filter));
  DuckExpr sorted = CallNativeOf("list_sort", std::move(list));
  return CallKernel(context, "join_bytes", TypeId::kString, {texts, TypeId::kString},
                    MakeArgs(std::move(sorted), std::move(separator)));
}

DuckExpr ListAgg(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                 DuckArgs args) {
  if (args.size() == 1 ||
      (IsLiteral(*call.args[1]) && call.args[1]->As<plan::Literal>()->value.is_null())) {
    args.resize(1);
    args.push_back(ConstantText(""));
  }
  const bool binary = expr.type.Is(TypeId::kBinary);
  if (!binary) {
    if (call.distinct && call.order_by.empty()) return JoinDistinct(context, call, std::move(args));
    return context.Aggregate("string_agg", std::move(args), call);
  }
  // Bytes are collected first: DuckDB joins texts only.
  DuckExpr separator = std::move(args[1]);
  args.resize(1);
  DuckExpr filter = IsNotNull(args[0]);
  DuckExpr list = context.Aggregate("list", std::move(args), call, std::move(filter));
  return CallKernel(context, "join_bytes", expr.type,
                    {DataType::Array(TypeId::kBinary), TypeId::kBinary},
                    MakeArgs(std::move(list), std::move(separator)));
}

template <typename T>
std::optional<T> Fit(const Call& call, Int128 value, Condition condition) {
  if (value != static_cast<T>(value)) {
    if (!IsTry(call)) Raise(condition, {{"operation", "sum"}, {"functionName", "try_sum"}});
    return std::nullopt;
  }
  return static_cast<T>(value);
}

template <typename T>
std::optional<T> AverageOf(Dec sum, int64_t count) {
  if (count == 0) return std::nullopt;
  const auto quotient = DivideDecimals(sum.value, count, 0, 38);
  return static_cast<T>(*quotient);
}

duckdb::Value ModeOfList(Call& call, duckdb::Value list) {
  auto values = duckdb::ListValue::GetChildren(list);
  std::sort(values.begin(), values.end(),
            [](const duckdb::Value& a, const duckdb::Value& b) { return a < b; });
  const bool last = call.info.extra == "last";
  size_t best = 0;
  size_t best_count = 0;
  for (size_t begin = 0; begin < values.size();) {
    size_t end = begin + 1;
    while (end < values.size() && values[end] == values[begin]) ++end;
    if (end - begin > best_count || (last && end - begin == best_count)) {
      best = begin;
      best_count = end - begin;
    }
    begin = end;
  }
  return values.empty() ? duckdb::Value(ToDuckType(call.info.result)) : values[best];
}

double WeightedPercentile(const std::vector<std::pair<double, int64_t>>& counted, int64_t total,
                          double p) {
  const double position = static_cast<double>(total - 1) * p;
  const auto lower = static_cast<int64_t>(std::floor(position));
  const auto higher = static_cast<int64_t>(std::ceil(position));
  const auto at = [&](int64_t rank) {
    int64_t seen = 0;
    for (const auto& [value, count] : counted) {
      seen += count;
      if (seen > rank) return value;
    }
    return counted.back().first;
  };
  const double low = at(lower);
  const double high = at(higher);
  if (lower == higher || low == high) return low;
  return (static_cast<double>(higher) - position) * low +
         (position - static_cast<double>(lower)) * high;
}

duckdb::Value PercentileOfLists(Call& call, duckdb::Value values, duckdb::Value weights,
                                duckdb::Value percentage) {
  std::vector<std::pair<double, int64_t>> counted;
  int64_t total = 0;
  const auto& list = duckdb::ListValue::GetChildren(values);
  const auto& counts = duckdb::ListValue::GetChildren(weights);
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].IsNull() || counts[i].IsNull()) continue;
    const auto count = counts[i].GetValue<int64_t>();
    if (count <= 0) continue;
    counted.emplace_back(list[i].GetValue<double>(), count);
    total += count;
  }
  const duckdb::LogicalType type = ToDuckType(call.info.result);
  if (total == 0) return duckdb::Value(type);
  std::sort(counted.begin(), counted.end());
  if (!call.info.result.Is(TypeId::kArray)) {
    return duckdb::Value::DOUBLE(WeightedPercentile(counted, total, percentage.GetValue<double>()));
  }
  duckdb::vector<duckdb::Value> results;
  for (const duckdb::Value& p : duckdb::ListValue::GetChildren(percentage)) {
    results.push_back(
        duckdb::Value::DOUBLE(WeightedPercentile(counted, total, p.GetValue<double>())));
  }
  return duckdb::Value::LIST(LogicalType::DOUBLE, std::move(results));
}

void AggregateKernels(FunctionSet& set) {
  set.Kernel(
      "sum_bigint",
      [](Call& c, Dec v) { return Fit<int64_t>(c, v.value, Condition("ARITHMETIC_OVERFLOW")); },
      kFallible);
  set.Kernel(
      "sum_ym",
      [](Call& c, Dec v) {
        return Fit<int32_t>(c, v.value, Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION"));
      },
      kFallible);
  set.Kernel(
      "sum_dt",
      [](Call& c, Dec v) {
        return Fit<int64_t>(c, v.value, Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION"));
      },
      kFallible);
  set.Kernel(
      "sum_decimal",
      [](Call& call, Dec v) -> std::optional<Dec> {
        if (!FitsPrecision(v.value, call.info.result.precision())) {
          if (!IsTry(call)) Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "sum"}});
          return std::nullopt;
        }
        return v;
      },
      kFallible);
  set.Kernel(
      "avg_decimal",
      [](Call& call, Dec sum, int64_t count) -> std::optional<Dec> {
        if (count == 0) return std::nullopt;
        const DataType& type = call.info.result;
        const auto quotient = DivideDecimals(
            sum.value, count, type.scale() - call.info.args[0].scale(), type.precision());
        if (!quotient) return OutOfDecimalRange(call, "the average");
        return Dec{*quotient};
      },
      kFallible);
  set.Kernel(
      "avg_ym",
      [](Call& c, Dec sum, int64_t count) -> std::optional<int32_t> {
        if (!Fit<int32_t>(c, sum.value, Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION")))
          return std::nullopt;
        return AverageOf<int32_t>(sum, count);
      },
      kFallible);
  set.Kernel(
      "avg_dt",
      [](Call& c, Dec sum, int64_t count) -> std::optional<int64_t> {
        if (!Fit<int64_t>(c, sum.value, Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION")))
          return std::nullopt;
        return AverageOf<int64_t>(sum, count);
      },
      kFallible);
  set.Kernel("mode_of_list", ModeOfList);
  set.Kernel("percentile_of_lists", PercentileOfLists);
  set.Kernel("join_bytes", [](Call&, duckdb::Value list, std::string_view separator) {
    std::string joined;
    bool first = true;
    for (const duckdb::Value& item : duckdb::ListValue::GetChildren(list)) {
      if (!first) joined += separator;
      first = false;
      joined += duckdb::StringValue::Get(item);
    }
    return joined;
  });
}

}  // namespace

void RegisterAggregateKernels(FunctionSet& set) {
  AggregateKernels(set);
  RegisterMoments(set);
  set.Template("count", Count);
  set.Template("count_if", CountIf);
  const auto sum = [](bool tried) -> CallTemplate {
    return [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) { return Sum(context, expr, call, std::move(args), tried); };
  };
  const auto average = [](bool tried) -> CallTemplate {
    return [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) { return Average(context, expr, call, std::move(args), tried); };
  };
  set.Template("sum", sum(false));
  set.Template("try_sum", sum(true));
  set.Template("avg", average(false));
  set.Template("mean", average(false));
  set.Template("try_avg", average(true));
  for (const char* name : {"first", "first_value", "any_value"}) set.Template(name, OneOf("first"));
  for (const char* name : {"last", "last_value"}) set.Template(name, OneOf("last"));
  set.Template("collect_list", CollectList);
  set.Template("array_agg", CollectList);
  set.Template("collect_set", CollectSet);
  set.Template("max_by", ExtremeBy("arg_max_null", "arg_max"));
  set.Template("min_by", ExtremeBy("arg_min_null", "arg_min"));
  set.Template("min", Extreme("min", "arg_min"));
  set.Template("max", Extreme("max", "arg_max"));
  set.Template("mode", Mode);
  const auto interpolated = [](LoweringContext& context, const plan::Expr& expr,
                               const plan::Call& call, DuckArgs args) {
    return Interpolated(context, expr, call, std::move(args), "quantile_cont");
  };
  for (const char* name : {"median", "percentile", "percentile_cont"})
    set.Template(name, interpolated);
  set.Template("percentile_disc", PercentileDisc);
  for (const char* name : {"percentile_approx", "approx_percentile"})
    set.Template(name, PercentileApprox);
  for (const char* name : {"listagg", "string_agg"}) set.Template(name, ListAgg);
  constexpr std::pair<const char*, const char*> kSame[] = {
      {"bool_and", "bool_and"},
      {"every", "bool_and"},
      {"bool_or", "bool_or"},
      {"any", "bool_or"},
      {"some", "bool_or"},
      {"bit_and", "bit_and"},
      {"bit_or", "bit_or"},
      {"bit_xor", "bit_xor"},
      {"std", "stddev_samp"},
      {"stddev", "stddev_samp"},
      {"stddev_samp", "stddev_samp"},
      {"stddev_pop", "stddev_pop"},
      {"variance", "var_samp"},
      {"var_samp", "var_samp"},
      {"var_pop", "var_pop"},
      {"covar_pop", "covar_pop"},
      {"covar_samp", "covar_samp"},
      {"regr_avgx", "regr_avgx"},
      {"regr_avgy", "regr_avgy"},
      {"regr_count", "regr_count"},
      {"regr_sxx", "regr_sxx"},
      {"regr_sxy", "regr_sxy"},
      {"regr_syy", "regr_syy"},
  };
  for (const auto& [name, native] : kSame) set.registry().Native(name, native);
  set.Template("corr", Correlation);
  for (const char* name : {"regr_intercept", "regr_r2", "regr_slope"})
    set.Template(name, Regression(name));
  set.Template("approx_count_distinct",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 args.resize(1);
                 return CastNative(
                     context.Aggregate("approx_count_distinct", std::move(args), call),
                     ToDuckType(expr.type));
               });
}

}  // namespace tarn::engine::duck
