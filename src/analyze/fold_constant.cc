#include <cmath>
#include <cstdlib>

#include "query_analyzer.h"
#include "tarn/types/datetime.h"

namespace tarn::analyze {

namespace {

std::string Trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::optional<std::pair<int64_t, int64_t>> RangeOf(TypeId id) {
  switch (id) {
    case TypeId::kByte:
      return std::pair<int64_t, int64_t>(INT8_MIN, INT8_MAX);
    case TypeId::kShort:
      return std::pair<int64_t, int64_t>(INT16_MIN, INT16_MAX);
    case TypeId::kInt:
      return std::pair<int64_t, int64_t>(INT32_MIN, INT32_MAX);
    case TypeId::kLong:
      return std::pair<int64_t, int64_t>(INT64_MIN, INT64_MAX);
    default:
      return std::nullopt;
  }
}

std::optional<Value> Integral(Int128 value, const DataType& type) {
  const auto range = RangeOf(type.id());
  if (!range || value < range->first || value > range->second) return std::nullopt;
  return Value::Of(type, static_cast<int64_t>(value));
}

std::optional<Value> FromText(const std::string& raw, const DataType& type,
                              std::string_view zone_name) {
  const std::string text = Trimmed(raw);
  if (RangeOf(type.id())) {
    char* end = nullptr;
    errno = 0;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || errno != 0) return std::nullopt;
    return Integral(value, type);
  }
  if (type.IsFractional()) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') return std::nullopt;
    return Value::Of(type, value);
  }
  switch (type.id()) {
    case TypeId::kBoolean: {
      const std::string word = Lower(text);
      for (const char* yes : {"t", "true", "y", "yes", "1"}) {
        if (word == yes) return Value::Boolean(true);
      }
      for (const char* no : {"f", "false", "n", "no", "0"}) {
        if (word == no) return Value::Boolean(false);
      }
      return std::nullopt;
    }
    case TypeId::kDate: {
      const auto days = ParseDate(text);
      if (!days) return std::nullopt;
      return Value::Of(type, int64_t{*days});
    }
    case TypeId::kTimestamp: {
      const auto zone = FindTimeZone(zone_name);
      if (!zone.ok()) return std::nullopt;
      const auto micros = ParseTimestamp(text, **zone);
      if (!micros) return std::nullopt;
      return Value::Of(type, *micros);
    }
    case TypeId::kTimestampNtz: {
      const auto micros = ParseTimestampNtz(text, true);
      if (!micros) return std::nullopt;
      return Value::Of(type, *micros);
    }
    default:
      return std::nullopt;
  }
}

std::optional<Value> CastValue(const Value& value, const DataType& type, std::string_view zone) {
  if (value.is_null()) return Value::Null(type);
  if (value.type() == type) return value;
  if (type.Is(TypeId::kString)) return Value::String(RenderAsString(value, zone));
  if (value.type().IsString()) return FromText(value.text(), type, zone);
  if (value.type().IsIntegral()) {
    const int64_t number = value.integer();
    if (type.IsIntegral()) return Integral(number, type);
    if (type.IsFractional()) return Value::Of(type, static_cast<double>(number));
    if (type.Is(TypeId::kDecimal)) {
      Int128 unscaled = number;
      Int128 limit = 1;
      for (int i = 0; i < type.scale(); ++i) unscaled *= 10;
      for (int i = 0; i < type.precision(); ++i) limit *= 10;
      if (unscaled >= limit || unscaled <= -limit) return std::nullopt;
      return Value::Of(type, unscaled);
    }
  }
  if (value.type().Is(TypeId::kDecimal)) {
    if (type.IsFractional()) {
      return Value::Of(
          type, std::strtod(RenderDecimal(value.decimal(), value.type().scale()).c_str(), nullptr));
    }
    if (type.Is(TypeId::kDecimal) && type.scale() >= value.type().scale()) {
      Int128 unscaled = value.decimal();
      for (int i = value.type().scale(); i < type.scale(); ++i) unscaled *= 10;
      Int128 limit = 1;
      for (int i = 0; i < type.precision(); ++i) limit *= 10;
      if (unscaled >= limit || unscaled <= -limit) return std::nullopt;
      return Value::Of(type, unscaled);
    }
  }
  if (value.type().Is(TypeId::kDouble) && type.Is(TypeId::kFloat)) {
    return Value::Of(type, static_cast<double>(static_cast<float>(value.real())));
  }
  if (value.type().Is(TypeId::kFloat) && type.Is(TypeId::kDouble)) {
    return Value::Of(type, value.real());
  }
  if (value.type().Is(TypeId::kDate) &&
      (type.Is(TypeId::kTimestamp) || type.Is(TypeId::kTimestampNtz))) {
    const int64_t local = value.integer() * kMicrosPerDay;
    if (type.Is(TypeId::kTimestampNtz)) return Value::Of(type, local);
    const auto found = FindTimeZone(zone);
    if (!found.ok()) return std::nullopt;
    return Value::Of(type, (*found)->LocalToUtc(local));
  }
  if (value.type().id() == type.id() && type.IsInterval()) return Value::Of(type, value.rep());
  return std::nullopt;
}

