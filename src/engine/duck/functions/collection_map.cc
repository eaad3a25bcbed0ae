// Maps and structs.

#include "duck/functions/collection.h"
#include "duck/functions/string_functions.h"

namespace tarn::engine::duck {

namespace {

using duckdb::Value;
using Items = duckdb::vector<duckdb::Value>;

const Items& PairOf(const Value& entry) { return duckdb::StructValue::GetChildren(entry); }

Value MakeMap(Call& call, const Items& args) {
  Items keys;
  Items values;
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    keys.push_back(args[i]);
    values.push_back(args[i + 1]);
  }
  return MapResult(call, std::move(keys), std::move(values));
}

Value FromArrays(Call& call, Value keys, Value values) {
  Items key_items = ItemsOf(keys);
  Items value_items = ItemsOf(values);
  if (key_items.size() != value_items.size()) {
    Raise(Condition("INVALID_PARAMETER_VALUE"),
          {{"parameter", "`values`"},
           {"value", std::to_string(value_items.size()) + " elements"},
           {"detail", "there must be one for each key"}});
  }
  return MapResult(call, std::move(key_items), std::move(value_items));
}

Value FromEntries(Call& call, Value entries) {
  Items keys;
  Items values;
  for (const Value& entry : ItemsOf(entries)) {
    if (entry.IsNull()) return NullResult(call);
    keys.push_back(PairOf(entry)[0]);
    values.push_back(PairOf(entry)[1]);
  }
  return MapResult(call, std::move(keys), std::move(values));
}

Value Concat(Call& call, const Items& maps) {
  Items keys;
  Items values;
  for (const Value& map : maps) {
    if (map.IsNull()) return NullResult(call);
    for (const Value& entry : duckdb::MapValue::GetChildren(map)) {
      keys.push_back(PairOf(entry)[0]);
      values.push_back(PairOf(entry)[1]);
    }
  }
  return MapResult(call, std::move(keys), std::move(values));
}

DuckExpr PackStruct(DuckArgs values, const DataType& type) {
  for (size_t i = 0; i < values.size(); ++i) values[i]->SetAlias(type.fields()[i].name);
  return CallNative("struct_pack", std::move(values));
}

}  // namespace

duckdb::Value MapResult(const Call& call, Items keys, Items values) {
  ValueSet seen;
  for (const Value& key : keys) {
    if (key.IsNull()) Raise(Condition("NULL_MAP_KEY"));
    if (!seen.Insert(key)) Raise(Condition("DUPLICATED_MAP_KEY"), {{"key", key.ToString()}});
  }
  const DataType& type = call.info.result;
  return Value::MAP(ToDuckType(type.key()), ToDuckType(type.value()), std::move(keys),
                    std::move(values));
}

void RegisterMaps(FunctionSet& set) {
  set.Batch("map", ByValues(MakeMap), kFallible);
  set.Template("map",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 if (args.empty()) {
                   return Constant(Value::MAP(ToDuckType(expr.type.key()),
                                              ToDuckType(expr.type.value()), Items(), Items()));
                 }
                 return CallKernel(context, "map", expr, call, std::move(args));
               });
  set.Function("map_from_arrays", FromArrays, kFallible);
  set.Function("map_from_entries", FromEntries, kFallible);
  set.Batch("map_concat", ByValues(Concat), kFallible);
  set.Use("map_concat", "map_concat");
  set.registry().Native("map_keys", "map_keys");
  set.registry().Native("map_values", "map_values");
  set.registry().Native("map_entries", "map_entries");
  set.registry().Native("map_contains_key", "map_contains");
  set.Template("struct",
               [](LoweringContext&, const plan::Expr& expr, const plan::Call&,
                  DuckArgs args) -> DuckExpr { return PackStruct(std::move(args), expr.type); });
  set.Template(
      "named_struct",
      [](LoweringContext&, const plan::Expr& expr, const plan::Call&, DuckArgs args) -> DuckExpr {
        DuckArgs values;
        for (size_t i = 1; i < args.size(); i += 2) values.push_back(std::move(args[i]));
        return PackStruct(std::move(values), expr.type);
      });
}

}  // namespace tarn::engine::duck
