// Count-min sketches: approximate counts of values, in the format of Spark's CountMinSketch.

#include <cmath>

#include "duck/functions/java_random.h"
#include "duck/functions/murmur3.h"
#include "duck/functions/sketch.h"

namespace tarn::engine::duck {

namespace {

template <typename T>
void AppendBigEndian(std::string& to, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    to += static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> shift);
  }
}

void RequireWithin(const std::string& function, std::string_view name, double value, bool fits) {
  if (fits) return;
  Raise(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
        {{"sqlExpr", "\"" + function + "\""},
         {"exprName", std::string(name)},
         {"valueRange", "(0.0, 1.0)"},
         {"currentValue", std::to_string(value)}});
}

class CountMin {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kPlain, SketchOption::kPlain,
                                              SketchOption::kPlain};
  static constexpr Condition kInvalid = Condition("INTERNAL_ERROR");

  static void Check(const SketchOptions& options) {
    static constexpr const char* kNames[] = {"eps", "confidence", "seed"};
    for (size_t i = 0; i < 3; ++i) {
      if (!options.values[i].IsNull()) continue;
      Raise(Condition("DATATYPE_MISMATCH.UNEXPECTED_NULL"),
            {{"sqlExpr", "\"" + options.function + "\""}, {"exprName", kNames[i]}});
    }
    const double eps = options.values[0].GetValue<double>();
    const double confidence = options.values[1].GetValue<double>();
    RequireWithin(options.function, "eps", eps, eps > 0);
    RequireWithin(options.function, "confidence", confidence, confidence > 0 && confidence < 1);
    const double cells = Width(options) * Depth(options);
    RequireWithin(options.function, "eps", eps, cells <= (1 << 27));
  }

  explicit CountMin(const SketchOptions& options)
      : depth_(static_cast<int32_t>(Depth(options))), width_(static_cast<int32_t>(Width(options))) {
    JavaRandom random(options.values[2].GetValue<int64_t>());
    for (int32_t i = 0; i < depth_; ++i) factors_.push_back(random.NextBelowMax());
    table_.resize(static_cast<size_t>(depth_) * static_cast<size_t>(width_));
  }

  void Update(const SketchInput& input) {
    ++total_;
    switch (input.type(0).id()) {
      case duckdb::LogicalTypeId::TINYINT:
        return AddLong(input.Get<int8_t>(0));
      case duckdb::LogicalTypeId::SMALLINT:
        return AddLong(input.Get<int16_t>(0));
      case duckdb::LogicalTypeId::INTEGER:
        return AddLong(input.Get<int32_t>(0));
      case duckdb::LogicalTypeId::BIGINT:
        return AddLong(input.Get<int64_t>(0));
      default:
        return AddBytes(input.Bytes(0));
    }
  }
  void Merge(CountMin& other) {
    total_ += other.total_;
    for (size_t i = 0; i < table_.size(); ++i) table_[i] += other.table_[i];
  }
  std::string Result() const {
    std::string bytes;
    AppendBigEndian(bytes, int32_t{1});
    AppendBigEndian(bytes, total_);
    AppendBigEndian(bytes, depth_);
    AppendBigEndian(bytes, width_);
    for (const int64_t factor : factors_) AppendBigEndian(bytes, factor);
    for (const int64_t count : table_) AppendBigEndian(bytes, count);
    return bytes;
  }

 private:
  static double Width(const SketchOptions& options) {
    return std::ceil(2 / options.values[0].GetValue<double>());
  }
  static double Depth(const SketchOptions& options) {
    return std::ceil(-std::log1p(-options.values[1].GetValue<double>()) / std::log(2));
  }
  void Count(int32_t row, int32_t hash) {
    ++table_[static_cast<size_t>(row) * static_cast<size_t>(width_) +
             static_cast<size_t>(std::abs(hash % width_))];
  }
  void AddLong(int64_t value) {
    for (int32_t row = 0; row < depth_; ++row) {
      auto hash =
          static_cast<int64_t>(static_cast<uint64_t>(factors_[row]) * static_cast<uint64_t>(value));
      hash += hash >> 32;
      Count(row, static_cast<int32_t>(hash & 0x7fffffff));
    }
  }
  void AddBytes(std::string_view bytes) {
    const int32_t first = Murmur3::Bytes(bytes, 0);
    const int32_t second = Murmur3::Bytes(bytes, first);
    for (int32_t row = 0; row < depth_; ++row) {
      Count(row, static_cast<int32_t>(static_cast<uint32_t>(first) +
                                      static_cast<uint32_t>(row) * static_cast<uint32_t>(second)));
    }
  }

  int32_t depth_;
  int32_t width_;
  int64_t total_ = 0;
  std::vector<int64_t> factors_;
  std::vector<int64_t> table_;
};

}  // namespace

void RegisterCountMinSketches(FunctionSet& set) {
  RegisterSketchAggregate<CountMin>(set, "count_min_sketch");
}

}  // namespace tarn::engine::duck
