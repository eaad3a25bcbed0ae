#include <algorithm>

#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

Result<void> TypeArray(CallTyping& call) {
  call.nullable = false;
  if (call.args.empty()) {
    call.type = DataType::Array(TypeId::kNull, false);
    return {};
  }
  TARN_ASSIGN(const DataType element, CoerceToCommon(call, 0, call.args.size(), "array"));
  call.type = DataType::Array(element, AnyNullable(call));
  return {};
}

/// Casts every second argument from `begin` on to their common type.
Result<DataType> CommonOfEverySecond(CallTyping& call, size_t begin, bool* nullable) {
  std::vector<DataType> types;
  for (size_t i = begin; i < call.args.size(); i += 2) {
    types.push_back(call.args[i]->type);
    *nullable |= call.args[i]->nullable;
  }
  const auto common = CommonType(types);
  if (!common) {
    std::string list;
    for (const DataType& type : types)
      list += (list.empty() ? "\"" : " or \"") + type.ToSql() + "\"";
    return Error(
        begin == 0 ? Condition("DATATYPE_MISMATCH.CREATE_MAP_KEY_DIFF_TYPES")
                   : Condition("DATATYPE_MISMATCH.CREATE_MAP_VALUE_DIFF_TYPES"),
        {{"sqlExpr", "\"map\""}, {"functionName", "`map`"}, {"dataType", "[" + list + "]"}});
  }
  for (size_t i = begin; i < call.args.size(); i += 2) {
    if (!call.args[i]->type.EquivalentTo(*common))
      call.args[i] = MakeCast(std::move(call.args[i]), *common);
  }
  return *common;
}

Result<void> TypeMap(CallTyping& call) {
  call.nullable = false;
  if (call.args.size() % 2 != 0) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`map`"},
                  {"expectedNum", "2n (n > 0)"},
                  {"actualNum", std::to_string(call.args.size())}});
  }
  if (call.args.empty()) {
    call.type = DataType::Map(TypeId::kNull, TypeId::kNull, false);
    return {};
  }
  bool ignored = false;
  bool value_nullable = false;
  TARN_ASSIGN(const DataType key, CommonOfEverySecond(call, 0, &ignored));
  TARN_ASSIGN(const DataType value, CommonOfEverySecond(call, 1, &value_nullable));
  if (key.Is(TypeId::kMap)) {
    return Error(Condition("DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE"),
                 {{"sqlExpr", "\"map\""}, {"keyType", "\"" + key.ToSql() + "\""}});
  }
  call.type = DataType::Map(key, value, value_nullable);
  return {};
}

Result<void> TypeNamedStruct(CallTyping& call) {
  std::vector<Field> fields;
  if (call.args.size() % 2 != 0) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`named_struct`"},
                  {"expectedNum", "2n (n > 0)"},
                  {"actualNum", std::to_string(call.args.size())}});
  }
  for (size_t i = 0; i + 1 < call.args.size(); i += 2) {
    const Value* name = LiteralArgument(call, i);
    if (!name || name->is_null() || !name->type().IsString()) {
      return Error(
          Condition("DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING"),
          {{"sqlExpr", "\"named_struct\""}, {"inputExprs", "\"" + Render(*call.args[i]) + "\""}});
    }
    fields.push_back({name->text(), call.args[i + 1]->type, call.args[i + 1]->nullable});
  }
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

