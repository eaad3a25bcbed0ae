#include <algorithm>

#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

bool OneOf(const std::string& text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

/// extract(field, source): the field must be a literal, the result's type depends on it.
Result<void> TypeExtract(CallTyping& call) {
  const Value* literal = LiteralArgument(call, 0);
  if (!literal || literal->is_null() || !literal->type().IsString()) {
    return Error(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
                 {{"sqlExpr", "\"" + Render(*call.args[0]) + "\""},
                  {"inputName", "`field`"},
                  {"inputType", "\"STRING\""},
                  {"inputExpr", "\"" + Render(*call.args[0]) + "\""}});
  }
  const std::string field = Upper(literal->text());
  const DataType& source = call.args[1]->type;
  const bool interval = source.IsInterval();
  if (source.IsString()) {
    TARN_TRY(Coerce(call, 1, TypeId::kTimestamp));
  } else if (!source.IsDatetime() && !interval && !source.Is(TypeId::kTime)) {
    return UnexpectedType(call, 1, "TIMESTAMP");
  }
  const bool second = OneOf(field, {"SECOND", "S", "SEC", "SECONDS", "SECS"});
  const bool small = OneOf(field, {"MONTH", "MON", "MONS", "MONTHS", "HOUR", "H", "HOURS", "HR",
                                   "HRS", "MINUTE", "M", "MIN", "MINS", "MINUTES"});
  const bool known =
      second || small || OneOf(field, {"YEAR", "Y", "YEARS", "YR", "YRS", "DAY", "D", "DAYS"}) ||
      (!interval && OneOf(field, {"YEAROFWEEK", "QUARTER", "QTR", "WEEK", "W", "WEEKS", "DAYOFWEEK",
                                  "DOW", "DAYOFWEEK_ISO", "DOW_ISO", "DOY"}));
  if (!known) {
    return Error(Condition("INVALID_EXTRACT_FIELD"),
                 {{"field", QuoteIdentifier(literal->text())},
                  {"expr", "\"" + Render(*call.args[1]) + "\""}});
  }
  if (second) {
    call.type = DataType::Decimal(8, 6);
  } else {
    call.type = interval && small ? TypeId::kByte : TypeId::kInt;
  }
  return {};
}

Result<void> TypeToDate(CallTyping& call) {
  if (call.args.size() == 2) {
    const bool text = call.args[0]->type.IsString() || !call.args[0]->type.IsDatetime();
    if (text) {
      TARN_TRY(Coerce(call, 0, TypeId::kString));
    }
    TARN_TRY(Coerce(call, 1, TypeId::kString));
  } else if (!call.args[0]->type.IsDatetime() && !call.args[0]->type.IsString()) {
    TARN_TRY(Coerce(call, 0, TypeId::kString));
  }
  call.type = TypeId::kDate;
  call.nullable = true;
  return {};
}

template <TypeId kResult>
Result<void> TypeToTimestamp(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.IsDatetime() && !type.IsString() &&
      !(type.IsNumeric() && kResult == TypeId::kTimestamp)) {
    TARN_TRY(Coerce(call, 0, TypeId::kString));
  }
  if (call.args.size() == 2) {
    TARN_TRY(Coerce(call, 1, TypeId::kString));
  }
  call.type = kResult;
  call.nullable = true;
  return {};
}

/// Texts, dates and timestamps count as they are.
Result<void> TypeUnixTimestamp(CallTyping& call) {
  call.type = TypeId::kLong;
  if (call.args.empty()) {
    call.nullable = false;
    TARN_ASSIGN(ExprPtr now, BuildCall("current_timestamp", {}));
    call.args.push_back(std::move(now));
  }
  if (call.args.size() == 1) {
    call.args.push_back(MakeLiteral(Value::String("yyyy-MM-dd HH:mm:ss")));
  }
  if (!call.args[0]->type.IsDatetime()) {
    TARN_TRY(Coerce(call, 0, TypeId::kString));
  }
  return Coerce(call, 1, TypeId::kString);
}

Result<void> TypeConvertTimezone(CallTyping& call) {
  if (call.args.size() == 2) {
    TARN_ASSIGN(ExprPtr zone, BuildCall("current_timezone", {}));
    call.args.insert(call.args.begin(), std::move(zone));
  }
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  TARN_TRY(Coerce(call, 1, TypeId::kString));
  TARN_TRY(Coerce(call, 2, TypeId::kTimestampNtz));
  call.type = TypeId::kTimestampNtz;
  return {};
}

