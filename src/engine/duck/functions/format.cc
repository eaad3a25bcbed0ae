// format_string as java.util.Formatter does it.

#include <cmath>
#include <cstdio>

#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

struct Directive {
  size_t index = 0;  // of the argument, from 0
  std::string flags;
  int width = -1;
  int precision = -1;
  char conversion = 's';

  bool Has(char flag) const { return flags.find(flag) != flags.npos; }
};

[[noreturn]] void BadFormat(std::string_view format, std::string_view detail) {
  Raise(Condition("INVALID_PARAMETER_VALUE"), {{"parameter", "strfmt"},
                                               {"value", "'" + std::string(format) + "'"},
                                               {"detail", std::string(detail)}});
}

std::string GroupDigits(const std::string& digits) {
  std::string grouped;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return grouped;
}

std::string Signed(std::string digits, bool negative, const Directive& directive) {
  std::string sign;
  if (negative) {
    sign = directive.Has('(') ? "(" : "-";
  } else if (directive.Has('+')) {
    sign = "+";
  } else if (directive.Has(' ')) {
    sign = " ";
  }
  const std::string tail = negative && directive.Has('(') ? ")" : "";
  if (directive.Has('0') && directive.width > 0) {
    while (static_cast<int>(sign.size() + digits.size() + tail.size()) < directive.width)
      digits.insert(0, "0");
  }
  return sign + digits + tail;
}

std::string IntegerText(const Value& value, const Directive& directive, std::string_view format) {
  const Int128 number =
      std::holds_alternative<Int128>(value.rep()) ? value.decimal() : value.integer();
  if (directive.conversion == 'd') {
    std::string digits = RenderDecimal(number < 0 ? -number : number, 0);
    if (directive.Has(',')) digits = GroupDigits(digits);
    return Signed(std::move(digits), number < 0, directive);
  }
  auto bits = static_cast<uint64_t>(static_cast<int64_t>(number));
  if (!value.type().Is(TypeId::kLong)) bits &= 0xFFFFFFFFU;
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, directive.conversion == 'o' ? "%lo" : "%lx", bits);
  std::string digits = buffer;
  if (directive.Has('#')) digits.insert(0, directive.conversion == 'o' ? "0" : "0x");
  return Signed(std::move(digits), false, directive);
}

std::string RealText(double number, const Directive& directive) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number))
    return number < 0 ? "-Infinity" : directive.Has('+') ? "+Infinity" : "Infinity";
  const int precision = directive.precision < 0 ? 6 : directive.precision;
  char buffer[512];
  const double size = std::fabs(number);
  if (directive.conversion == 'e') {
    std::snprintf(buffer, sizeof buffer, "%.*e", precision, size);
  } else if (directive.conversion == 'g') {
    const int digits = precision == 0 ? 1 : precision;
    const bool plain = size == 0 || (size >= 1e-4 && size < std::pow(10, digits));
    const int before = size > 0 ? static_cast<int>(std::floor(std::log10(size))) + 1 : 1;
    if (plain) {
      std::snprintf(buffer, sizeof buffer, "%.*f", std::max(0, digits - before), size);
    } else {
      std::snprintf(buffer, sizeof buffer, "%.*e", digits - 1, size);
    }
  } else {
    // Java rounds the shortest decimal text half up; a nudge beyond the last digit does it here.
    const std::string shortest = RenderDouble(size);
    const bool half =
        shortest.ends_with('5') && shortest.find('E') == shortest.npos &&
        shortest.size() - shortest.find('.') - 1 == static_cast<size_t>(precision) + 1;
    std::snprintf(buffer, sizeof buffer, "%.*f", precision,
                  half ? std::nextafter(size, 1e308) + std::pow(10.0, -precision - 6) : size);
  }
  std::string digits = buffer;
  if (directive.Has(',')) {
    const size_t point = digits.find('.');
    digits =
        GroupDigits(digits.substr(0, point)) + (point == digits.npos ? "" : digits.substr(point));
  }
  return Signed(std::move(digits), std::signbit(number), directive);
}

double AsDouble(const Value& value) {
  if (const auto* decimal = std::get_if<Int128>(&value.rep())) {
    return std::strtod(RenderDecimal(*decimal, value.type().scale()).c_str(), nullptr);
  }
  if (const auto* integer = std::get_if<int64_t>(&value.rep()))
    return static_cast<double>(*integer);
  return value.real();
}

