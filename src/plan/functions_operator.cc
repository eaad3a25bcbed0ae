#include <algorithm>

#include "function_families.h"
#include "function_typing.h"
#include "tarn/types/any_type.h"

namespace tarn::plan {

namespace {

bool IsAnsiInterval(const DataType& type) {
  return type.Is(TypeId::kYearMonthInterval) || type.Is(TypeId::kDayTimeInterval);
}

Error WrongOperands(std::string_view op, const CallTyping& call, std::string_view needed) {
  const DataType& left = call.args[0]->type;
  const DataType& right = call.args[1]->type;
  std::string text = "\"(";
  text += Render(*call.args[0]);
  text += " ";
  text += op;
  text += " " + Render(*call.args[1]) + ")\"";
  if (left == right) {
    return Error(Condition("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE"),
                 {{"sqlExpr", text},
                  {"inputType", std::string(needed)},
                  {"actualDataType", "\"" + left.ToSql() + "\""}});
  }
  return Error(Condition("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"),
               {{"sqlExpr", text},
                {"left", "\"" + left.ToSql() + "\""},
                {"right", "\"" + right.ToSql() + "\""}});
}

/// An integral literal beside a decimal counts as the decimal that just holds it; any other
/// integral as the decimal of its type.
void IntegralsBesideDecimals(CallTyping& call) {
  for (size_t i = 0; i < 2; ++i) {
    const DataType& other = call.args[1 - i]->type;
    if (!other.Is(TypeId::kDecimal) || !call.args[i]->type.IsIntegral()) continue;
    const auto* literal = call.args[i]->As<Literal>();
    const DataType type = literal && !literal->value.is_null()
                              ? DecimalForLiteral(literal->value.integer())
                              : DecimalFor(call.args[i]->type);
    call.args[i] = MakeCast(std::move(call.args[i]), type);
  }
}

/// A string beside a value of another type takes a type that goes with it, whether or not the
/// operator then accepts that: so '1' + true is refused as two booleans.
void PromoteStrings(CallTyping& call) {
  if (call.args[0]->type.IsString() == call.args[1]->type.IsString()) return;
  if (call.args[0]->type.Is(TypeId::kNull) || call.args[1]->type.Is(TypeId::kNull)) return;
  const auto wider = CommonType(call.args[0]->type, call.args[1]->type);
  if (!wider) return;
  for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), *wider);
}

void DecimalsBesideFractionals(CallTyping& call) {
  for (size_t i = 0; i < 2; ++i) {
    const DataType& other = call.args[1 - i]->type;
    if (call.args[i]->type.Is(TypeId::kDecimal) &&
        (other.Is(TypeId::kFloat) || other.Is(TypeId::kDouble))) {
      call.args[i] = MakeCast(std::move(call.args[i]), TypeId::kDouble);
    }
  }
}

/// Brings both sides to the types that numeric arithmetic takes: two decimals of any precision, or
/// one common other type, which `accepts` decides on.
Result<void> CoerceNumeric(CallTyping& call, std::string_view op,
                           bool (*accepts)(const DataType&) = nullptr,
                           std::string_view needed = "\"NUMERIC\"") {
  for (size_t i = 0; i < 2; ++i) {
    if (!call.args[i]->type.Is(TypeId::kNull)) continue;
    const DataType& other = call.args[1 - i]->type;
    call.args[i] = MakeCast(std::move(call.args[i]),
                            other.Is(TypeId::kNull) ? DataType(TypeId::kDouble) : other);
  }
  PromoteStrings(call);
  IntegralsBesideDecimals(call);
  if (call.args[0]->type.Is(TypeId::kDecimal) && call.args[1]->type.Is(TypeId::kDecimal)) return {};
  DecimalsBesideFractionals(call);
  const auto common = CommonType(call.args[0]->type, call.args[1]->type);
  if (!common || !(accepts ? accepts(*common) : common->IsNumeric())) {
    return WrongOperands(op, call, needed);
  }
  for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), *common);
  return {};
}

bool BothDecimal(const CallTyping& call) {
  return call.args[0]->type.Is(TypeId::kDecimal) && call.args[1]->type.Is(TypeId::kDecimal);
}

DataType WiderInterval(const DataType& a, const DataType& b) {
  const auto start = std::min(a.interval_start(), b.interval_start());
  const auto end = std::max(a.interval_end(), b.interval_end());
  return a.Is(TypeId::kYearMonthInterval) ? DataType::YearMonth(start, end)
                                          : DataType::DayTime(start, end);
}

