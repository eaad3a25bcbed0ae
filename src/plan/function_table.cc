#include <algorithm>
#include <deque>
#include <unordered_map>

#include "function_families.h"
#include "tarn/base/check.h"
#include "tarn/base/edit_distance.h"
#include "tarn/plan/function.h"

namespace tarn::plan {

namespace {

struct Rows {
  std::deque<FunctionSpec> specs;
  std::unordered_map<std::string_view, const FunctionSpec*> by_name;
  std::vector<std::string_view> names;
};

Rows* rows_being_filled = nullptr;

const Rows& AllRows() {
  static const Rows* const rows = [] {
    auto* filled = new Rows;
    filled->by_name.reserve(1024);
    rows_being_filled = filled;
    [[maybe_unused]] FunctionTable table;
#define TARN_FUNCTION_FAMILY(name) Register##name##Functions(table);
#include "function_families.inc"
#undef TARN_FUNCTION_FAMILY
    for (const auto& [name, spec] : filled->by_name) {
      if (!name.starts_with("__")) filled->names.push_back(name);  // not for users
    }
    std::sort(filled->names.begin(), filled->names.end());
    return filled;
  }();
  return *rows;
}

/// Spark shows these in capitals in the names of result columns.
std::string_view ShownInCapitals(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kCapitals[] = {
      {"acos", "ACOS"},
      {"acosh", "ACOSH"},
      {"asin", "ASIN"},
      {"asinh", "ASINH"},
      {"atan", "ATAN"},
      {"atan2", "ATAN2"},
      {"atanh", "ATANH"},
      {"cbrt", "CBRT"},
      {"ceil", "CEIL"},
      {"cos", "COS"},
      {"cosh", "COSH"},
      {"cot", "COT"},
      {"csc", "CSC"},
      {"degrees", "DEGREES"},
      {"dense_rank", "DENSE_RANK"},
      {"e", "E"},
      {"exp", "EXP"},
      {"expm1", "EXPM1"},
      {"floor", "FLOOR"},
      {"hypot", "HYPOT"},
      {"log", "LOG"},
      {"log10", "LOG10"},
      {"log1p", "LOG1P"},
      {"log2", "LOG2"},
      {"percent_rank", "PERCENT_RANK"},
      {"pi", "PI"},
      {"power", "POWER"},
      {"radians", "RADIANS"},
      {"rank", "RANK"},
      {"regexp", "REGEXP"},
      {"rlike", "RLIKE"},
      {"sec", "SEC"},
      {"regexp_like", "REGEXP_LIKE"},
      {"signum", "SIGNUM"},
      {"sin", "SIN"},
      {"sinh", "SINH"},
      {"sqrt", "SQRT"},
      {"tan", "TAN"},
      {"tanh", "TANH"},
      {"spark_partition_id", "SPARK_PARTITION_ID"}};
  for (const auto& [plain, capitals] : kCapitals) {
    if (plain == name) return capitals;
  }
  return {};
}

}  // namespace

void FunctionTable::Add(const FunctionSpec& function,
                        std::initializer_list<std::string_view> aliases) {
  Rows& rows = *rows_being_filled;
  FunctionSpec* added = &rows.specs.emplace_back(function);
  if (added->display_name.empty()) added->display_name = ShownInCapitals(added->name);
  const FunctionSpec* spec = added;
  const bool fresh = rows.by_name.emplace(spec->name, spec).second;
  TARN_CHECK(fresh);
  for (const std::string_view alias : aliases) {
    const bool fresh_alias = rows.by_name.emplace(alias, spec).second;
    TARN_CHECK(fresh_alias);
  }
}

const FunctionSpec* FindFunction(std::string_view name) {
  const Rows& rows = AllRows();
  if (auto found = rows.by_name.find(name); found != rows.by_name.end()) return found->second;
  const auto folded = rows.by_name.find(FoldName(name));
  return folded == rows.by_name.end() ? nullptr : folded->second;
}

const std::vector<std::string_view>& FunctionNames() { return AllRows().names; }

std::vector<std::string> SuggestFunctions(std::string_view name, size_t limit) {
  const std::string folded = FoldName(name);
  std::vector<std::pair<size_t, std::string_view>> ranked;
  for (const std::string_view candidate : FunctionNames()) {
    const size_t distance = EditDistance(folded, candidate);
    if (distance <= std::max<size_t>(2, folded.size() / 3))
      ranked.emplace_back(distance, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> suggestions;
  for (size_t i = 0; i < std::min(limit, ranked.size()); ++i) {
    suggestions.push_back(QuoteIdentifier(ranked[i].second));
  }
  return suggestions;
}

}  // namespace tarn::plan
