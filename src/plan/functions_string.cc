#include <algorithm>

#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

Result<void> TypeConcat(CallTyping& call) {
  call.type = TypeId::kString;
  if (call.args.empty()) return {};
  bool arrays = false;
  bool binaries = true;
  for (const ExprPtr& arg : call.args) {
    arrays |= arg->type.Is(TypeId::kArray);
    binaries &= arg->type.Is(TypeId::kBinary);
  }
  if (arrays) {
    // NULL alone is no array here, although it could be cast to one.
    for (const ExprPtr& arg : call.args) {
      if (!arg->type.Is(TypeId::kNull)) continue;
      return Error(Condition("DATATYPE_MISMATCH.DATA_DIFF_TYPES"),
                   {{"sqlExpr", "\"concat\""},
                    {"functionName", "`concat`"},
                    {"dataType", "[\"ARRAY\" or \"VOID\"]"}});
    }
    TARN_ASSIGN(call.type, CoerceToCommon(call, 0, call.args.size(), "concat"));
    return {};
  }
  if (binaries) call.type = TypeId::kBinary;
  for (size_t i = 0; i < call.args.size() && !binaries; ++i) {
    TARN_TRY(Coerce(call, i, TypeId::kString));
  }
  return {};
}

Result<void> TypeConcatWs(CallTyping& call) {
  call.type = TypeId::kString;
  call.nullable = call.args[0]->nullable;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0 && call.args[i]->type.Is(TypeId::kArray)) {
      TARN_TRY(Coerce(call, i, DataType::Array(TypeId::kString)));
    } else {
      TARN_TRY(Coerce(call, i, TypeId::kString));
    }
  }
  return {};
}

Result<void> TypeElt(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kInt));
  bool binaries = true;
  for (size_t i = 1; i < call.args.size(); ++i) binaries &= call.args[i]->type.Is(TypeId::kBinary);
  call.type = binaries ? TypeId::kBinary : TypeId::kString;
  for (size_t i = 1; i < call.args.size(); ++i) {
    TARN_TRY(Coerce(call, i, call.type));
  }
  call.nullable = true;
  return {};
}

/// decode(bytes, charset), or decode(expr, search, result, …[, default]).
Result<void> TypeDecode(CallTyping& call) {
  if (call.args.size() == 2) {
    TARN_TRY(Coerce(call, 0, TypeId::kBinary));
    TARN_TRY(Coerce(call, 1, TypeId::kString));
    call.type = TypeId::kString;
    return {};
  }
  std::vector<DataType> keys = {call.args[0]->type};
  std::vector<DataType> results;
  for (size_t i = 1; i < call.args.size(); ++i) {
    const bool key = i % 2 == 1 && i + 1 < call.args.size();
    (key ? keys : results).push_back(call.args[i]->type);
  }
  const auto key_type = CommonType(keys);
  const auto result_type = CommonType(results);
  if (!key_type) return UnexpectedType(call, 1, keys[0].ToSql());
  if (!result_type) return UnexpectedType(call, 2, results[0].ToSql());
  for (size_t i = 0; i < call.args.size(); ++i) {
    const bool key = i == 0 || (i % 2 == 1 && i + 1 < call.args.size());
    call.args[i] = MakeCast(std::move(call.args[i]), key ? *key_type : *result_type);
  }
  call.type = *result_type;
  call.nullable = true;
  return {};
}

Result<void> TypeFormatString(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  call.type = TypeId::kString;
  return {};
}

Result<void> TypeMask(CallTyping& call) {
  static constexpr const char* kDefaults[] = {"X", "x", "n"};
  for (size_t i = call.args.size(); i < 4; ++i) {
    call.args.push_back(MakeLiteral(Value::String(kDefaults[i - 1])));
  }
  if (call.args.size() < 5) call.args.push_back(MakeLiteral(Value::Null(TypeId::kString)));
  for (size_t i = 0; i < call.args.size(); ++i) {
    TARN_TRY(Coerce(call, i, TypeId::kString));
  }
  call.type = TypeId::kString;
  call.nullable = call.args[0]->nullable;
  return {};
}

/// The decimal that a format of to_number describes.
Result<void> TypeToNumber(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  TARN_TRY(Coerce(call, 1, TypeId::kString));
  int before = 0;
  int after = 0;
  bool fraction = false;
  const Value* format = LiteralArgument(call, 1);
  if (format && !format->is_null() && format->type().IsString()) {
    for (const char c : format->text()) {
      if (c == '.' || c == 'D' || c == 'd') fraction = true;
      if (c == '0' || c == '9') ++(fraction ? after : before);
    }
  }
  call.type = DataType::Decimal(std::clamp(before + after, 1, 38), std::min(after, 38));
  call.nullable = true;
  return {};
}

