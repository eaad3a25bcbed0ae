#include "duck/function_registry.h"

namespace tarn::engine::duck {

const CallTemplate* FunctionRegistry::FindTemplate(std::string_view name) const {
  const auto found = templates_.find(std::string(name));
  return found == templates_.end() ? nullptr : &found->second;
}

std::string_view FunctionRegistry::FindNative(std::string_view name) const {
  const auto found = natives_.find(std::string(name));
  return found == natives_.end() ? std::string_view() : std::string_view(found->second);
}

DuckExpr Constant(duckdb::Value value) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(value));
}

DuckExpr CallNative(std::string name, DuckArgs args) {
  return duckdb::make_uniq<duckdb::FunctionExpression>("system", "main", name, std::move(args));
}

DuckExpr CastNative(DuckExpr input, duckdb::LogicalType type, bool try_cast) {
  return duckdb::make_uniq<duckdb::CastExpression>(std::move(type), std::move(input), try_cast);
}

}  // namespace tarn::engine::duck
