#include <algorithm>
#include <cctype>

#include "ddl_type.h"
#include "function_families.h"
#include "function_typing.h"
#include "tarn/types/all_nullable.h"
#include "tarn/types/any_type.h"

namespace tarn::plan {

namespace {

Result<void> TypeCoalesce(CallTyping& call) {
  TARN_ASSIGN(call.type, CoerceToCommon(call, 0, call.args.size(), "coalesce"));
  call.nullable = true;
  for (const ExprPtr& arg : call.args) call.nullable &= arg->nullable;
  return {};
}

/// The condition is boolean or a bare NULL.
Result<void> TypeIf(CallTyping& call) {
  const bool null = call.args[0]->As<Literal>() && call.args[0]->type.Is(TypeId::kNull);
  if (!null && !call.args[0]->type.Is(TypeId::kBoolean)) {
    return UnexpectedType(call, 0, "BOOLEAN");
  }
  call.args[0] = MakeCast(std::move(call.args[0]), TypeId::kBoolean);
  TARN_ASSIGN(call.type, CoerceToCommon(call, 1, 3, "if"));
  call.nullable = call.args[1]->nullable || call.args[2]->nullable;
  return {};
}

Result<void> TypeNvl2(CallTyping& call) {
  TARN_ASSIGN(call.type, CoerceToCommon(call, 1, 3, "nvl2"));
  call.nullable = call.args[1]->nullable || call.args[2]->nullable;
  return {};
}

/// nullif(a, b): a unless it equals b. The comparison is made in the common type, the result is
/// a's.
Result<void> TypeNullIf(CallTyping& call) {
  const auto common = CommonType(call.args[0]->type, call.args[1]->type);
  if (!common) return UnexpectedType(call, 1, call.args[0]->type.ToSql());
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeZeroIfNull(CallTyping& call) {
  call.args.push_back(MakeLiteral(Value::Int(0)));
  TARN_ASSIGN(call.type, CoerceToCommon(call, 0, 2, "zeroifnull"));
  call.nullable = false;
  return {};
}

Result<void> TypeNullIfZero(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.IsNumeric()) {
    TARN_TRY(Coerce(call, 0, TypeId::kInt));
  }
  call.type = call.args[0]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeGreatest(CallTyping& call) {
  TARN_ASSIGN(call.type, CoerceToCommon(call, 0, call.args.size(), "greatest"));
  if (!IsOrderable(call.type)) {
    return Error(Condition("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"),
                 {{"sqlExpr", "\"" + Render(*call.args[0]) + "\""},
                  {"functionName", "`greatest`"},
                  {"dataType", "\"" + call.type.ToSql() + "\""}});
  }
  call.nullable = true;
  for (const ExprPtr& arg : call.args) call.nullable &= arg->nullable;
  return {};
}

template <TypeId kResult>
Result<void> TypeCastTo(CallTyping& call) {
  const DataType type(kResult);
  if (!CanCast(call.args[0]->type, type)) return UnexpectedType(call, 0, type.ToSql());
  call.args[0] = MakeCast(std::move(call.args[0]), type, CastMode::kAnsi, false);
  call.type = type;
  call.nullable = call.args[0]->nullable;
  return {};
}

/// A schema that can't be read fails as a statement does.
Error SchemaError(const std::string& schema) {
  if (schema.find_first_not_of(" \t\r\n") == schema.npos) {
    return Error(Condition("PARSE_EMPTY_STATEMENT"));
  }
  if (std::ranges::all_of(schema, [](unsigned char c) { return std::isalnum(c) || c == '_'; })) {
    return Error(Condition("UNSUPPORTED_DATATYPE"), {{"typeName", "\"" + schema + "\""}});
  }
  return Error(Condition("PARSE_SYNTAX_ERROR"),
               {{"error", "'" + schema + "'"},
                {"detail", "a schema is a list of columns (a INT, b STRING) or a type"}});
}

/// The schema of from_json and from_csv: a literal text.
Result<DataType> SchemaArgument(CallTyping& call, size_t index) {
  const Value* literal = LiteralArgument(call, index);
  if (!literal || literal->is_null() || !literal->type().IsString()) {
    return Error(Condition("INVALID_SCHEMA.NON_STRING_LITERAL"),
                 {{"inputSchema", "\"" + Render(*call.args[index]) + "\""}});
  }
  auto type = ParseDdlType(literal->text());
  if (!type) {
    return SchemaError(literal->text());
  }
  return *type;
}

/// The options of a function, behind its other arguments: a map of strings.
Result<void> CheckOptions(const CallTyping& call, size_t index) {
  if (call.args.size() <= index) return {};
  const DataType& type = call.args[index]->type;
  if (!type.Is(TypeId::kMap)) return Error(Condition("INVALID_OPTIONS.NON_MAP_FUNCTION"));
  if (!type.key().IsString() || !type.value().IsString()) {
    return Error(Condition("INVALID_OPTIONS.NON_STRING_TYPE"),
                 {{"mapType", "\"" + type.ToSql() + "\""}});
  }
  return {};
}

Result<void> TypeFromText(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  TARN_TRY(CheckOptions(call, 2));
  TARN_ASSIGN(const DataType type, SchemaArgument(call, 1));
  call.type = AllNullable(type);
  call.nullable = true;
  return {};
}

/// __store_as(value, CAST(NULL AS type)): see its row.
Result<void> TypeStoreAs(CallTyping& call) {
  call.type = call.args[1]->type;
  call.nullable = true;
  return {};
}

Result<void> TypeToText(CallTyping& call) {
  if (!call.args[0]->type.IsNested() && !call.args[0]->type.Is(TypeId::kVariant)) {
    return UnexpectedType(call, 0, "(\"STRUCT\" or \"ARRAY\" or \"MAP\")");
  }
  TARN_TRY(CheckOptions(call, 1));
  call.type = TypeId::kString;
  return {};
}

Result<void> TypeSchemaOf(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  TARN_TRY(CheckOptions(call, 1));
  call.type = TypeId::kString;
  call.nullable = false;
  return {};
}

Result<void> TypeAny(CallTyping& call) {
  call.type = TypeId::kString;
  call.nullable = false;
  return {};
}

Result<void> TypeHash(CallTyping& call) {
  call.type = TypeId::kInt;
  call.nullable = false;
  return {};
}

Result<void> TypeHash64(CallTyping& call) {
  call.type = TypeId::kLong;
  call.nullable = false;
  return {};
}

Result<void> TypeRaiseError(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kString));
  if (call.args.size() == 2) {
    TARN_TRY(Coerce(call, 1, DataType::Map(TypeId::kString, TypeId::kString, true)));
  }
  call.type = TypeId::kNull;
  call.nullable = true;
  return {};
}

Result<void> TypeAssertTrue(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kBoolean));
  if (call.args.size() == 1) {
    call.args.push_back(MakeLiteral(Value::String("'" + Render(*call.args[0]) + "' is not true!")));
  }
  TARN_TRY(Coerce(call, 1, TypeId::kString));
  call.type = TypeId::kNull;
  call.nullable = true;
  return {};
}