bool OnlyDays(const DataType& type) {
  return type.Is(TypeId::kDayTimeInterval) && type.interval_end() == IntervalField::kDay;
}

/// datetime ± interval, date ± days. The datetime is argument 0.
Result<bool> DatetimePlus(CallTyping& call) {
  const DataType& when = call.args[0]->type;
  const DataType& by = call.args[1]->type;
  if (when.Is(TypeId::kTime) && by.Is(TypeId::kDayTimeInterval)) {
    call.type = when;
    return true;
  }
  if (!when.IsDatetime()) return false;
  if (when.Is(TypeId::kDate)) {
    if (by.Is(TypeId::kDayTimeInterval) && !OnlyDays(by)) {
      call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kTimestamp);
      call.type = TypeId::kTimestamp;
      return true;
    }
    if (IsAnsiInterval(by) || by.Is(TypeId::kCalendarInterval)) {
      call.type = TypeId::kDate;
      return true;
    }
    if (by.IsIntegral() || by.Is(TypeId::kNull)) {
      if (by.Is(TypeId::kLong)) return false;
      call.args[1] = MakeCast(std::move(call.args[1]), TypeId::kInt);
      call.type = TypeId::kDate;
      return true;
    }
    return false;
  }
  if (!IsAnsiInterval(by) && !by.Is(TypeId::kCalendarInterval)) return false;
  call.type = when;
  return true;
}

Result<bool> IntervalPlus(CallTyping& call) {
  const DataType& left = call.args[0]->type;
  const DataType& right = call.args[1]->type;
  if (!left.IsInterval() && !right.IsInterval()) return false;
  if (left.id() == right.id() && left.IsInterval()) {
    call.type = left.Is(TypeId::kCalendarInterval) ? left : WiderInterval(left, right);
    return true;
  }
  for (size_t i = 0; i < 2; ++i) {
    const DataType other = call.args[1 - i]->type;
    if (call.args[i]->type.Is(TypeId::kNull)) {
      call.args[i] = MakeCast(std::move(call.args[i]), other);
      call.type = other;
      return true;
    }
  }
  return false;
}

bool IsTimeSpan(const DataType& type) {
  return type.Is(TypeId::kDayTimeInterval) || type.Is(TypeId::kCalendarInterval);
}

/// Argument 1 is a day-time or calendar interval and argument 0 no datetime: a string counts as a
/// timestamp, and the result is a string again; anything else is refused.
Result<void> TextPlusTimeSpan(CallTyping& call) {
  if (!call.args[0]->type.IsString()) return UnexpectedType(call, 0, "TIMESTAMP");
  call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kTimestamp);
  call.type = TypeId::kTimestamp;
  call.cast_to = DataType(TypeId::kString);
  return {};
}

Result<void> TypeAdd(CallTyping& call) {
  const DataType& right = call.args[1]->type;
  const bool right_is_moment = right.IsDatetime() || right.Is(TypeId::kTime);
  if ((right_is_moment && !call.args[0]->type.IsDatetime()) ||
      (IsTimeSpan(call.args[0]->type) && right.IsString())) {
    std::swap(call.args[0], call.args[1]);
  }
  TARN_ASSIGN(bool done, DatetimePlus(call));
  if (!done) {
    TARN_ASSIGN(done, IntervalPlus(call));
  }
  if (done) return {};
  for (size_t i = 0; i < 2; ++i) {
    if (IsTimeSpan(call.args[1 - i]->type)) {
      if (i == 1) std::swap(call.args[0], call.args[1]);
      return TextPlusTimeSpan(call);
    }
  }
  for (size_t i = 0; i < 2; ++i) {
    if (call.args[i]->type.Is(TypeId::kDate)) {
      return UnexpectedType(call, 1 - i, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")");
    }
  }
  TARN_TRY(CoerceNumeric(call, "+"));
  call.type = BothDecimal(call) ? DecimalAddType(call.args[0]->type, call.args[1]->type)
                                : call.args[0]->type;
  return {};
}

