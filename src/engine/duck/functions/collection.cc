// Arrays.

#include "duck/functions/collection.h"

#include <algorithm>

#include "duck/functions/casting.h"
#include "duck/functions/string_functions.h"
#include "tarn/base/random.h"

namespace tarn::engine::duck {

duckdb::hash_t ValueSet::HashOf(const duckdb::Value& value) {
  return value.IsNull() ? 0 : value.Hash();
}

bool ValueSet::Contains(const duckdb::Value& value) const {
  const auto [begin, end] = values_.equal_range(HashOf(value));
  return std::any_of(begin, end, [&](const auto& entry) {
    return duckdb::Value::NotDistinctFrom(entry.second, value);
  });
}

bool ValueSet::Insert(const duckdb::Value& value) {
  if (Contains(value)) return false;
  values_.emplace(HashOf(value), value);
  return true;
}

duckdb::Value NullResult(const Call& call) { return duckdb::Value(ToDuckType(call.info.result)); }

duckdb::Value ListResult(const Call& call, duckdb::vector<duckdb::Value> items) {
  return duckdb::Value::LIST(ToDuckType(call.info.result.element()), std::move(items));
}

namespace {

using duckdb::Value;
using Items = duckdb::vector<duckdb::Value>;

Value Append(Call& call, std::optional<Value> list, std::optional<Value> item, bool front) {
  if (!list) return NullResult(call);
  Items items = ItemsOf(*list);
  const Value added = item ? *item : Value(ToDuckType(call.info.result.element()));
  items.insert(front ? items.begin() : items.end(), added);
  return ListResult(call, std::move(items));
}

std::optional<bool> Contains(Call&, Value list, Value item) {
  const Items& items = ItemsOf(list);
  bool null = false;
  for (const Value& candidate : items) {
    if (candidate.IsNull()) {
      null = true;
    } else if (Value::NotDistinctFrom(candidate, item)) {
      return true;
    }
  }
  return null ? std::nullopt : std::optional(false);
}

int64_t PositionOf(Call&, Value list, Value item) {
  const Items& items = ItemsOf(list);
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].IsNull() && Value::NotDistinctFrom(items[i], item))
      return static_cast<int64_t>(i) + 1;
  }
  return 0;
}

Value Remove(Call& call, Value list, Value item) {
  Items kept;
  for (const Value& candidate : ItemsOf(list)) {
    if (candidate.IsNull() || !Value::NotDistinctFrom(candidate, item)) kept.push_back(candidate);
  }
  return ListResult(call, std::move(kept));
}

Value Insert(Call& call, std::optional<Value> list, std::optional<int32_t> position,
             std::optional<Value> item) {
  if (!list || !position) return NullResult(call);
  if (*position == 0) Raise(Condition("INVALID_INDEX_OF_ZERO"));
  Items items = ItemsOf(*list);
  const auto size = static_cast<int64_t>(items.size());
  const Value null(ToDuckType(call.info.result.element()));
  const Value added = item ? *item : null;
  int64_t at = *position > 0 ? *position - 1 : size + *position + 1;
  if (at < 0) {
    // NULLs fill what lies between the new element and the first one.
    items.insert(items.begin(), static_cast<size_t>(-at), null);
    items.insert(items.begin(), added);
    return ListResult(call, std::move(items));
  }
  if (at > size) items.resize(static_cast<size_t>(at), null);
  items.insert(items.begin() + at, added);
  return ListResult(call, std::move(items));
}

std::optional<std::string> Join(Call&, Value list, std::string_view delimiter,
                                std::optional<std::string_view> null_text) {
  std::string joined;
  bool first = true;
  for (const Value& item : ItemsOf(list)) {
    if (item.IsNull() && !null_text) continue;
    if (!first) joined += delimiter;
    first = false;
    if (item.IsNull()) {
      joined += *null_text;
    } else {
      joined += duckdb::StringValue::Get(item);
    }
  }
  return joined;
}

Value Repeat(Call& call, std::optional<Value> item, std::optional<int32_t> count) {
  if (!count) return NullResult(call);
  const Value repeated = item ? *item : Value(ToDuckType(call.info.result.element()));
  return ListResult(call, Items(static_cast<size_t>(std::max(*count, 0)), repeated));
}

