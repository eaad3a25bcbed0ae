#include "type_parser.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

/// The types that are one word without parameters.
std::optional<TypeId> SimpleType(Keyword keyword) {
  switch (keyword) {
    case K::kBoolean:
      return TypeId::kBoolean;
    case K::kTinyint:
    case K::kByte:
      return TypeId::kByte;
    case K::kSmallint:
    case K::kShort:
      return TypeId::kShort;
    case K::kInt:
    case K::kInteger:
      return TypeId::kInt;
    case K::kBigint:
    case K::kLong:
      return TypeId::kLong;
    case K::kFloat:
    case K::kReal:
      return TypeId::kFloat;
    case K::kDouble:
      return TypeId::kDouble;
    case K::kDate:
      return TypeId::kDate;
    case K::kTimestamp:
    case K::kTimestampLtz:
      return TypeId::kTimestamp;
    case K::kTimestampNtz:
      return TypeId::kTimestampNtz;
    case K::kBinary:
      return TypeId::kBinary;
    case K::kVoid:
      return TypeId::kNull;
    case K::kVariant:
      return TypeId::kVariant;
    default:
      return std::nullopt;
  }
}

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

}  // namespace

DataType TypeParser::ParseType() {
  const Nesting nesting(this);
  if (!ok()) return {};
  if (!Is(T::kWord)) {
    FailExpected("a data type");
    return {};
  }
  const SourceRange begin = Here();
  const Keyword keyword = Now().keyword;
  if (const std::optional<TypeId> simple = SimpleType(keyword)) {
    Skip();
    if (Is(T::kLeftParen) && IsAhead(1, T::kInteger)) {
      FailUnsupported(begin);
      return {};
    }
    return DataType(*simple);
  }
  return ParseNamedType(keyword);
}

DataType TypeParser::ParseNamedType(Keyword keyword) {
  const SourceRange begin = Here();
  switch (keyword) {
    case K::kString:
      return ParseStringType();
    case K::kTime: {
      Skip();
      if (Accept(T::kLeftParen)) {
        const SourceRange where = Here();
        const int64_t precision = ParseInteger("the precision");
        Expect(T::kRightParen);
        if (ok() && (precision < 0 || precision > 6)) FailAt(where, "a TIME has 0 to 6 digits");
      }
      return TypeId::kTime;
    }
    case K::kDecimal:
    case K::kDec:
    case K::kNumeric:
      return ParseDecimal();
    case K::kChar:
    case K::kCharacter:
      return ParseSizedString(true);
    case K::kVarchar:
      return ParseSizedString(false);
    case K::kArray:
      return ParseArray();
    case K::kMap:
      return ParseMap();
    case K::kStruct:
      return ParseStruct();
    case K::kInterval:
      return ParseIntervalType();
    default:
      Skip();
      FailUnsupported(begin);
      return {};
  }
}

void TypeParser::FailUnsupported(const SourceRange& begin) {
  if (!ok()) return;
  if (Is(T::kLeftParen)) {
    Skip();
    while (!AtEnd() && !Accept(T::kRightParen)) Skip();
  }
  const SourceRange range = Since(begin);
  Fail(Error(
           Condition("UNSUPPORTED_DATATYPE"),
           {{"typeName", "\"" + Upper(text().substr(range.begin, range.end - range.begin)) + "\""}})
           .WithPosition(range));
}

DataType TypeParser::ParseStringType() {
  const SourceRange begin = Here();
  Skip();
  if (Is(T::kLeftParen)) {
    FailUnsupported(begin);
    return {};
  }
  if (Accept(K::kCollate)) {
    const SourceRange where = Here();
    const std::vector<Identifier> name = ParseParts("a collation");
    // Only the collation that compares bytes is what a plain STRING already is.
    if (ok() && !SameName(name.back().text, "UTF8_BINARY")) {
      Fail(UnsupportedFeature("The collation " + name.back().text, where));
    }
  }
  return TypeId::kString;
}

