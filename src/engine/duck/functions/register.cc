#include "duck/function_registry.h"

namespace tarn::engine::duck {

void RegisterSparkFunctions(FunctionRegistry& registry, duckdb::ExtensionLoader& loader) {
  for (const char* name :
       {"+", "-", "*", "abs", "concat", "upper", "lower", "count", "sum", "min", "max"}) {
    registry.Native(name, name);
  }
}

}  // namespace tarn::engine::duck
