// Values that differ from row to row without looking at it: ids, random texts and numbers.

#include <atomic>
#include <map>
#include <mutex>

#include "duck/functions/casting.h"
#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"
#include "tarn/base/random.h"

namespace tarn::engine::duck {

namespace {

/// Numbers the threads of each statement, so that their rows get ids apart. Statements are known by
/// a token; what is kept of one goes with its last thread. Thread-safe.
class Partitions {
 public:
  std::string NewToken() { return std::to_string(next_token_++); }

  std::shared_ptr<std::atomic<int64_t>> Of(const std::string& token) {
    std::lock_guard lock(mutex_);
    std::erase_if(counters_, [](const auto& entry) { return entry.second.expired(); });
    auto& counter = counters_[token];
    auto shared = counter.lock();
    if (!shared) counter = shared = std::make_shared<std::atomic<int64_t>>(0);
    return shared;
  }

 private:
  std::atomic<int64_t> next_token_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<std::atomic<int64_t>>> counters_;
};

/// As Spark's: the partition's number in the upper 31 bits, the row's in the lower 33.
struct IdSource {
  std::shared_ptr<std::atomic<int64_t>> counter;
  int64_t next = 0;
};

void MonotonicIds(FunctionSet& set) {
  const auto partitions = std::make_shared<Partitions>();
  set.Batch(
      "monotonic_id",
      [partitions](Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
        auto& source = call.State<IdSource>();
        if (!source.counter) {
          source.counter = partitions->Of(call.info.extra);
          source.next = source.counter->fetch_add(1) << 33;
        }
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* ids = duckdb::FlatVector::GetData<int64_t>(result);
        for (idx_t row = 0; row < input.size(); ++row) ids[row] = source.next++;
      },
      kVolatile);
  set.Template("monotonically_increasing_id",
               [partitions](LoweringContext& context, const plan::Expr& expr,
                            const plan::Call& call, DuckArgs args) -> DuckExpr {
                 return CallKernel(context, "monotonic_id", expr, call, std::move(args),
                                   partitions->NewToken());
               });
}

struct RandomSource {
  std::optional<Random> random;
};

Random& RandomOf(Call& call, std::optional<int64_t> seed) {
  auto& source = call.State<RandomSource>();
  if (!source.random) {
    source.random.emplace(seed ? static_cast<uint64_t>(*seed) : SystemEntropy());
  }
  return *source.random;
}

std::string RandomText(Call& call, int32_t length, std::optional<int64_t> seed) {
  static constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (length < 0) {
    Raise(Condition("INVALID_PARAMETER_VALUE.LENGTH"), {{"parameter", "`length`"},
                                                        {"functionName", "`randstr`"},
                                                        {"length", std::to_string(length)}});
  }
  Random& random = RandomOf(call, seed);
  std::string text;
  for (int32_t i = 0; i < length; ++i) text += kLetters[random.Below(kLetters.size())];
  return text;
}

/// Between two bounds, the upper one left out (or included where both are equal).
double Between(Call& call, double from, double to, std::optional<int64_t> seed) {
  constexpr uint64_t kSteps = uint64_t{1} << 53;
  const double share =
      static_cast<double>(RandomOf(call, seed).Below(kSteps)) / static_cast<double>(kSteps);
  return from + (to - from) * share;
}

}  // namespace

void RegisterRowValues(FunctionSet& set) {
  MonotonicIds(set);
  set.Kernel("randstr", RandomText, kFallible | kVolatile);
  set.Kernel("uniform", Between, kVolatile);
  const auto seeded = [](DuckArgs& args, std::vector<DataType>& types, size_t index) {
    if (args.size() > index) return;
    args.push_back(ConstantNull(TypeId::kLong));
    types.push_back(TypeId::kLong);
  };
  set.Template("randstr",
               [seeded](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                        DuckArgs args) -> DuckExpr {
                 std::vector<DataType> types = TypesOf(call);
                 seeded(args, types, 1);
                 return CallKernel(context, "randstr", expr.type, types, std::move(args));
               });
  set.Template("uniform",
               [seeded](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                        DuckArgs args) -> DuckExpr {
                 std::vector<DataType> types = TypesOf(call);
                 seeded(args, types, 2);
                 for (size_t i = 0; i < 2; ++i) {
                   args[i] = CastNative(std::move(args[i]), duckdb::LogicalType::DOUBLE);
                   types[i] = TypeId::kDouble;
                 }
                 DuckExpr number =
                     CallKernel(context, "uniform", TypeId::kDouble, types, std::move(args));
                 if (expr.type.IsIntegral()) number = CallNativeOf("floor", std::move(number));
                 return CastNative(std::move(number), ToDuckType(expr.type));
               });
}

}  // namespace tarn::engine::duck