Result<void> TypeSubtract(CallTyping& call) {
  const DataType left = call.args[0]->type;
  const DataType right = call.args[1]->type;
  const auto date_like = [](const DataType& type) {
    return type.Is(TypeId::kDate) || type.IsString();
  };
  if (left.Is(TypeId::kTime) && right.Is(TypeId::kTime)) {
    call.type = DataType::DayTime(IntervalField::kHour, IntervalField::kSecond);
    return {};
  }
  if ((left.Is(TypeId::kDate) && date_like(right)) ||
      (right.Is(TypeId::kDate) && date_like(left))) {
    for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), TypeId::kDate);
    call.type = DataType::DayTime(IntervalField::kDay, IntervalField::kDay);
    return {};
  }
  if ((left.IsDatetime() && (right.IsDatetime() || right.IsString())) ||
      (right.IsDatetime() && (left.IsString() || left.Is(TypeId::kNull)))) {
    const bool zoned = left.Is(TypeId::kTimestamp) || right.Is(TypeId::kTimestamp);
    const DataType common = zoned ? TypeId::kTimestamp : TypeId::kTimestampNtz;
    for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), common);
    call.type = DataType::DayTime();
    return {};
  }
  TARN_ASSIGN(bool done, DatetimePlus(call));
  if (!done && !right.IsDatetime()) {
    TARN_ASSIGN(done, IntervalPlus(call));
  }
  if (done) return {};
  if (IsTimeSpan(right)) return TextPlusTimeSpan(call);
  if (right.IsDatetime()) return UnexpectedType(call, 0, right.ToSql());
  if (left.IsDatetime()) return UnexpectedType(call, 1, left.ToSql());
  TARN_TRY(CoerceNumeric(call, "-"));
  call.type = BothDecimal(call) ? DecimalAddType(call.args[0]->type, call.args[1]->type)
                                : call.args[0]->type;
  return {};
}

/// interval × number: true if that is what it is; the interval is then argument 0.
Result<bool> IntervalTimes(CallTyping& call, bool commutes) {
  if (commutes && call.args[1]->type.IsInterval() && !call.args[0]->type.IsInterval()) {
    std::swap(call.args[0], call.args[1]);
  }
  const DataType& interval = call.args[0]->type;
  const DataType& by = call.args[1]->type;
  if (!interval.IsInterval()) return false;
  if (by.IsString() || by.Is(TypeId::kNull)) {
    call.args[1] = MakeCast(std::move(call.args[1]), TypeId::kDouble);
  } else if (!by.IsNumeric()) {
    return UnexpectedType(call, 1, "NUMERIC");
  }
  call.type = interval.Is(TypeId::kYearMonthInterval) ? DataType::YearMonth()
              : interval.Is(TypeId::kDayTimeInterval) ? DataType::DayTime()
                                                      : interval;
  return true;
}

Result<void> TypeMultiply(CallTyping& call) {
  TARN_ASSIGN(const bool done, IntervalTimes(call, true));
  if (done) return {};
  TARN_TRY(CoerceNumeric(call, "*"));
  call.type = BothDecimal(call) ? DecimalMultiplyType(call.args[0]->type, call.args[1]->type)
                                : call.args[0]->type;
  return {};
}

Result<void> TypeDivide(CallTyping& call) {
  TARN_ASSIGN(const bool done, IntervalTimes(call, false));
  if (done) return {};
  TARN_TRY(CoerceNumeric(call, "/"));
  if (BothDecimal(call)) {
    call.type = DecimalDivideType(call.args[0]->type, call.args[1]->type);
    return {};
  }
  for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), TypeId::kDouble);
  call.type = TypeId::kDouble;
  return {};
}

Result<void> TypeIntegralDivide(CallTyping& call) {
  const DataType& left = call.args[0]->type;
  call.type = TypeId::kLong;
  if (IsAnsiInterval(left) && left.id() == call.args[1]->type.id()) return {};
  const auto integral = [](const DataType& type) { return type.IsIntegral(); };
  TARN_TRY(CoerceNumeric(call, "div", integral, "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL\")"));
  if (BothDecimal(call)) return {};
  for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), TypeId::kLong);
  return {};
}

Result<void> TypeRemainder(CallTyping& call) {
  TARN_TRY(CoerceNumeric(call, "%"));
  call.type = BothDecimal(call) ? DecimalRemainderType(call.args[0]->type, call.args[1]->type)
                                : call.args[0]->type;
  return {};
}

