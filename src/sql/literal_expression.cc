// Numbers, strings, typed literals and intervals.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "expression_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

struct IntegerRange {
  int64_t min;
  int64_t max;
  const char* type;
};

IntegerRange RangeOf(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::kTinyInt:
      return {INT8_MIN, INT8_MAX, "tinyint"};
    case LiteralKind::kSmallInt:
      return {INT16_MIN, INT16_MAX, "smallint"};
    default:
      return {INT64_MIN, INT64_MAX, "bigint"};
  }
}

/// nullopt if the digits don't fit 64 bits.
std::optional<int64_t> ToInteger(const std::string& digits) {
  int64_t value = 0;
  const char* begin = digits.data();
  const auto parsed = std::from_chars(begin, begin + digits.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Bytes of hexadecimal digits; an odd number of them gets a leading zero. nullopt if malformed.
std::optional<std::string> DecodeHex(std::string digits) {
  if (digits.size() % 2 == 1) digits.insert(digits.begin(), '0');
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]);
    const int low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::optional<LiteralKind> TypedKind(Keyword keyword) {
  switch (keyword) {
    case K::kDate:
      return LiteralKind::kDate;
    case K::kTime:
      return LiteralKind::kTime;
    case K::kTimestamp:
      return LiteralKind::kTimestamp;
    case K::kTimestampLtz:
      return LiteralKind::kTimestampLtz;
    case K::kTimestampNtz:
      return LiteralKind::kTimestampNtz;
    case K::kX:
      return LiteralKind::kBinary;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<IntervalUnit> IntervalUnitOf(Keyword keyword) {
  switch (keyword) {
    case K::kYear:
    case K::kYears:
      return IntervalUnit::kYear;
    case K::kQuarter:
      return IntervalUnit::kQuarter;
    case K::kMonth:
    case K::kMonths:
      return IntervalUnit::kMonth;
    case K::kWeek:
    case K::kWeeks:
      return IntervalUnit::kWeek;
    case K::kDay:
    case K::kDays:
      return IntervalUnit::kDay;
    case K::kHour:
    case K::kHours:
      return IntervalUnit::kHour;
    case K::kMinute:
    case K::kMinutes:
      return IntervalUnit::kMinute;
    case K::kSecond:
    case K::kSeconds:
      return IntervalUnit::kSecond;
    case K::kMillisecond:
    case K::kMilliseconds:
      return IntervalUnit::kMillisecond;
    case K::kMicrosecond:
    case K::kMicroseconds:
      return IntervalUnit::kMicrosecond;
    case K::kNanosecond:
    case K::kNanoseconds:
      return IntervalUnit::kNanosecond;
    default:
      return std::nullopt;
  }
}

ExprPtr ExpressionParser::ParseNumber(bool negative, const SourceRange& begin) {
  Literal literal;
  std::string_view digits = Text(Now());
  const TokenKind kind = Now().kind;
  Skip();
  switch (kind) {
    case T::kInteger:
      literal.kind = LiteralKind::kInt;
      break;
    case T::kBigIntSuffix:
      literal.kind = LiteralKind::kBigInt;
      digits.remove_suffix(1);
      break;
    case T::kSmallIntSuffix:
      literal.kind = LiteralKind::kSmallInt;
      digits.remove_suffix(1);
      break;
    case T::kTinyIntSuffix:
      literal.kind = LiteralKind::kTinyInt;
      digits.remove_suffix(1);
      break;
    case T::kDecimal:
      literal.kind = LiteralKind::kDecimal;
      break;
    case T::kDecimalSuffix:
      literal.kind = LiteralKind::kDecimal;
      digits.remove_suffix(2);
      break;
    case T::kFloatSuffix:
      literal.kind = LiteralKind::kFloat;
      digits.remove_suffix(1);
      break;
    case T::kDoubleSuffix:
      literal.kind = LiteralKind::kDouble;
      digits.remove_suffix(1);
      break;
    default:
      literal.kind = LiteralKind::kDouble;
  }
  if (negative) literal.text = "-";
  literal.text += digits;
  if (literal.kind <= LiteralKind::kTinyInt) {
    if (const std::optional<int64_t> value = ToInteger(literal.text)) {
      literal.integer = *value;
      if (kind == T::kInteger && (*value < INT32_MIN || *value > INT32_MAX)) {
        literal.kind = LiteralKind::kBigInt;
      }
    } else if (kind == T::kInteger) {
      literal.kind = LiteralKind::kDecimal;
    }
  }
  CheckRange(literal, Since(begin));
  return MakeExpr(Since(begin), std::move(literal));
}

void ExpressionParser::CheckRange(const Literal& literal, const SourceRange& range) {
  const auto fail = [&](std::string type, std::string min, std::string max) {
    Fail(Error(Condition("INVALID_NUMERIC_LITERAL_RANGE"), {{"rawStrippedQualifier", literal.text},
                                                            {"typeName", std::move(type)},
                                                            {"minValue", std::move(min)},
                                                            {"maxValue", std::move(max)}})
             .WithPosition(range));
  };
  switch (literal.kind) {
    case LiteralKind::kBigInt:
    case LiteralKind::kSmallInt:
    case LiteralKind::kTinyInt: {
      const IntegerRange bounds = RangeOf(literal.kind);
      const std::optional<int64_t> value = ToInteger(literal.text);
      if (!value || *value < bounds.min || *value > bounds.max) {
        fail(bounds.type, std::to_string(bounds.min), std::to_string(bounds.max));
      }
      return;
    }
    case LiteralKind::kDouble:
    case LiteralKind::kFloat: {
      const bool is_float = literal.kind == LiteralKind::kFloat;
      double value = 0;
      const char* begin = literal.text.data();
      std::from_chars(begin, begin + literal.text.size(), value);
      const auto parsed = std::from_chars(begin, begin + literal.text.size(), value);
      // An underflow is no failure: it rounds to zero.
      const bool huge = parsed.ec == std::errc::result_out_of_range &&
                        std::isinf(std::strtod(literal.text.c_str(), nullptr));
      if (huge || (is_float && std::fabs(value) > std::numeric_limits<float>::max())) {
        const char* limit = is_float ? "3.4028234663852886E+38" : "1.7976931348623157E+308";
        fail(is_float ? "float" : "double", "-" + std::string(limit), limit);
      }
      return;
    }
    default:
      return;
  }
}

ExprPtr ExpressionParser::ParseStringLiteral() {
  const SourceRange begin = Here();
  Literal literal;
  literal.kind = LiteralKind::kString;
  literal.text = ParseString();
  return MakeExpr(Since(begin), std::move(literal));
}

ExprPtr ExpressionParser::ParseTypedLiteral() {
  const SourceRange begin = Here();
  const std::string type(Text(Now()));
  const std::optional<LiteralKind> kind = TypedKind(Now().keyword);
  if (!kind) {
    std::string upper = type;
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    Skip(2);
    Fail(Error(Condition("UNSUPPORTED_TYPED_LITERAL"),
               {{"unsupportedType", "\"" + upper + "\""},
                {"supportedTypes",
                 "\"DATE\", \"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", \"TIMESTAMP\", \"INTERVAL\", "
                 "\"X\", \"TIME\""}})
             .WithPosition(Since(begin)));
    return Dummy();
  }
  Skip();
  Literal literal;
  literal.kind = *kind;
  literal.text = DecodeString(Text(Now()));
  Skip();
  if (*kind == LiteralKind::kBinary) {
    std::optional<std::string> bytes = DecodeHex(literal.text);
    if (!bytes) {
      Fail(Error(Condition("INVALID_TYPED_LITERAL"),
                 {{"valueType", "\"X\""}, {"value", "'" + literal.text + "'"}})
               .WithPosition(Since(begin)));
      return Dummy();
    }
    literal.text = *std::move(bytes);
  }
  return MakeExpr(Since(begin), std::move(literal));
}

bool ExpressionParser::IsIntervalValue() const {
  const size_t sign = IsAhead(1, T::kMinus) || IsAhead(1, T::kPlus) ? 1 : 0;
  const T kind = Ahead(1 + sign).kind;
  return kind == T::kInteger || kind == T::kDecimal || kind == T::kString;
}

IntervalTerm ExpressionParser::ParseIntervalTerm() {
  IntervalTerm term;
  if (Is(T::kMinus) || Is(T::kPlus)) {
    if (Is(T::kMinus)) term.value = "-";
    Skip();
  }
  if (IsString()) {
    term.quoted = true;
    term.value += DecodeString(Text(Now()));
  } else {
    term.value += Text(Now());
  }
  Skip();
  const std::optional<IntervalUnit> unit = IntervalUnitOf(Now().keyword);
  if (!unit) {
    FailExpected("a unit of time, as in INTERVAL 1 DAY");
    return term;
  }
  Skip();
  term.unit = *unit;
  if (Is(K::kTo) && IntervalUnitOf(Ahead(1).keyword)) {
    Skip();
    term.to = IntervalUnitOf(Now().keyword);
    Skip();
  }
  return term;
}

ExprPtr ExpressionParser::ParseInterval() {
  const SourceRange begin = Here();
  IntervalLiteral interval;
  if (IsString(1) && !IntervalUnitOf(Ahead(2).keyword)) {
    Skip();
    interval.text = DecodeString(Text(Now()));
    Skip();
    return MakeExpr(Since(begin), std::move(interval));
  }
  // IsIntervalValue looks one token ahead, so the word before each value is left standing.
  const auto another = [&] {
    const size_t sign = Is(T::kMinus) || Is(T::kPlus) ? 1 : 0;
    const T kind = Ahead(sign).kind;
    return (kind == T::kInteger || kind == T::kDecimal || kind == T::kString) &&
           IntervalUnitOf(Ahead(sign + 1).keyword).has_value();
  };
  Skip();
  do {
    interval.terms.push_back(ParseIntervalTerm());
  } while (ok() && !interval.terms.back().to && another());
  return MakeExpr(Since(begin), std::move(interval));
}

}  // namespace tarn::sql
