// Tuple sketches: theta sketches that keep a number with each key.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "duck/functions/sketch.h"
#include "theta_sketch.hpp"
#include "tuple_a_not_b.hpp"
#include "tuple_intersection.hpp"
#include "tuple_sketch.hpp"
#include "tuple_union.hpp"

namespace tarn::engine::duck {

namespace {

constexpr Condition kInvalidBuffer("TUPLE_INVALID_INPUT_SKETCH_BUFFER");

/// The number of a key with how it came about, as the format stores both. T: int32_t or double.
template <typename T>
struct Summary {
  T value = 0;
  SummaryMode mode = SummaryMode::kSum;
};

template <typename T>
T Added(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  } else {
    return a + b;
  }
}

template <typename T>
T Combined(SummaryMode mode, T a, T b) {
  switch (mode) {
    case SummaryMode::kSum:
      return Added(a, b);
    case SummaryMode::kMin:
      return std::isnan(static_cast<double>(a)) ? a : std::min(a, b);
    case SummaryMode::kMax:
      return std::isnan(static_cast<double>(a)) ? a : std::max(a, b);
    case SummaryMode::kAlwaysOne:
      break;
  }
  return 1;
}

/// What a summary starts from.
template <typename T>
Summary<T> Neutral(SummaryMode mode) {
  using Limits = std::numeric_limits<T>;
  switch (mode) {
    case SummaryMode::kSum:
      return {0, mode};
    case SummaryMode::kMin:
      return {Limits::has_infinity ? Limits::infinity() : Limits::max(), mode};
    case SummaryMode::kMax:
      return {Limits::has_infinity ? -Limits::infinity() : Limits::min(), mode};
    case SummaryMode::kAlwaysOne:
      break;
  }
  return {1, mode};
}

template <typename T>
struct Policy {
  SummaryMode mode = SummaryMode::kSum;
  Summary<T> create() const { return Neutral<T>(mode); }
  void update(Summary<T>& summary, T value) const {
    summary.value = Combined(mode, summary.value, value);
  }
  void operator()(Summary<T>& summary, const Summary<T>& other) const {
    summary = {Combined(mode, summary.value, other.value), mode};
  }
};

/// A summary in bytes: the number, little-endian, and the code of the mode.
template <typename T>
struct SummaryBytes {
  static constexpr size_t kSize = sizeof(T) + 1;
  size_t size_of_item(const Summary<T>&) const { return kSize; }
  size_t serialize(void* to, size_t capacity, const Summary<T>* items, unsigned count) const {
    if (capacity < count * kSize) throw std::out_of_range("summaries");
    for (unsigned i = 0; i < count; ++i) {
      auto* at = static_cast<char*>(to) + i * kSize;
      std::memcpy(at, &items[i].value, sizeof(T));
      at[sizeof(T)] = static_cast<char>(items[i].mode);
    }
    return count * kSize;
  }
  size_t deserialize(const void* from, size_t size, Summary<T>* items, unsigned count) const {
    if (size < count * kSize) throw std::out_of_range("summaries");
    for (unsigned i = 0; i < count; ++i) {
      const auto* at = static_cast<const char*>(from) + i * kSize;
      Summary<T> summary;
      std::memcpy(&summary.value, at, sizeof(T));
      const auto code = static_cast<uint8_t>(at[sizeof(T)]);
      if (code > static_cast<uint8_t>(SummaryMode::kAlwaysOne)) throw std::out_of_range("mode");
      summary.mode = static_cast<SummaryMode>(code);
      new (&items[i]) Summary<T>(summary);
    }
    return count * kSize;
  }
};

/// The library's sketches have at least 2^5 entries, where Spark's may have 2^4.
uint8_t LgK(int wanted) {
  return std::max(static_cast<uint8_t>(wanted), datasketches::theta_constants::MIN_LG_K);
}

template <typename T>
struct Tuples {
  using Compact = datasketches::compact_tuple_sketch<Summary<T>>;
  using Updatable = datasketches::update_tuple_sketch<Summary<T>, T, Policy<T>>;
  using Union = datasketches::tuple_union<Summary<T>, Policy<T>>;
  using Intersection = datasketches::tuple_intersection<Summary<T>, Policy<T>>;

