#include "duck/executed.h"

#include <gtest/gtest.h>

#include "duck/lowering.h"

namespace tarn::engine::duck {
namespace {

// A function that isn't meant to be executed stands in src/plan/refused_function.cc with its
// reason, and not in the plan's table.
TEST(FunctionRegistry, ExecutesEveryFunctionOfThePlansTable) {
  duckdb::DuckDB db(nullptr);
  duckdb::ExtensionLoader loader(*db.instance, "tarn");
  FunctionRegistry registry;
  RegisterOperators(registry);
  RegisterSparkFunctions(registry, loader);
  for (const std::string_view name : plan::FunctionNames()) {
    EXPECT_TRUE(IsExecuted(registry, *plan::FindFunction(name))) << name;
  }
}

}  // namespace
}  // namespace tarn::engine::duck