/// randstr(length[, seed]).
Result<void> TypeRandStr(CallTyping& call) {
  TARN_TRY(Coerce(call, 0, TypeId::kInt));
  if (call.args.size() > 1) {
    TARN_TRY(Coerce(call, 1, TypeId::kLong));
  }
  call.type = TypeId::kString;
  call.nullable = false;
  return {};
}

/// uniform(from, to[, seed]): integral if both bounds are.
Result<void> TypeUniform(CallTyping& call) {
  TARN_ASSIGN(call.type, CoerceToCommon(call, 0, 2, "uniform"));
  if (!call.type.IsNumeric()) return UnexpectedType(call, 0, "NUMERIC");
  if (call.args.size() > 2) {
    TARN_TRY(Coerce(call, 2, TypeId::kLong));
  }
  return {};
}

/// What a session or a file says of itself.
void RegisterSession(FunctionTable& table) {
  for (const std::string_view name :
       {"current_catalog", "current_user", "version", "current_path"}) {
    table.Add({.name = name, .signatures = "() -> string"});
  }
  table.Add({.name = "current_schema", .signatures = "() -> string"}, {"current_database"});
  table.Add({.name = "user", .signatures = "() -> string"});
  table.Add({.name = "session_user", .signatures = "() -> string"});
  table.Add(
      {.name = "uuid", .signatures = "() -> string | (bigint) -> string", .deterministic = false});
  table.Add({.name = "monotonically_increasing_id",
             .signatures = "() -> bigint",
             .deterministic = false});
  table.Add({.name = "spark_partition_id", .signatures = "() -> int", .deterministic = false});
  table.Add({.name = "input_file_name", .signatures = "() -> string", .deterministic = false});
  for (const std::string_view name : {"input_file_block_start", "input_file_block_length"}) {
    table.Add({.name = name, .signatures = "() -> bigint", .deterministic = false});
  }
}

}  // namespace

