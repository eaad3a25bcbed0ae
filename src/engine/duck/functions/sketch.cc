#include "duck/functions/sketch.h"

#include <cstring>

#include "duckdb/execution/expression_executor.hpp"
#include "tarn/types/data_type.h"

namespace tarn::engine::duck {

namespace {

std::string Quoted(std::string_view function) { return "`" + std::string(function) + "`"; }

[[noreturn]] void RaiseMismatch(std::string_view function, std::string_view hint) {
  Raise(Condition("DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT"),
        {{"sqlExpr", "\"" + std::string(function) + "\""},
         {"msg", std::string(hint)},
         {"hint", std::string()}});
}

std::string_view NameOf(SketchOption option) {
  switch (option) {
    case SketchOption::kLgNomEntries:
    case SketchOption::kTupleLgNomEntries:
      return "lgNomEntries";
    case SketchOption::kLgConfigK:
      return "lgConfigK";
    case SketchOption::kK:
      return "k";
    case SketchOption::kMode:
      return "mode";
    case SketchOption::kPlain:
      return "parameter";
    case SketchOption::kAllowDifferentLgK:
      break;
  }
  return "allowDifferentLgConfigK";
}

[[noreturn]] void RaiseNotConstant(std::string_view function, SketchOption option) {
  if (option == SketchOption::kLgNomEntries) {
    Raise(Condition("THETA_LG_NOM_ENTRIES_MUST_BE_CONSTANT"), {{"function", Quoted(function)}});
  }
  if (option == SketchOption::kLgConfigK) {
    Raise(Condition("HLL_K_MUST_BE_CONSTANT"), {{"function", Quoted(function)}});
  }
  Raise(Condition("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT"),
        {{"sqlExpr", "\"" + std::string(function) + "\""},
         {"inputName", std::string(NameOf(option))},
         {"inputType", option == SketchOption::kMode ? "string" : "int"},
         {"inputExpr", "\"" + std::string(NameOf(option)) + "\""}});
}

void SetOption(SketchOptions& options, SketchOption option, const duckdb::Value& value) {
  const std::string& function = options.function;
  if (option == SketchOption::kPlain) return options.values.push_back(value);
  if (value.IsNull()) {
    Raise(Condition("DATATYPE_MISMATCH.UNEXPECTED_NULL"),
          {{"sqlExpr", "\"" + function + "\""}, {"exprName", std::string(NameOf(option))}});
  }
  switch (option) {
    case SketchOption::kLgNomEntries:
    case SketchOption::kTupleLgNomEntries:
      options.lg_k = duckdb::IntegerValue::Get(value);
      if (option == SketchOption::kTupleLgNomEntries && (options.lg_k < 4 || options.lg_k > 26)) {
        RaiseMismatch(function, "lgNomEntries must be from 4 to 26");
      }
      return CheckLgNomEntries(function, options.lg_k);
    case SketchOption::kLgConfigK:
      options.lg_k = duckdb::IntegerValue::Get(value);
      if (options.lg_k < 4 || options.lg_k > 21) {
        Raise(Condition("HLL_INVALID_LG_K"), {{"function", Quoted(function)},
                                              {"min", "4"},
                                              {"max", "21"},
                                              {"value", std::to_string(options.lg_k)}});
      }
      return;
    case SketchOption::kK:
      options.k = duckdb::IntegerValue::Get(value);
      if (*options.k < 8 || *options.k > 65535)
        RaiseMismatch(function, "k must be from 8 to 65535");
      return;
    case SketchOption::kMode: {
      const std::string& mode = duckdb::StringValue::Get(value);
      for (const char* known : {"sum", "min", "max", "alwaysone"}) {
        if (SameName(mode, known)) {
          options.mode = SummaryModeOf(function, mode);
          return;
        }
      }
      RaiseMismatch(function, "mode must be 'sum', 'min', 'max' or 'alwaysone'");
    }
    case SketchOption::kAllowDifferentLgK:
      options.allow_different_lg_k = duckdb::BooleanValue::Get(value);
      return;
    case SketchOption::kPlain:
      break;
  }
}

}  // namespace

SummaryMode SummaryModeOf(std::string_view function, std::string_view name) {
  static constexpr std::string_view kNames[] = {"sum", "min", "max", "alwaysone"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (SameName(name, kNames[i])) return static_cast<SummaryMode>(i);
  }
  Raise(Condition("TUPLE_INVALID_SKETCH_MODE"), {{"function", Quoted(function)},
                                                 {"mode", std::string(name)},
                                                 {"validModes", "sum, min, max, alwaysone"}});
}

void CheckLgNomEntries(std::string_view function, int value) {
  if (value >= 4 && value <= 26) return;
  Raise(Condition("SKETCH_INVALID_LG_NOM_ENTRIES"), {{"function", Quoted(function)},
                                                     {"min", "4"},
                                                     {"max", "26"},
                                                     {"value", std::to_string(value)}});
}

SketchInput::SketchInput(duckdb::Vector inputs[], idx_t input_count, idx_t count)
    : vectors_(inputs), formats_(input_count) {
  for (idx_t i = 0; i < input_count; ++i) inputs[i].ToUnifiedFormat(count, formats_[i]);
}

std::string SketchInput::ArrayBytes() const {
  std::string bytes;
  const duckdb::Value list = vectors_[0].GetValue(row_);
  for (const duckdb::Value& item : duckdb::ListValue::GetChildren(list)) {
    // A NULL element counts as 0.
    if (item.type().id() == duckdb::LogicalTypeId::BIGINT) {
      const int64_t value = item.IsNull() ? 0 : duckdb::BigIntValue::Get(item);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    } else {
      const int32_t value = item.IsNull() ? 0 : duckdb::IntegerValue::Get(item);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }
  return bytes;
}

void RegisterSketchKernels(FunctionSet& set) {
  RegisterThetaSketches(set);
  RegisterTupleSketches(set);
  RegisterHllSketches(set);
  RegisterKllSketches(set);
  RegisterCountMinSketches(set);
  RegisterHistograms(set);
  RegisterTopItems(set);
}

namespace sketch_internal {

bool BindData::Equals(const duckdb::FunctionData& other_data) const {
  const SketchOptions& other = other_data.Cast<BindData>().options;
  return options.function == other.function && options.lg_k == other.lg_k && options.k == other.k &&
         options.mode == other.mode && options.allow_different_lg_k == other.allow_different_lg_k;
}

duckdb::unique_ptr<BindData> BindOptions(
    duckdb::ClientContext& context, duckdb::AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& args, idx_t inputs,
    std::span<const SketchOption> options) {
  auto data = duckdb::make_uniq<BindData>();
  data->options.function = function.name.substr(std::string_view("spark_").size());
  for (idx_t i = inputs; i < args.size(); ++i) {
    const SketchOption option = options[i - inputs];
    if (!args[i]->IsFoldable()) RaiseNotConstant(data->options.function, option);
    SetOption(data->options, option, duckdb::ExpressionExecutor::EvaluateScalar(context, *args[i]));
  }
  // The constants stay among the arguments: by them DuckDB tells calls apart.
  function.arguments.clear();
  for (const auto& arg : args) function.arguments.push_back(arg->return_type);
  function.varargs = duckdb::LogicalType::INVALID;
  return data;
}

}  // namespace sketch_internal

}  // namespace tarn::engine::duck
