#include "duck/errors.h"

#include <charconv>

namespace tarn::engine::duck {

namespace {

using duckdb::ExceptionType;

constexpr std::string_view kConditionKey = "tarn_condition";
constexpr std::string_view kParameterPrefix = "tarn_p:";

bool Has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// What stands between the first pair of `quote` after `from`; empty if there is none.
std::string Quoted(std::string_view text, char quote = '\'', size_t from = 0) {
  const size_t begin = text.find(quote, from);
  if (begin == text.npos) return {};
  const size_t end = text.find(quote, begin + 1);
  if (end == text.npos) return {};
  return std::string(text.substr(begin + 1, end - begin - 1));
}

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string SparkTypeName(std::string_view duck) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"VARCHAR", "STRING"},
      {"INT8", "TINYINT"},
      {"INT16", "SMALLINT"},
      {"INT32", "INT"},
      {"INT64", "BIGINT"},
      {"INTEGER", "INT"},
      {"BLOB", "BINARY"},
      {"BOOL", "BOOLEAN"},
      {"TIMESTAMP WITH TIME ZONE", "TIMESTAMP"},
      {"TIMESTAMP", "TIMESTAMP_NTZ"}};
  for (const auto& [from, to] : kNames) {
    if (duck == from) return "\"" + std::string(to) + "\"";
  }
  return "\"" + std::string(duck) + "\"";
}

// "Could not convert string 'abc' to INT32"
std::optional<Error> MalformedCast(std::string_view message) {
  if (!Has(message, "Could not convert string") && !Has(message, "invalid") &&
      !Has(message, "Unimplemented type for cast")) {
    return std::nullopt;
  }
  std::string target = "\"?\"";
  if (const size_t to = message.rfind("' to "); to != message.npos) {
    std::string_view rest = message.substr(to + 5);
    rest = rest.substr(0, rest.find_first_of("\n.,"));
    target = SparkTypeName(rest);
  }
  return Error(Condition("CAST_INVALID_INPUT"), {{"expression", "'" + Quoted(message) + "'"},
                                                 {"sourceType", "\"STRING\""},
                                                 {"targetType", target}});
}

// "Type INT64 with value 300 can't be cast because the value is out of range for the destination
// type INT8"
std::optional<Error> CastOverflow(std::string_view message) {
  const size_t value = message.find(" with value ");
  const size_t type = message.find("destination type ");
  if (!message.starts_with("Type ") || value == message.npos || type == message.npos)
    return std::nullopt;
  const size_t value_end = message.find(" can't be cast", value);
  return Error(Condition("CAST_OVERFLOW"),
               {{"value", std::string(message.substr(value + 12, value_end - value - 12))},
                {"sourceType", SparkTypeName(message.substr(5, value - 5))},
                {"targetType", SparkTypeName(FirstLine(message.substr(type + 17)))}});
}

Error ArithmeticOverflow(std::string_view message) {
  static constexpr std::pair<std::string_view, std::string_view> kOperations[] = {
      {"addition", "addition"},
      {"subtraction", "subtraction"},
      {"multiplication", "multiplication"},
      {"division", "division"},
      {"SUM", "sum"},
      {"negation", "negation"}};
  for (const auto& [word, operation] : kOperations) {
    if (Has(message, word)) {
      return Error(Condition("ARITHMETIC_OVERFLOW"), {{"operation", std::string(operation)}});
    }
  }
  return Error(Condition("ARITHMETIC_OVERFLOW"), {{"operation", FirstLine(message)}});
}

Error OfConversion(std::string_view message) {
  if (std::optional<Error> error = CastOverflow(message)) return *std::move(error);
  if (Has(message, "Overflow") || Has(message, "out of range")) return ArithmeticOverflow(message);
  if (const size_t to = message.find(" to DECIMAL(");
      Has(message, "Could not cast value") && to != message.npos) {
    // "Could not cast value 123.45 to DECIMAL(3,2)"
    const size_t begin = message.find("value ") + 6;
    const std::string_view type = message.substr(to + 12);
    const size_t comma = type.find(',');
    return Error(Condition("NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"),
                 {{"value", std::string(message.substr(begin, to - begin))},
                  {"precision", std::string(type.substr(0, comma))},
                  {"scale", std::string(type.substr(comma + 1, type.find(')') - comma - 1))}});
  }
  if (std::optional<Error> error = MalformedCast(message)) return *std::move(error);
  return Error(
      Condition("CAST_INVALID_INPUT"),
      {{"expression", FirstLine(message)}, {"sourceType", "\"STRING\""}, {"targetType", "\"?\""}});
}