  static Compact Read(std::string_view bytes) {
    return Compact::deserialize(bytes.data(), bytes.size(), datasketches::DEFAULT_SEED,
                                SummaryBytes<T>());
  }
  /// A theta sketch as a tuple sketch of neutral summaries.
  static Compact ReadTheta(std::string_view bytes, SummaryMode mode) {
    const auto theta = datasketches::compact_theta_sketch::deserialize(bytes.data(), bytes.size());
    return Compact(theta, Neutral<T>(mode));
  }
  static std::string Write(const Compact& sketch) {
    return BytesOf(sketch.serialize(0, SummaryBytes<T>()));
  }
  static Union MakeUnion(int lg_k, SummaryMode mode) {
    return typename Union::builder(Policy<T>{mode}).set_lg_k(LgK(lg_k)).build();
  }

  class Building {
   public:
    static constexpr idx_t kInputs = 2;
    static constexpr SketchOption kOptions[] = {SketchOption::kTupleLgNomEntries,
                                                SketchOption::kMode};
    static constexpr Condition kInvalid = kInvalidBuffer;

    explicit Building(const SketchOptions& options)
        : options_(options),
          sketch_(typename Updatable::builder(Policy<T>{options.mode})
                      .set_lg_k(LgK(options.lg_k))
                      .build()) {}
    void Update(const SketchInput& input) {
      const T summary = input.Get<T>(1);
      input.WithKey([&](auto... key) { sketch_.update(key..., summary); });
    }
    void Merge(Building& other) {
      if (!union_) union_.emplace(MakeUnion(options_.lg_k, options_.mode));
      union_->update(other.CompactOf());
    }
    std::string Result() { return Write(CompactOf()); }

   private:
    Compact CompactOf() {
      sketch_.trim();
      if (!union_) return sketch_.compact();
      Union all = *union_;
      all.update(sketch_);
      return all.get_result();
    }

    const SketchOptions& options_;
    Updatable sketch_;
    std::optional<Union> union_;
  };

  class Uniting {
   public:
    static constexpr idx_t kInputs = 1;
    static constexpr SketchOption kOptions[] = {SketchOption::kTupleLgNomEntries,
                                                SketchOption::kMode};
    static constexpr Condition kInvalid = kInvalidBuffer;

    explicit Uniting(const SketchOptions& options)
        : union_(MakeUnion(options.lg_k, options.mode)) {}
    void Update(const SketchInput& input) { union_.update(Read(input.Bytes(0))); }
    void Merge(Uniting& other) { union_.update(other.union_.get_result()); }
    std::string Result() { return Write(union_.get_result()); }

   private:
    Union union_;
  };

  class Intersecting {
   public:
    static constexpr idx_t kInputs = 1;
    static constexpr SketchOption kOptions[] = {SketchOption::kMode};
    static constexpr Condition kInvalid = kInvalidBuffer;

    explicit Intersecting(const SketchOptions& options)
        : intersection_(datasketches::DEFAULT_SEED, Policy<T>{options.mode}) {}
    void Update(const SketchInput& input) { intersection_.update(Read(input.Bytes(0))); }
    void Merge(Intersecting& other) {
      if (other.intersection_.has_result()) intersection_.update(other.intersection_.get_result());
    }
    /// Of no sketch at all there is no intersection: the library refuses it.
    std::string Result() { return Write(intersection_.get_result()); }

   private:
    Intersection intersection_;
  };

