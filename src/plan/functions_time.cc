#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

Result<void> TypeCurrentTime(CallTyping& call) {
  if (call.args.empty()) call.args.push_back(MakeLiteral(Value::Int(6)));
  TARN_TRY(Coerce(call, 0, TypeId::kInt));
  call.type = TypeId::kTime;
  call.nullable = false;
  return {};
}

Result<void> TypeToTime(CallTyping& call) {
  for (size_t i = 0; i < call.args.size(); ++i) {
    TARN_TRY(Coerce(call, i, TypeId::kString));
  }
  call.type = TypeId::kTime;
  return {};
}

/// time_bucket(width, moment[, origin]).
Result<void> TypeTimeBucket(CallTyping& call) {
  const DataType& width = call.args[0]->type;
  if (!width.Is(TypeId::kDayTimeInterval) && !width.Is(TypeId::kYearMonthInterval)) {
    return UnexpectedType(call, 0, "INTERVAL");
  }
  const DataType moment =
      call.args[1]->type.Is(TypeId::kTimestampNtz) ? TypeId::kTimestampNtz : TypeId::kTimestamp;
  TARN_TRY(Coerce(call, 1, moment));
  if (call.args.size() < 3) call.args.push_back(MakeLiteral(Value::Of(moment, int64_t{0})));
  TARN_TRY(Coerce(call, 2, moment));
  call.type = moment;
  return {};
}

/// window(moment, duration[, slide[, start]]): one struct for each window that the moment lies in.
/// The analyzer puts it below the SELECT, so the call stands for its rows.
Result<void> TypeWindow(CallTyping& call) {
  const DataType moment =
      call.args[0]->type.Is(TypeId::kTimestampNtz) ? TypeId::kTimestampNtz : TypeId::kTimestamp;
  TARN_TRY(Coerce(call, 0, moment));
  for (size_t i = 1; i < call.args.size(); ++i) {
    if (!call.args[i]->type.IsIntegral()) TARN_TRY(Coerce(call, i, TypeId::kString));
    if (LiteralArgument(call, i)) continue;
    return Error(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
                 {{"sqlExpr", "\"" + Render(*call.args[i]) + "\""},
                  {"inputName", i == 1   ? "windowDuration"
                                : i == 2 ? "slideDuration"
                                         : "startTime"},
                  {"inputType", "string"},
                  {"inputExpr", "\"" + Render(*call.args[i]) + "\""}});
  }
  call.type = DataType::Struct({{"start", moment, true}, {"end", moment, true}});
  call.nullable = false;
  return {};
}

/// window_time(window): the last moment of a window.
Result<void> TypeWindowTime(CallTyping& call) {
  const DataType type = call.args[0]->type;
  const bool window = type.Is(TypeId::kStruct) && type.fields().size() == 2 &&
                      SameName(type.fields()[1].name, "end") &&
                      (type.fields()[1].type.Is(TypeId::kTimestamp) ||
                       type.fields()[1].type.Is(TypeId::kTimestampNtz));
  if (!window) return UnexpectedType(call, 0, "STRUCT<start: TIMESTAMP, end: TIMESTAMP>");
  call.type = type.fields()[1].type;
  return {};
}

}  // namespace

void RegisterTimeFunctions(FunctionTable& table) {
  const auto add = [&](std::string_view name, std::string_view signatures, bool fallible = true) {
    table.Add({.name = name, .signatures = signatures, .fallible = fallible});
  };
  table.Add({.name = "current_time", .typing = TypeCurrentTime, .args_min = 0, .args_max = 1});
  add("make_time", "(int, int, decimal(16,6)) -> time");
  add("time_from_seconds", "(decimal(14,6)) -> time");
  add("time_from_millis", "(bigint) -> time");
  add("time_from_micros", "(bigint) -> time");
  add("time_to_seconds", "(time) -> decimal(14,6)", false);
  add("time_to_millis", "(time) -> bigint", false);
  add("time_to_micros", "(time) -> bigint", false);
  add("time_trunc", "(string, time) -> time");
  add("time_diff", "(string, time, time) -> bigint");
  table.Add(
      {.name = "window", .typing = TypeWindow, .args_min = 2, .args_max = 4, .fallible = true});
  table.Add({.name = "window_time", .typing = TypeWindowTime, .args_min = 1, .args_max = 1});
  table.Add({.name = "time_bucket",
             .typing = TypeTimeBucket,
             .args_min = 2,
             .args_max = 3,
             .fallible = true});
  table.Add(
      {.name = "to_time", .typing = TypeToTime, .args_min = 1, .args_max = 2, .fallible = true});
  table.Add({.name = "try_to_time",
             .typing = TypeToTime,
             .args_min = 1,
             .args_max = 2,
             .null_intolerant = false});
}

}  // namespace tarn::plan