Result<void> TypeBitwise(CallTyping& call) {
  PromoteStrings(call);
  IntegralsBesideDecimals(call);
  DecimalsBesideFractionals(call);
  const auto common = CommonType(call.args[0]->type, call.args[1]->type);
  if (!common || !(common->IsIntegral() || common->Is(TypeId::kNull))) {
    return WrongOperands("&", call, "\"INTEGRAL\"");
  }
  call.type = common->Is(TypeId::kNull) ? DataType(TypeId::kInt) : *common;
  for (size_t i = 0; i < 2; ++i) call.args[i] = MakeCast(std::move(call.args[i]), call.type);
  return {};
}

/// floor(value) or ceil(value) of a decimal.
Int128 WholeOf(const Value& value, bool up) {
  Int128 unit = 1;
  for (int i = 0; i < value.type().scale(); ++i) unit *= 10;
  const Int128 whole = value.decimal() / unit;
  const Int128 rest = value.decimal() % unit;
  if (up) return rest > 0 ? whole + 1 : whole;
  return rest < 0 ? whole - 1 : whole;
}

/// An integral beside a decimal literal is compared with the whole number that decides the same:
/// i > 1.1 is i > 1. So the integral needs no cast (DecimalPrecision.integralAndDecimalLiteral).
void WholeBound(CallTyping& call, std::string_view op) {
  for (size_t i = 0; i < 2; ++i) {
    const auto* literal = call.args[1 - i]->As<Literal>();
    if (!literal || literal->value.is_null() || !literal->value.type().Is(TypeId::kDecimal) ||
        !call.args[i]->type.IsIntegral()) {
      continue;
    }
    // With the literal on the left the comparison is the mirrored one.
    const bool less = op.starts_with('<') == (i == 0);
    const bool or_equal = op.ends_with('=');
    const Int128 whole = WholeOf(literal->value, less != or_equal);
    if (whole != static_cast<int64_t>(whole)) return;
    call.args[1 - i] =
        MakeLiteral(Value::Long(static_cast<int64_t>(whole)), call.args[1 - i]->source);
    return;
  }
}

/// The struct type with the names of another of as many fields.
DataType WithNamesOf(const DataType& type, const DataType& names) {
  std::vector<Field> fields = type.fields();
  for (size_t i = 0; i < fields.size(); ++i) fields[i].name = names.fields()[i].name;
  return DataType::Struct(std::move(fields));
}

/// Two structs are compared field by field, whatever the names.
std::optional<DataType> ComparedType(const DataType& left, const DataType& right) {
  const bool structs = left.Is(TypeId::kStruct) && right.Is(TypeId::kStruct) &&
                       left.fields().size() == right.fields().size();
  return CommonType(left, structs ? WithNamesOf(right, left) : right);
}

Result<void> CompareSides(CallTyping& call, std::string_view op) {
  if (op.starts_with('<') ? op != "<=>" : op.starts_with('>')) WholeBound(call, op);
  IntegralsBesideDecimals(call);
  const auto common = ComparedType(call.args[0]->type, call.args[1]->type);
  if (!common) return WrongOperands(op, call, "\"ORDERABLE\"");
  if (!IsOrderable(*common)) {
    return Error(Condition("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"),
                 {{"sqlExpr", "\"" + Render(*call.args[0]) + "\""},
                  {"functionName", QuoteIdentifier(op)},
                  {"dataType", "\"" + common->ToSql() + "\""}});
  }
  for (size_t i = 0; i < 2; ++i) {
    if (!call.args[i]->type.EquivalentTo(*common))
      call.args[i] = MakeCast(std::move(call.args[i]), *common);
  }
  call.type = TypeId::kBoolean;
  return {};
}

Result<void> TypeEqual(CallTyping& call) { return CompareSides(call, "="); }
Result<void> TypeLess(CallTyping& call) { return CompareSides(call, "<"); }
Result<void> TypeLessEqual(CallTyping& call) { return CompareSides(call, "<="); }
Result<void> TypeGreater(CallTyping& call) { return CompareSides(call, ">"); }
Result<void> TypeGreaterEqual(CallTyping& call) { return CompareSides(call, ">="); }

Result<void> TypeNullSafeEqual(CallTyping& call) {
  call.nullable = false;
  return CompareSides(call, "<=>");
}