Value SliceOf(Call& call, Value list, int32_t start, int32_t length) {
  if (start == 0) {
    Raise(Condition("INVALID_PARAMETER_VALUE.START"),
          {{"parameter", "`start`"}, {"functionName", "`slice`"}, {"start", "0"}});
  }
  if (length < 0) {
    Raise(Condition("INVALID_PARAMETER_VALUE.LENGTH"), {{"parameter", "`length`"},
                                                        {"functionName", "`slice`"},
                                                        {"length", std::to_string(length)}});
  }
  const Items& items = ItemsOf(list);
  const auto size = static_cast<int64_t>(items.size());
  const int64_t begin = start > 0 ? start - 1 : size + start;
  Items part;
  if (begin >= 0) {
    for (int64_t i = begin; i < std::min(size, begin + length); ++i)
      part.push_back(items[static_cast<size_t>(i)]);
  }
  return ListResult(call, std::move(part));
}

Value Flatten(Call& call, Value lists) {
  Items all;
  for (const Value& list : ItemsOf(lists)) {
    if (list.IsNull()) return NullResult(call);
    for (const Value& item : ItemsOf(list)) all.push_back(item);
  }
  return ListResult(call, std::move(all));
}

Value Zip(Call& call, const Items& lists) {
  size_t length = 0;
  for (const Value& list : lists) {
    if (list.IsNull()) return NullResult(call);
    length = std::max(length, static_cast<size_t>(ItemsOf(list).size()));
  }
  const DataType& row_type = call.info.result.element();
  Items rows;
  for (size_t i = 0; i < length; ++i) {
    Items row;
    for (size_t field = 0; field < lists.size(); ++field) {
      const Items& items = ItemsOf(lists[field]);
      row.push_back(i < items.size() ? items[i] : Value(ToDuckType(row_type.fields()[field].type)));
    }
    rows.push_back(Value::STRUCT(ToDuckType(row_type), std::move(row)));
  }
  return ListResult(call, std::move(rows));
}

Value ConcatLists(Call& call, const Items& lists) {
  Items all;
  for (const Value& list : lists) {
    if (list.IsNull()) return NullResult(call);
    for (const Value& item : ItemsOf(list)) all.push_back(item);
  }
  return ListResult(call, std::move(all));
}

Value Shuffle(Call& call, Value list, Random& random) {
  Items items = ItemsOf(list);
  for (size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[random.Below(left)]);
  }
  return ListResult(call, std::move(items));
}

/// The place of an element for list_extract, from 1 (or from -1 backwards).
void Indexes(FunctionSet& set) {
  set.Kernel(
      "index_of_item",
      [](Call&, int32_t index, int64_t size) -> int64_t {
        if (index < 0 || index >= size) {
          Raise(Condition("INVALID_ARRAY_INDEX"),
                {{"indexValue", std::to_string(index)}, {"arraySize", std::to_string(size)}});
        }
        return int64_t{index} + 1;
      },
      kFallible);
  set.Kernel("index_of_get", [](Call&, int32_t index, int64_t size) -> std::optional<int64_t> {
    if (index < 0 || index >= size) return std::nullopt;
    return int64_t{index} + 1;
  });
  set.Kernel(
      "index_of_element",
      [](Call& call, int32_t index, int64_t size) -> std::optional<int64_t> {
        if (index == 0) Raise(Condition("INVALID_INDEX_OF_ZERO"));
        if (index > size || -int64_t{index} > size) {
          if (!IsTry(call)) {
            Raise(Condition("INVALID_ARRAY_INDEX_IN_ELEMENT_AT"),
                  {{"indexValue", std::to_string(index)}, {"arraySize", std::to_string(size)}});
          }
          return std::nullopt;
        }
        return int64_t{index};
      },
      kFallible);
  const auto extract = [](std::string kernel, std::string extra) -> CallTemplate {
    return [kernel, extra](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                           DuckArgs args) -> DuckExpr {
      if (call.args[0]->type.Is(TypeId::kMap)) {
        return CastNative(CallNative("map_extract_value", std::move(args)), ToDuckType(expr.type));
      }
      DuckExpr size = CallNativeOf("len", args[0]->Copy());
      DuckExpr index = CallKernel(context, kernel, TypeId::kLong, {TypeId::kInt, TypeId::kLong},
                                  MakeArgs(std::move(args[1]), std::move(size)), extra);
      return CallNativeOf("list_extract", std::move(args[0]), std::move(index));
    };
  };
  set.Template("getitem", extract("index_of_item", ""));
  set.Template("get", extract("index_of_get", ""));
  set.Template("element_at", extract("index_of_element", ""));
  set.Template("try_element_at", extract("index_of_element", "try"));
}