DataType TypeParser::ParseDecimal() {
  constexpr int64_t kPrecisionMax = 38;
  const SourceRange begin = Here();
  Skip();
  int64_t precision = 10;
  int64_t scale = 0;
  if (Accept(T::kLeftParen)) {
    precision = ParseInteger("the precision");
    if (Accept(T::kComma)) scale = ParseInteger("the scale");
    Expect(T::kRightParen);
  }
  if (!ok()) return {};
  if (precision > kPrecisionMax) {
    Fail(Error(Condition("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
               {{"precision", std::to_string(precision)},
                {"maxPrecision", std::to_string(kPrecisionMax)}})
             .WithPosition(Since(begin)));
    return {};
  }
  if (precision < 1 || scale < 0 || scale > precision) {
    FailAt(Since(begin), "a DECIMAL has 1 to 38 digits, and no more after the point than in all");
    return {};
  }
  return DataType::Decimal(static_cast<int>(precision), static_cast<int>(scale));
}

DataType TypeParser::ParseSizedString(bool is_char) {
  const SourceRange begin = Here();
  const std::string name = Upper(Text(Now()));
  Skip();
  if (!Accept(T::kLeftParen)) {
    Fail(Error(Condition("DATATYPE_MISSING_SIZE"), {{"type", "\"" + name + "\""}})
             .WithPosition(Since(begin)));
    return {};
  }
  const SourceRange where = Here();
  const int64_t length = ParseInteger("the length");
  Expect(T::kRightParen);
  if (ok() && (length < 0 || length > INT32_MAX)) {
    FailAt(where, "a length is from 0 to 2147483647");
  }
  if (!ok()) return {};
  return is_char ? DataType::Char(static_cast<int>(length))
                 : DataType::Varchar(static_cast<int>(length));
}

void TypeParser::OpenAngle(std::string_view type, std::string_view example) {
  if (Accept(T::kLess) || !ok()) return;
  Fail(Error(Condition("INCOMPLETE_TYPE_DEFINITION"),
             {{"type", std::string(type)}, {"example", std::string(example)}})
           .WithPosition(Here()));
}

void TypeParser::CloseAngle() {
  if (Is(T::kGreaterEqual)) {
    // ARRAY<INT>=… is a type followed by '='.
    Token& token = tokens()[at()];
    token.kind = T::kEqual;
    ++token.source.begin;
    ++token.source.column;
    return;
  }
  Expect(T::kGreater);
}

DataType TypeParser::ParseArray() {
  Skip();
  OpenAngle("ARRAY", "ARRAY<INT>");
  DataType element = ParseType();
  CloseAngle();
  return DataType::Array(std::move(element));
}

DataType TypeParser::ParseMap() {
  Skip();
  OpenAngle("MAP", "MAP<STRING, INT>");
  DataType key = ParseType();
  Expect(T::kComma);
  DataType value = ParseType();
  CloseAngle();
  return DataType::Map(std::move(key), std::move(value));
}

DataType TypeParser::ParseStruct() {
  Skip();
  if (Accept(T::kNotEqual)) return DataType::Struct({});
  OpenAngle("STRUCT", "STRUCT<a: INT, b: STRING>");
  if (Is(T::kGreater)) {
    Skip();
    return DataType::Struct({});
  }
  std::vector<Field> fields = ParseFields(true);
  CloseAngle();
  return DataType::Struct(std::move(fields));
}

std::vector<Field> TypeParser::ParseFields(bool colon) {
  std::vector<Field> fields;
  do {
    Field field;
    field.name = ParseIdentifier("a column's name").text;
    if (colon) Accept(T::kColon);
    field.type = ParseType();
    for (bool more = true; more && ok();) {
      if (AcceptSequence({K::kNot, K::kNull})) {
        field.nullable = false;
      } else if (Accept(K::kComment)) {
        field.SetComment(ParseString());
      } else if (Is(K::kNull)) {
        Skip();
      } else {
        more = false;
      }
    }
    fields.push_back(std::move(field));
  } while (Accept(T::kComma));
  return fields;
}

DataType TypeParser::ParseIntervalType() {
  const SourceRange begin = Here();
  Skip();
  const auto field = [&](bool months) -> std::optional<IntervalField> {
    if (months && Accept(K::kYear)) return IntervalField::kYear;
    if (months && Accept(K::kMonth)) return IntervalField::kMonth;
    if (!months && Accept(K::kDay)) return IntervalField::kDay;
    if (!months && Accept(K::kHour)) return IntervalField::kHour;
    if (!months && Accept(K::kMinute)) return IntervalField::kMinute;
    if (!months && Accept(K::kSecond)) return IntervalField::kSecond;
    return std::nullopt;
  };
  const bool months = IsAnyOf({K::kYear, K::kMonth});
  const std::optional<IntervalField> start = field(months);
  if (!start) return TypeId::kCalendarInterval;
  std::optional<IntervalField> end = start;
  if (Accept(K::kTo)) {
    end = field(months);
    if (!end || *end <= *start) {
      FailAt(Since(begin), "an interval goes from a larger to a smaller unit of one kind");
      return {};
    }
  }
  return months ? DataType::YearMonth(*start, *end) : DataType::DayTime(*start, *end);
}

}  // namespace tarn::sql
