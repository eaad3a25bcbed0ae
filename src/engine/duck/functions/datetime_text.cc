// Dates and times to text and back by patterns.

#include "duck/functions/casting.h"
#include "duck/functions/datetime_functions.h"
#include "duck/functions/datetime_pattern.h"

namespace tarn::engine::duck {

namespace {

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

const DatetimePattern& PatternOf(Call& call, std::string_view pattern, bool parsing) {
  struct Known {
    std::unique_ptr<DatetimePattern> pattern;
  };
  auto& known = call.State<Known>();
  if (!known.pattern || known.pattern->source() != pattern) {
    known.pattern = std::make_unique<DatetimePattern>(pattern, parsing);
  }
  return *known.pattern;
}

std::string FormatTimestamp(Call& call, int64_t micros, std::string_view pattern) {
  const bool zoned = !call.info.args[0].Is(TypeId::kTimestampNtz);
  const int64_t local = zoned ? call.info.zone->UtcToLocal(micros) : micros;
  return PatternOf(call, pattern, false).Format(local, micros, *call.info.zone);
}

/// The local time that a text says, by a pattern; CANNOT_PARSE_TIMESTAMP or NULL if it doesn't.
std::optional<DatetimePattern::Parsed> ParseText(Call& call, std::string_view text,
                                                 std::string_view pattern) {
  auto parsed = PatternOf(call, pattern, true).Parse(text);
  if (!parsed && !IsTry(call)) {
    Raise(Condition("CANNOT_PARSE_TIMESTAMP"),
          {{"message", "the text '" + std::string(text) + "' doesn't have the form '" +
                           std::string(pattern) + "'"},
           {"func", "`try_to_timestamp`"}});
  }
  return parsed;
}

std::optional<int64_t> ParseInstant(Call& call, std::string_view text, std::string_view pattern) {
  const auto parsed = ParseText(call, text, pattern);
  if (!parsed) return std::nullopt;
  return (parsed->zone ? *parsed->zone : *call.info.zone).LocalToUtc(parsed->micros_local);
}

std::optional<int32_t> ParseDay(Call& call, std::string_view text, std::string_view pattern) {
  const auto parsed = ParseText(call, text, pattern);
  if (!parsed) return std::nullopt;
  return static_cast<int32_t>(FloorDiv(parsed->micros_local, kMicrosPerDay));
}

std::optional<int64_t> ParseLocal(Call& call, std::string_view text, std::string_view pattern) {
  const auto parsed = ParseText(call, text, pattern);
  return parsed ? std::optional(parsed->micros_local) : std::nullopt;
}

/// to_date, to_timestamp…: a text with a pattern, or a cast.
CallTemplate Reading(const char* kernel, bool tried) {
  return [kernel, tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                         DuckArgs args) -> DuckExpr {
    if (call.args.size() == 2 && call.args[0]->type.IsString()) {
      return CallKernel(context, kernel, expr, call, std::move(args), tried ? "try" : "");
    }
    return context.Cast(std::move(args[0]), call.args[0]->type, expr.type,
                        tried ? plan::CastMode::kTry : plan::CastMode::kAnsi);
  };
}

DuckExpr UnixTimestamp(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                       DuckArgs args) {
  if (args.empty()) {
    return Constant(
        duckdb::Value::BIGINT(FloorDiv(context.settings().statement_start_us, kMicrosPerSecond)));
  }
  const DataType& type = call.args[0]->type;
  if (type.IsString()) {
    if (args.size() == 1) args.push_back(ConstantText("yyyy-MM-dd HH:mm:ss"));
    return CallKernel(context, "parse_seconds", TypeId::kLong, {TypeId::kString, TypeId::kString},
                      std::move(args));
  }
  DuckExpr instant = context.Cast(std::move(args[0]), type, TypeId::kTimestamp);
  return context.Cast(std::move(instant), TypeId::kTimestamp, TypeId::kLong);
}

}  // namespace

void RegisterDatetimeTexts(FunctionSet& set) {
  set.Function("date_format", FormatTimestamp, kFallible);
  set.Function(
      "from_unixtime",
      [](Call& call, int64_t seconds, std::string_view pattern) {
        int64_t micros = 0;
        if (__builtin_mul_overflow(seconds, kMicrosPerSecond, &micros)) {
          Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "from_unixtime"}});
        }
        return FormatTimestamp(call, micros, pattern);
      },
      kFallible);
  set.Kernel("parse_instant", ParseInstant, kFallible);
  set.Kernel("parse_day", ParseDay, kFallible);
  set.Kernel("parse_local", ParseLocal, kFallible);
  set.Kernel(
      "parse_seconds",
      [](Call& call, std::string_view text, std::string_view pattern) -> std::optional<int64_t> {
        const auto instant = ParseInstant(call, text, pattern);
        return instant ? std::optional(FloorDiv(*instant, kMicrosPerSecond)) : std::nullopt;
      },
      kFallible);
  set.Template("to_date", Reading("parse_day", false));
  set.Template("try_to_date", Reading("parse_day", true));
  set.Template("to_timestamp", Reading("parse_instant", false));
  set.Template("to_timestamp_ltz", Reading("parse_instant", false));
  set.Template("try_to_timestamp", Reading("parse_instant", true));
  set.Template("to_timestamp_ntz", Reading("parse_local", false));
  set.Template("unix_timestamp", UnixTimestamp);
  set.Template("to_unix_timestamp", UnixTimestamp);
}

}  // namespace tarn::engine::duck