template <TypeId kResult>
Result<void> TypeMakeTimestamp(CallTyping& call) {
  call.type = kResult;
  call.nullable = true;
  size_t zone = 0;
  if (call.args.size() <= 3) {
    TARN_TRY(Coerce(call, 0, TypeId::kDate));
    if (call.args.size() > 1) {
      TARN_TRY(Coerce(call, 1, TypeId::kTime));
    }
    zone = 2;
  } else {
    for (size_t i = 0; i < std::min<size_t>(5, call.args.size()); ++i) {
      TARN_TRY(Coerce(call, i, TypeId::kInt));
    }
    if (call.args.size() > 5)
      call.args[5] = MakeCast(std::move(call.args[5]), DataType::Decimal(16, 6));
    zone = 6;
  }
  if (call.args.size() > zone) {
    TARN_TRY(Coerce(call, zone, TypeId::kString));
  }
  return {};
}

Result<void> TypeTimestampAdd(CallTyping& call) {
  TARN_TRY(Coerce(call, 1, TypeId::kLong));
  const DataType& type = call.args[2]->type;
  if (!type.Is(TypeId::kTimestampNtz)) {
    TARN_TRY(Coerce(call, 2, TypeId::kTimestamp));
  }
  call.type = call.args[2]->type;
  return {};
}

Result<void> TypeTimestampDiff(CallTyping& call) {
  TARN_TRY(Coerce(call, 1, TypeId::kTimestamp));
  TARN_TRY(Coerce(call, 2, TypeId::kTimestamp));
  call.type = TypeId::kLong;
  return {};
}

/// Zeros for the arguments left out: `integers` whole numbers, then seconds.
void AddZeros(CallTyping& call, size_t integers) {
  while (call.args.size() < integers) call.args.push_back(MakeLiteral(Value::Int(0)));
  if (call.args.size() == integers) {
    call.args.push_back(MakeLiteral(Value::Of(DataType::Decimal(18, 6), Int128{0})));
  }
}

Result<void> TypeMakeInterval(CallTyping& call) {
  AddZeros(call, 6);
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i < 6) {
      TARN_TRY(Coerce(call, i, TypeId::kInt));
    } else {
      call.args[i] = MakeCast(std::move(call.args[i]), DataType::Decimal(18, 6));
    }
  }
  call.type = TypeId::kCalendarInterval;
  return {};
}

Result<void> TypeMakeDayTime(CallTyping& call) {
  AddZeros(call, 3);
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i < 3) {
      TARN_TRY(Coerce(call, i, TypeId::kInt));
    } else {
      call.args[i] = MakeCast(std::move(call.args[i]), DataType::Decimal(18, 6));
    }
  }
  call.type = DataType::DayTime();
  return {};
}

/// Adds functions of dates and times by their signatures, or by what types their arguments.
class Adder {
 public:
  explicit Adder(FunctionTable& table) : table_(table) {}
  void operator()(std::string_view name, std::string_view signatures, bool fallible = false,
                  bool may_be_null = false) const {
    table_.Add({.name = name,
                .signatures = signatures,
                .fallible = fallible,
                .null_intolerant = !may_be_null});
  }
  void Typed(std::string_view name, Result<void> (*typing)(CallTyping&), int min, int max,
             bool fallible = true) const {
    table_.Add(
        {.name = name, .typing = typing, .args_min = min, .args_max = max, .fallible = fallible});
  }

 private:
  FunctionTable& table_;
};

void RegisterParts(const Adder& add) {
  for (const std::string_view name : {"year", "quarter", "month", "day", "dayofmonth", "dayofweek",
                                      "dayofyear", "weekday", "weekofyear"}) {
    add(name, "(date) -> int");
  }
  for (const std::string_view name : {"dayname", "monthname"}) add(name, "(date) -> string");
  for (const std::string_view name : {"hour", "minute", "second"}) {
    add(name, "(timestamp) -> int | (timestamp_ntz) -> int | (time) -> int");
  }
  for (const std::string_view name : {"extract", "date_part", "datepart"}) {
    add.Typed(name, TypeExtract, 2, 2, false);
  }
}

