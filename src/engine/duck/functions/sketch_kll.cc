// KLL sketches: approximate quantiles.

#include <cmath>

#include "duck/functions/sketch.h"
#include "kll_helper.hpp"
#include "kll_sketch.hpp"
#include "tarn/types/value.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalTypeId;
using duckdb::Value;

constexpr Condition kInvalidBuffer("KLL_INVALID_INPUT_SKETCH_BUFFER");
constexpr int kDefaultK = 200;

std::string Fixed(double number) {
  std::string text(32, '\0');
  text.resize(static_cast<size_t>(std::snprintf(text.data(), text.size(), "%.3f%%", number * 100)));
  return text;
}

/// The smallest k of the sketches that were merged into this one, which the library doesn't tell.
unsigned MinK(std::string_view bytes) {
  return static_cast<uint8_t>(bytes[16]) | static_cast<unsigned>(static_cast<uint8_t>(bytes[17]))
                                               << 8;
}

/// T: int64_t, float or double.
template <typename T>
struct Quantiles {
  using Sketch = datasketches::kll_sketch<T>;

  static Sketch Read(std::string_view bytes) {
    return Sketch::deserialize(bytes.data(), bytes.size());
  }
  static std::string Write(const Sketch& sketch) { return BytesOf(sketch.serialize()); }

  class Building {
   public:
    static constexpr idx_t kInputs = 1;
    static constexpr SketchOption kOptions[] = {SketchOption::kK};
    static constexpr Condition kInvalid = kInvalidBuffer;

    explicit Building(const SketchOptions& options)
        : sketch_(static_cast<uint16_t>(options.k.value_or(kDefaultK))) {}
    void Update(const SketchInput& input) {
      switch (input.type(0).id()) {
        case LogicalTypeId::TINYINT:
          return sketch_.update(static_cast<T>(input.Get<int8_t>(0)));
        case LogicalTypeId::SMALLINT:
          return sketch_.update(static_cast<T>(input.Get<int16_t>(0)));
        case LogicalTypeId::INTEGER:
          return sketch_.update(static_cast<T>(input.Get<int32_t>(0)));
        case LogicalTypeId::BIGINT:
          return sketch_.update(static_cast<T>(input.Get<int64_t>(0)));
        case LogicalTypeId::FLOAT:
          return sketch_.update(static_cast<T>(input.Get<float>(0)));
        default:
          return sketch_.update(static_cast<T>(input.Get<double>(0)));
      }
    }
    void Merge(Building& other) { sketch_.merge(other.sketch_); }
    std::string Result() { return Write(sketch_); }

   private:
    Sketch sketch_;
  };

  /// The union of sketches; its k is that of the first unless it is given.
  class Uniting {
   public:
    static constexpr idx_t kInputs = 1;
    static constexpr SketchOption kOptions[] = {SketchOption::kK};
    static constexpr Condition kInvalid = kInvalidBuffer;

    explicit Uniting(const SketchOptions& options) : k_(options.k) {
      if (k_) sketch_.emplace(static_cast<uint16_t>(*k_));
    }
    void Update(const SketchInput& input) { Add(Read(input.Bytes(0))); }
    void Merge(Uniting& other) {
      if (other.sketch_) Add(*other.sketch_);
    }
    std::string Result() { return Write(sketch_ ? *sketch_ : Sketch(kDefaultK)); }

   private:
    void Add(const Sketch& sketch) {
      if (!sketch_) sketch_.emplace(sketch.get_k());
      sketch_->merge(sketch);
    }

    std::optional<int> k_;
    std::optional<Sketch> sketch_;
  };

