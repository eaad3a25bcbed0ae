#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

// Sketches are values of BINARY in the formats of Apache DataSketches, so what Spark wrote is read
// here and the other way round. An aggregate keeps a sketch per group.

/// How a tuple sketch combines the summaries of one key. In the order of the format's codes.
enum class SummaryMode : uint8_t { kSum, kMin, kMax, kAlwaysOne };

/// The mode of that name in any case; raises a condition for another.
SummaryMode SummaryModeOf(std::string_view function, std::string_view name);

/// Raises a condition unless the value is from 4 to 26.
void CheckLgNomEntries(std::string_view function, int value);

/// What an aggregate of sketches is told besides its input, by constant arguments.
struct SketchOptions {
  std::string function;
  int lg_k = 12;
  std::optional<int> k;
  SummaryMode mode = SummaryMode::kSum;
  bool allow_different_lg_k = false;
  /// The values of kPlain options.
  std::vector<duckdb::Value> values;
};

/// The constant arguments of an aggregate behind its input, in order.
enum class SketchOption : uint8_t {
  kLgNomEntries,       ///< of theta sketches
  kTupleLgNomEntries,  ///< of tuple sketches, which report a bad one otherwise
  kLgConfigK,
  kK,
  kMode,
  kAllowDifferentLgK,
  kPlain,  ///< whatever; checked by the aggregate itself
};

/// One row of an aggregate's input.
class SketchInput {
 public:
  SketchInput(duckdb::Vector inputs[], idx_t input_count, idx_t count);

  void SetRow(idx_t row) { row_ = row; }
  idx_t inputs() const { return formats_.size(); }
  bool IsNull(idx_t input) const {
    return !formats_[input].validity.RowIsValid(formats_[input].sel->get_index(row_));
  }
  template <typename T>
  T Get(idx_t input) const {
    const duckdb::UnifiedVectorFormat& format = formats_[input];
    return duckdb::UnifiedVectorFormat::GetData<T>(format)[format.sel->get_index(row_)];
  }
  std::string_view Bytes(idx_t input) const {
    const duckdb::UnifiedVectorFormat& format = formats_[input];
    const auto& text =
        duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format)[format.sel->get_index(row_)];
    return {text.GetData(), text.GetSize()};
  }
  duckdb::Value Any(idx_t input) const { return vectors_[input].GetValue(row_); }
  const duckdb::LogicalType& type(idx_t input) const { return vectors_[input].GetType(); }

  /// Calls `update` with the first input as what a sketch takes: int64_t, double, or (data, size).
  /// Empty texts, bytes and arrays count as nothing.
  template <typename F>
  void WithKey(const F& update) const {
    switch (type(0).id()) {
      case duckdb::LogicalTypeId::INTEGER:
        return update(static_cast<int64_t>(Get<int32_t>(0)));
      case duckdb::LogicalTypeId::BIGINT:
        return update(Get<int64_t>(0));
      case duckdb::LogicalTypeId::FLOAT:
        return update(static_cast<double>(Get<float>(0)));
      case duckdb::LogicalTypeId::DOUBLE:
        return update(Get<double>(0));
      case duckdb::LogicalTypeId::LIST: {
        const std::string bytes = ArrayBytes();
        return bytes.empty() ? void() : update(bytes.data(), bytes.size());
      }
      default: {
        const std::string_view bytes = Bytes(0);
        return bytes.empty() ? void() : update(bytes.data(), bytes.size());
      }
    }
  }

 private:
  std::string ArrayBytes() const;

  duckdb::Vector* vectors_;
  std::vector<duckdb::UnifiedVectorFormat> formats_;
  idx_t row_ = 0;
};

/// Runs `body`, in which the library may refuse the bytes that a user gave: then `condition`.
template <typename F>
auto WithSketches(Condition condition, std::string_view function, const F& body) {
  try {
    return body();
  } catch (const duckdb::Exception&) {
    throw;
  } catch (const std::exception&) {
    Raise(condition, {{"function", "`" + std::string(function) + "`"}});
  }
}

namespace sketch_internal {

struct BindData : duckdb::FunctionData {
  SketchOptions options;
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<BindData>(*this);
  }
  bool Equals(const duckdb::FunctionData& other) const override;
};

duckdb::unique_ptr<BindData> BindOptions(
    duckdb::ClientContext& context, duckdb::AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& args, idx_t inputs,
    std::span<const SketchOption> options);

inline const SketchOptions& OptionsOf(const duckdb::AggregateInputData& data) {
  return data.bind_data->Cast<BindData>().options;
}