/// Functions that read and make values of text and of parts.
void RegisterMaking(FunctionTable& table, const Adder& add) {
  add.Typed("to_date", TypeToDate, 1, 2);
  add.Typed("try_to_date", TypeToDate, 1, 2, false);
  add.Typed("to_timestamp", TypeToTimestamp<TypeId::kTimestamp>, 1, 2);
  add.Typed("to_timestamp_ltz", TypeToTimestamp<TypeId::kTimestamp>, 1, 2);
  add.Typed("to_timestamp_ntz", TypeToTimestamp<TypeId::kTimestampNtz>, 1, 2);
  add.Typed("try_to_timestamp", TypeToTimestamp<TypeId::kTimestamp>, 1, 2, false);
  add("from_utc_timestamp", "(timestamp, string) -> timestamp", true);
  add("to_utc_timestamp", "(timestamp, string) -> timestamp", true);
  add.Typed("convert_timezone", TypeConvertTimezone, 2, 3);
  add("make_date", "(int, int, int) -> date", true);
  add.Typed("make_timestamp", TypeMakeTimestamp<TypeId::kTimestamp>, 1, 7);
  add.Typed("make_timestamp_ltz", TypeMakeTimestamp<TypeId::kTimestamp>, 1, 7);
  add.Typed("make_timestamp_ntz", TypeMakeTimestamp<TypeId::kTimestampNtz>, 2, 6);
  add.Typed("try_make_timestamp", TypeMakeTimestamp<TypeId::kTimestamp>, 1, 7, false);
  add.Typed("try_make_timestamp_ltz", TypeMakeTimestamp<TypeId::kTimestamp>, 1, 7, false);
  add.Typed("try_make_timestamp_ntz", TypeMakeTimestamp<TypeId::kTimestampNtz>, 2, 6, false);
  add("make_ym_interval", "(int = 0, int = 0) -> interval_ym", true);
  add.Typed("make_dt_interval", TypeMakeDayTime, 0, 4);
  add.Typed("make_interval", TypeMakeInterval, 0, 7);
  table.Add({.name = "try_make_interval",
             .typing = TypeMakeInterval,
             .args_min = 0,
             .args_max = 7,
             .null_intolerant = false});
}

}  // namespace

void RegisterDatetimeFunctions(FunctionTable& table) {
  const Adder add(table);
  RegisterParts(add);
  table.Add({.name = "current_date", .signatures = "() -> date"}, {"curdate"});
  add("current_timestamp", "() -> timestamp");
  add("now", "() -> timestamp");
  add("localtimestamp", "() -> timestamp_ntz");
  add("current_timezone", "() -> string");
  add("date_add", "(date, int) -> date", true);
  table.Add({.name = "dateadd",
             .signatures = "(date, int) -> date",
             .fallible = true,
             .display_name = "date_add"});
  add("date_sub", "(date, int) -> date", true);
  add("date_diff", "(date, date) -> int");
  add("datediff", "(date, date) -> int");
  add.Typed("timestampadd", TypeTimestampAdd, 3, 3);
  add.Typed("timestampdiff", TypeTimestampDiff, 3, 3, false);
  add("add_months", "(date, int) -> date", true);
  add("months_between", "(timestamp, timestamp, boolean = true) -> double");
  add("last_day", "(date) -> date");
  add("next_day", "(date, string) -> date", true);
  add("trunc", "(date, string) -> date", false, true);
  add("date_trunc", "(string, timestamp) -> timestamp", false, true);
  add("date_format", "(timestamp, string) -> string", true);
  add("date_from_unix_date", "(int) -> date");
  add("unix_date", "(date) -> int");
  add("unix_seconds", "(timestamp) -> bigint");
  add("unix_millis", "(timestamp) -> bigint");
  add("unix_micros", "(timestamp) -> bigint");
  add("timestamp_seconds", "(numeric) -> timestamp", true);
  add("timestamp_millis", "(bigint) -> timestamp", true);
  add("timestamp_micros", "(bigint) -> timestamp");
  add("from_unixtime", "(bigint, string = 'yyyy-MM-dd HH:mm:ss') -> string", true);
  add.Typed("unix_timestamp", TypeUnixTimestamp, 0, 2);
  add.Typed("to_unix_timestamp", TypeUnixTimestamp, 1, 2);
  RegisterMaking(table, add);
}

}  // namespace tarn::plan