void RegisterMiscFunctions(FunctionTable& table) {
  const auto typed = [&](std::string_view name, Result<void> (*typing)(CallTyping&), int min,
                         int max, bool fallible = false) {
    table.Add(
        {.name = name, .typing = typing, .args_min = min, .args_max = max, .fallible = fallible});
  };
  typed("coalesce", TypeCoalesce, 1, -1);
  typed("nvl", TypeCoalesce, 2, 2);
  typed("ifnull", TypeCoalesce, 2, 2);
  typed("if", TypeIf, 3, 3);
  typed("nvl2", TypeNvl2, 3, 3);
  typed("nullif", TypeNullIf, 2, 2);
  typed("zeroifnull", TypeZeroIfNull, 1, 1);
  typed("nullifzero", TypeNullIfZero, 1, 1);
  typed("greatest", TypeGreatest, 2, -1);
  typed("least", TypeGreatest, 2, -1);

  typed("boolean", TypeCastTo<TypeId::kBoolean>, 1, 1, true);
  typed("tinyint", TypeCastTo<TypeId::kByte>, 1, 1, true);
  typed("smallint", TypeCastTo<TypeId::kShort>, 1, 1, true);
  typed("int", TypeCastTo<TypeId::kInt>, 1, 1, true);
  typed("bigint", TypeCastTo<TypeId::kLong>, 1, 1, true);
  typed("float", TypeCastTo<TypeId::kFloat>, 1, 1, true);
  typed("double", TypeCastTo<TypeId::kDouble>, 1, 1, true);
  typed("decimal", TypeCastTo<TypeId::kDecimal>, 1, 1, true);
  typed("string", TypeCastTo<TypeId::kString>, 1, 1, true);
  typed("binary", TypeCastTo<TypeId::kBinary>, 1, 1, true);
  typed("date", TypeCastTo<TypeId::kDate>, 1, 1, true);
  typed("time", TypeCastTo<TypeId::kTime>, 1, 1, true);
  typed("timestamp", TypeCastTo<TypeId::kTimestamp>, 1, 1, true);

  typed("from_json", TypeFromText, 2, 3, true);
  typed("from_csv", TypeFromText, 2, 3, true);
  typed("to_json", TypeToText, 1, 2);
  typed("to_csv", TypeToText, 1, 2);
  typed("schema_of_json", TypeSchemaOf, 1, 2, true);
  typed("schema_of_csv", TypeSchemaOf, 1, 2, true);
  table.Add({.name = "get_json_object",
             .signatures = "(string, string) -> string",
             .null_intolerant = false});
  table.Add(
      {.name = "json_array_length", .signatures = "(string) -> int", .null_intolerant = false});
  table.Add({.name = "json_object_keys",
             .signatures = "(string) -> array<string>",
             .null_intolerant = false});

  // The value of a written column: structs' fields find those of the type by name, where the value
  // has one of each name, or else has fewer, which leaves NULL; or else by position. What may be
  // stored in what is decided by those who write it into a statement.
  table.Add({.name = "__store_as",
             .typing = TypeStoreAs,
             .args_min = 2,
             .args_max = 2,
             .fallible = true,
             .null_intolerant = false});

  typed("hash", TypeHash, 1, -1);
  typed("xxhash64", TypeHash64, 1, -1);
  typed("typeof", TypeAny, 1, 1);
  typed("raise_error", TypeRaiseError, 1, 2, true);
  typed("assert_true", TypeAssertTrue, 1, 2, true);
  RegisterSession(table);
  typed("randstr", TypeRandStr, 1, 2, true);
  typed("uniform", TypeUniform, 2, 3, true);
}

}  // namespace tarn::plan
