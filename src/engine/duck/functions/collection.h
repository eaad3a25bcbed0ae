#pragma once

#include <unordered_map>
#include <vector>

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

/// Values in the order of their insertion, each once; NULL equals NULL, NaN equals NaN.
class ValueSet {
 public:
  /// False if it was there.
  bool Insert(const duckdb::Value& value);
  bool Contains(const duckdb::Value& value) const;

 private:
  static duckdb::hash_t HashOf(const duckdb::Value& value);
  std::unordered_multimap<duckdb::hash_t, duckdb::Value> values_;
};

inline const duckdb::vector<duckdb::Value>& ItemsOf(const duckdb::Value& list) {
  return duckdb::ListValue::GetChildren(list);
}

/// A list of the call's result type.
duckdb::Value ListResult(const Call& call, duckdb::vector<duckdb::Value> items);
/// A map of the call's result type; DUPLICATED_MAP_KEY and NULL_MAP_KEY are raised.
duckdb::Value MapResult(const Call& call, duckdb::vector<duckdb::Value> keys,
                        duckdb::vector<duckdb::Value> values);
duckdb::Value NullResult(const Call& call);

void RegisterSets(FunctionSet& set);
void RegisterMaps(FunctionSet& set);
void RegisterLambdas(FunctionSet& set);
void RegisterSequences(FunctionSet& set);

/// Replaces references to the column `name` in an expression.
void Substitute(DuckExpr& expr, const std::string& name, const duckdb::ParsedExpression& by);

}  // namespace tarn::engine::duck