Result<void> TypeStruct(CallTyping& call) {
  std::vector<Field> fields;
  for (size_t i = 0; i < call.args.size(); ++i) {
    std::string name = "col" + std::to_string(i + 1);
    if (const auto* column = call.args[i]->As<ColumnRef>()) name = column->name;
    if (const auto* field = call.args[i]->As<FieldAccess>()) {
      name = field->base->type.fields()[static_cast<size_t>(field->index)].name;
    }
    fields.push_back({std::move(name), call.args[i]->type, call.args[i]->nullable});
  }
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

/// base[index]: element of an array from 0, or value of a map's key.
Result<void> TypeGetItem(CallTyping& call) {
  const DataType& base = call.args[0]->type;
  call.nullable = true;
  if (base.Is(TypeId::kMap)) {
    call.type = base.value();
    return Coerce(call, 1, DataType(base.key()));
  }
  if (!base.Is(TypeId::kArray)) return UnexpectedType(call, 0, "(\"ARRAY\" or \"MAP\")");
  call.type = base.element();
  if (!call.args[1]->type.IsIntegral() && !call.args[1]->type.Is(TypeId::kNull)) {
    return UnexpectedType(call, 1, "INTEGRAL");
  }
  if (!call.args[1]->type.Is(TypeId::kInt)) {
    call.args[1] = MakeCast(std::move(call.args[1]), TypeId::kInt);
  }
  return {};
}

Result<void> TypeElementAt(CallTyping& call) { return TypeGetItem(call); }

Result<void> TypeArraysZip(CallTyping& call) {
  std::vector<Field> fields;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!call.args[i]->type.Is(TypeId::kArray)) return UnexpectedType(call, i, "ARRAY");
    std::string name = std::to_string(i);
    if (const auto* column = call.args[i]->As<ColumnRef>()) name = column->name;
    if (const auto* field = call.args[i]->As<FieldAccess>()) {
      name = field->base->type.fields()[static_cast<size_t>(field->index)].name;
    }
    fields.push_back({std::move(name), call.args[i]->type.element(), true});
  }
  call.type = DataType::Array(DataType::Struct(std::move(fields)), false);
  return {};
}

Result<void> TypeFlatten(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kArray) || !type.element().Is(TypeId::kArray)) {
    return UnexpectedType(call, 0, "ARRAY of ARRAY");
  }
  call.type = type.element();
  call.nullable |= type.contains_null();
  return {};
}

Result<void> TypeSequence(CallTyping& call) {
  TARN_ASSIGN(DataType common, CoerceToCommon(call, 0, 2, "sequence"));
  if (call.args.size() == 3 && common.IsIntegral()) {
    const auto wider = CommonType(common, call.args[2]->type);
    if (!wider || !wider->IsIntegral()) return UnexpectedType(call, 2, "INTEGRAL");
    common = *wider;
    for (ExprPtr& arg : call.args) arg = MakeCast(std::move(arg), common);
  } else if (common.IsDatetime()) {
    if (call.args.size() == 3 && call.args[2]->type.IsString()) {
      call.args[2] = MakeCast(std::move(call.args[2]), TypeId::kCalendarInterval);
    }
    if (call.args.size() == 3 && !call.args[2]->type.IsInterval())
      return UnexpectedType(call, 2, "INTERVAL");
  } else if (!common.IsIntegral()) {
    return UnexpectedType(call, 0, "(\"INTEGRAL\" or \"DATE\" or \"TIMESTAMP\")");
  }
  call.type = DataType::Array(common, false);
  return {};
}

Result<void> TypeMapEntries(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kMap)) return UnexpectedType(call, 0, "MAP");
  call.type = DataType::Array(
      DataType::Struct({{"key", type.key(), false}, {"value", type.value(), type.contains_null()}}),
      false);
  return {};
}

Result<void> TypeMapFromEntries(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kArray) || !type.element().Is(TypeId::kStruct) ||
      type.element().fields().size() != 2) {
    return UnexpectedType(call, 0, "ARRAY of pair STRUCT");
  }
  const auto& fields = type.element().fields();
  call.type = DataType::Map(fields[0].type, fields[1].type, fields[1].nullable);
  call.nullable = true;
  return {};
}

