// Vectors (arrays of FLOAT) and bitmaps (BINARY values of 4096 bytes).

#include <bit>
#include <cmath>

#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"

namespace tarn::engine::duck {

namespace {

using duckdb::Value;

/// The numbers of a vector; nullopt if one of them is NULL.
std::optional<std::vector<float>> Numbers(const Value& list) {
  std::vector<float> numbers;
  for (const Value& item : duckdb::ListValue::GetChildren(list)) {
    if (item.IsNull()) return std::nullopt;
    numbers.push_back(duckdb::FloatValue::Get(item));
  }
  return numbers;
}

Value VectorOf(const std::vector<float>& numbers) {
  duckdb::vector<Value> items;
  for (const float number : numbers) items.push_back(Value::FLOAT(number));
  return Value::LIST(duckdb::LogicalType::FLOAT, std::move(items));
}

void RequireSameSize(const Call& call, size_t a, size_t b) {
  if (a == b) return;
  Raise(Condition("VECTOR_DIMENSION_MISMATCH"), {{"functionName", "`" + call.info.function + "`"},
                                                 {"leftDim", std::to_string(a)},
                                                 {"rightDim", std::to_string(b)}});
}

struct Pair {
  std::vector<float> a;
  std::vector<float> b;
};

std::optional<Pair> PairOf(const Call& call, const Value& left, const Value& right) {
  auto a = Numbers(left);
  auto b = Numbers(right);
  if (!a || !b) return std::nullopt;
  RequireSameSize(call, a->size(), b->size());
  return Pair{*std::move(a), *std::move(b)};
}

double Dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

std::optional<float> Distance(Call& call, Value left, Value right) {
  const auto pair = PairOf(call, left, right);
  if (!pair) return std::nullopt;
  double sum = 0;
  for (size_t i = 0; i < pair->a.size(); ++i) {
    const double d = static_cast<double>(pair->a[i]) - pair->b[i];
    sum += d * d;
  }
  return static_cast<float>(std::sqrt(sum));
}

std::optional<float> Cosine(Call& call, Value left, Value right) {
  const auto pair = PairOf(call, left, right);
  if (!pair) return std::nullopt;
  const double norms = std::sqrt(Dot(pair->a, pair->a)) * std::sqrt(Dot(pair->b, pair->b));
  if (norms == 0) return std::nullopt;
  return static_cast<float>(Dot(pair->a, pair->b) / norms);
}

double Norm(const Call& call, const std::vector<float>& numbers, float degree) {
  double result = 0;
  if (degree == 1.0f) {
    for (const float x : numbers) result += std::fabs(x);
  } else if (degree == 2.0f) {
    result = std::sqrt(Dot(numbers, numbers));
  } else if (std::isinf(degree) && degree > 0) {
    for (const float x : numbers) result = std::max(result, static_cast<double>(std::fabs(x)));
  } else {
    Raise(Condition("INVALID_VECTOR_NORM_DEGREE"),
          {{"functionName", "`" + call.info.function + "`"}, {"degree", RenderFloat(degree)}});
  }
  return result;
}

std::optional<Value> Normalize(Call& call, Value list, float degree) {
  auto numbers = Numbers(list);
  if (!numbers) return std::nullopt;
  const double norm = Norm(call, *numbers, degree);
  if (norm == 0) return numbers->empty() ? std::optional(VectorOf({})) : std::nullopt;
  for (float& x : *numbers) x = static_cast<float>(x / norm);
  return VectorOf(*numbers);
}

/// The sum or average of the vectors of a list, element by element; vectors with NULLs are skipped.
std::optional<Value> SumOf(Call& call, Value list) {
  std::vector<double> sums;
  int64_t count = 0;
  for (const Value& item : duckdb::ListValue::GetChildren(list)) {
    if (item.IsNull()) continue;
    const auto numbers = Numbers(item);
    if (!numbers) continue;
    if (count == 0) sums.resize(numbers->size());
    RequireSameSize(call, sums.size(), numbers->size());
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += (*numbers)[i];
    ++count;
  }
  if (count == 0) return std::nullopt;
  std::vector<float> result;
  for (const double sum : sums) {
    const double shown = call.info.extra == "avg" ? sum / static_cast<double>(count) : sum;
    result.push_back(static_cast<float>(shown));
  }
  return VectorOf(result);
}

/// An aggregate that is a kernel over the list of its argument's values.
CallTemplate OverList(const char* kernel, const char* extra = "") {
  return [kernel, extra](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                         DuckArgs args) -> DuckExpr {
    const DataType list_type = DataType::Array(call.args[0]->type);
    DuckExpr list = context.Aggregate("list", std::move(args), call);
    return CallKernel(context, kernel, expr.type, {list_type}, MakeArgs(std::move(list)), extra);
  };
}

constexpr size_t kBitmapBytes = 4096;
constexpr int64_t kBitmapBits = kBitmapBytes * 8;

std::string ConstructBitmap(Call&, std::optional<Value> list) {
  std::string bitmap(kBitmapBytes, '\0');
  if (!list) return bitmap;
  for (const Value& item : duckdb::ListValue::GetChildren(*list)) {
    if (item.IsNull()) continue;
    const int64_t position = duckdb::BigIntValue::Get(item);
    if (position < 0 || position >= kBitmapBits) {
      Raise(Condition("INVALID_BITMAP_POSITION"), {{"bitPosition", std::to_string(position)},
                                                   {"bitmapNumBits", std::to_string(kBitmapBits)},
                                                   {"bitmapNumBytes", "4096"}});
    }
    bitmap[static_cast<size_t>(position / 8)] |= static_cast<char>(1 << (position % 8));
  }
  return bitmap;
}

std::string CombineBitmaps(Call& call, std::optional<Value> list) {
  const bool all = call.info.extra == "and";
  std::string bitmap(kBitmapBytes, all ? '\xFF' : '\0');
  if (!list) return std::string(kBitmapBytes, '\0');
  bool any = false;
  for (const Value& item : duckdb::ListValue::GetChildren(*list)) {
    if (item.IsNull()) continue;
    any = true;
    const std::string& bytes = duckdb::StringValue::Get(item);
    for (size_t i = 0; i < kBitmapBytes; ++i) {
      const char byte = i < bytes.size() ? bytes[i] : '\0';
      bitmap[i] = static_cast<char>(all ? bitmap[i] & byte : bitmap[i] | byte);
    }
  }
  return any ? bitmap : std::string(kBitmapBytes, '\0');
}

void Bitmaps(FunctionSet& set) {
  // Positive numbers count from 1 in their bucket; the others lie in buckets 0, -1, ….
  set.Function("bitmap_bit_position", [](Call&, int64_t value) {
    return value > 0 ? (value - 1) % kBitmapBits : -value % kBitmapBits;
  });
  set.Function("bitmap_bucket_number", [](Call&, int64_t value) {
    return value > 0 ? 1 + (value - 1) / kBitmapBits : value / kBitmapBits;
  });
  set.Function("bitmap_count", [](Call&, std::string_view bytes) {
    int64_t count = 0;
    for (const char byte : bytes) count += std::popcount(static_cast<unsigned char>(byte));
    return count;
  });
  set.Kernel("bitmap_of_list", ConstructBitmap, kFallible);
  set.Kernel("bitmaps_of_list", CombineBitmaps);
  set.Template("bitmap_construct_agg", OverList("bitmap_of_list"));
  set.Template("bitmap_or_agg", OverList("bitmaps_of_list", "or"));
  set.Template("bitmap_and_agg", OverList("bitmaps_of_list", "and"));
}

}  // namespace

void RegisterVectors(FunctionSet& set) {
  set.Function(
      "vector_inner_product",
      [](Call& call, Value left, Value right) -> std::optional<float> {
        const auto pair = PairOf(call, left, right);
        if (!pair) return std::nullopt;
        return static_cast<float>(Dot(pair->a, pair->b));
      },
      kFallible);
  set.Function("vector_cosine_similarity", Cosine, kFallible);
  set.Function("vector_l2_distance", Distance, kFallible);
  set.Function(
      "vector_norm",
      [](Call& call, Value list, float degree) -> std::optional<float> {
        const auto numbers = Numbers(list);
        if (!numbers) return std::nullopt;
        return static_cast<float>(Norm(call, *numbers, degree));
      },
      kFallible);
  set.Function("vector_normalize", Normalize, kFallible);
  set.Kernel("vector_sum_of_list", SumOf, kFallible);
  set.Template("vector_sum", OverList("vector_sum_of_list", "sum"));
  set.Template("vector_avg", OverList("vector_sum_of_list", "avg"));
  Bitmaps(set);
}

}  // namespace tarn::engine::duck
