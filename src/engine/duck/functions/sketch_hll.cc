// HyperLogLog sketches: approximate distinct counts in little space.

#include <algorithm>
#include <cmath>

#include "duck/functions/sketch.h"
#include "hll.hpp"

namespace tarn::engine::duck {

namespace {

using datasketches::hll_sketch;
using datasketches::hll_union;

constexpr Condition kInvalidBuffer("HLL_INVALID_INPUT_SKETCH_BUFFER");

hll_sketch Read(std::string_view bytes) {
  return hll_sketch::deserialize(bytes.data(), bytes.size());
}

std::string Write(const hll_sketch& sketch) { return BytesOf(sketch.serialize_updatable()); }

std::string Write(const hll_union& sketches) {
  return Write(sketches.get_result(datasketches::HLL_8));
}

void RequireSame(std::string_view function, uint8_t left, uint8_t right) {
  if (left == right) return;
  Raise(Condition("HLL_UNION_DIFFERENT_LG_K"), {{"left", std::to_string(left)},
                                                {"right", std::to_string(right)},
                                                {"function", "`" + std::string(function) + "`"}});
}

class Building {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kLgConfigK};
  static constexpr Condition kInvalid = kInvalidBuffer;

  explicit Building(const SketchOptions& options)
      : sketch_(static_cast<uint8_t>(options.lg_k), datasketches::HLL_8) {}
  void Update(const SketchInput& input) {
    input.WithKey([&](auto... key) { sketch_.update(key...); });
  }
  void Merge(Building& other) {
    hll_union both(sketch_.get_lg_config_k());
    both.update(sketch_);
    both.update(other.sketch_);
    sketch_ = both.get_result(datasketches::HLL_8);
  }
  /// Through a union, as Spark's plans go: its estimate doesn't depend on the order of the rows or
  /// on how threads share them.
  std::string Result() {
    hll_union all(sketch_.get_lg_config_k());
    all.update(sketch_);
    all.update(sketch_);
    return Write(all);
  }

 private:
  hll_sketch sketch_;
};

/// The union of sketches as fine as the coarsest of them.
class Uniting {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kAllowDifferentLgK};
  static constexpr Condition kInvalid = kInvalidBuffer;

  explicit Uniting(const SketchOptions& options) : options_(options) {}
  void Update(const SketchInput& input) { Add(Read(input.Bytes(0))); }
  void Merge(Uniting& other) {
    if (other.union_) Add(other.union_->get_result(datasketches::HLL_8));
  }
  std::string Result() {
    return union_ ? Write(*union_) : Write(hll_sketch(12, datasketches::HLL_8));
  }

 private:
  void Add(const hll_sketch& sketch) {
    if (!union_) {
      union_.emplace(sketch.get_lg_config_k());
    } else if (!options_.allow_different_lg_k) {
      RequireSame(options_.function, union_->get_lg_config_k(), sketch.get_lg_config_k());
    }
    union_->update(sketch);
  }

  const SketchOptions& options_;
  std::optional<hll_union> union_;
};

std::string Union(Call& call, std::string_view left, std::string_view right, bool allow) {
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    const hll_sketch a = Read(left);
    const hll_sketch b = Read(right);
    if (!allow) RequireSame(call.info.function, a.get_lg_config_k(), b.get_lg_config_k());
    hll_union both(std::min(a.get_lg_config_k(), b.get_lg_config_k()));
    both.update(a);
    both.update(b);
    return Write(both);
  });
}

int64_t Estimate(Call& call, std::string_view sketch) {
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    return static_cast<int64_t>(std::llround(Read(sketch).get_estimate()));
  });
}

}  // namespace

void RegisterHllSketches(FunctionSet& set) {
  RegisterSketchAggregate<Building>(set, "hll_sketch_agg");
  RegisterSketchAggregate<Uniting>(set, "hll_union_agg");
  set.Function("hll_union", Union, kFallible);
  set.Function("hll_sketch_estimate", Estimate, kFallible);
}

}  // namespace tarn::engine::duck
