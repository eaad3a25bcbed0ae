#include "ddl_type.h"
#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

/// variant_get(value, path[, type]): the type is a literal text.
Result<void> TypeVariantGet(CallTyping& call) {
  if (!call.args[0]->type.Is(TypeId::kVariant) && !call.args[0]->type.Is(TypeId::kNull)) {
    return UnexpectedType(call, 0, "VARIANT");
  }
  TARN_TRY(Coerce(call, 1, TypeId::kString));
  call.type = TypeId::kVariant;
  call.nullable = true;
  if (call.args.size() < 3) return {};
  const Value* literal = LiteralArgument(call, 2);
  if (!literal || literal->is_null() || !literal->type().IsString()) {
    return Error(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
                 {{"sqlExpr", "\"" + Render(*call.args[2]) + "\""},
                  {"inputName", "`type`"},
                  {"inputType", "\"STRING\""},
                  {"inputExpr", "\"" + Render(*call.args[2]) + "\""}});
  }
  const auto type = ParseDdlType(literal->text());
  if (!type) {
    return Error(Condition("INVALID_SCHEMA.PARSE_ERROR"),
                 {{"inputSchema", "\"" + literal->text() + "\""}, {"reason", "it is no type"}});
  }
  call.type = *type;
  return {};
}

Result<void> TypeToVariantObject(CallTyping& call) {
  if (!call.args[0]->type.IsNested()) {
    return UnexpectedType(call, 0, "(\"STRUCT\" or \"ARRAY\" or \"MAP\")");
  }
  call.type = TypeId::kVariant;
  return {};
}

Result<void> TypeVariantExplode(CallTyping& call) {
  if (!call.args[0]->type.Is(TypeId::kVariant)) return UnexpectedType(call, 0, "VARIANT");
  call.type = DataType::Struct({{"pos", TypeId::kInt, false},
                                {"key", TypeId::kString, true},
                                {"value", TypeId::kVariant, false}});
  call.nullable = false;
  return {};
}

}  // namespace

void RegisterVariantFunctions(FunctionTable& table) {
  table.Add({.name = "parse_json", .signatures = "(string) -> variant", .fallible = true});
  table.Add(
      {.name = "try_parse_json", .signatures = "(string) -> variant", .null_intolerant = false});
  table.Add({.name = "is_valid_variant", .signatures = "(variant) -> boolean"});
  table.Add(
      {.name = "is_variant_null", .signatures = "(variant) -> boolean", .null_intolerant = false});
  table.Add({.name = "variant_get",
             .typing = TypeVariantGet,
             .args_min = 2,
             .args_max = 3,
             .fallible = true});
  table.Add({.name = "try_variant_get", .typing = TypeVariantGet, .args_min = 2, .args_max = 3});
  table.Add(
      {.name = "to_variant_object", .typing = TypeToVariantObject, .args_min = 1, .args_max = 1});
  table.Add({.name = "schema_of_variant", .signatures = "(variant) -> string"});
  table.Add({.name = "schema_of_variant_agg",
             .kind = FunctionKind::kAggregate,
             .signatures = "(variant) -> string"});
  for (const std::string_view name : {"variant_explode", "variant_explode_outer"}) {
    table.Add({.name = name,
               .kind = FunctionKind::kGenerator,
               .typing = TypeVariantExplode,
               .args_min = 1,
               .args_max = 1});
  }
}

}  // namespace tarn::plan
