#include "duck/row_checker.h"

#include "duck/statement.h"

namespace tarn::engine::duck {

Status RowChecker::Apply(duckdb::DataChunk& chunk) {
  if (checks_.empty()) return {};
  const duckdb::idx_t size = chunk.size();
  std::vector<bool> kept(size, true);
  for (size_t i = 0; i < checks_.size(); ++i) {
    duckdb::UnifiedVectorFormat format;
    chunk.data[columns_ + i].ToUnifiedFormat(size, format);
    const bool* passes = duckdb::UnifiedVectorFormat::GetData<bool>(format);
    for (duckdb::idx_t row = 0; row < size; ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      if (format.validity.RowIsValid(at) && passes[at]) {
        ++counts_[i].passed;
        continue;
      }
      ++counts_[i].failed;
      if (checks_[i].on_violation == OnViolation::kFail) return Violated(checks_[i], chunk, row);
      if (checks_[i].on_violation == OnViolation::kDropRow) kept[row] = false;
    }
  }
  Keep(kept, chunk);
  return {};
}

void RowChecker::Keep(const std::vector<bool>& kept, duckdb::DataChunk& chunk) {
  duckdb::SelectionVector selection(chunk.size());
  duckdb::idx_t count = 0;
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    if (kept[row]) selection.set_index(count++, row);
  }
  dropped_ += static_cast<int64_t>(chunk.size() - count);
  if (count < chunk.size()) chunk.Slice(selection, count);
}

Error RowChecker::Violated(const RowCheck& check, duckdb::DataChunk& chunk,
                           duckdb::idx_t row) const {
  constexpr size_t kShownMax = 200;
  std::string shown;
  for (size_t i = 0; i < columns_ && shown.size() < kShownMax; ++i) {
    shown += (i == 0 ? "" : ", ") + chunk.GetValue(i, row).ToString().substr(0, kShownMax);
  }
  const std::string of = check.dataset.empty() ? "" : " of " + check.dataset;
  return Error(Condition("EXPECTATION_VIOLATION"),
               {{"name", check.name + of}, {"expression", check.condition}, {"row", shown}});
}

namespace {

/// What the function is bound to.
struct BoundCheck final : public duckdb::TableFunctionData {
  std::shared_ptr<CheckBinding> binding;
  size_t columns = 0;
};

struct GlobalCheck final : public duckdb::GlobalTableFunctionState {
  duckdb::idx_t MaxThreads() const override { return MAX_THREADS; }
};

duckdb::unique_ptr<duckdb::FunctionData> BindCheck(duckdb::ClientContext& context,
                                                   duckdb::TableFunctionBindInput& input,
                                                   duckdb::vector<duckdb::LogicalType>& types,
                                                   duckdb::vector<duckdb::string>& names) {
  const auto number = static_cast<size_t>(input.inputs[1].GetValue<int64_t>());
  auto bound = duckdb::make_uniq<BoundCheck>();
  bound->binding = StatementState::Of(context).checks.at(number);
  bound->columns = input.input_table_types.size() - bound->binding->checks.size();
  for (size_t i = 0; i < bound->columns; ++i) {
    types.push_back(input.input_table_types[i]);
    names.push_back(input.input_table_names[i]);
  }
  return bound;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartCheck(duckdb::ClientContext& context,
                                                                duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<GlobalCheck>();
}

duckdb::OperatorResultType RunCheck(duckdb::ExecutionContext& context,
                                    duckdb::TableFunctionInput& data, duckdb::DataChunk& input,
                                    duckdb::DataChunk& output) {
  const auto& bound = data.bind_data->Cast<BoundCheck>();
  CheckBinding& binding = *bound.binding;
  duckdb::DataChunk rows;
  rows.InitializeEmpty(input.GetTypes());
  rows.Reference(input);
  RowChecker checker(binding.checks, bound.columns);
  if (Status status = checker.Apply(rows); !status.ok()) ThrowCondition(status.error());
  for (size_t i = 0; i < binding.checks.size(); ++i) {
    binding.passed[i] += checker.counts()[i].passed;
    binding.failed[i] += checker.counts()[i].failed;
  }
  binding.dropped += checker.dropped();
  for (size_t i = 0; i < bound.columns; ++i) output.data[i].Reference(rows.data[i]);
  output.SetCardinality(rows.size());
  return duckdb::OperatorResultType::NEED_MORE_INPUT;
}

}  // namespace

void RegisterCheck(duckdb::ExtensionLoader& loader) {
  duckdb::TableFunction function(kCheckFunction,
                                 {duckdb::LogicalType::TABLE, duckdb::LogicalType::BIGINT}, nullptr,
                                 BindCheck, StartCheck);
  function.in_out_function = RunCheck;
  loader.RegisterFunction(std::move(function));
}

}  // namespace tarn::engine::duck