Result<void> TypeMapConcat(CallTyping& call) {
  if (call.args.empty()) {
    call.type = DataType::Map(TypeId::kString, TypeId::kString);
    return {};
  }
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!call.args[i]->type.Is(TypeId::kMap)) return UnexpectedType(call, i, "MAP");
  }
  TARN_ASSIGN(call.type, CoerceToCommon(call, 0, call.args.size(), "map_concat"));
  return {};
}

Result<void> TypeSize(CallTyping& call) {
  if (call.args[0]->type.Is(TypeId::kNull)) {
    TARN_TRY(Coerce(call, 0, DataType::Array(TypeId::kNull)));
  }
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kArray) && !type.Is(TypeId::kMap)) {
    return UnexpectedType(call, 0, "(\"ARRAY\" or \"MAP\")");
  }
  call.type = TypeId::kInt;
  return {};
}

/// Whether one is a text and the other isn't: those aren't brought together as operators would.
bool TextBesideOther(const DataType& a, const DataType& b) {
  if (a.Is(TypeId::kNull) || b.Is(TypeId::kNull)) return false;
  return a.IsString() != b.IsString();
}

/// An array and a value of its element type, which become of one type.
Result<void> TypeArrayAndElement(CallTyping& call, std::string_view function) {
  const DataType array = call.args[0]->type;
  const DataType value = call.args[1]->type;
  if (!array.Is(TypeId::kArray) && !array.Is(TypeId::kNull))
    return UnexpectedType(call, 0, "ARRAY");
  const DataType element = array.Is(TypeId::kArray) ? array.element() : value;
  const auto common = CommonType(element, value);
  if (!common || TextBesideOther(element, value)) {
    return Error(Condition("DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES"),
                 {{"sqlExpr", "\"" + std::string(function) + "\""},
                  {"functionName", "`" + std::string(function) + "`"},
                  {"dataType", "\"ARRAY\""},
                  {"leftType", "\"" + array.ToSql() + "\""},
                  {"rightType", "\"" + value.ToSql() + "\""}});
  }
  const bool nulls = !array.Is(TypeId::kArray) || array.contains_null();
  TARN_TRY(Coerce(call, 0, DataType::Array(*common, nulls)));
  TARN_TRY(Coerce(call, 1, *common));
  return {};
}

Result<void> TypeArrayContains(CallTyping& call) {
  if (call.args[0]->type.Is(TypeId::kNull) || call.args[1]->type.Is(TypeId::kNull)) {
    return Error(Condition("DATATYPE_MISMATCH.NULL_TYPE"),
                 {{"sqlExpr", "\"array_contains\""}, {"functionName", "`array_contains`"}});
  }
  TARN_TRY(TypeArrayAndElement(call, "array_contains"));
  call.type = TypeId::kBoolean;
  return {};
}

Result<void> TypeArrayPosition(CallTyping& call) {
  TARN_TRY(TypeArrayAndElement(call, "array_position"));
  call.type = TypeId::kLong;
  return {};
}

Result<void> TypeArrayRemove(CallTyping& call) {
  TARN_TRY(TypeArrayAndElement(call, "array_remove"));
  call.type = call.args[0]->type;
  return {};
}

}  // namespace

