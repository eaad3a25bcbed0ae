// Numbers to text and back by patterns and bases.

#include <unicode/decimfmt.h>

#include <algorithm>
#include <cmath>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"
#include "tarn/base/base64.h"

namespace tarn::engine::duck {

namespace {

struct Formatter {
  std::string pattern;
  std::unique_ptr<icu::DecimalFormat> format;
};

icu::DecimalFormat& FormatterOf(Call& call, const std::string& pattern) {
  auto& state = call.State<Formatter>();
  if (!state.format || state.pattern != pattern) {
    UErrorCode status = U_ZERO_ERROR;
    state.pattern = pattern;
    state.format = std::make_unique<icu::DecimalFormat>(
        icu::UnicodeString::fromUTF8(pattern),
        new icu::DecimalFormatSymbols(icu::Locale::getUS(), status), status);
    if (U_FAILURE(status)) {
      Raise(Condition("INVALID_PARAMETER_VALUE"), {{"parameter", "the format"},
                                                   {"value", "'" + pattern + "'"},
                                                   {"detail", "it is no number pattern"}});
    }
    state.format->setRoundingMode(icu::DecimalFormat::kRoundHalfEven);
  }
  return *state.format;
}

std::optional<std::string> FormatNumber(Call& call, const duckdb::Value& number,
                                        const std::string& pattern) {
  const Value value = FromDuckValue(number, call.info.args[0]);
  icu::DecimalFormat& format = FormatterOf(call, pattern);
  icu::UnicodeString text;
  UErrorCode status = U_ZERO_ERROR;
  if (value.type().IsIntegral()) {
    format.format(value.integer(), text);
  } else if (value.type().Is(TypeId::kDecimal)) {
    const std::string digits = RenderDecimal(value.decimal(), value.type().scale());
    format.format(icu::StringPiece(digits), text, nullptr, status);
  } else {
    format.format(value.real(), text);
  }
  std::string result;
  text.toUTF8String(result);
  return result;
}

std::optional<std::string> Convert(Call& call, std::string_view text, int32_t from, int32_t to) {
  const int base = std::abs(to);
  text = TrimAll(text);
  if (from < 2 || from > 36 || base < 2 || base > 36 || text.empty()) return std::nullopt;
  bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  uint64_t value = 0;
  for (const char c : text) {
    int digit = 99;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') digit = c - 'A' + 10;
    if (digit >= from) break;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(from), &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(digit), &value)) {
      Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", "conv"}});
    }
  }
  if (negative && to > 0) value = static_cast<int64_t>(value) < 0 ? ~uint64_t{0} : -value;
  if (to < 0 && static_cast<int64_t>(value) < 0) {
    value = -value;
    negative = true;
  }
  std::string digits;
  do {
    digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % static_cast<uint64_t>(base)];
    value /= static_cast<uint64_t>(base);
  } while (value != 0);
  if (negative && to < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string Binary(int64_t number) {
  auto bits = static_cast<uint64_t>(number);
  std::string text;
  do {
    text += static_cast<char>('0' + (bits & 1));
    bits >>= 1;
  } while (bits != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

/// A format of to_number and to_char: [S|MI][$]digits and groups[.digits][$][S|MI|PR].
struct NumberPattern {
  std::string source;
  std::string groups;    // '0', '9' and ','
  std::string fraction;  // '0' and '9'
  bool point = false;
  bool dollar = false;
  char sign = 0;  // 'S', 'M' (MI), 'P' (PR)
  bool sign_first = false;
  bool valid = true;
};

NumberPattern ParsePattern(std::string_view source) {
  NumberPattern pattern;
  pattern.source = source;
  const std::string upper = ToUpperUtf8(source);
  for (size_t i = 0; i < upper.size(); ++i) {
    const char c = upper[i];
    if (c == '0' || c == '9') {
      (pattern.point ? pattern.fraction : pattern.groups) += c;
    } else if ((c == ',' || c == 'G') && !pattern.point) {
      pattern.groups += ',';
    } else if ((c == '.' || c == 'D') && !pattern.point) {
      pattern.point = true;
    } else if (c == '$' && !pattern.dollar) {
      pattern.dollar = true;
    } else if (!pattern.sign &&
               (c == 'S' || upper.substr(i, 2) == "MI" || upper.substr(i, 2) == "PR")) {
      pattern.sign = c;
      pattern.sign_first = pattern.groups.empty() && !pattern.point;
      if (c != 'S') ++i;
    } else {
      pattern.valid = false;
    }
  }
  return pattern;
}

const NumberPattern& PatternOf(Call& call, std::string_view source) {
  auto& state = call.State<NumberPattern>();
  if (state.source != source) state = ParsePattern(source);
  if (source.empty()) Raise(Condition("INVALID_FORMAT.EMPTY"), {{"format", "''"}});
  if (state.groups.empty() && state.fraction.empty()) {
    Raise(Condition("INVALID_FORMAT.WRONG_NUM_DIGIT"),
          {{"format", "'" + std::string(source) + "'"}});
  }
  if (!state.valid) {
    Raise(Condition("INVALID_FORMAT.UNEXPECTED_TOKEN"),
          {{"format", "'" + std::string(source) + "'"}, {"token", "character"}});
  }
  return state;
}

bool TakeEnd(std::string_view* text, char c, bool front) {
  if (front ? !text->starts_with(c) : !text->ends_with(c)) return false;
  if (front) {
    text->remove_prefix(1);
  } else {
    text->remove_suffix(1);
  }
  return true;
}

/// Takes the sign that the pattern allows; true if it is there and negative.
bool TakeSign(const NumberPattern& pattern, std::string_view* text) {
  if (pattern.sign == 'P') {
    if (!text->starts_with('<') || !text->ends_with('>')) return false;
    *text = text->substr(1, text->size() - 2);
    return true;
  }
  if (!pattern.sign) return false;
  if (TakeEnd(text, '-', pattern.sign_first)) return true;
  if (pattern.sign == 'S') TakeEnd(text, '+', pattern.sign_first);
  return false;
}

/// The digits of the whole part, if they stand in groups as the pattern says.
std::optional<std::string> WholeDigits(const std::string& groups, std::string_view text) {
  std::string digits;
  size_t p = groups.size();
  size_t t = text.size();
  while (t > 0) {
    const char c = text[--t];
    if (p == 0) return std::nullopt;
    const char wanted = groups[--p];
    if ((c == ',') != (wanted == ',')) return std::nullopt;
    if (c == ',') continue;
    if (c < '0' || c > '9') return std::nullopt;
    digits.insert(digits.begin(), c);
  }
  if (!text.empty() && text.front() == ',') return std::nullopt;
  if (p > 0 && groups[0] == '0') return std::nullopt;
  return digits;
}

std::optional<Dec> ToNumber(Call& call, std::string_view text, std::string_view format) {
  const NumberPattern& pattern = PatternOf(call, format);
  std::string_view rest = TrimAll(text);
  const bool negative = TakeSign(pattern, &rest);
  bool ok = !pattern.dollar || TakeEnd(&rest, '$', true) || TakeEnd(&rest, '$', false);
  const size_t point = rest.find('.');
  std::string_view fraction = point == rest.npos ? std::string_view() : rest.substr(point + 1);
  ok &= point == rest.npos || pattern.point;
  const auto whole = WholeDigits(pattern.groups, rest.substr(0, point));
  ok &= whole.has_value() && fraction.size() <= pattern.fraction.size() &&
        fraction.find_first_not_of("0123456789") == fraction.npos &&
        (!fraction.empty() || !whole->empty());
  if (!ok) {
    if (!IsTry(call)) {
      Raise(Condition("INVALID_FORMAT.MISMATCH_INPUT"), {{"inputType", "\"STRING\""},
                                                         {"input", std::string(text)},
                                                         {"format", std::string(format)}});
    }
    return std::nullopt;
  }
  std::string digits = *whole + std::string(fraction);
  digits.append(static_cast<size_t>(call.info.result.scale()) - fraction.size(), '0');
  Int128 value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return Dec{negative ? -value : value};
}

std::string ToChar(Call& call, Dec number, std::string_view format) {
  const NumberPattern& pattern = PatternOf(call, format);
  const bool negative = number.value < 0;
  const int scale = call.info.args[0].scale();
  const std::string text = RenderDecimal(negative ? -number.value : number.value, scale);
  const size_t point = text.find('.');
  std::string whole = text.substr(0, point);
  std::string fraction = point == text.npos ? std::string() : text.substr(point + 1);
  if (whole == "0") whole.clear();
  const auto places =
      std::count_if(pattern.groups.begin(), pattern.groups.end(), [](char c) { return c != ','; });
  // What the pattern has no room for shows as a row of '#'.
  while (fraction.size() > pattern.fraction.size() && fraction.ends_with('0')) fraction.pop_back();
  const bool too_big =
      static_cast<int64_t>(whole.size()) > places || fraction.size() > pattern.fraction.size();
  std::string digits;
  size_t left = static_cast<size_t>(places);
  bool begun = pattern.groups.starts_with('0');
  std::string body;
  for (const char c : pattern.groups) {
    if (c == ',') {
      body += begun ? ',' : ' ';
      continue;
    }
    const bool has = left <= whole.size();
    begun |= has || c == '0';
    if (too_big) {
      body += '#';
    } else if (has) {
      body += whole[whole.size() - left];
    } else {
      body += begun ? '0' : ' ';
    }
    --left;
  }
  if (!begun && !body.empty() && fraction.empty() && !pattern.point) body.back() = '0';
  if (pattern.point) {
    body += '.';
    for (size_t i = 0; i < pattern.fraction.size(); ++i) {
      body += too_big ? '#' : i < fraction.size() ? fraction[i] : '0';
    }
  }
  const size_t first = body.find_first_not_of(' ');
  const auto prefix = [&](const std::string& mark) {
    body.insert(first == body.npos ? 0 : first, mark);
  };
  if (pattern.dollar) prefix("$");
  if (pattern.sign == 'P') {
    if (negative) {
      prefix("<");
      body += '>';
    } else {
      body += "  ";
    }
  } else if (pattern.sign) {
    const std::string mark = negative ? "-" : pattern.sign == 'S' ? "+" : " ";
    if (pattern.sign_first) {
      prefix(mark);
    } else {
      body += mark;
    }
  } else if (negative) {
    prefix("-");
  }
  return body;
}

DuckExpr LowerToChar(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args) {
  const DataType& type = call.args[0]->type;
  if (type.IsDatetime()) return CallKernel(context, "date_format", expr, call, std::move(args));
  if (type.Is(TypeId::kBinary))
    return CallKernel(context, "to_char_binary", expr, call, std::move(args));
  return CallKernel(context, "to_char", expr, call, std::move(args));
}

}  // namespace

void RegisterNumberFormats(FunctionSet& set) {
  set.Function("conv", Convert, kFallible);
  set.Function("bin", [](Call&, int64_t number) { return Binary(number); });
  set.Kernel(
      "format_number",
      [](Call& call, duckdb::Value number, int32_t digits) -> std::optional<std::string> {
        if (digits < 0) return std::nullopt;
        std::string pattern = "#,###,###,###,###,###,##0";
        if (digits > 0) pattern += "." + std::string(static_cast<size_t>(digits), '0');
        return FormatNumber(call, number, pattern);
      },
      kFallible);
  set.Kernel(
      "format_number_pattern",
      [](Call& call, duckdb::Value number, std::string_view pattern) {
        return FormatNumber(call, number,
                            pattern.empty() ? "#,###,###,###,###,###,##0" : std::string(pattern));
      },
      kFallible);
  set.Template("format_number",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 const bool pattern = call.args[1]->type.IsString();
                 return CallKernel(context, pattern ? "format_number_pattern" : "format_number",
                                   expr, call, std::move(args));
               });
  set.Kernel("to_number", ToNumber, kFallible);
  set.Use("to_number", "to_number");
  set.Use("try_to_number", "to_number", "try");
  set.Kernel("to_char", ToChar, kFallible);
  set.Kernel(
      "to_char_binary",
      [](Call&, std::string_view bytes, std::string_view format) -> std::string {
        const std::string lower = ToLowerUtf8(format);
        if (lower == "base64") return EncodeBase64(bytes);
        if (lower == "hex") return ToHex(bytes);
        if (lower == "utf-8" || lower == "utf8") return ReplaceInvalidUtf8(bytes);
        Raise(Condition("INVALID_PARAMETER_VALUE.BINARY_FORMAT"),
              {{"parameter", "`format`"},
               {"functionName", "`to_char`"},
               {"invalidFormat", "'" + std::string(format) + "'"}});
      },
      kFallible);
  for (const char* name : {"to_char", "to_varchar"}) set.Template(name, LowerToChar);
}

}  // namespace tarn::engine::duck
