#include "signature.h"

#include <cctype>
#include <map>
#include <memory>
#include <mutex>

#include "tarn/base/check.h"
#include "tarn/base/parse_number.h"

namespace tarn::plan {

namespace {

/// Recursive descent over one signature text.
class SignatureParser {
 public:
  explicit SignatureParser(std::string_view text) : rest_(text), whole_(text) {}

  std::vector<Signature> ParseAll() {
    std::vector<Signature> signatures;
    do {
      signatures.push_back(ParseOne());
    } while (Take("|"));
    Expect(rest_.empty());
    return signatures;
  }

 private:
  Signature ParseOne() {
    Signature signature;
    Expect(Take("("));
    if (!Take(")")) {
      do {
        Expect(!signature.variadic);
        Parameter parameter{ParsePattern(), std::nullopt};
        if (Take("...")) {
          signature.variadic = true;
        } else if (Take("*")) {
          signature.variadic = signature.variadic_may_be_empty = true;
        } else if (Take("=")) {
          parameter.default_value = ParseDefault();
        }
        signature.parameters.push_back(std::move(parameter));
      } while (Take(","));
      Expect(Take(")"));
    }
    Expect(Take("->"));
    signature.result = ParsePattern();
    return signature;
  }

  TypePattern ParsePattern() {
    TypePattern pattern;
    if (Take("$")) {
      pattern.kind = TypePattern::Kind::kArgument;
      pattern.argument = Number<int>(Word());
      return pattern;
    }
    if (Take("(")) {
      pattern.kind = TypePattern::Kind::kLambda;
      do {
        pattern.parts.push_back(ParsePattern());
      } while (Take(","));
      Expect(Take(")"));
      Expect(Take("=>"));
      pattern.parts.push_back(ParsePattern());
      return pattern;
    }
    return ParseNamed(Word());
  }

  TypePattern ParseNamed(std::string word) {
    TypePattern pattern;
    if (word.size() == 1 && std::isupper(static_cast<unsigned char>(word[0]))) {
      pattern.kind = TypePattern::Kind::kVariable;
      pattern.name = std::move(word);
      return pattern;
    }
    if ((word == "array" || word == "map") && Take("<")) {
      pattern.kind = word == "array" ? TypePattern::Kind::kArray : TypePattern::Kind::kMap;
      pattern.parts.push_back(ParsePattern());
      if (word == "map") {
        Expect(Take(","));
        pattern.parts.push_back(ParsePattern());
      }
      Expect(Take(">"));
      return pattern;
    }
    static constexpr std::string_view kClasses[] = {
        "any",      "numeric", "integral",  "fractional", "decimal", "datetime",
        "interval", "atomic",  "orderable", "array",      "map",     "struct"};
    for (const std::string_view name : kClasses) {
      if (word != name) continue;
      if (word == "decimal" && !rest_.empty() && rest_[0] == '(') break;
      pattern.kind = TypePattern::Kind::kClass;
      pattern.name = std::move(word);
      return pattern;
    }
    pattern.type = Concrete(word);
    return pattern;
  }

  DataType Concrete(const std::string& word) {
    static const std::map<std::string_view, DataType> kTypes = {
        {"boolean", TypeId::kBoolean},
        {"tinyint", TypeId::kByte},
        {"smallint", TypeId::kShort},
        {"int", TypeId::kInt},
        {"bigint", TypeId::kLong},
        {"float", TypeId::kFloat},
        {"double", TypeId::kDouble},
        {"string", TypeId::kString},
        {"binary", TypeId::kBinary},
        {"date", TypeId::kDate},
        {"time", TypeId::kTime},
        {"timestamp", TypeId::kTimestamp},
        {"timestamp_ntz", TypeId::kTimestampNtz},
        {"interval_ym", TypeId::kYearMonthInterval},
        {"interval_dt", TypeId::kDayTimeInterval},
        {"interval_calendar", TypeId::kCalendarInterval},
        {"variant", TypeId::kVariant},
        {"void", TypeId::kNull}};
    if (word == "decimal") {
      Expect(Take("("));
      const int precision = Number<int>(Word());
      Expect(Take(","));
      const int scale = Number<int>(Word());
      Expect(Take(")"));
      return DataType::Decimal(precision, scale);
    }
    const auto found = kTypes.find(word);
    Expect(found != kTypes.end());
    return found->second;
  }

  Value ParseDefault() {
    if (Take("'")) {
      const size_t close = rest_.find('\'');
      Expect(close != rest_.npos);
      std::string text(rest_.substr(0, close));
      rest_.remove_prefix(close + 1);
      return Value::String(std::move(text));
    }
    if (Take("X'")) {
      Expect(rest_.size() > 2);
      const size_t close = rest_.find('\'');
      std::string bytes;
      for (size_t i = 0; i + 1 < close; i += 2) {
        bytes += static_cast<char>(Number<int>(rest_.substr(i, 2), 16));
      }
      rest_.remove_prefix(close + 1);
      return Value::Binary(std::move(bytes));
    }
    const bool negative = Take("-");
    const std::string word = Word();
    if (word == "null") return Value();
    if (word == "true" || word == "false") return Value::Boolean(word == "true");
    if (word.back() == 'L') {
      const int64_t number = Number<int64_t>(std::string_view(word).substr(0, word.size() - 1));
      return Value::Long(negative ? -number : number);
    }
    if (Take(".")) return Value::Double((negative ? -1 : 1) * Number<double>(word + "." + Word()));
    return Value::Int((negative ? -1 : 1) * Number<int>(word));
  }

  std::string Word() {
    SkipBlanks();
    size_t end = 0;
    while (end < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[end])) || rest_[end] == '_')) {
      ++end;
    }
    Expect(end > 0);
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }

  bool Take(std::string_view token) {
    SkipBlanks();
    if (!rest_.starts_with(token)) return false;
    if (token == "=" && rest_.starts_with("=>")) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void SkipBlanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }

  template <typename T, typename... Base>
  T Number(std::string_view digits, Base... base) {
    const std::optional<T> number = ParseNumber<T>(digits, base...);
    Expect(number.has_value());
    return *number;
  }

  void Expect(bool condition) {
    if (condition) return;
    // Signatures are written in this room; the text tells which one is malformed.
    CheckFailed(std::string(whole_).c_str(), __FILE__, __LINE__);
  }

  std::string_view rest_;
  std::string_view whole_;
};

}  // namespace

size_t Signature::ArgsMin() const {
  size_t count = 0;
  for (const Parameter& parameter : parameters) count += parameter.default_value ? 0 : 1;
  return variadic_may_be_empty ? count - 1 : count;
}

int Signature::ArgsMax() const { return variadic ? -1 : static_cast<int>(parameters.size()); }

const Parameter& Signature::ParameterFor(size_t index) const {
  return parameters[index < parameters.size() ? index : parameters.size() - 1];
}

const std::vector<Signature>& SignaturesOf(const FunctionSpec& function) {
  static std::mutex mutex;
  static std::map<const FunctionSpec*, std::unique_ptr<const std::vector<Signature>>> parsed;
  std::lock_guard lock(mutex);
  auto& entry = parsed[&function];
  if (!entry) {
    entry = std::make_unique<const std::vector<Signature>>(
        SignatureParser(function.signatures).ParseAll());
  }
  return *entry;
}

}  // namespace tarn::plan