  /// The union with a second sketch, which is one of theta if `theta`.
  template <bool theta>
  static std::string UnionOf(Call& call, std::string_view a, std::string_view b, int32_t lg_k,
                             std::string_view mode_name) {
    const SummaryMode mode = SummaryModeOf(call.info.function, mode_name);
    CheckLgNomEntries(call.info.function, lg_k);
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      Union both = MakeUnion(lg_k, mode);
      both.update(Read(a));
      both.update(theta ? ReadTheta(b, mode) : Read(b));
      return Write(both.get_result());
    });
  }
  template <bool theta>
  static std::string IntersectionOf(Call& call, std::string_view a, std::string_view b,
                                    std::string_view mode_name) {
    const SummaryMode mode = SummaryModeOf(call.info.function, mode_name);
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      Intersection both(datasketches::DEFAULT_SEED, Policy<T>{mode});
      both.update(Read(a));
      both.update(theta ? ReadTheta(b, mode) : Read(b));
      return Write(both.get_result());
    });
  }
  template <bool theta>
  static std::string DifferenceOf(Call& call, std::string_view a, std::string_view b) {
    return WithSketches(kInvalidBuffer, call.info.function, [&] {
      const datasketches::tuple_a_not_b<Summary<T>> a_not_b;
      return Write(a_not_b.compute(Read(a), theta ? ReadTheta(b, SummaryMode::kSum) : Read(b)));
    });
  }
  static double Estimate(Call& call, std::string_view bytes) {
    return WithSketches(kInvalidBuffer, call.info.function,
                        [&] { return Read(bytes).get_estimate(); });
  }
  static double Theta(Call& call, std::string_view bytes) {
    return WithSketches(kInvalidBuffer, call.info.function,
                        [&] { return Read(bytes).get_theta(); });
  }
  /// The numbers of all keys together; those of integers are summed as BIGINT.
  static auto SummaryOf(Call& call, std::string_view bytes, std::string_view mode_name) {
    using R = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
    const SummaryMode mode = SummaryModeOf(call.info.function, mode_name);
    return WithSketches(kInvalidBuffer, call.info.function, [&]() -> R {
      R result = 0;
      bool first = true;
      for (const auto& [hash, summary] : Read(bytes)) {
        const R value = mode == SummaryMode::kAlwaysOne ? 1 : static_cast<R>(summary.value);
        if (first || mode == SummaryMode::kSum || mode == SummaryMode::kAlwaysOne) {
          result += value;
        } else {
          result = mode == SummaryMode::kMin ? std::min(result, value) : std::max(result, value);
        }
        first = false;
      }
      return result;
    });
  }

  static void Register(FunctionSet& set, const std::string& suffix) {
    RegisterSketchAggregate<Building>(set, "tuple_sketch_agg_" + suffix);
    RegisterSketchAggregate<Uniting>(set, "tuple_union_agg_" + suffix);
    RegisterSketchAggregate<Intersecting>(set, "tuple_intersection_agg_" + suffix);
    set.Function("tuple_union_" + suffix, &UnionOf<false>, kFallible);
    set.Function("tuple_union_theta_" + suffix, &UnionOf<true>, kFallible);
    set.Function("tuple_intersection_" + suffix, &IntersectionOf<false>, kFallible);
    set.Function("tuple_intersection_theta_" + suffix, &IntersectionOf<true>, kFallible);
    set.Function("tuple_difference_" + suffix, &DifferenceOf<false>, kFallible);
    set.Function("tuple_difference_theta_" + suffix, &DifferenceOf<true>, kFallible);
    set.Function("tuple_sketch_estimate_" + suffix, &Estimate, kFallible);
    set.Function("tuple_sketch_theta_" + suffix, &Theta, kFallible);
    set.Function("tuple_sketch_summary_" + suffix, &SummaryOf, kFallible);
  }
};

}  // namespace

void RegisterTupleSketches(FunctionSet& set) {
  Tuples<double>::Register(set, "double");
  Tuples<int32_t>::Register(set, "integer");
}

}  // namespace tarn::engine::duck
