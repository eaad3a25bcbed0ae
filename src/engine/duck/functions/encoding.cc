// Hexadecimal, base64 and character sets.

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

#include "duck/functions/casting.h"
#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"
#include "tarn/base/base64.h"

namespace tarn::engine::duck {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Unhex(std::string_view text) {
  std::string bytes;
  size_t at = 0;
  if (text.size() % 2 != 0) {
    const int digit = HexDigit(text[at++]);
    if (digit < 0) return std::nullopt;
    bytes += static_cast<char>(digit);
  }
  for (; at < text.size(); at += 2) {
    const int high = HexDigit(text[at]);
    const int low = HexDigit(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

/// MIME decoding skips what isn't in the alphabet; strict decoding takes white space only.
std::optional<std::string> Unbase64(std::string_view text, bool strict) {
  std::string bytes;
  uint32_t group = 0;
  int count = 0;
  bool padded = false;
  int padding = 0;
  for (const char c : text) {
    const size_t digit = kBase64Alphabet.find(c);
    if (c == '=') {
      padded = true;
      ++padding;
      continue;
    }
    if (digit == kBase64Alphabet.npos) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (strict && !blank) return std::nullopt;
      continue;
    }
    if (padded && strict) return std::nullopt;
    group = (group << 6) | static_cast<uint32_t>(digit);
    if (++count == 4) {
      bytes += static_cast<char>(group >> 16);
      bytes += static_cast<char>(group >> 8);
      bytes += static_cast<char>(group);
      group = 0;
      count = 0;
    }
  }
  if (count == 1) return std::nullopt;
  if (strict && padded && (count + padding) % 4 != 0) return std::nullopt;
  if (count == 2) bytes += static_cast<char>(group >> 4);
  if (count == 3) {
    bytes += static_cast<char>(group >> 10);
    bytes += static_cast<char>(group >> 2);
  }
  return bytes;
}

/// The converter's name for one of Spark's character sets; empty for others.
std::string ConverterName(std::string_view charset) {
  const std::string upper = ToUpperUtf8(charset);
  constexpr std::pair<std::string_view, const char*> kNames[] = {
      {"US-ASCII", "US-ASCII"}, {"ISO-8859-1", "ISO-8859-1"}, {"UTF-8", "UTF-8"},
      {"UTF-16BE", "UTF-16BE"}, {"UTF-16LE", "UTF-16LE"},     {"UTF-16", "UTF-16BE"},
      {"UTF-32", "UTF-32BE"}};
  for (const auto& [name, converter] : kNames) {
    if (upper == name) return converter;
  }
  return {};
}

[[noreturn]] void UnknownCharset(const Call& call, std::string_view charset) {
  Raise(Condition("INVALID_PARAMETER_VALUE.CHARSET"),
        {{"parameter", "`charset`"},
         {"functionName", "`" + call.info.function + "`"},
         {"charset", std::string(charset)},
         {"charsets", "US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16, UTF-32"}});
}

[[noreturn]] void Unmappable(const Call& call, std::string_view charset) {
  Raise(Condition("MALFORMED_CHARACTER_CODING"),
        {{"function", "`" + call.info.function + "`"}, {"charset", std::string(charset)}});
}

std::string Encode(Call& call, std::string_view text, std::string_view charset) {
  const std::string name = ConverterName(charset);
  if (name.empty()) UnknownCharset(call, charset);
  if (name == "UTF-8") return std::string(text);
  const auto wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(name.c_str(), &status);
  ucnv_setFromUCallBack(converter, UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  std::string bytes(static_cast<size_t>(wide.length()) * 4 + 8, '\0');
  const int32_t size = ucnv_fromUChars(converter, bytes.data(), static_cast<int32_t>(bytes.size()),
                                       wide.getBuffer(), wide.length(), &status);
  ucnv_close(converter);
  if (U_FAILURE(status)) Unmappable(call, charset);
  bytes.resize(static_cast<size_t>(size));
  if (ToUpperUtf8(charset) == "UTF-16") bytes.insert(0, "\xFE\xFF");
  return bytes;
}

std::string Decode(Call& call, std::string_view bytes, std::string_view charset) {
  std::string name = ConverterName(charset);
  if (name.empty()) UnknownCharset(call, charset);
  if (ToUpperUtf8(charset) == "UTF-16") {
    if (bytes.starts_with("\xFF\xFE")) name = "UTF-16LE";
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) bytes.remove_prefix(2);
  }
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(name.c_str(), &status);
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  std::u16string wide(bytes.size() * 2 + 8, u'\0');
  const int32_t size = ucnv_toUChars(converter, wide.data(), static_cast<int32_t>(wide.size()),
                                     bytes.data(), static_cast<int32_t>(bytes.size()), &status);
  ucnv_close(converter);
  if (U_FAILURE(status)) Unmappable(call, charset);
  std::string text;
  icu::UnicodeString(wide.data(), size).toUTF8String(text);
  return text;
}

/// decode(value, search, result, …[, default]) as CASE with comparisons of which NULL equals NULL.
DuckExpr DecodeCase(DuckArgs args, const DataType& type) {
  auto result = duckdb::make_uniq<duckdb::CaseExpression>();
  for (size_t i = 1; i + 1 < args.size(); i += 2) {
    duckdb::CaseCheck check;
    check.when_expr = duckdb::make_uniq<duckdb::ComparisonExpression>(
        duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM, args[0]->Copy(), std::move(args[i]));
    check.then_expr = std::move(args[i + 1]);
    result->case_checks.push_back(std::move(check));
  }
  result->else_expr = args.size() % 2 == 0 ? std::move(args.back()) : ConstantNull(type);
  return result;
}

std::optional<std::string> ToBinary(Call& call, std::string_view text, std::string_view format) {
  const bool tried = IsTry(call);
  const std::string lower = ToLowerUtf8(format);
  std::optional<std::string> bytes;
  if (lower == "hex") {
    bytes = Unhex(text);
  } else if (lower == "utf-8" || lower == "utf8") {
    return std::string(text);
  } else if (lower == "base64") {
    bytes = Unbase64(text, true);
  } else if (!tried) {
    Raise(Condition("INVALID_PARAMETER_VALUE.BINARY_FORMAT"),
          {{"parameter", "`format`"},
           {"functionName", "`to_binary`"},
           {"invalidFormat", "'" + std::string(format) + "'"}});
  }
  if (!bytes && !tried) {
    Raise(Condition("CONVERSION_INVALID_INPUT"), {{"str", "'" + std::string(text) + "'"},
                                                  {"fmt", "'" + lower + "'"},
                                                  {"targetType", "\"BINARY\""},
                                                  {"suggestion", "`try_to_binary`"}});
  }
  return bytes;
}

std::string HexOfNumber(int64_t value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  auto rest = static_cast<uint64_t>(value);
  std::string text;
  do {
    text += kDigits[rest & 15];
    rest >>= 4;
  } while (rest != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace

void RegisterEncodings(FunctionSet& set) {
  set.Kernel("hex_number", [](Call&, int64_t value) { return HexOfNumber(value); });
  set.Kernel("hex_bytes", [](Call&, std::string_view bytes) { return ToHex(bytes); });
  set.Template("hex",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 return CallKernel(
                     context, call.args[0]->type.Is(TypeId::kLong) ? "hex_number" : "hex_bytes",
                     expr, call, std::move(args));
               });
  set.Function(
      "unhex", [](Call&, std::string_view text) { return Unhex(text); }, kFallible);
  set.Function("base64", [](Call&, std::string_view bytes) { return EncodeBase64(bytes); });
  set.Function(
      "unbase64",
      [](Call&, std::string_view text) -> std::string {
        auto bytes = Unbase64(text, false);
        if (!bytes) {
          Raise(Condition("CONVERSION_INVALID_INPUT"), {{"str", "'" + std::string(text) + "'"},
                                                        {"fmt", "'BASE64'"},
                                                        {"targetType", "\"BINARY\""},
                                                        {"suggestion", "`try_to_binary`"}});
        }
        return *std::move(bytes);
      },
      kFallible);
  set.Function("encode", Encode, kFallible);
  set.Kernel("decode", Decode, kFallible);
  set.Template("decode",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 if (args.size() > 2) return DecodeCase(std::move(args), expr.type);
                 return CallKernel(context, "decode", expr, call, std::move(args));
               });
  set.Kernel("to_binary", ToBinary, kFallible);
  set.Use("to_binary", "to_binary");
  set.Use("try_to_binary", "to_binary", "try");
}

}  // namespace tarn::engine::duck