/// The callbacks of an aggregate whose state is an S: S(const SketchOptions&),
/// Update(const SketchInput&) for rows without NULL (all if it has kTakesNull), Merge(S&),
/// Result(), which is bytes or a value of ResultType(type of the input), and the constants kInputs,
/// kOptions and kInvalid. Check(const SketchOptions&), if any, raises what is wrong with the
/// options.
template <typename S>
struct Callbacks {
  static S& Of(duckdb::data_ptr_t state, const SketchOptions& options) {
    S*& sketch = *reinterpret_cast<S**>(state);
    if (sketch == nullptr) sketch = new S(options);
    return *sketch;
  }
  static idx_t Size(const duckdb::AggregateFunction&) { return sizeof(S*); }
  static void Initialize(const duckdb::AggregateFunction&, duckdb::data_ptr_t state) {
    *reinterpret_cast<S**>(state) = nullptr;
  }
  template <typename StateOf>
  static void Add(duckdb::Vector inputs[], idx_t input_count, idx_t count,
                  const SketchOptions& options, const StateOf& state_of) {
    SketchInput input(inputs, input_count, count);
    WithSketches(S::kInvalid, options.function, [&] {
      for (idx_t row = 0; row < count; ++row) {
        input.SetRow(row);
        bool null = false;
        for (idx_t i = 0; i < S::kInputs; ++i) null |= input.IsNull(i);
        if (!null || requires { S::kTakesNull; }) Of(state_of(row), options).Update(input);
      }
    });
  }
  static void Update(duckdb::Vector inputs[], duckdb::AggregateInputData& data, idx_t input_count,
                     duckdb::Vector& states, idx_t count) {
    duckdb::UnifiedVectorFormat format;
    states.ToUnifiedFormat(count, format);
    const auto* pointers = duckdb::UnifiedVectorFormat::GetData<duckdb::data_ptr_t>(format);
    Add(inputs, input_count, count, OptionsOf(data),
        [&](idx_t row) { return pointers[format.sel->get_index(row)]; });
  }
  static void SimpleUpdate(duckdb::Vector inputs[], duckdb::AggregateInputData& data,
                           idx_t input_count, duckdb::data_ptr_t state, idx_t count) {
    Add(inputs, input_count, count, OptionsOf(data), [&](idx_t) { return state; });
  }
  static void Combine(duckdb::Vector& source, duckdb::Vector& target,
                      duckdb::AggregateInputData& data, idx_t count) {
    duckdb::UnifiedVectorFormat format;
    source.ToUnifiedFormat(count, format);
    const auto* sources = duckdb::UnifiedVectorFormat::GetData<duckdb::data_ptr_t>(format);
    const auto* targets = duckdb::FlatVector::GetData<duckdb::data_ptr_t>(target);
    const SketchOptions& options = OptionsOf(data);
    WithSketches(S::kInvalid, options.function, [&] {
      for (idx_t row = 0; row < count; ++row) {
        S* from = *reinterpret_cast<S**>(sources[format.sel->get_index(row)]);
        if (from != nullptr) Of(targets[row], options).Merge(*from);
      }
    });
  }
  static void Finalize(duckdb::Vector& states, duckdb::AggregateInputData& data,
                       duckdb::Vector& result, idx_t count, idx_t offset) {
    duckdb::UnifiedVectorFormat format;
    states.ToUnifiedFormat(count, format);
    const auto* pointers = duckdb::UnifiedVectorFormat::GetData<duckdb::data_ptr_t>(format);
    const SketchOptions& options = OptionsOf(data);
    if (states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
      result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    }
    WithSketches(S::kInvalid, options.function, [&] {
      for (idx_t row = 0; row < count; ++row) {
        S& sketch = Of(pointers[format.sel->get_index(row)], options);
        WriteResult(result, row + offset, sketch.Result());
      }
    });
  }
  static void Destroy(duckdb::Vector& states, duckdb::AggregateInputData&, idx_t count) {
    duckdb::UnifiedVectorFormat format;
    states.ToUnifiedFormat(count, format);
    const auto* pointers = duckdb::UnifiedVectorFormat::GetData<duckdb::data_ptr_t>(format);
    for (idx_t row = 0; row < count; ++row) {
      S*& sketch = *reinterpret_cast<S**>(pointers[format.sel->get_index(row)]);
      delete sketch;
      sketch = nullptr;
    }
  }
  static duckdb::unique_ptr<duckdb::FunctionData> Bind(
      duckdb::ClientContext& context, duckdb::AggregateFunction& function,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& args) {
    auto data = BindOptions(context, function, args, S::kInputs, S::kOptions);
    if constexpr (requires { S::Check(data->options); }) S::Check(data->options);
    if constexpr (requires { S::ResultType(args[0]->return_type); }) {
      function.return_type = S::ResultType(args[0]->return_type);
    }
    return data;
  }
};

}  // namespace sketch_internal

/// Gives DuckDB and the registry an aggregate whose state is an S.
template <typename S>
void RegisterSketchAggregate(FunctionSet& set, std::string_view name) {
  using C = sketch_internal::Callbacks<S>;
  duckdb::AggregateFunction function(
      "spark_" + std::string(name), {duckdb::LogicalType::ANY}, duckdb::LogicalType::BLOB, C::Size,
      C::Initialize, C::Update, C::Combine, C::Finalize,
      duckdb::FunctionNullHandling::SPECIAL_HANDLING, C::SimpleUpdate, C::Bind, C::Destroy);
  function.varargs = duckdb::LogicalType::ANY;
  set.loader().RegisterFunction(function);
  set.registry().Native(name, "spark_" + std::string(name));
}

inline std::string BytesOf(const std::vector<uint8_t>& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

void RegisterThetaSketches(FunctionSet& set);
void RegisterTupleSketches(FunctionSet& set);
void RegisterHllSketches(FunctionSet& set);
void RegisterKllSketches(FunctionSet& set);
void RegisterCountMinSketches(FunctionSet& set);
void RegisterHistograms(FunctionSet& set);
void RegisterTopItems(FunctionSet& set);

}  // namespace tarn::engine::duck