std::string Convert(const Value& value, Directive directive, std::string_view zone,
                    std::string_view format) {
  const char upper = directive.conversion;
  const bool shout = upper >= 'A' && upper <= 'Z';
  if (shout) directive.conversion = static_cast<char>(upper + 32);
  std::string text;
  switch (directive.conversion) {
    case 's':
      text = value.is_null() ? "null" : RenderAsString(value, zone);
      if (directive.precision >= 0) text = text.substr(0, OffsetOfPoint(text, directive.precision));
      break;
    case 'b':
      text = value.is_null() || (value.type().Is(TypeId::kBoolean) && !value.boolean()) ? "false"
                                                                                        : "true";
      break;
    case 'c':
      if (value.is_null()) {
        text = "null";
      } else {
        AppendPoint(static_cast<uint32_t>(value.integer()), &text);
      }
      break;
    case 'd':
    case 'x':
    case 'o':
      if (value.is_null()) {
        text = "null";
      } else if (!value.type().IsIntegral()) {
        BadFormat(format, std::string("%") + directive.conversion + " needs an integer");
      } else {
        text = IntegerText(value, directive, format);
      }
      break;
    case 'f':
    case 'e':
    case 'g':
      if (value.is_null()) {
        text = "null";
      } else if (!value.type().IsFractional() && !value.type().Is(TypeId::kDecimal)) {
        BadFormat(format, std::string("%") + directive.conversion + " needs a fractional number");
      } else {
        text = RealText(AsDouble(value), directive);
      }
      break;
    default:
      BadFormat(format, std::string("unknown conversion '") + upper + "'");
  }
  if (shout) text = ToUpperUtf8(text);
  const auto width = static_cast<int64_t>(directive.width);
  for (int64_t present = CountPoints(text); present < width; ++present) {
    if (directive.Has('-')) {
      text += ' ';
    } else {
      text.insert(0, " ");
    }
  }
  return text;
}

std::string Format(std::string_view format, const std::vector<Value>& args, std::string_view zone) {
  std::string result;
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      result += format[at++];
      continue;
    }
    ++at;
    Directive directive;
    const auto number = [&]() -> int {
      int value = -1;
      while (at < format.size() && format[at] >= '0' && format[at] <= '9' && value < 100000) {
        value = std::max(value, 0) * 10 + (format[at++] - '0');
      }
      return value;
    };
    const size_t begin = at;
    const int position = at < format.size() && format[at] != '0' ? number() : -1;
    const bool explicit_index = position > 0 && at < format.size() && format[at] == '$';
    if (explicit_index) {
      ++at;
    } else {
      at = begin;
    }
    while (at < format.size() &&
           std::string_view("-#+ 0,(").find(format[at]) != std::string_view::npos) {
      directive.flags += format[at++];
    }
    directive.width = number();
    if (at < format.size() && format[at] == '.') {
      ++at;
      directive.precision = number();
    }
    if (at >= format.size()) BadFormat(format, "it ends within a conversion");
    directive.conversion = format[at++];
    if (directive.conversion == '%' || directive.conversion == 'n') {
      result += directive.conversion == 'n' ? '\n' : '%';
      continue;
    }
    const size_t index = explicit_index ? static_cast<size_t>(position) - 1 : next++;
    if (index >= args.size()) BadFormat(format, "there are fewer arguments than conversions");
    result += Convert(args[index], directive, zone, format);
  }
  return result;
}

duckdb::Value FormatString(Call& call, const duckdb::vector<duckdb::Value>& row) {
  if (row[0].IsNull()) return duckdb::Value(duckdb::LogicalType::VARCHAR);
  std::vector<Value> args;
  for (size_t i = 1; i < row.size(); ++i) args.push_back(FromDuckValue(row[i], call.info.args[i]));
  return duckdb::Value(Format(duckdb::StringValue::Get(row[0]), args, call.info.zone->name()));
}

}  // namespace

void RegisterFormats(FunctionSet& set) {
  set.Batch("format_string", ByValues(FormatString), kFallible);
  set.Use("format_string", "format_string");
  set.Use("printf", "format_string");
  RegisterNumberFormats(set);
}

}  // namespace tarn::engine::duck
