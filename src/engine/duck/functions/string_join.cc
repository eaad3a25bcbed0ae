// Putting texts together; masking; choosing among arguments.

#include <unicode/uchar.h>

#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

DuckExpr Concat(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                DuckArgs args) {
  if (args.empty()) return ConstantText("");
  if (expr.type.Is(TypeId::kArray))
    return CallKernel(context, "concat_arrays", expr, call, std::move(args));
  // Neighbours first: a chain of thousands would be as deep as it is long.
  while (args.size() > 1) {
    DuckArgs joined;
    for (size_t i = 0; i + 1 < args.size(); i += 2) {
      joined.push_back(CallNativeOf("||", std::move(args[i]), std::move(args[i + 1])));
    }
    if (args.size() % 2 == 1) joined.push_back(std::move(args.back()));
    args = std::move(joined);
  }
  return std::move(args[0]);
}

duckdb::Value ConcatWs(Call&, const duckdb::vector<duckdb::Value>& args) {
  if (args[0].IsNull()) return duckdb::Value(duckdb::LogicalType::VARCHAR);
  const std::string& separator = duckdb::StringValue::Get(args[0]);
  std::string result;
  bool first = true;
  const auto add = [&](const duckdb::Value& part) {
    if (part.IsNull()) return;
    if (!first) result += separator;
    first = false;
    result += duckdb::StringValue::Get(part);
  };
  for (size_t i = 1; i < args.size(); ++i) {
    if (!args[i].IsNull() && args[i].type().id() == duckdb::LogicalTypeId::LIST) {
      for (const duckdb::Value& item : duckdb::ListValue::GetChildren(args[i])) add(item);
    } else {
      add(args[i]);
    }
  }
  return duckdb::Value(std::move(result));
}

duckdb::Value Elt(Call& call, const duckdb::vector<duckdb::Value>& args) {
  const duckdb::Value null(ToDuckType(call.info.result));
  if (args[0].IsNull()) return null;
  const auto index = args[0].GetValue<int64_t>();
  if (index < 1 || index >= static_cast<int64_t>(args.size())) {
    Raise(Condition("INVALID_ARRAY_INDEX"),
          {{"indexValue", std::to_string(index)}, {"arraySize", std::to_string(args.size() - 1)}});
  }
  return args[static_cast<size_t>(index)];
}

std::optional<std::string> Mask(Call&, std::optional<std::string_view> text,
                                std::optional<std::string_view> upper,
                                std::optional<std::string_view> lower,
                                std::optional<std::string_view> digit,
                                std::optional<std::string_view> other) {
  if (!text) return std::nullopt;
  std::string result;
  for (const std::string_view point : SplitPoints(*text)) {
    UChar32 c = 0;
    int32_t at = 0;
    U8_NEXT(point.data(), at, static_cast<int32_t>(point.size()), c);
    const auto& replacement = u_isupper(c)   ? upper
                              : u_islower(c) ? lower
                              : u_isdigit(c) ? digit
                                             : other;
    result += replacement ? *replacement : point;
  }
  return result;
}

bool Luhn(std::string_view digits) {
  if (digits.empty()) return false;
  int sum = 0;
  bool doubled = false;
  for (auto c = digits.rbegin(); c != digits.rend(); ++c) {
    if (*c < '0' || *c > '9') return false;
    int digit = *c - '0';
    if (doubled) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

}  // namespace

void RegisterTextJoining(FunctionSet& set) {
  set.Template("concat", Concat);
  set.Batch("concat_ws", ByValues(ConcatWs));
  set.Use("concat_ws", "concat_ws");
  set.Batch("elt", ByValues(Elt), kFallible);
  set.Use("elt", "elt");
  // Texts have one collation: by their bytes.
  set.Function("collation",
               [](Call&, std::string_view) { return std::string("SYSTEM.BUILTIN.UTF8_BINARY"); });
  set.Function("mask", Mask);
  set.Function("luhn_check", [](Call&, std::string_view digits) { return Luhn(digits); });
  set.Function("is_valid_utf8",
               [](Call&, std::string_view text) { return ReplaceInvalidUtf8(text) == text; });
  set.Function("make_valid_utf8",
               [](Call&, std::string_view text) { return ReplaceInvalidUtf8(text); });
  set.Function(
      "validate_utf8",
      [](Call&, std::string_view text) {
        if (ReplaceInvalidUtf8(text) != text) {
          Raise(Condition("INVALID_UTF8_STRING"), {{"str", ToHex(text)}});
        }
        return text;
      },
      kFallible);
  set.Function("try_validate_utf8",
               [](Call&, std::string_view text) -> std::optional<std::string_view> {
                 if (ReplaceInvalidUtf8(text) != text) return std::nullopt;
                 return text;
               });
}

}  // namespace tarn::engine::duck
