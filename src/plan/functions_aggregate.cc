#include <algorithm>

#include "function_families.h"
#include "function_typing.h"
#include "tarn/types/any_type.h"

namespace tarn::plan {

namespace {

DataType BoundedDecimal(int precision, int scale) {
  return DataType::Decimal(std::min(precision, 38), std::min(scale, 38));
}

bool IsAnsiInterval(const DataType& type) {
  return type.Is(TypeId::kYearMonthInterval) || type.Is(TypeId::kDayTimeInterval);
}

Result<void> TypeCount(CallTyping& call) {
  call.type = TypeId::kLong;
  call.nullable = false;
  return {};
}

Result<void> TypeSum(CallTyping& call) {
  const DataType type = call.args[0]->type;
  if (type.IsIntegral()) {
    call.type = TypeId::kLong;
  } else if (type.Is(TypeId::kDecimal)) {
    call.type = BoundedDecimal(type.precision() + 10, type.scale());
  } else if (IsAnsiInterval(type)) {
    call.type = type;
  } else {
    TARN_TRY(Coerce(call, 0, TypeId::kDouble));
    call.type = TypeId::kDouble;
  }
  call.nullable = true;
  return {};
}

Result<void> TypeAvg(CallTyping& call) {
  const DataType type = call.args[0]->type;
  call.nullable = true;
  if (type.Is(TypeId::kDecimal)) {
    call.type = BoundedDecimal(type.precision() + 4, type.scale() + 4);
  } else if (type.Is(TypeId::kYearMonthInterval)) {
    call.type = DataType::YearMonth();
  } else if (type.Is(TypeId::kDayTimeInterval)) {
    call.type = DataType::DayTime();
  } else {
    if (!type.IsNumeric()) {
      TARN_TRY(Coerce(call, 0, TypeId::kDouble));
    }
    call.type = TypeId::kDouble;
  }
  return {};
}

Result<void> TypeExtreme(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!IsOrderable(type)) {
    return Error(Condition("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"),
                 {{"sqlExpr", "\"" + Render(*call.args[0]) + "\""},
                  {"functionName", "`max`"},
                  {"dataType", "\"" + type.ToSql() + "\""}});
  }
  call.type = type;
  call.nullable = true;
  return {};
}

Result<void> TypeFirst(CallTyping& call) {
  if (call.args.size() > 1) {
    TARN_TRY(Coerce(call, 1, TypeId::kBoolean));
  }
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeCollect(CallTyping& call) {
  call.type = DataType::Array(call.args[0]->type, false);
  call.nullable = false;
  return {};
}

Result<void> TypeExtremeBy(CallTyping& call) {
  call.nullable = true;
  call.type = call.args[0]->type;
  if (call.args.size() > 2) {
    TARN_TRY(Coerce(call, 2, TypeId::kInt));
    call.type = DataType::Array(call.type);
  }
  return {};
}

Result<void> TypeBitAggregate(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.IsIntegral()) {
    TARN_TRY(Coerce(call, 0, TypeId::kLong));
  }
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

/// mode(x[, deterministic]); mode() WITHIN GROUP (ORDER BY x) has its key as first argument.
Result<void> TypeMode(CallTyping& call) {
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

/// The type of an interpolated percentile of `type`.
DataType InterpolatedType(const DataType& type) {
  if (type.Is(TypeId::kYearMonthInterval)) return DataType::YearMonth();
  if (type.Is(TypeId::kDayTimeInterval)) return DataType::DayTime();
  return TypeId::kDouble;
}

Result<void> CoercePercentage(CallTyping& call, size_t index, bool* many) {
  *many = call.args[index]->type.Is(TypeId::kArray);
  return Coerce(call, index, *many ? DataType::Array(TypeId::kDouble) : DataType(TypeId::kDouble));
}

/// percentile(value, percentage[, frequency]); percentile_cont and percentile_disc have the key of
/// WITHIN GROUP as first argument (a descending one stays in the call's order_by).
Result<void> TypePercentile(CallTyping& call) {
  if (!IsAnsiInterval(call.args[0]->type)) {
    if (!call.args[0]->type.IsNumeric()) {
      TARN_TRY(Coerce(call, 0, TypeId::kDouble));
    } else {
      call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kDouble);
    }
  }
  const DataType type = InterpolatedType(call.args[0]->type);
  bool many = false;
  TARN_TRY(CoercePercentage(call, 1, &many));
  if (call.args.size() > 2) {
    TARN_TRY(Coerce(call, 2, TypeId::kLong));
  }
  call.type = many ? DataType::Array(type, false) : type;
  call.nullable = true;
  return {};
}

/// percentile counts each row once unless it is told a frequency.
Result<void> TypePercentileOfRows(CallTyping& call) {
  if (call.args.size() < 3) call.args.push_back(MakeLiteral(Value::Long(1)));
  return TypePercentile(call);
}

Result<void> TypeMedian(CallTyping& call) {
  call.args.push_back(MakeLiteral(Value::Double(0.5)));
  auto status = TypePercentile(call);
  call.args.pop_back();
  return status;
}

Result<void> TypePercentileApprox(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.IsNumeric() && !type.IsDatetime() && !IsAnsiInterval(type)) {
    TARN_TRY(Coerce(call, 0, TypeId::kDouble));
  }
  bool many = false;
  TARN_TRY(CoercePercentage(call, 1, &many));
  if (call.args.size() > 2) {
    TARN_TRY(Coerce(call, 2, TypeId::kInt));
  }
  call.type = many ? DataType::Array(call.args[0]->type, false) : call.args[0]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeListAgg(CallTyping& call) {
  if (call.args.size() < 2) call.args.push_back(MakeLiteral(Value()));
  const bool binary = call.args[0]->type.Is(TypeId::kBinary);
  call.type = binary ? TypeId::kBinary : TypeId::kString;
  for (size_t i = 0; i < call.args.size(); ++i) {
    TARN_TRY(Coerce(call, i, call.type));
  }
  call.nullable = true;
  return {};
}

/// Arguments are allowed and mean nothing: the rows are ranked by the window's order.
Result<void> TypeRank(CallTyping& call) {
  call.args.clear();
  call.type = TypeId::kInt;
  call.nullable = false;
  return {};
}

Result<void> TypeRelativeRank(CallTyping& call) {
  call.args.clear();
  call.type = TypeId::kDouble;
  call.nullable = false;
  return {};
}

Result<void> TypeOffset(CallTyping& call) {
  if (call.args.size() < 2) call.args.push_back(MakeLiteral(Value::Int(1)));
  if (call.args.size() < 3) call.args.push_back(MakeLiteral(Value()));
  TARN_TRY(Coerce(call, 1, TypeId::kInt));
  TARN_TRY(Coerce(call, 2, DataType(call.args[0]->type)));
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeNtile(CallTyping& call) {
  if (call.args.empty()) call.args.push_back(MakeLiteral(Value::Int(1)));
  TARN_TRY(Coerce(call, 0, TypeId::kInt));
  call.type = TypeId::kInt;
  call.nullable = false;
  return {};
}

Result<void> TypeNthValue(CallTyping& call) {
  TARN_TRY(Coerce(call, 1, TypeId::kInt));
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

}  // namespace

void RegisterAggregateFunctions(FunctionTable& table) {
  const auto typed = [&](std::string_view name, Result<void> (*typing)(CallTyping&), int min,
                         int max, bool fallible = false, std::string_view shown = {}) {
    table.Add({.name = name,
               .kind = FunctionKind::kAggregate,
               .typing = typing,
               .args_min = min,
               .args_max = max,
               .fallible = fallible,
               .display_name = shown});
  };
  typed("count", TypeCount, 0, -1);
  typed(
      "count_if",
      [](CallTyping& call) -> Result<void> {
        TARN_TRY(Coerce(call, 0, TypeId::kBoolean));
        return TypeCount(call);
      },
      1, 1);
  typed("approx_count_distinct", TypeCount, 1, 2);
  typed("sum", TypeSum, 1, 1, true);
  typed("try_sum", TypeSum, 1, 1);
  for (const std::string_view name : {"avg", "mean"}) typed(name, TypeAvg, 1, 1, true);
  typed("try_avg", TypeAvg, 1, 1);
  for (const std::string_view name : {"min", "max"}) typed(name, TypeExtreme, 1, 1);
  for (const std::string_view name : {"first", "first_value", "last", "last_value", "any_value"}) {
    typed(name, TypeFirst, 1, 2);
  }
  typed("collect_list", TypeCollect, 1, 1);
  typed("array_agg", TypeCollect, 1, 1, false, "collect_list");
  typed("collect_set", TypeCollect, 1, 1);
  for (const std::string_view name : {"max_by", "min_by"}) typed(name, TypeExtremeBy, 2, 3);
  for (const std::string_view name : {"bit_and", "bit_or", "bit_xor"})
    typed(name, TypeBitAggregate, 1, 1);
  typed("mode", TypeMode, 1, 2);
  typed("median", TypeMedian, 1, 1);
  typed("percentile", TypePercentileOfRows, 2, 3, true);
  typed("percentile_cont", TypePercentile, 2, 2, true);
  typed("percentile_disc", TypePercentile, 2, 2, true);
  for (const std::string_view name : {"percentile_approx", "approx_percentile"}) {
    typed(name, TypePercentileApprox, 2, 3, true);
  }
  typed("listagg", TypeListAgg, 1, 2);
  typed("string_agg", TypeListAgg, 1, 2);
  const auto add = [&](std::string_view name, std::string_view signatures) {
    table.Add({.name = name,
               .kind = FunctionKind::kAggregate,
               .signatures = signatures,
               .null_intolerant = false});
  };
  for (const std::string_view name : {"bool_and", "every", "bool_or", "any", "some"}) {
    add(name, "(boolean) -> boolean");
  }
  for (const std::string_view name : {"std", "stddev", "stddev_samp", "stddev_pop", "variance",
                                      "var_samp", "var_pop", "kurtosis", "skewness"}) {
    add(name, "(double) -> double");
  }
  for (const std::string_view name :
       {"corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_intercept", "regr_r2",
        "regr_slope", "regr_sxx", "regr_sxy", "regr_syy"}) {
    add(name, "(double, double) -> double");
  }
  add("regr_count", "(double, double) -> bigint");
}

void RegisterWindowFunctions(FunctionTable& table) {
  const auto typed = [&](std::string_view name, Result<void> (*typing)(CallTyping&), int min,
                         int max) {
    table.Add({.name = name,
               .kind = FunctionKind::kWindow,
               .typing = typing,
               .args_min = min,
               .args_max = max});
  };
  typed("row_number", TypeRank, 0, 0);
  typed("rank", TypeRank, 0, -1);
  typed("dense_rank", TypeRank, 0, -1);
  typed("percent_rank", TypeRelativeRank, 0, -1);
  typed("cume_dist", TypeRelativeRank, 0, 0);
  typed("ntile", TypeNtile, 0, 1);
  typed("lag", TypeOffset, 1, 3);
  typed("lead", TypeOffset, 1, 3);
  typed("nth_value", TypeNthValue, 2, 3);
}

}  // namespace tarn::plan
