#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "duck/function_registry.h"
#include "tarn/types/datetime.h"
#include "tarn/types/value.h"

namespace tarn::engine::duck {

/// What a function of ours is told about the call that it computes. Immutable; shared by threads.
struct CallInfo {
  std::string function;
  DataType result;
  std::vector<DataType> args;
  std::shared_ptr<const TimeZone> zone;  ///< the session's
  std::string extra;                     ///< whatever the template wants to say
};

/// A call on one thread: what it is told, and what it keeps between rows (compiled patterns and the
/// like).
class Call {
 public:
  explicit Call(const CallInfo& call_info) : info(call_info) {}
  const CallInfo& info;

  /// The state of that type, default-constructed on first use. One type per function.
  template <typename T>
  T& State() {
    if (!state_) state_ = std::make_shared<T>();
    return *static_cast<T*>(state_.get());
  }

 private:
  std::shared_ptr<void> state_;
};

/// An unscaled decimal argument or result of any precision; its type stands in CallInfo.
struct Dec {
  Int128 value = 0;
};

enum KernelFlags : unsigned {
  kPlain = 0,
  kFallible = 1,
  kVolatile = 2,
};

/// Reads one argument of a batch. T: bool, intN_t (also dates, times, intervals), float, double,
/// Dec, std::string_view (texts and bytes), duckdb::interval_t, duckdb::Value (anything), or
/// std::optional of these, which is given NULLs too.
template <typename T>
class ArgumentReader {
 public:
  void Prepare(duckdb::Vector& vector, idx_t count) {
    vector_ = &vector;
    type_ = vector.GetType().InternalType();
    if constexpr (!std::is_same_v<T, duckdb::Value>) vector.ToUnifiedFormat(count, format_);
  }

  bool IsNull(idx_t row) const {
    if constexpr (std::is_same_v<T, duckdb::Value>) {
      return vector_->GetValue(row).IsNull();
    } else {
      return !format_.validity.RowIsValid(format_.sel->get_index(row));
    }
  }

  T Get(idx_t row) const {
    if constexpr (std::is_same_v<T, duckdb::Value>) {
      return vector_->GetValue(row);
    } else {
      const idx_t index = format_.sel->get_index(row);
      if constexpr (std::is_same_v<T, std::string_view>) {
        const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format_)[index];
        return {text.GetData(), text.GetSize()};
      } else if constexpr (std::is_same_v<T, Dec>) {
        return GetDecimal(index);
      } else {
        return duckdb::UnifiedVectorFormat::GetData<T>(format_)[index];
      }
    }
  }

 private:
  Dec GetDecimal(idx_t index) const {
    switch (type_) {
      case duckdb::PhysicalType::INT8:
        return {duckdb::UnifiedVectorFormat::GetData<int8_t>(format_)[index]};
      case duckdb::PhysicalType::INT16:
        return {duckdb::UnifiedVectorFormat::GetData<int16_t>(format_)[index]};
      case duckdb::PhysicalType::INT32:
        return {duckdb::UnifiedVectorFormat::GetData<int32_t>(format_)[index]};
      case duckdb::PhysicalType::INT64:
        return {duckdb::UnifiedVectorFormat::GetData<int64_t>(format_)[index]};
      default: {
        const auto& wide = duckdb::UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format_)[index];
        return {(static_cast<Int128>(wide.upper) << 64) | static_cast<Int128>(wide.lower)};
      }
    }
  }

  duckdb::Vector* vector_ = nullptr;
  duckdb::PhysicalType type_ = duckdb::PhysicalType::INVALID;
  duckdb::UnifiedVectorFormat format_;
};

template <typename T>
class ArgumentReader<std::optional<T>> {
 public:
  void Prepare(duckdb::Vector& vector, idx_t count) { reader_.Prepare(vector, count); }
  bool IsNull(idx_t) const { return false; }
  std::optional<T> Get(idx_t row) const {
    return reader_.IsNull(row) ? std::nullopt : std::optional<T>(reader_.Get(row));
  }

 private:
  ArgumentReader<T> reader_;
};

void WriteDecimal(duckdb::Vector& result, idx_t row, Int128 value);
void WriteText(duckdb::Vector& result, idx_t row, std::string_view text);
void WriteTexts(duckdb::Vector& result, idx_t row, const std::vector<std::string>& texts);