Result<void> TypeToChar(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  TARN_TRY(Coerce(call, 1, TypeId::kString));
  call.type = TypeId::kString;
  if (type.Is(TypeId::kDate)) {
    TARN_TRY(Coerce(call, 0, TypeId::kTimestamp));
  } else if (!type.IsDatetime() && !type.Is(TypeId::kBinary)) {
    if (type.IsIntegral()) {
      TARN_TRY(Coerce(call, 0, DecimalFor(type)));
    } else if (!type.Is(TypeId::kDecimal)) {
      TARN_TRY(Coerce(call, 0, DataType::Decimal(38, 18)));
    }
  }
  return {};
}

Result<void> TypeReverse(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kArray) && !type.Is(TypeId::kBinary)) {
    TARN_TRY(Coerce(call, 0, TypeId::kString));
  }
  call.type = call.args[0]->type;
  return {};
}

Result<void> TypeBase64(CallTyping& call) {
  if (call.args[0]->type.IsString()) {
    call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kBinary);
  }
  TARN_TRY(Coerce(call, 0, TypeId::kBinary));
  call.type = TypeId::kString;
  return {};
}

void RegisterAes(FunctionTable& table) {
  table.Add({.name = "aes_encrypt",
             .signatures = "(binary, binary, string = 'GCM', string = 'DEFAULT', binary = '', "
                           "binary = '') -> binary",
             .fallible = true,
             .deterministic = false});
  table.Add(
      {.name = "aes_decrypt",
       .signatures = "(binary, binary, string = 'GCM', string = 'DEFAULT', binary = '') -> binary",
       .fallible = true});
  table.Add(
      {.name = "try_aes_decrypt",
       .signatures = "(binary, binary, string = 'GCM', string = 'DEFAULT', binary = '') -> binary",
       .null_intolerant = false});
}

}  // namespace

