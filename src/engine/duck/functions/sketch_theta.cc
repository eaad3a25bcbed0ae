// Theta sketches: approximate distinct counts with set operations.

#include <algorithm>
#include <cmath>

#include "duck/functions/sketch.h"
#include "theta_a_not_b.hpp"
#include "theta_intersection.hpp"
#include "theta_sketch.hpp"
#include "theta_union.hpp"

namespace tarn::engine::duck {

namespace {

using datasketches::compact_theta_sketch;
using datasketches::theta_union;
using datasketches::update_theta_sketch;

constexpr Condition kInvalidBuffer("THETA_INVALID_INPUT_SKETCH_BUFFER");

compact_theta_sketch Read(std::string_view bytes) {
  return compact_theta_sketch::deserialize(bytes.data(), bytes.size());
}

/// The library's sketches have at least 2^5 entries, where Spark's may have 2^4.
uint8_t LgK(int wanted) {
  return std::max(static_cast<uint8_t>(wanted), datasketches::theta_constants::MIN_LG_K);
}

std::string Write(const compact_theta_sketch& sketch) {
  return BytesOf(sketch.serialize_compressed());
}

/// theta_sketch_agg: a sketch of values; a union once sketches of several threads meet.
class Building {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kLgNomEntries};
  static constexpr Condition kInvalid = kInvalidBuffer;

  explicit Building(const SketchOptions& options)
      : lg_k_(LgK(options.lg_k)), sketch_(update_theta_sketch::builder().set_lg_k(lg_k_).build()) {}

  void Update(const SketchInput& input) {
    input.WithKey([&](auto... key) { sketch_.update(key...); });
  }
  void Merge(Building& other) {
    if (!union_) union_.emplace(theta_union::builder().set_lg_k(lg_k_).build());
    union_->update(other.Compact());
  }
  std::string Result() { return Write(Compact()); }

 private:
  compact_theta_sketch Compact() {
    sketch_.trim();
    if (!union_) return sketch_.compact();
    theta_union all = *union_;
    all.update(sketch_);
    return all.get_result();
  }

  uint8_t lg_k_;
  update_theta_sketch sketch_;
  std::optional<theta_union> union_;
};

class Uniting {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kLgNomEntries};
  static constexpr Condition kInvalid = kInvalidBuffer;

  explicit Uniting(const SketchOptions& options)
      : union_(theta_union::builder().set_lg_k(LgK(options.lg_k)).build()) {}
  void Update(const SketchInput& input) { union_.update(Read(input.Bytes(0))); }
  void Merge(Uniting& other) { union_.update(other.union_.get_result()); }
  std::string Result() { return Write(union_.get_result()); }

 private:
  theta_union union_;
};

class Intersecting {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr std::span<const SketchOption> kOptions = {};
  static constexpr Condition kInvalid = kInvalidBuffer;

  explicit Intersecting(const SketchOptions&) {}
  void Update(const SketchInput& input) { intersection_.update(Read(input.Bytes(0))); }
  void Merge(Intersecting& other) {
    if (other.intersection_.has_result()) intersection_.update(other.intersection_.get_result());
  }
  /// Of no sketch at all there is no intersection: the library refuses it.
  std::string Result() { return Write(intersection_.get_result()); }

 private:
  datasketches::theta_intersection intersection_;
};

std::string Union(Call& call, std::string_view a, std::string_view b, int32_t lg_k) {
  CheckLgNomEntries(call.info.function, lg_k);
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    theta_union both = theta_union::builder().set_lg_k(LgK(lg_k)).build();
    both.update(Read(a));
    both.update(Read(b));
    return Write(both.get_result());
  });
}

std::string Intersection(Call& call, std::string_view a, std::string_view b) {
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    datasketches::theta_intersection both;
    both.update(Read(a));
    both.update(Read(b));
    return Write(both.get_result());
  });
}

std::string Difference(Call& call, std::string_view a, std::string_view b) {
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    return Write(datasketches::theta_a_not_b().compute(Read(a), Read(b)));
  });
}

int64_t Estimate(Call& call, std::string_view sketch) {
  return WithSketches(kInvalidBuffer, call.info.function, [&] {
    return static_cast<int64_t>(std::llround(Read(sketch).get_estimate()));
  });
}

}  // namespace

void RegisterThetaSketches(FunctionSet& set) {
  RegisterSketchAggregate<Building>(set, "theta_sketch_agg");
  RegisterSketchAggregate<Uniting>(set, "theta_union_agg");
  RegisterSketchAggregate<Intersecting>(set, "theta_intersection_agg");
  set.Function("theta_union", Union, kFallible);
  set.Function("theta_intersection", Intersection, kFallible);
  set.Function("theta_difference", Difference, kFallible);
  set.Function("theta_sketch_estimate", Estimate, kFallible);
}

}  // namespace tarn::engine::duck