  static std::string Merged(Call& call, std::string_view a, std::string_view b) {
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      Sketch both = Read(a);
      both.merge(Read(b));
      return Write(both);
    });
  }
  static int64_t Count(Call& call, std::string_view bytes) {
    return WithSketches(kInvalidBuffer, call.info.function,
                        [&] { return static_cast<int64_t>(Read(bytes).get_n()); });
  }

  static Value ValueOf(T number) {
    if constexpr (std::is_same_v<T, int64_t>) return Value::BIGINT(number);
    if constexpr (std::is_same_v<T, float>) return Value::FLOAT(number);
    if constexpr (std::is_same_v<T, double>) return Value::DOUBLE(number);
  }

  /// Applies `one` to the second argument, or to each of its elements.
  template <typename F>
  static Value ForEach(Call& call, const Value& wanted, const F& one) {
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      if (wanted.type().id() != LogicalTypeId::LIST) return one(wanted);
      duckdb::vector<Value> results;
      for (const Value& item : duckdb::ListValue::GetChildren(wanted)) {
        results.push_back(one(item));
      }
      return Value::LIST(ToDuckType(call.info.result.element()), std::move(results));
    });
  }
  static Value QuantileOf(Call& call, std::string_view bytes, Value wanted) {
    std::optional<Sketch> sketch;
    return ForEach(call, wanted, [&](const Value& item) {
      if (!sketch) sketch.emplace(Read(bytes));
      const double rank = duckdb::DoubleValue::Get(item);
      if (!(rank >= 0 && rank <= 1)) {
        Raise(Condition("KLL_SKETCH_INVALID_QUANTILE_RANGE"),
              {{"functionName", "`" + call.info.function + "`"}});
      }
      return ValueOf(sketch->get_quantile(rank, true));
    });
  }
  static Value RankOf(Call& call, std::string_view bytes, Value wanted) {
    std::optional<Sketch> sketch;
    return ForEach(call, wanted, [&](const Value& item) {
      if (!sketch) sketch.emplace(Read(bytes));
      return Value::DOUBLE(sketch->get_rank(item.GetValue<T>(), true));
    });
  }

  /// The summary that the Java library prints.
  static std::string Text(Call& call, std::string_view bytes, std::string_view kind) {
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      const Sketch sketch = Read(bytes);
      const bool many = sketch.get_n() > 1;
      constexpr uint8_t kM = 8;
      const unsigned levels = many ? static_cast<uint8_t>(bytes[18]) : 1;
      const uint64_t capacity = datasketches::kll_helper::compute_total_capacity(
          sketch.get_k(), kM, static_cast<uint8_t>(levels));
      const uint64_t retained = sketch.get_num_retained();
      const bool sorted = (static_cast<uint8_t>(bytes[3]) & 2) != 0;
      const auto flag = [](bool on) { return std::string(on ? "true" : "false"); };
      const auto show = [](T value) {
        if constexpr (std::is_integral_v<T>) return std::to_string(value);
        if constexpr (std::is_same_v<T, float>) return RenderFloat(value);
        if constexpr (std::is_same_v<T, double>) return RenderDouble(value);
      };
      const std::pair<const char*, std::string> lines[] = {
          {"K", std::to_string(sketch.get_k())},
          {"Dynamic min K", std::to_string(many ? MinK(bytes) : sketch.get_k())},
          {"M", std::to_string(kM)},
          {"N", std::to_string(sketch.get_n())},
          {"Epsilon", Fixed(sketch.get_normalized_rank_error(false))},
          {"Epsilon PMF", Fixed(sketch.get_normalized_rank_error(true))},
          {"Empty", flag(sketch.is_empty())},
          {"Estimation Mode", flag(sketch.is_estimation_mode())},
          {"Levels", std::to_string(levels)},
          {"Level 0 Sorted", flag(sorted)},
          {"Capacity Items", std::to_string(capacity)},
          {"Retained Items", std::to_string(retained)},
          {"Free Space", std::to_string(capacity - retained)},
          {"ReadOnly", "false"},
          {"Updatable Storage Bytes",
           std::to_string(20 + 4 * (levels + 1) + (2 + capacity) * sizeof(T))},
          {"Compact Storage Bytes", std::to_string(bytes.size())},
          {"Min Item", sketch.is_empty() ? "NaN" : show(sketch.get_min_item())},
          {"Max Item", sketch.is_empty() ? "NaN" : show(sketch.get_max_item())},
      };
      std::string text = "\n### KllKll" + std::string(kind) + "Sketch Summary:\n";
      for (const auto& [name, value] : lines) {
        std::string label = name;
        label.resize(23, ' ');
        text += "   " + label + ": " + value + "\n";
      }
      return text + "### End sketch summary\n";
    });
  }
};

template <typename T>
void Register(FunctionSet& set, const std::string& suffix) {
  using Q = Quantiles<T>;
  RegisterSketchAggregate<typename Q::Building>(set, "kll_sketch_agg_" + suffix);
  RegisterSketchAggregate<typename Q::Uniting>(set, "kll_merge_agg_" + suffix);
  set.Function("kll_sketch_merge_" + suffix, &Q::Merged, kFallible);
  set.Function("kll_sketch_get_n_" + suffix, &Q::Count, kFallible);
  set.Function("kll_sketch_get_quantile_" + suffix, &Q::QuantileOf, kFallible);
  set.Function("kll_sketch_get_rank_" + suffix, &Q::RankOf, kFallible);
  set.Function(
      "kll_sketch_to_string_" + suffix,
      [](Call& call, std::string_view bytes) {
        constexpr const char* kKind = std::is_same_v<T, int64_t> ? "Longs"
                                      : std::is_same_v<T, float> ? "Floats"
                                                                 : "Doubles";
        return Q::Text(call, bytes, kKind);
      },
      kFallible);
}

}  // namespace

void RegisterKllSketches(FunctionSet& set) {
  Register<int64_t>(set, "bigint");
  Register<float>(set, "float");
  Register<double>(set, "double");
}

}  // namespace tarn::engine::duck