/// Stores the result of one row; std::nullopt is NULL.
template <typename R>
void WriteResult(duckdb::Vector& result, idx_t row, const R& value) {
  if constexpr (std::is_same_v<R, Dec>) {
    WriteDecimal(result, row, value.value);
  } else if constexpr (std::is_same_v<R, std::string> || std::is_same_v<R, std::string_view>) {
    WriteText(result, row, value);
  } else if constexpr (std::is_same_v<R, std::vector<std::string>>) {
    WriteTexts(result, row, value);
  } else if constexpr (std::is_same_v<R, duckdb::Value>) {
    result.SetValue(row, value);
  } else if constexpr (requires { value.has_value(); }) {
    if (value.has_value()) {
      WriteResult(result, row, *value);
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  } else {
    duckdb::FlatVector::GetData<R>(result)[row] = value;
  }
}

using BatchFunction = std::function<void(Call&, duckdb::DataChunk&, duckdb::Vector&)>;

namespace kernel_internal {

template <typename F>
struct Shape;
template <typename R, typename... A>
struct Shape<R (*)(Call&, A...)> {
  using Result = R;
  using Args = std::tuple<std::decay_t<A>...>;
};
template <typename C, typename R, typename... A>
struct Shape<R (C::*)(Call&, A...) const> : Shape<R (*)(Call&, A...)> {};

template <typename F>
struct ShapeOf : Shape<decltype(&F::operator())> {};
template <typename R, typename... A>
struct ShapeOf<R (*)(Call&, A...)> : Shape<R (*)(Call&, A...)> {};

template <typename F, typename... A, size_t... I>
void RunRows(const F& function, Call& call, duckdb::DataChunk& input, duckdb::Vector& result,
             std::tuple<A...>*, std::index_sequence<I...>) {
  const bool constant = input.AllConstant();
  const idx_t count = constant ? 1 : input.size();
  std::tuple<ArgumentReader<A>...> readers;
  (std::get<I>(readers).Prepare(input.data[I], count), ...);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    if ((std::get<I>(readers).IsNull(row) || ...)) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      WriteResult(result, row, function(call, std::get<I>(readers).Get(row)...));
    }
  }
  if (constant && input.size() != 1) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

/// Makes a function of batches from one of rows: NULL if an argument is NULL, but for std::optional
/// ones.
template <typename F>
BatchFunction ByRow(F function) {
  using Args = typename ShapeOf<F>::Args;
  return [function](Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
    RunRows(function, call, input, result, static_cast<Args*>(nullptr),
            std::make_index_sequence<std::tuple_size_v<Args>>());
  };
}

}  // namespace kernel_internal

/// Gives functions to DuckDB and to the registry.
class FunctionSet {
 public:
  FunctionSet(FunctionRegistry& registry, duckdb::ExtensionLoader& loader)
      : registry_(registry), loader_(loader) {}

  FunctionRegistry& registry() { return registry_; }
  duckdb::ExtensionLoader& loader() { return loader_; }

  /// DuckDB's function "spark_<name>", for use by templates through CallKernel. `function` is
  /// R(Call&, A...) on one row.
  template <typename F>
  void Kernel(std::string_view name, F function, unsigned flags = kPlain) {
    Batch(name, kernel_internal::ByRow(+function), flags);
  }
  /// The same on whole batches; handles NULLs itself.
  void Batch(std::string_view name, BatchFunction function, unsigned flags = kPlain);

  /// A kernel that also is the plan's function of that name.
  template <typename F>
  void Function(std::string_view name, F function, unsigned flags = kPlain) {
    Kernel(name, function, flags);
    Use(name, std::string(name));
  }
  /// The plan's function `name` is the kernel `kernel`, which is told `extra`.
  void Use(std::string_view name, std::string kernel, std::string extra = {});
  void Template(std::string_view name, CallTemplate expression) {
    registry_.Template(name, std::move(expression));
  }

 private:
  FunctionRegistry& registry_;
  duckdb::ExtensionLoader& loader_;
};

/// A call of a kernel.
DuckExpr CallKernel(LoweringContext& context, std::string_view kernel, const DataType& result,
                    const std::vector<DataType>& arg_types, DuckArgs args,
                    std::string_view extra = {});
/// A call of a kernel with the types of the plan's call.
DuckExpr CallKernel(LoweringContext& context, std::string_view kernel, const plan::Expr& expr,
                    const plan::Call& call, DuckArgs args, std::string_view extra = {});

std::vector<DataType> TypesOf(const plan::Call& call);

/// Raises a condition with parameters (name, value, …).
[[noreturn]] void Raise(Condition condition,
                        std::initializer_list<Error::Parameter> parameters = {});

DuckExpr ConstantText(std::string_view text);
DuckExpr ConstantInt(int32_t value);
DuckExpr ConstantNull(const DataType& type);

// The families, one file or a few each.
#define TARN_SPARK_FAMILY(name) void Register##name##Kernels(FunctionSet& set);
#include "duck/functions/families.inc"
#undef TARN_SPARK_FAMILY

}  // namespace tarn::engine::duck