Result<void> TypeIn(CallTyping& call) {
  // A literal list beside a decimal, as in comparisons of two.
  TARN_ASSIGN(const DataType common, CoerceToCommon(call, 0, call.args.size(), "in"));
  if (!IsOrderable(common)) return UnexpectedType(call, 0, "ORDERABLE");
  call.type = TypeId::kBoolean;
  call.nullable = AnyNullable(call);
  return {};
}

Result<void> TypeNegative(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (type.IsString() || type.Is(TypeId::kNull)) {
    call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kDouble);
  } else if (!type.IsNumeric() && !type.IsInterval()) {
    return UnexpectedType(call, 0, "NUMERIC");
  }
  call.type = call.args[0]->type;
  return {};
}

Result<void> TypeBitNot(CallTyping& call) {
  if (call.args[0]->type.Is(TypeId::kNull)) {
    call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kInt);
  }
  if (!call.args[0]->type.IsIntegral()) return UnexpectedType(call, 0, "INTEGRAL");
  call.type = call.args[0]->type;
  return {};
}

Result<void> TypeIsNull(CallTyping& call) {
  call.type = TypeId::kBoolean;
  call.nullable = false;
  return {};
}

}  // namespace

void RegisterOperatorFunctions(FunctionTable& table) {
  const auto binary = [&](std::string_view name, Result<void> (*typing)(CallTyping&), bool fallible,
                          std::initializer_list<std::string_view> aliases = {}) {
    table.Add({.name = name, .typing = typing, .args_min = 2, .args_max = 2, .fallible = fallible},
              aliases);
  };
  binary("+", TypeAdd, true);
  binary("-", TypeSubtract, true);
  binary("*", TypeMultiply, true);
  binary("/", TypeDivide, true);
  binary("div", TypeIntegralDivide, true);
  binary("%", TypeRemainder, true);
  binary("mod", TypeRemainder, true);
  binary("pmod", TypeRemainder, true);
  const auto tried = [&](std::string_view name, Result<void> (*typing)(CallTyping&)) {
    table.Add(
        {.name = name, .typing = typing, .args_min = 2, .args_max = 2, .null_intolerant = false});
  };
  tried("try_add", TypeAdd);
  tried("try_subtract", TypeSubtract);
  tried("try_multiply", TypeMultiply);
  tried("try_divide", TypeDivide);
  tried("try_mod", TypeRemainder);
  binary("&", TypeBitwise, false);
  binary("|", TypeBitwise, false);
  binary("^", TypeBitwise, false);
  table.Add({.name = "~", .typing = TypeBitNot, .args_min = 1, .args_max = 1});
  constexpr std::string_view kShift = "(int, int) -> int | (bigint, int) -> bigint";
  table.Add({.name = "shiftleft", .signatures = kShift}, {"<<"});
  table.Add({.name = "shiftright", .signatures = kShift}, {">>"});
  table.Add({.name = "shiftrightunsigned", .signatures = kShift}, {">>>"});
  binary("=", TypeEqual, false, {"=="});
  binary("<>", TypeEqual, false, {"!="});
  binary("<", TypeLess, false);
  binary("<=", TypeLessEqual, false);
  binary(">", TypeGreater, false);
  binary(">=", TypeGreaterEqual, false);
  table.Add({.name = "<=>", .typing = TypeNullSafeEqual, .args_min = 2, .args_max = 2});
  table.Add({.name = "equal_null", .typing = TypeNullSafeEqual, .args_min = 2, .args_max = 2});
  table.Add({.name = "and", .signatures = "(boolean, boolean) -> boolean"});
  table.Add({.name = "or", .signatures = "(boolean, boolean) -> boolean"});
  table.Add({.name = "not", .signatures = "(boolean) -> boolean"}, {"!"});
  table.Add({.name = "in", .typing = TypeIn, .args_min = 1});
  table.Add({.name = "isnull", .typing = TypeIsNull, .args_min = 1, .args_max = 1});
  table.Add({.name = "isnotnull", .typing = TypeIsNull, .args_min = 1, .args_max = 1});
  table.Add(
      {.name = "negative", .typing = TypeNegative, .args_min = 1, .args_max = 1, .fallible = true});
  table.Add({.name = "positive", .typing = TypeNegative, .args_min = 1, .args_max = 1});
  table.Add(
      {.name = "abs", .typing = TypeNegative, .args_min = 1, .args_max = 1, .fallible = true});
}

}  // namespace tarn::plan
