#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

// The type of a generator's call is the struct of the columns that it produces.

namespace {

Result<void> Explode(CallTyping& call, bool with_position) {
  const DataType& type = call.args[0]->type;
  std::vector<Field> fields;
  if (with_position) fields.push_back({"pos", TypeId::kInt, false});
  if (type.Is(TypeId::kArray)) {
    fields.push_back({"col", type.element(), type.contains_null()});
  } else if (type.Is(TypeId::kMap)) {
    fields.push_back({"key", type.key(), false});
    fields.push_back({"value", type.value(), type.contains_null()});
  } else {
    return UnexpectedType(call, 0, "(\"ARRAY\" or \"MAP\")");
  }
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

Result<void> TypeExplode(CallTyping& call) { return Explode(call, false); }
Result<void> TypePosExplode(CallTyping& call) { return Explode(call, true); }

Result<void> TypeInline(CallTyping& call) {
  const DataType& type = call.args[0]->type;
  if (!type.Is(TypeId::kArray) || !type.element().Is(TypeId::kStruct)) {
    return UnexpectedType(call, 0, "ARRAY of STRUCT");
  }
  std::vector<Field> fields = type.element().fields();
  for (Field& field : fields) field.nullable |= type.contains_null();
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

/// stack(n, v1, v2, …): n rows, filled row by row; a column's values have one type.
Result<void> TypeStack(CallTyping& call) {
  const Value* literal = LiteralArgument(call, 0);
  if (!literal || literal->is_null() || !literal->type().IsIntegral() || literal->integer() < 1) {
    return UnexpectedType(call, 0, "INT");
  }
  const auto rows = static_cast<size_t>(literal->integer());
  const size_t values = call.args.size() - 1;
  const size_t columns = (values + rows - 1) / rows;
  std::vector<Field> fields;
  for (size_t column = 0; column < columns; ++column) {
    std::vector<DataType> types;
    for (size_t i = column; i < values; i += columns) types.push_back(call.args[i + 1]->type);
    const auto common = CommonType(types);
    if (!common) return UnexpectedType(call, column + 1, types[0].ToSql());
    for (size_t i = column; i < values; i += columns) {
      if (!call.args[i + 1]->type.EquivalentTo(*common)) {
        call.args[i + 1] = MakeCast(std::move(call.args[i + 1]), *common);
      }
    }
    fields.push_back({"col" + std::to_string(column), *common, true});
  }
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

Result<void> TypeJsonTuple(CallTyping& call) {
  std::vector<Field> fields;
  for (size_t i = 0; i < call.args.size(); ++i) {
    TARN_TRY(Coerce(call, i, TypeId::kString));
    if (i > 0) fields.push_back({"c" + std::to_string(i - 1), TypeId::kString, true});
  }
  call.type = DataType::Struct(std::move(fields));
  call.nullable = false;
  return {};
}

}  // namespace

void RegisterGeneratorFunctions(FunctionTable& table) {
  const auto add = [&](std::string_view name, Result<void> (*typing)(CallTyping&), int min,
                       int max) {
    table.Add({.name = name,
               .kind = FunctionKind::kGenerator,
               .typing = typing,
               .args_min = min,
               .args_max = max});
  };
  add("explode", TypeExplode, 1, 1);
  add("explode_outer", TypeExplode, 1, 1);
  add("posexplode", TypePosExplode, 1, 1);
  add("posexplode_outer", TypePosExplode, 1, 1);
  add("inline", TypeInline, 1, 1);
  add("inline_outer", TypeInline, 1, 1);
  add("stack", TypeStack, 2, -1);
  add("json_tuple", TypeJsonTuple, 2, -1);
}

}  // namespace tarn::plan