std::optional<Error> OfExtraInfo(const duckdb::ErrorData& error) {
  const auto& info = error.ExtraInfo();
  const auto name = info.find(std::string(kConditionKey));
  if (name == info.end()) return std::nullopt;
  const std::optional<Condition> condition = ConditionByName(name->second);
  if (!condition) return InternalError("unknown condition " + name->second);
  std::vector<Error::Parameter> parameters;
  for (const auto& [key, value] : info) {
    if (key.starts_with(kParameterPrefix)) {
      parameters.emplace_back(key.substr(kParameterPrefix.size()), value);
    }
  }
  return Error(*condition, std::move(parameters));
}

Error OfType(const duckdb::ErrorData& error, const RequestContext& context) {
  const std::string& message = error.RawMessage();
  switch (error.Type()) {
    case ExceptionType::INTERRUPT: {
      Status status = context.Check();
      return status.ok() ? Error(Condition("OPERATION_CANCELED")) : std::move(status).error();
    }
    case ExceptionType::OUT_OF_MEMORY:
      return Error(Condition("OUT_OF_MEMORY"),
                   {{"limit", "the engine"}, {"detail", FirstLine(message)}});
    case ExceptionType::CONVERSION:
      return OfConversion(message);
    case ExceptionType::OUT_OF_RANGE:
      return Has(message, "Overflow") || Has(message, "out of range") ? ArithmeticOverflow(message)
                                                                      : OfConversion(message);
    case ExceptionType::DIVIDE_BY_ZERO:
      return Error(Condition("DIVIDE_BY_ZERO"));
    case ExceptionType::IO:
      return Error(Condition("IO_ERROR"),
                   {{"operation", "Reading"}, {"path", Quoted(message, '"')}, {"detail", message}});
    case ExceptionType::PERMISSION:
      return Error(
          Condition("PATH_NOT_ALLOWED"),
          {{"path", Quoted(message, '"')}, {"detail", "the statement's plan doesn't name it"}});
    case ExceptionType::INVALID_INPUT:
      if (Has(message, "More than one row returned by a subquery")) {
        return Error(Condition("SCALAR_SUBQUERY_TOO_MANY_ROWS"));
      }
      if (Has(message, "Division by zero")) return Error(Condition("DIVIDE_BY_ZERO"));
      [[fallthrough]];
    case ExceptionType::BINDER:
      if (Has(message, "Max expression depth limit")) {
        return Error(Condition("FAILED_TO_PARSE_TOO_COMPLEX"));
      }
      if (Has(message, "Duplicate struct entry name")) {
        return UnsupportedFeature("A struct with two fields of one name");
      }
      if (Has(message, "QUANTILE argument must not be NULL")) {
        return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_NULL"),
                     {{"sqlExpr", "the percentile"}, {"exprName", "`percentage`"}});
      }
      if (Has(message, "QUANTILE can only take constant parameters")) {
        return Error(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
                     {{"sqlExpr", "the percentile"},
                      {"inputName", "`percentage`"},
                      {"inputType", "\"DOUBLE\""},
                      {"inputExpr", "one of each row"}});
      }
      if (Has(message, "can only take parameters in the range")) {
        return Error(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
                     {{"sqlExpr", "the percentile"},
                      {"exprName", "`percentage`"},
                      {"valueRange", "[0.0, 1.0]"},
                      {"currentValue", "another"}});
      }
      [[fallthrough]];
    default:
      return InternalError("the engine answered " +
                           duckdb::Exception::ExceptionTypeToString(error.Type()) + ": " + message);
  }
}

SourceRange PositionOf(const duckdb::ErrorData& error, const SourceMap* positions) {
  if (positions == nullptr) return {};
  const auto& info = error.ExtraInfo();
  const auto position = info.find("position");
  if (position == info.end()) return {};
  uint32_t offset = 0;
  const std::string& text = position->second;
  std::from_chars(text.data(), text.data() + text.size(), offset);
  const auto found = positions->find(offset);
  return found == positions->end() ? SourceRange() : found->second;
}

}  // namespace

void ThrowCondition(const Error& error) {
  std::unordered_map<std::string, std::string> info;
  info.emplace(kConditionKey, error.name());
  for (const auto& [name, value] : error.parameters()) {
    info.emplace(std::string(kParameterPrefix) + name, value);
  }
  throw duckdb::Exception(info, ExceptionType::INVALID_INPUT, error.message());
}

Error TranslateError(const duckdb::ErrorData& error, const RequestContext& context,
                     const SourceMap* positions) {
  const SourceRange position = PositionOf(error, positions);
  if (std::optional<Error> own = OfExtraInfo(error))
    return (*std::move(own)).WithDefaultPosition(position);
  return OfType(error, context).WithDefaultPosition(position);
}

}  // namespace tarn::engine::duck
