// approx_top_k: the most frequent values, by a sketch of frequent items.

#include <algorithm>
#include <bit>

#include "duck/functions/sketch.h"
#include "duck/functions/text.h"
#include "frequent_items_sketch.hpp"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

int32_t HashOfLong(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  return static_cast<int32_t>(bits ^ (bits >> 32));
}

/// String.hashCode() of Java: over UTF-16 units.
int32_t HashOfText(std::string_view text) {
  uint32_t hash = 0;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (size_t k = 1; k < size && i + k < text.size(); ++k) {
      point = point << 6 | (static_cast<uint8_t>(text[i + k]) & 0x3F);
    }
    i += size;
    if (point >= 0x10000) {
      hash = hash * 31 + (0xD800 + ((point - 0x10000) >> 10));
      point = 0xDC00 + ((point - 0x10000) & 0x3FF);
    }
    hash = hash * 31 + point;
  }
  return static_cast<int32_t>(hash);
}

/// Java's hashCode() of the value, by which the sketch orders items of one count.
struct JavaHash {
  size_t operator()(const Value& value) const {
    return static_cast<size_t>(static_cast<int64_t>(Of(value)));
  }
  static int32_t Of(const Value& value) {
    switch (value.type().InternalType()) {
      case duckdb::PhysicalType::BOOL:
        return duckdb::BooleanValue::Get(value) ? 1231 : 1237;
      case duckdb::PhysicalType::INT8:
        return value.GetValueUnsafe<int8_t>();
      case duckdb::PhysicalType::INT16:
        return value.GetValueUnsafe<int16_t>();
      case duckdb::PhysicalType::INT32:
        return value.GetValueUnsafe<int32_t>();
      case duckdb::PhysicalType::INT64:
        return HashOfLong(value.GetValueUnsafe<int64_t>());
      case duckdb::PhysicalType::FLOAT:
        return std::bit_cast<int32_t>(value.GetValueUnsafe<float>());
      case duckdb::PhysicalType::DOUBLE:
        return HashOfLong(std::bit_cast<int64_t>(value.GetValueUnsafe<double>()));
      case duckdb::PhysicalType::VARCHAR:
        return HashOfText(duckdb::StringValue::Get(value));
      default:
        return static_cast<int32_t>(value.Hash());
    }
  }
};

class TopItems {
 public:
  static constexpr idx_t kInputs = 1;
  static constexpr bool kTakesNull = true;
  static constexpr SketchOption kOptions[] = {SketchOption::kPlain, SketchOption::kPlain};
  static constexpr Condition kInvalid = Condition("INTERNAL_ERROR");
  static constexpr int32_t kTrackedMax = 1000000;

  static LogicalType ResultType(const LogicalType& input) {
    return LogicalType::LIST(
        LogicalType::STRUCT({{"item", input}, {"count", LogicalType::BIGINT}}));
  }
  static void Check(const SketchOptions& options) {
    static constexpr const char* kNames[] = {"`k`", "`maxItemsTracked`"};
    for (size_t i = 0; i < 2; ++i) {
      const Value& value = options.values[i];
      if (value.IsNull()) Raise(Condition("APPROX_TOP_K_NULL_ARG"), {{"argName", kNames[i]}});
      if (value.GetValue<int32_t>() > 0) continue;
      Raise(Condition("APPROX_TOP_K_NON_POSITIVE_ARG"),
            {{"argName", kNames[i]}, {"argValue", value.ToString()}});
    }
    const auto k = options.values[0].GetValue<int32_t>();
    const auto tracked = options.values[1].GetValue<int32_t>();
    if (tracked > kTrackedMax) {
      Raise(Condition("APPROX_TOP_K_MAX_ITEMS_TRACKED_EXCEEDS_LIMIT"),
            {{"maxItemsTracked", std::to_string(tracked)}, {"limit", std::to_string(kTrackedMax)}});
    }
    if (tracked < k) {
      Raise(Condition("APPROX_TOP_K_MAX_ITEMS_TRACKED_LESS_THAN_K"),
            {{"maxItemsTracked", std::to_string(tracked)}, {"k", std::to_string(k)}});
    }
  }

  explicit TopItems(const SketchOptions& options)
      : k_(static_cast<size_t>(options.values[0].GetValue<int32_t>())),
        sketch_(LgMapSize(options.values[1].GetValue<int32_t>())) {}

  void Update(const SketchInput& input) {
    type_ = input.type(0);
    if (input.IsNull(0)) {
      ++nulls_;
    } else {
      sketch_.update(input.Any(0));
    }
  }
  void Merge(TopItems& other) {
    if (other.type_.id() != LogicalTypeId::INVALID) type_ = other.type_;
    nulls_ += other.nulls_;
    sketch_.merge(other.sketch_);
  }
  Value Result() const {
    if (type_.id() == LogicalTypeId::INVALID) return Value(LogicalType::SQLNULL);
    const LogicalType row = duckdb::ListType::GetChildType(ResultType(type_));
    std::vector<std::pair<Value, uint64_t>> items;
    for (const auto& item : sketch_.get_frequent_items(datasketches::NO_FALSE_POSITIVES)) {
      items.emplace_back(item.get_item(), item.get_estimate());
    }
    if (nulls_ > 0) {
      const auto at = std::find_if(items.begin(), items.end(),
                                   [&](const auto& item) { return item.second <= nulls_; });
      items.insert(at, {Value(type_), nulls_});
    }
    duckdb::vector<Value> rows;
    for (size_t i = 0; i < items.size() && i < k_; ++i) {
      duckdb::vector<Value> fields = {items[i].first,
                                      Value::BIGINT(static_cast<int64_t>(items[i].second))};
      rows.push_back(Value::STRUCT(row, std::move(fields)));
    }
    return Value::LIST(row, std::move(rows));
  }

 private:
  using Sketch = datasketches::frequent_items_sketch<Value, uint64_t, JavaHash>;

  /// A map is filled to three quarters at most.
  static uint8_t LgMapSize(int32_t tracked) {
    const auto needed = static_cast<uint64_t>(static_cast<double>(tracked) / 0.75 + 0.999999);
    return std::max<uint8_t>(3, static_cast<uint8_t>(std::bit_width(needed - 1)));
  }

  size_t k_;
  Sketch sketch_;
  uint64_t nulls_ = 0;
  LogicalType type_;
};

}  // namespace

void RegisterTopItems(FunctionSet& set) { RegisterSketchAggregate<TopItems>(set, "approx_top_k"); }

}  // namespace tarn::engine::duck
