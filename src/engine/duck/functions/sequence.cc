// sequence(start, stop[, step]).

#include "duck/functions/arithmetic.h"
#include "duck/functions/collection.h"

namespace tarn::engine::duck {

namespace {

using duckdb::Value;

constexpr int64_t kElementsMax = 100'000'000;

[[noreturn]] void WrongBoundaries() {
  Raise(Condition("INVALID_PARAMETER_VALUE"),
        {{"parameter", "the boundaries of sequence"},
         {"value", "the step"},
         {"detail", "it must lead from the first to the last element"}});
}

void CheckSize(Int128 count) {
  if (count > kElementsMax) {
    Raise(Condition("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER"),
          {{"functionName", "`sequence`"},
           {"numberOfElements", RenderDecimal(count, 0)},
           {"parameter", "`count`"},
           {"maxRoundedArrayLength", std::to_string(kElementsMax)}});
  }
}

Value Integers(Call& call, int64_t start, int64_t stop, int64_t step) {
  if ((step > 0 && start > stop) || (step < 0 && start < stop) || (step == 0 && start != stop))
    WrongBoundaries();
  const Int128 count = step == 0 ? 1 : (static_cast<Int128>(stop) - start) / step + 1;
  CheckSize(count);
  duckdb::vector<Value> items;
  const auto type = ToDuckType(call.info.result.element());
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i) {
    items.push_back(Value::Numeric(type, start + i * step));
  }
  return ListResult(call, std::move(items));
}

struct Step {
  int64_t months = 0;
  int64_t days = 0;
  int64_t micros = 0;
};

Step StepOf(const Value& step, const DataType& type) {
  switch (type.id()) {
    case TypeId::kYearMonthInterval:
      return {step.GetValue<int32_t>(), 0, 0};
    case TypeId::kDayTimeInterval: {
      const auto micros = step.GetValue<int64_t>();
      return {0, micros / kMicrosPerDay, micros % kMicrosPerDay};
    }
    default: {
      const auto interval = duckdb::IntervalValue::Get(step);
      return {interval.months, interval.days, interval.micros};
    }
  }
}

Value Moments(Call& call, int64_t start, int64_t stop, const Step& step, const TimeZone& zone,
              bool dates) {
  const int64_t months_size = 28 * kMicrosPerDay;
  const Int128 size =
      static_cast<Int128>(step.months) * months_size + step.days * kMicrosPerDay + step.micros;
  if ((size > 0 && start > stop) || (size < 0 && start < stop) || (size == 0 && start != stop))
    WrongBoundaries();
  CheckSize(size == 0 ? 1 : (static_cast<Int128>(stop) - start) / size + 1);
  duckdb::vector<Value> items;
  for (int64_t i = 0;; ++i) {
    const int64_t at = AddToTimestamp(start, step.months * i, step.days * i, step.micros * i, zone);
    if (size >= 0 ? at > stop : at < stop) break;
    if (dates) {
      const int64_t local = zone.UtcToLocal(at);
      const int64_t day = local / kMicrosPerDay - (local % kMicrosPerDay < 0 ? 1 : 0);
      items.push_back(Value::DATE(duckdb::date_t(static_cast<int32_t>(day))));
    } else if (call.info.result.element().Is(TypeId::kTimestamp)) {
      items.push_back(Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(at)));
    } else {
      items.push_back(Value::TIMESTAMP(duckdb::timestamp_t(at)));
    }
    if (size == 0) break;
  }
  return ListResult(call, std::move(items));
}

Value Times(Call& call, int64_t start, int64_t stop, const Step& step) {
  static const std::shared_ptr<const TimeZone> kUtc = *FindTimeZone("UTC");
  const DataType& type = call.info.result.element();
  const bool dates = type.Is(TypeId::kDate);
  const TimeZone& zone = type.Is(TypeId::kTimestamp) ? *call.info.zone : *kUtc;
  return Moments(call, start, stop, step, zone, dates);
}

}  // namespace

void RegisterSequences(FunctionSet& set) {
  set.Kernel(
      "sequence_integers",
      [](Call& call, int64_t start, int64_t stop, int64_t step) {
        return Integers(call, start, stop, step);
      },
      kFallible);
  set.Kernel(
      "sequence_times",
      [](Call& call, int64_t start, int64_t stop, Value step) {
        return Times(call, start, stop, StepOf(step, call.info.args[2]));
      },
      kFallible);
  set.Template(
      "sequence",
      [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
         DuckArgs args) -> DuckExpr {
        const DataType& type = call.args[0]->type;
        if (type.IsIntegral()) {
          for (DuckExpr& arg : args) arg = CastNative(std::move(arg), duckdb::LogicalType::BIGINT);
          if (args.size() == 2) {
            // Up or down by one.
            auto step = duckdb::make_uniq<duckdb::CaseExpression>();
            duckdb::CaseCheck check;
            check.when_expr = duckdb::make_uniq<duckdb::ComparisonExpression>(
                duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO, args[0]->Copy(),
                args[1]->Copy());
            check.then_expr = Constant(Value::BIGINT(1));
            step->case_checks.push_back(std::move(check));
            step->else_expr = Constant(Value::BIGINT(-1));
            args.push_back(std::move(step));
          }
          return CallKernel(context, "sequence_integers", expr.type, {type, type, type},
                            std::move(args));
        }
        DataType step_type = args.size() == 3 ? call.args[2]->type : DataType::DayTime();
        if (args.size() == 2) {
          DuckExpr sign =
              CallNativeOf("sign", CallNativeOf("-", CallNativeOf("epoch_us", args[1]->Copy()),
                                                CallNativeOf("epoch_us", args[0]->Copy())));
          args.push_back(CallNativeOf("*", CastNative(std::move(sign), duckdb::LogicalType::BIGINT),
                                      Constant(Value::BIGINT(kMicrosPerDay))));
        }
        if (type.Is(TypeId::kDate)) {
          for (size_t i = 0; i < 2; ++i) args[i] = CallNativeOf("epoch_us", std::move(args[i]));
        }
        return CallKernel(context, "sequence_times", expr.type, {type, type, step_type},
                          std::move(args));
      });
}

}  // namespace tarn::engine::duck
