#include <algorithm>
#include <cstdlib>

#include "query_analyzer.h"
#include "tarn/types/datetime.h"

namespace tarn::analyze {

namespace {

/// Digits with sign, point and exponent → unscaled value, precision and scale, as Java's BigDecimal
/// and Spark's DecimalType.fromDecimal see them; nullopt if more than 38 digits are needed.
std::optional<Value> DecimalOf(std::string_view text) {
  bool negative = false;
  Int128 unscaled = 0;
  int digits = 0;
  int scale = 0;
  bool point = false;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    if (point) ++scale;
    if (digits == 0 && c == '0') continue;
    if (++digits > 38) return std::nullopt;
    unscaled = unscaled * 10 + (c - '0');
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    scale -= std::atoi(std::string(text.substr(i + 1)).c_str());
  }
  if (scale < 0) {
    digits = unscaled == 0 ? 0 : digits - scale;
    if (digits > 38) return std::nullopt;
    for (; scale < 0; ++scale) unscaled *= 10;
  }
  if (scale > 38) return std::nullopt;
  const int precision = std::max({digits, scale, 1});
  return Value::Of(DataType::Decimal(precision, scale), negative ? -unscaled : unscaled);
}

Error InvalidTyped(std::string_view type, const std::string& text, const SourceRange& source) {
  return Error(Condition("INVALID_TYPED_LITERAL"),
               {{"valueType", Quoted(type)}, {"value", "'" + text + "'"}})
      .WithPosition(source);
}

/// Spark's special dates: epoch, now, today, tomorrow, yesterday.
std::optional<int64_t> SpecialDay(std::string_view text, int64_t now_us, const TimeZone& zone) {
  const std::string word = Lower(text);
  const int64_t local = zone.UtcToLocal(now_us);
  int64_t today = local / kMicrosPerDay;
  if (local % kMicrosPerDay < 0) --today;
  if (word == "epoch") return 0;
  if (word == "today" || word == "now") return today;
  if (word == "tomorrow") return today + 1;
  if (word == "yesterday") return today - 1;
  return std::nullopt;
}

std::string Trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

}  // namespace

Result<ExprPtr> QueryAnalyzer::AnalyzeLiteral(const sql::Literal& literal,
                                              const SourceRange& source) {
  const auto make = [&](Value value) -> Result<ExprPtr> {
    return plan::MakeLiteral(std::move(value), source);
  };
  switch (literal.kind) {
    case sql::LiteralKind::kNull:
      return make(Value());
    case sql::LiteralKind::kBoolean:
      return make(Value::Boolean(literal.boolean));
    case sql::LiteralKind::kInt:
      return make(Value::Of(TypeId::kInt, literal.integer));
    case sql::LiteralKind::kBigInt:
      return make(Value::Long(literal.integer));
    case sql::LiteralKind::kSmallInt:
      return make(Value::Of(TypeId::kShort, literal.integer));
    case sql::LiteralKind::kTinyInt:
      return make(Value::Of(TypeId::kByte, literal.integer));
    case sql::LiteralKind::kDecimal: {
      auto value = DecimalOf(literal.text);
      if (!value) {
        return Error(Condition("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
                     {{"precision", std::to_string(literal.text.size())}, {"maxPrecision", "38"}})
            .WithPosition(source);
      }
      return make(std::move(*value));
    }
    case sql::LiteralKind::kDouble:
      return make(Value::Double(std::strtod(literal.text.c_str(), nullptr)));
    case sql::LiteralKind::kFloat:
      return make(Value::Of(TypeId::kFloat, double{std::strtof(literal.text.c_str(), nullptr)}));
    case sql::LiteralKind::kString:
      return make(Value::String(literal.text));
    case sql::LiteralKind::kBinary:
      return make(Value::Binary(literal.text));
    default:
      break;
  }
  TARN_ASSIGN(auto zone, FindTimeZone(context_.session_zone));
  const std::string text = Trimmed(literal.text);
  const auto special = SpecialDay(text, context_.statement_start_us, *zone);
  if (literal.kind == sql::LiteralKind::kDate) {
    if (special) return make(Value::Of(TypeId::kDate, *special));
    auto days = ParseDate(text);
    if (!days) return InvalidTyped("DATE", literal.text, source);
    return make(Value::Of(TypeId::kDate, int64_t{*days}));
  }
  if (literal.kind == sql::LiteralKind::kTime) {
    // A time is read as that of the first day of the epoch.
    auto micros = ParseTimestampNtz("1970-01-01 " + text, false);
    if (!micros || *micros < 0 || *micros >= kMicrosPerDay) {
      return InvalidTyped("TIME", literal.text, source);
    }
    return make(Value::Of(TypeId::kTime, *micros));
  }
  const bool without_zone = literal.kind == sql::LiteralKind::kTimestampNtz;
  const TypeId id = without_zone ? TypeId::kTimestampNtz : TypeId::kTimestamp;
  if (special) {
    const bool now = Lower(text) == "now";
    const int64_t local =
        now ? zone->UtcToLocal(context_.statement_start_us) : *special * kMicrosPerDay;
    if (text == "epoch") return make(Value::Of(id, int64_t{0}));
    return make(Value::Of(id, without_zone ? local : zone->LocalToUtc(local)));
  }
  const auto micros = without_zone ? ParseTimestampNtz(text, false) : ParseTimestamp(text, *zone);
  if (!micros) {
    const char* type = without_zone                                      ? "TIMESTAMP_NTZ"
                       : literal.kind == sql::LiteralKind::kTimestampLtz ? "TIMESTAMP_LTZ"
                                                                         : "TIMESTAMP";
    return InvalidTyped(type, literal.text, source);
  }
  return make(Value::Of(id, *micros));
}

}  // namespace tarn::analyze