std::optional<Value> Arithmetic(std::string_view op, const Value& a, const Value& b,
                                const DataType& type) {
  if (a.is_null() || b.is_null()) return Value::Null(type);
  if (type.IsIntegral() && a.type() == type && b.type() == type) {
    const Int128 x = a.integer();
    const Int128 y = b.integer();
    if (op == "+") return Integral(x + y, type);
    if (op == "-") return Integral(x - y, type);
    if (op == "*") return Integral(x * y, type);
    return std::nullopt;
  }
  if (type.Is(TypeId::kDouble) && a.type() == type && b.type() == type) {
    const double x = a.real();
    const double y = b.real();
    if (op == "+") return Value::Double(x + y);
    if (op == "-") return Value::Double(x - y);
    if (op == "*") return Value::Double(x * y);
    if (op == "/" && y != 0) return Value::Double(x / y);
    return std::nullopt;
  }
  const bool instant = type.Is(TypeId::kTimestamp) || type.Is(TypeId::kTimestampNtz);
  if (instant && a.type() == type && b.type().Is(TypeId::kDayTimeInterval)) {
    return Value::Of(type, op == "+" ? a.integer() + b.integer() : a.integer() - b.integer());
  }
  if (type.Is(TypeId::kDate) && a.type() == type && b.type().IsIntegral()) {
    return Value::Of(type, op == "+" ? a.integer() + b.integer() : a.integer() - b.integer());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> FoldConstant(const plan::Expr& expr, std::string_view session_zone) {
  if (const auto* literal = expr.As<plan::Literal>()) return literal->value;
  if (const auto* cast = expr.As<plan::Cast>()) {
    const auto input = FoldConstant(*cast->input, session_zone);
    if (!input) return std::nullopt;
    return CastValue(*input, expr.type, session_zone);
  }
  const auto* call = expr.As<plan::Call>();
  if (!call) return std::nullopt;
  const std::string_view name = call->function->name;
  std::vector<Value> args;
  if (name != "negative" && name != "positive" && name != "concat" && name != "+" && name != "-" &&
      name != "*" && name != "/") {
    return std::nullopt;
  }
  for (const auto& arg : call->args) {
    auto value = FoldConstant(*arg, session_zone);
    if (!value) return std::nullopt;
    args.push_back(std::move(*value));
  }
  if (name == "concat") {
    std::string text;
    for (const Value& arg : args) {
      if (arg.is_null()) return Value::Null(expr.type);
      if (!arg.type().IsString()) return std::nullopt;
      text += arg.text();
    }
    return Value::String(std::move(text));
  }
  if (args.size() == 2) return Arithmetic(name, args[0], args[1], expr.type);
  if (args.size() != 1) return std::nullopt;
  if (args[0].is_null() || name == "positive") return args[0];
  if (expr.type.IsIntegral()) return Integral(-Int128{args[0].integer()}, expr.type);
  if (expr.type.IsFractional()) return Value::Of(expr.type, -args[0].real());
  if (expr.type.Is(TypeId::kDecimal)) return Value::Of(expr.type, -args[0].decimal());
  if (expr.type.IsInterval() && !expr.type.Is(TypeId::kCalendarInterval)) {
    return Value::Of(expr.type, -args[0].integer());
  }
  return std::nullopt;
}

}  // namespace tarn::analyze