void RegisterStringFunctions(FunctionTable& table) {
  const auto add = [&](std::string_view name, std::string_view signatures,
                       std::initializer_list<std::string_view> aliases = {}) {
    table.Add({.name = name, .signatures = signatures}, aliases);
  };
  const auto fallible = [&](std::string_view name, std::string_view signatures,
                            bool may_be_null = false) {
    table.Add({.name = name,
               .signatures = signatures,
               .fallible = true,
               .null_intolerant = !may_be_null});
  };
  const auto may_be_null = [&](std::string_view name, std::string_view signatures) {
    table.Add({.name = name, .signatures = signatures, .null_intolerant = false});
  };
  add("ascii", "(string) -> int");
  add("bit_length", "(string) -> int | (binary) -> int");
  add("octet_length", "(string) -> int | (binary) -> int");
  for (const std::string_view name : {"length", "len", "char_length", "character_length"}) {
    add(name, "(string) -> int | (binary) -> int");
  }
  for (const std::string_view name : {"char", "chr"}) add(name, "(bigint) -> string");
  for (const std::string_view name : {"lower", "lcase", "upper", "ucase"})
    add(name, "(string) -> string");
  for (const std::string_view name : {"initcap", "soundex", "quote"})
    add(name, "(string) -> string");
  for (const std::string_view name : {"btrim", "trim", "ltrim", "rtrim"}) {
    add(name, "(string) -> string | (string, string) -> string");
  }
  for (const std::string_view name : {"contains", "startswith", "endswith"}) {
    add(name, "(string, string) -> boolean | (binary, binary) -> boolean");
  }
  for (const std::string_view name : {"left", "right"}) {
    add(name, "(string, int) -> string | (binary, int) -> binary");
  }
  for (const std::string_view name : {"substring", "substr"}) {
    table.Add({.name = name,
               .signatures = "(string, int, int = 2147483647) -> string | (binary, int, int = "
                             "2147483647) -> binary"});
  }
  for (const std::string_view name : {"lpad", "rpad"}) {
    add(name, "(string, int, string = ' ') -> string | (binary, int, binary = X'00') -> binary");
  }
  add("overlay",
      "(string, string, int, int = -1) -> string | (binary, binary, int, int = -1) -> binary");
  add("instr", "(string, string) -> int");
  table.Add({.name = "locate", .signatures = "(string, string, int = 1) -> int"});
  table.Add({.name = "position", .signatures = "(string, string, int = 1) -> int"});
  add("find_in_set", "(string, string) -> int");
  add("levenshtein", "(string, string) -> int | (string, string, int) -> int");
  add("repeat", "(string, int) -> string");
  add("replace", "(string, string, string = '') -> string");
  add("translate", "(string, string, string) -> string");
  add("space", "(int) -> string");
  add("substring_index", "(string, string, int) -> string");
  fallible("split_part", "(string, string, int) -> string");
  fallible("split", "(string, string, int = -1) -> array<string>");
  add("str_to_map", "(string, string = ',', string = ':') -> map<string, string>");
  for (const std::string_view name : {"like", "ilike"}) {
    fallible(name, "(string, string, string = '\\') -> boolean");
  }
  table.Add({.name = "rlike", .signatures = "(string, string) -> boolean", .fallible = true},
            {"regexp", "regexp_like"});
  fallible("regexp_count", "(string, string) -> int");
  fallible("regexp_extract", "(string, string, int = 1) -> string");
  fallible("regexp_extract_all", "(string, string, int = 1) -> array<string>");
  fallible("regexp_instr", "(string, string, int = 0) -> int");
  fallible("regexp_replace", "(string, string, string, int = 1) -> string");
  fallible("regexp_substr", "(string, string) -> string", true);
  for (const std::string_view name : {"format_string", "printf"}) {
    table.Add({.name = name,
               .typing = TypeFormatString,
               .args_min = 1,
               .fallible = true,
               .null_intolerant = false});
  }
  fallible("format_number", "(numeric, int) -> string | (numeric, string) -> string", true);
  table.Add({.name = "concat", .typing = TypeConcat, .args_min = 0}, {"||"});
  table.Add({.name = "concat_ws", .typing = TypeConcatWs, .args_min = 1, .null_intolerant = false});
  table.Add({.name = "elt",
             .typing = TypeElt,
             .args_min = 2,
             .fallible = true,
             .null_intolerant = false});
  table.Add({.name = "decode",
             .typing = TypeDecode,
             .args_min = 2,
             .fallible = true,
             .null_intolerant = false});
  fallible("encode", "(string, string) -> binary");
  table.Add(
      {.name = "mask", .typing = TypeMask, .args_min = 1, .args_max = 5, .null_intolerant = false});
  table.Add({.name = "base64", .typing = TypeBase64, .args_min = 1, .args_max = 1});
  fallible("unbase64", "(string) -> binary");
  fallible("to_binary", "(string, string = 'hex') -> binary", true);
  may_be_null("try_to_binary", "(string, string = 'hex') -> binary");
  table.Add({.name = "to_number",
             .typing = TypeToNumber,
             .args_min = 2,
             .args_max = 2,
             .fallible = true,
             .null_intolerant = false});
  table.Add({.name = "try_to_number",
             .typing = TypeToNumber,
             .args_min = 2,
             .args_max = 2,
             .null_intolerant = false});
  for (const std::string_view name : {"to_char", "to_varchar"}) {
    table.Add({.name = name,
               .typing = TypeToChar,
               .args_min = 2,
               .args_max = 2,
               .fallible = true,
               .null_intolerant = false});
  }
  table.Add({.name = "reverse", .typing = TypeReverse, .args_min = 1, .args_max = 1});
  add("crc32", "(binary) -> bigint");
  add("md5", "(binary) -> string");
  for (const std::string_view name : {"sha", "sha1"}) add(name, "(binary) -> string");
  may_be_null("sha2", "(binary, int) -> string");
  add("luhn_check", "(string) -> boolean");
  add("url_encode", "(string) -> string");
  fallible("url_decode", "(string) -> string");
  may_be_null("try_url_decode", "(string) -> string");
  fallible("parse_url", "(string, string) -> string | (string, string, string) -> string", true);
  may_be_null("try_parse_url", "(string, string) -> string | (string, string, string) -> string");
  add("sentences", "(string, string = '', string = '') -> array<array<string>>");
  // Bytes are looked at as they are: a cast to STRING would repair them.
  add("is_valid_utf8", "(string) -> boolean | (binary) -> boolean");
  add("make_valid_utf8", "(string) -> string | (binary) -> string");
  RegisterAes(table);
  table.Add({.name = "collation", .signatures = "(string) -> string"});
  fallible("validate_utf8", "(string) -> string | (binary) -> string");
  may_be_null("try_validate_utf8", "(string) -> string | (binary) -> string");
}

}  // namespace tarn::plan