void RegisterCollectionFunctions(FunctionTable& table) {
  const auto add = [&](std::string_view name, std::string_view signatures, bool fallible = false,
                       bool null_intolerant = true) {
    table.Add({.name = name,
               .signatures = signatures,
               .fallible = fallible,
               .null_intolerant = null_intolerant});
  };
  const auto typed = [&](std::string_view name, Result<void> (*typing)(CallTyping&), int min,
                         int max, bool fallible = false, bool null_intolerant = true) {
    table.Add({.name = name,
               .typing = typing,
               .args_min = min,
               .args_max = max,
               .fallible = fallible,
               .null_intolerant = null_intolerant});
  };
  typed("array", TypeArray, 0, -1);
  typed("map", TypeMap, 0, -1, true);
  typed("named_struct", TypeNamedStruct, 2, -1);
  typed("struct", TypeStruct, 1, -1);
  table.Add(
      {.name = "getitem", .typing = TypeGetItem, .args_min = 2, .args_max = 2, .fallible = true},
      {"[]"});
  typed("element_at", TypeElementAt, 2, 2, true);
  typed("try_element_at", TypeElementAt, 2, 2, true, false);
  add("get", "(array<T>, int) -> T", false, false);
  add("array_append", "(array<T>, T) -> array<T>", false, false);
  add("array_prepend", "(array<T>, T) -> array<T>", false, false);
  add("array_compact", "(array<T>) -> array<T>");
  typed("array_contains", TypeArrayContains, 2, 2, false, false);
  add("array_distinct", "(array<T>) -> array<T>");
  add("array_except", "(array<T>, array<T>) -> array<T>");
  add("array_insert", "(array<T>, int, T) -> array<T>", true, false);
  add("array_intersect", "(array<T>, array<T>) -> array<T>");
  add("array_join", "(array<string>, string) -> string | (array<string>, string, string) -> string",
      false, false);
  add("array_max", "(array<T>) -> T", false, false);
  add("array_min", "(array<T>) -> T", false, false);
  typed("array_position", TypeArrayPosition, 2, 2);
  typed("array_remove", TypeArrayRemove, 2, 2);
  add("array_repeat", "(T, int) -> array<T>", false, false);
  add("array_size", "(array<T>) -> int");
  add("array_union", "(array<T>, array<T>) -> array<T>");
  add("arrays_overlap", "(array<T>, array<T>) -> boolean", false, false);
  typed("arrays_zip", TypeArraysZip, 0, -1);
  typed("flatten", TypeFlatten, 1, 1);
  typed("sequence", TypeSequence, 2, 3, true);
  add("shuffle", "(array<T>) -> array<T> | (array<T>, bigint) -> array<T>");
  add("slice", "(array<T>, int, int) -> array<T>", true);
  add("sort_array", "(array<T>, boolean = true) -> array<T>");
  typed("size", TypeSize, 1, 1);
  typed("cardinality", TypeSize, 1, 1);
  add("map_contains_key", "(map<K, V>, K) -> boolean");
  typed("map_concat", TypeMapConcat, 0, -1, true);
  typed("map_entries", TypeMapEntries, 1, 1);
  add("map_from_arrays", "(array<K>, array<V>) -> map<K, V>", true);
  typed("map_from_entries", TypeMapFromEntries, 1, 1, true);
  add("map_keys", "(map<K, V>) -> array<K>");
  add("map_values", "(map<K, V>) -> array<V>");
  add("transform", "(array<T>, (T) => U) -> array<U> | (array<T>, (T, int) => U) -> array<U>", true,
      false);
  add("filter",
      "(array<T>, (T) => boolean) -> array<T> | (array<T>, (T, int) => boolean) -> array<T>", true,
      false);
  add("exists", "(array<T>, (T) => boolean) -> boolean", true, false);
  add("forall", "(array<T>, (T) => boolean) -> boolean", true, false);
  for (const std::string_view name : {"aggregate", "reduce"}) {
    add(name, "(array<T>, A, (A, T) => A) -> A | (array<T>, A, (A, T) => A, (A) => R) -> R", true,
        false);
  }
  add("array_sort", "(array<T>) -> array<T> | (array<T>, (T, T) => int) -> array<T>", true, false);
  add("zip_with", "(array<T>, array<S>, (T, S) => U) -> array<U>", true, false);
  add("map_filter", "(map<K, V>, (K, V) => boolean) -> map<K, V>", true, false);
  add("transform_keys", "(map<K, V>, (K, V) => U) -> map<U, V>", true, false);
  add("transform_values", "(map<K, V>, (K, V) => U) -> map<K, U>", true, false);
  add("map_zip_with", "(map<K, V>, map<K, W>, (K, V, W) => U) -> map<K, U>", true, false);
}

}  // namespace tarn::plan
