#include "duck/functions/kernel.h"

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "tarn/types/schema_json.h"

namespace tarn::engine::duck {

namespace {

constexpr char kSeparator = '\n';

/// What CallKernel tells the kernel: function, zone, extra and types, one per line.
std::string Describe(std::string_view kernel, std::string_view zone, std::string_view extra,
                     const DataType& result, const std::vector<DataType>& args) {
  std::string text(kernel);
  text += kSeparator;
  text += zone;
  text += kSeparator;
  text += extra;
  text += kSeparator;
  text += DataTypeToJson(result);
  for (const DataType& type : args) {
    text += kSeparator;
    text += DataTypeToJson(type);
  }
  return text;
}

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find(kSeparator);
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == text->npos ? text->size() : end + 1);
  return line;
}

DataType ReadType(std::string_view json) {
  auto type = ParseDataTypeJson(json);
  if (!type.ok()) ThrowCondition(type.error());
  return *std::move(type);
}

CallInfo ReadDescription(std::string_view text) {
  CallInfo info;
  info.function = TakeLine(&text);
  auto zone = FindTimeZone(TakeLine(&text));
  if (!zone.ok()) ThrowCondition(zone.error());
  info.zone = *std::move(zone);
  info.extra = TakeLine(&text);
  info.result = ReadType(TakeLine(&text));
  while (!text.empty()) info.args.push_back(ReadType(TakeLine(&text)));
  return info;
}

struct KernelData : duckdb::FunctionData {
  KernelData(std::string text, CallInfo call_info)
      : description(std::move(text)), info(std::move(call_info)) {}

  std::string description;
  CallInfo info;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<KernelData>(description, info);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    return description == other.Cast<KernelData>().description;
  }
};

struct KernelState : duckdb::FunctionLocalState {
  explicit KernelState(const CallInfo& info) : call(info) {}
  Call call;
};

duckdb::unique_ptr<duckdb::FunctionData> BindKernel(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const duckdb::Value described =
      duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]);
  std::string text = duckdb::StringValue::Get(described);
  CallInfo info = ReadDescription(text);
  function.SetReturnType(ToDuckType(info.result));
  duckdb::Function::EraseArgument(function, arguments, 0);
  return duckdb::make_uniq<KernelData>(std::move(text), std::move(info));
}

duckdb::unique_ptr<duckdb::FunctionLocalState> InitKernel(duckdb::ExpressionState&,
                                                          const duckdb::BoundFunctionExpression&,
                                                          duckdb::FunctionData* data) {
  return duckdb::make_uniq<KernelState>(data->Cast<KernelData>().info);
}

}  // namespace

void FunctionSet::Batch(std::string_view name, BatchFunction function, unsigned flags) {
  using duckdb::LogicalType;
  duckdb::ScalarFunction scalar(
      "spark_" + std::string(name), {LogicalType::VARCHAR}, LogicalType::ANY,
      [function](duckdb::DataChunk& input, duckdb::ExpressionState& state, duckdb::Vector& result) {
        auto local = duckdb::ExecuteFunctionState::GetFunctionState(state);
        function(local->Cast<KernelState>().call, input, result);
      },
      BindKernel, nullptr, nullptr, InitKernel, LogicalType::ANY);
  scalar.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  if (flags & kFallible) scalar.SetFallible();
  if (flags & kVolatile) scalar.SetVolatile();
  loader_.RegisterFunction(scalar);
}

void FunctionSet::Use(std::string_view name, std::string kernel, std::string extra) {
  registry_.Template(name,
                     [kernel = std::move(kernel), extra = std::move(extra)](
                         LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                         DuckArgs args) -> DuckExpr {
                       return CallKernel(context, kernel, expr, call, std::move(args), extra);
                     });
}

DuckExpr CallKernel(LoweringContext& context, std::string_view kernel, const DataType& result,
                    const std::vector<DataType>& arg_types, DuckArgs args, std::string_view extra) {
  DuckArgs all;
  all.push_back(
      ConstantText(Describe(kernel, context.settings().session_zone, extra, result, arg_types)));
  for (DuckExpr& arg : args) all.push_back(std::move(arg));
  return CallNative("spark_" + std::string(kernel), std::move(all));
}

DuckExpr CallKernel(LoweringContext& context, std::string_view kernel, const plan::Expr& expr,
                    const plan::Call& call, DuckArgs args, std::string_view extra) {
  return CallKernel(context, kernel, expr.type, TypesOf(call), std::move(args), extra);
}

std::vector<DataType> TypesOf(const plan::Call& call) {
  std::vector<DataType> types;
  types.reserve(call.args.size());
  for (const plan::ExprPtr& arg : call.args) types.push_back(arg->type);
  return types;
}

void Raise(Condition condition, std::initializer_list<Error::Parameter> parameters) {
  ThrowCondition(Error(condition, parameters));
}

DuckExpr ConstantText(std::string_view text) { return Constant(duckdb::Value(std::string(text))); }

DuckExpr ConstantInt(int32_t value) { return Constant(duckdb::Value::INTEGER(value)); }

DuckExpr ConstantNull(const DataType& type) { return Constant(duckdb::Value(ToDuckType(type))); }

void WriteDecimal(duckdb::Vector& result, idx_t row, Int128 value) {
  switch (result.GetType().InternalType()) {
    case duckdb::PhysicalType::INT8:
      duckdb::FlatVector::GetData<int8_t>(result)[row] = static_cast<int8_t>(value);
      return;
    case duckdb::PhysicalType::INT16:
      duckdb::FlatVector::GetData<int16_t>(result)[row] = static_cast<int16_t>(value);
      return;
    case duckdb::PhysicalType::INT32:
      duckdb::FlatVector::GetData<int32_t>(result)[row] = static_cast<int32_t>(value);
      return;
    case duckdb::PhysicalType::INT64:
      duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(value);
      return;
    default: {
      auto& wide = duckdb::FlatVector::GetData<duckdb::hugeint_t>(result)[row];
      wide.lower = static_cast<uint64_t>(value);
      wide.upper = static_cast<int64_t>(value >> 64);
    }
  }
}

void WriteText(duckdb::Vector& result, idx_t row, std::string_view text) {
  duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
      duckdb::StringVector::AddStringOrBlob(result, text.data(), text.size());
}

void WriteTexts(duckdb::Vector& result, idx_t row, const std::vector<std::string>& texts) {
  auto& entry = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row];
  const idx_t offset = duckdb::ListVector::GetListSize(result);
  entry.offset = offset;
  entry.length = texts.size();
  duckdb::ListVector::Reserve(result, offset + texts.size());
  duckdb::Vector& child = duckdb::ListVector::GetEntry(result);
  for (size_t i = 0; i < texts.size(); ++i) WriteText(child, offset + i, texts[i]);
  duckdb::ListVector::SetListSize(result, offset + texts.size());
}

void RegisterSparkFunctions(FunctionRegistry& registry, duckdb::ExtensionLoader& loader) {
  FunctionSet set(registry, loader);
#define TARN_SPARK_FAMILY(name) Register##name##Kernels(set);
#include "duck/functions/families.inc"
#undef TARN_SPARK_FAMILY
}

}  // namespace tarn::engine::duck
