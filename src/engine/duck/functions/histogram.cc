// histogram_numeric: the bins of Ben-Haim and Tom-Tov, "A Streaming Parallel Decision Tree
// Algorithm".

#include <algorithm>
#include <cmath>

#include "duck/functions/java_random.h"
#include "duck/functions/sketch.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

struct Bin {
  double x;
  double y;
};

double NumberOf(const Value& value) {
  switch (value.type().id()) {
    case LogicalTypeId::DATE:
      return value.GetValueUnsafe<int32_t>();
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return static_cast<double>(value.GetValueUnsafe<int64_t>());
    default:
      return value.GetValue<double>();
  }
}

/// The number as a value of the input's type; fractions are cut off.
Value ValueOf(double number, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
      return Value::DOUBLE(number).DefaultCastAs(type);
    case LogicalTypeId::DATE:
      return Value::DATE(duckdb::date_t(static_cast<int32_t>(number)));
    case LogicalTypeId::TIMESTAMP:
      return Value::TIMESTAMP(duckdb::timestamp_t(static_cast<int64_t>(number)));
    case LogicalTypeId::TIMESTAMP_TZ:
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(static_cast<int64_t>(number)));
    default:
      return Value::BIGINT(static_cast<int64_t>(number)).DefaultCastAs(type);
  }
}

class Histogram {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr SketchOption kOptions[] = {SketchOption::kPlain};
  static constexpr Condition kInvalid = Condition("INTERNAL_ERROR");

  static LogicalType ResultType(const LogicalType& input) {
    return LogicalType::LIST(LogicalType::STRUCT({{"x", input}, {"y", LogicalType::DOUBLE}}));
  }
  static void Check(const SketchOptions& options) {
    const Value& bins = options.values[0];
    if (bins.IsNull()) {
      Raise(Condition("DATATYPE_MISMATCH.UNEXPECTED_NULL"),
            {{"sqlExpr", "\"" + options.function + "\""}, {"exprName", "nb"}});
    }
    if (bins.GetValue<int32_t>() >= 2) return;
    Raise(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
          {{"sqlExpr", "\"" + options.function + "\""},
           {"exprName", "nb"},
           {"valueRange", "[2, 2147483647]"},
           {"currentValue", bins.ToString()}});
  }

  explicit Histogram(const SketchOptions& options)
      : bins_max_(static_cast<size_t>(options.values[0].GetValue<int32_t>())), random_(31183) {}

  void Update(const SketchInput& input) {
    type_ = input.type(0);
    const double x = NumberOf(input.Any(0));
    const auto at = std::lower_bound(bins_.begin(), bins_.end(), x,
                                     [](const Bin& bin, double value) { return bin.x < value; });
    if (at != bins_.end() && at->x == x) {
      ++at->y;
      return;
    }
    bins_.insert(at, {x, 1});
    Trim();
  }
  void Merge(Histogram& other) {
    if (other.bins_.empty()) return;
    type_ = other.type_;
    bins_.insert(bins_.end(), other.bins_.begin(), other.bins_.end());
    std::stable_sort(bins_.begin(), bins_.end(),
                     [](const Bin& a, const Bin& b) { return a.x < b.x; });
    Trim();
  }
  Value Result() const {
    if (bins_.empty()) return Value(LogicalType::SQLNULL);
    const LogicalType row = duckdb::ListType::GetChildType(ResultType(type_));
    duckdb::vector<Value> rows;
    for (const Bin& bin : bins_) {
      duckdb::vector<Value> fields = {ValueOf(bin.x, type_), Value::DOUBLE(bin.y)};
      rows.push_back(Value::STRUCT(row, std::move(fields)));
    }
    return Value::LIST(row, std::move(rows));
  }

 private:
  /// Merges the two nearest bins until there are no more than wanted; among equals a random pair.
  void Trim() {
    while (bins_.size() > bins_max_) {
      double nearest = bins_[1].x - bins_[0].x;
      size_t at = 0;
      int equals = 1;
      for (size_t i = 1; i + 1 < bins_.size(); ++i) {
        const double distance = bins_[i + 1].x - bins_[i].x;
        if (distance < nearest) {
          nearest = distance;
          at = i;
          equals = 1;
        } else if (distance == nearest && random_.NextDouble() <= 1.0 / ++equals) {
          at = i;
        }
      }
      const double weight = bins_[at].y + bins_[at + 1].y;
      bins_[at].x =
          bins_[at].x * (bins_[at].y / weight) + bins_[at + 1].x * (bins_[at + 1].y / weight);
      bins_[at].y = weight;
      bins_.erase(bins_.begin() + static_cast<ptrdiff_t>(at) + 1);
    }
  }

  size_t bins_max_;
  JavaRandom random_;
  std::vector<Bin> bins_;
  LogicalType type_;
};

}  // namespace

void RegisterHistograms(FunctionSet& set) {
  RegisterSketchAggregate<Histogram>(set, "histogram_numeric");
}

}  // namespace tarn::engine::duck
