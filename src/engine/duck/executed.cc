#include "duck/executed.h"

#include <algorithm>

namespace tarn::engine::duck {

bool IsExecuted(const FunctionRegistry& registry, const plan::FunctionSpec& function) {
  std::string_view name = function.name;
  if (function.kind == plan::FunctionKind::kGenerator && name.ends_with("_outer")) {
    name.remove_suffix(6);
  }
  if (registry.Has(name)) return true;
  // lowering_window.cc and lowering_query.cc
  static constexpr std::string_view kByNode[] = {
      "row_number", "rank",      "dense_rank", "percent_rank", "cume_dist", "ntile", "lag",
      "lead",       "nth_value", "explode",    "posexplode",   "inline",    "stack", "range"};
  return std::find(std::begin(kByNode), std::end(kByNode), name) != std::end(kByNode);
}

}  // namespace tarn::engine::duck