void Sorting(FunctionSet& set) {
  set.Kernel("sort_array", [](Call& call, Value list, bool ascending) {
    Items items = ItemsOf(list);
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
      if (a.IsNull() || b.IsNull())
        return ascending ? a.IsNull() && !b.IsNull() : !a.IsNull() && b.IsNull();
      return ascending ? a < b : b < a;
    });
    return ListResult(call, std::move(items));
  });
  set.Template("sort_array",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 const auto* literal = call.args[1]->As<plan::Literal>();
                 if (!literal || literal->value.is_null())
                   return CallKernel(context, "sort_array", expr, call, std::move(args));
                 const bool ascending = literal->value.boolean();
                 return CallNativeOf("list_sort", std::move(args[0]),
                                     ConstantText(ascending ? "ASC" : "DESC"),
                                     ConstantText(ascending ? "NULLS FIRST" : "NULLS LAST"));
               });
}

DuckExpr LowerJoin(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) {
  const char* kernel = call.args.size() == 3 ? "array_join_nulls" : "array_join";
  return CallKernel(context, kernel, expr, call, std::move(args));
}

}  // namespace

void RegisterCollectionKernels(FunctionSet& set) {
  set.Template(
      "array",
      [](LoweringContext&, const plan::Expr& expr, const plan::Call&, DuckArgs args) -> DuckExpr {
        if (args.empty()) return Constant(Value::LIST(ToDuckType(expr.type.element()), Items()));
        return CallNative("list_value", std::move(args));
      });
  for (const char* name : {"size", "cardinality", "array_size"}) {
    set.Template(
        name,
        [](LoweringContext&, const plan::Expr&, const plan::Call& call, DuckArgs args) -> DuckExpr {
          const bool map = call.args[0]->type.Is(TypeId::kMap);
          return CastNative(CallNative(map ? "cardinality" : "len", std::move(args)),
                            duckdb::LogicalType::INTEGER);
        });
  }
  set.Function("array_append",
               [](Call& call, std::optional<Value> list, std::optional<Value> item) {
                 return Append(call, std::move(list), std::move(item), false);
               });
  set.Function("array_prepend",
               [](Call& call, std::optional<Value> list, std::optional<Value> item) {
                 return Append(call, std::move(list), std::move(item), true);
               });
  set.Function("array_compact", [](Call& call, Value list) {
    Items kept;
    for (const Value& item : ItemsOf(list)) {
      if (!item.IsNull()) kept.push_back(item);
    }
    return ListResult(call, std::move(kept));
  });
  set.Function("array_contains", Contains);
  set.Function("array_position", PositionOf);
  set.Function("array_remove", Remove);
  set.Function("array_insert", Insert, kFallible);
  set.Kernel("array_join", [](Call& call, Value list, std::string_view delimiter) {
    return Join(call, std::move(list), delimiter, std::nullopt);
  });
  set.Kernel("array_join_nulls",
             [](Call& call, Value list, std::string_view delimiter, std::string_view null_text) {
               return Join(call, std::move(list), delimiter, null_text);
             });
  set.Template("array_join", LowerJoin);
  set.registry().Native("array_max", "list_max");
  set.registry().Native("array_min", "list_min");
  set.Function("array_repeat", Repeat);
  set.Function("slice", SliceOf, kFallible);
  set.Function("flatten", Flatten);
  set.Batch("arrays_zip", ByValues(Zip));
  set.Use("arrays_zip", "arrays_zip");
  set.Batch("concat_arrays", ByValues(ConcatLists));
  set.Kernel(
      "shuffle",
      [](Call& call, Value list) {
        struct Source {
          Random random{SystemEntropy()};
        };
        return Shuffle(call, std::move(list), call.State<Source>().random);
      },
      kVolatile);
  set.Kernel("shuffle_seeded", [](Call& call, Value list, int64_t seed) {
    Random random(static_cast<uint64_t>(seed));
    return Shuffle(call, std::move(list), random);
  });
  set.Template("shuffle",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 return CallKernel(context, call.args.size() == 2 ? "shuffle_seeded" : "shuffle",
                                   expr, call, std::move(args));
               });
  Indexes(set);
  Sorting(set);
  RegisterSets(set);
  RegisterMaps(set);
  RegisterLambdas(set);
  RegisterSequences(set);
}

}  // namespace tarn::engine::duck
