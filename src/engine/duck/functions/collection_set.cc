// Arrays taken for sets: the first of equal elements stays where it was.

#include "duck/functions/collection.h"

namespace tarn::engine::duck {

namespace {

using duckdb::Value;
using Items = duckdb::vector<duckdb::Value>;

Value Distinct(Call& call, Value list) {
  ValueSet seen;
  Items kept;
  for (const Value& item : ItemsOf(list)) {
    if (seen.Insert(item)) kept.push_back(item);
  }
  return ListResult(call, std::move(kept));
}

Value Union(Call& call, Value a, Value b) {
  ValueSet seen;
  Items kept;
  for (const Value* list : {&a, &b}) {
    for (const Value& item : ItemsOf(*list)) {
      if (seen.Insert(item)) kept.push_back(item);
    }
  }
  return ListResult(call, std::move(kept));
}

Value Common(Call& call, Value a, Value b, bool in_both) {
  ValueSet others;
  for (const Value& item : ItemsOf(b)) others.Insert(item);
  ValueSet seen;
  Items kept;
  for (const Value& item : ItemsOf(a)) {
    if (others.Contains(item) == in_both && seen.Insert(item)) kept.push_back(item);
  }
  return ListResult(call, std::move(kept));
}

std::optional<bool> Overlap(Call&, Value a, Value b) {
  ValueSet items;
  bool null = false;
  const Items& left = ItemsOf(a);
  const Items& right = ItemsOf(b);
  for (const Value& item : left) {
    null |= item.IsNull();
    items.Insert(item);
  }
  for (const Value& item : right) {
    if (item.IsNull()) {
      null = true;
    } else if (items.Contains(item)) {
      return true;
    }
  }
  return null && !left.empty() && !right.empty() ? std::nullopt : std::optional(false);
}

}  // namespace

void RegisterSets(FunctionSet& set) {
  set.Function("array_distinct", Distinct);
  set.Function("array_union", Union);
  set.Function("array_intersect", [](Call& call, Value a, Value b) {
    return Common(call, std::move(a), std::move(b), true);
  });
  set.Function("array_except", [](Call& call, Value a, Value b) {
    return Common(call, std::move(a), std::move(b), false);
  });
  set.Function("arrays_overlap", Overlap);
}

}  // namespace tarn::engine::duck
