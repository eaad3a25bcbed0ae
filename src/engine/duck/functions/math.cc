// Elementary functions and rounding.

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/kernel.h"
#include "tarn/base/random.h"

namespace tarn::engine::duck {

namespace {

constexpr double kPi = 3.141592653589793;

void Elementary(FunctionSet& set) {
  set.Function("acos", [](Call&, double x) { return std::acos(x); });
  set.Function("acosh", [](Call&, double x) { return std::acosh(x); });
  set.Function("asin", [](Call&, double x) { return std::asin(x); });
  set.Function("asinh", [](Call&, double x) { return std::asinh(x); });
  set.Function("atan", [](Call&, double x) { return std::atan(x); });
  set.Function("atanh", [](Call&, double x) { return std::atanh(x); });
  set.Function("cbrt", [](Call&, double x) { return std::cbrt(x); });
  set.Function("cos", [](Call&, double x) { return std::cos(x); });
  set.Function("cosh", [](Call&, double x) { return std::cosh(x); });
  set.Function("cot", [](Call&, double x) { return 1 / std::tan(x); });
  set.Function("csc", [](Call&, double x) { return 1 / std::sin(x); });
  set.Function("sec", [](Call&, double x) { return 1 / std::cos(x); });
  set.Function("degrees", [](Call&, double x) { return x * (180.0 / kPi); });
  set.Function("radians", [](Call&, double x) { return x * (kPi / 180.0); });
  set.Function("exp", [](Call&, double x) { return std::exp(x); });
  set.Function("expm1", [](Call&, double x) { return std::expm1(x); });
  set.Function("rint", [](Call&, double x) { return std::nearbyint(x); });
  set.Function("sin", [](Call&, double x) { return std::sin(x); });
  set.Function("sinh", [](Call&, double x) { return std::sinh(x); });
  set.Function("sqrt", [](Call&, double x) { return std::sqrt(x); });
  set.Function("tan", [](Call&, double x) { return std::tan(x); });
  set.Function("tanh", [](Call&, double x) { return std::tanh(x); });
  set.Function("atan2", [](Call&, double y, double x) { return std::atan2(y + 0.0, x + 0.0); });
  set.Function("hypot", [](Call&, double x, double y) { return std::hypot(x, y); });
  for (const char* name : {"pow", "power"}) {
    set.Function(name, [](Call&, double x, double y) {
      // Java, unlike C: 1 to the power of NaN is NaN.
      return std::isnan(y) || (std::fabs(x) == 1 && std::isinf(y))
                 ? std::numeric_limits<double>::quiet_NaN()
                 : std::pow(x, y);
    });
  }
  set.Function("e", [](Call&) { return 2.718281828459045; });
  set.Function("pi", [](Call&) { return kPi; });
}

std::optional<double> LogOr(double x, double least, double (*log)(double)) {
  if (x <= least) return std::nullopt;
  return log(x);
}

void Logarithms(FunctionSet& set) {
  set.Function("ln", [](Call&, double x) { return LogOr(x, 0, std::log); });
  set.Function("log10", [](Call&, double x) { return LogOr(x, 0, std::log10); });
  set.Function("log2", [](Call&, double x) { return LogOr(x, 0, std::log2); });
  set.Function("log1p", [](Call&, double x) { return LogOr(x, -1, std::log1p); });
  set.Kernel("log_base", [](Call&, double base, double x) -> std::optional<double> {
    if (base <= 0 || x <= 0) return std::nullopt;
    return std::log(x) / std::log(base);
  });
  set.Template("log",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 return CallKernel(context, call.args.size() == 2 ? "log_base" : "ln", expr, call,
                                   std::move(args));
               });
}

Rounding ModeOf(const Call& call) {
  const std::string& name = call.info.extra;
  if (name == "bround") return Rounding::kHalfEven;
  if (name == "ceil") return Rounding::kCeiling;
  return name == "floor" ? Rounding::kFloor : Rounding::kHalfUp;
}

std::optional<Dec> RoundDecimal(Call& call, Dec value, std::optional<int32_t> digits) {
  if (!digits) return std::nullopt;
  const int scale = call.info.args[0].scale();
  const DataType& type = call.info.result;
  Int128 result = value.value;
  if (*digits < scale) {
    const int drop = scale - std::max(*digits, -40);
    result = DropDigits(value.value, drop, ModeOf(call));
    // Digits left of the point come back as zeros.
    const int zeros = drop - (scale - type.scale());
    for (int i = 0; i < zeros; ++i) {
      if (__builtin_mul_overflow(result, Int128{10}, &result))
        return OutOfDecimalRange(call, "the result");
    }
  } else {
    const auto rescaled = Rescale(value.value, scale, 38, type.scale());
    if (!rescaled) return OutOfDecimalRange(call, "the result");
    result = *rescaled;
  }
  if (!FitsPrecision(result, type.precision()))
    return OutOfDecimalRange(call, RenderDecimal(result, type.scale()));
  return Dec{result};
}

/// Rounds the shortest decimal text of a number, as Spark's BigDecimal does.
double RoundReal(const Call& call, double value, int32_t digits, const std::string& text) {
  if (!std::isfinite(value) || value == 0) return value;
  const auto parsed = ParseDecimal(text);
  if (!parsed || digits >= parsed->scale) return value;
  const Int128 rounded = DropDigits(parsed->unscaled, parsed->scale - digits, ModeOf(call));
  const std::string back = RenderDecimal(rounded, 0) + "e" + std::to_string(-digits);
  double result = 0;
  std::from_chars(back.data(), back.data() + back.size(), result);
  return result;
}

std::optional<int64_t> RoundInteger(Call& call, int64_t value, std::optional<int32_t> digits) {
  if (!digits) return std::nullopt;
  if (*digits >= 0) return value;
  if (*digits < -19) return 0;
  const Int128 rounded = DropDigits(value, -*digits, ModeOf(call)) * PowerOfTen(-*digits);
  int bits = 64;
  // The argument's own type, which the result has to fit.
  if (call.info.args[0].Is(TypeId::kInt)) bits = 32;
  if (call.info.args[0].Is(TypeId::kShort)) bits = 16;
  if (call.info.args[0].Is(TypeId::kByte)) bits = 8;
  const Int128 limit = Int128{1} << (bits - 1);
  if (rounded >= limit || rounded < -limit) {
    Raise(Condition("ARITHMETIC_OVERFLOW"), {{"operation", call.info.function}});
  }
  return static_cast<int64_t>(rounded);
}

DuckExpr LowerRound(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                    DuckArgs args, const char* mode) {
  const DataType& type = call.args[0]->type;
  if (args.size() == 1) args.push_back(ConstantInt(0));
  const std::vector<DataType> types = {type, TypeId::kInt};
  if (type.Is(TypeId::kDecimal))
    return CallKernel(context, "round_decimal", expr.type, types, std::move(args), mode);
  if (type.Is(TypeId::kFloat))
    return CallKernel(context, "round_float", expr.type, types, std::move(args), mode);
  if (type.Is(TypeId::kDouble))
    return CallKernel(context, "round_double", expr.type, types, std::move(args), mode);
  args[0] = CastNative(std::move(args[0]), duckdb::LogicalType::BIGINT);
  DuckExpr rounded =
      CallKernel(context, "round_bigint", TypeId::kLong, types, std::move(args), mode);
  return CastNative(std::move(rounded), ToDuckType(expr.type));
}

DuckExpr LowerCeil(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args, const char* mode) {
  const DataType& type = call.args[0]->type;
  if (type.Is(TypeId::kDecimal)) return LowerRound(context, expr, call, std::move(args), mode);
  if (type.Is(TypeId::kLong)) return std::move(args[0]);
  return CallKernel(context, "ceil_double", expr, call, std::move(args), mode);
}

void Roundings(FunctionSet& set) {
  set.Kernel("round_decimal", RoundDecimal, kFallible);
  set.Kernel("round_double",
             [](Call& call, double value, std::optional<int32_t> digits) -> std::optional<double> {
               if (!digits) return std::nullopt;
               return RoundReal(call, value, *digits, RenderDouble(value));
             });
  set.Kernel("round_float",
             [](Call& call, float value, std::optional<int32_t> digits) -> std::optional<float> {
               if (!digits) return std::nullopt;
               return static_cast<float>(RoundReal(call, value, *digits, RenderFloat(value)));
             });
  set.Kernel("round_bigint", RoundInteger, kFallible);
  set.Kernel("ceil_double", [](Call& call, double value) -> int64_t {
    const double whole = call.info.extra == "ceil" ? std::ceil(value) : std::floor(value);
    // As Java's (long) does.
    if (std::isnan(whole)) return 0;
    if (whole >= 9223372036854775807.0) return std::numeric_limits<int64_t>::max();
    if (whole <= -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
    return static_cast<int64_t>(whole);
  });
  for (const char* name : {"round", "bround"}) {
    set.Template(name, [name](LoweringContext& context, const plan::Expr& expr,
                              const plan::Call& call, DuckArgs args) {
      return LowerRound(context, expr, call, std::move(args), name);
    });
  }
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"ceil", "ceil"}, {"ceiling", "ceil"}, {"floor", "floor"}};
  for (const auto& [name, mode] : kNames) {
    set.Template(name, [mode = mode](LoweringContext& context, const plan::Expr& expr,
                                     const plan::Call& call, DuckArgs args) {
      return LowerCeil(context, expr, call, std::move(args), mode);
    });
  }
}

/// org.apache.spark.util.random.XORShiftRandom.
class XorShift {
 public:
  explicit XorShift(int64_t seed = 0) { Seed(seed); }

  void Seed(int64_t seed) {
    // MurmurHash3 (Scala's bytesHash) of the seed's bytes in big-endian order, twice.
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(seed >> shift);
    const uint32_t low = BytesHash(bytes, 0x3c074a61);
    const uint32_t high = BytesHash(bytes, low);
    seed_ = static_cast<int64_t>((static_cast<uint64_t>(high) << 32) | low);
    has_next_ = false;
  }

  double NextDouble() {
    return static_cast<double>((static_cast<int64_t>(Next(26)) << 27) + Next(27)) * 0x1.0p-53;
  }

  double NextGaussian() {
    if (has_next_) {
      has_next_ = false;
      return next_;
    }
    double v1, v2, s;
    do {
      v1 = 2 * NextDouble() - 1;
      v2 = 2 * NextDouble() - 1;
      s = v1 * v1 + v2 * v2;
    } while (s >= 1 || s == 0);
    const double multiplier = std::sqrt(-2 * std::log(s) / s);
    next_ = v2 * multiplier;
    has_next_ = true;
    return v1 * multiplier;
  }

 private:
  static uint32_t BytesHash(const std::string& bytes, uint32_t seed) {
    uint32_t h = seed;
    for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
      uint32_t k = 0;
      for (size_t j = 4; j-- > 0;) k = (k << 8) | static_cast<unsigned char>(bytes[i + j]);
      k = std::rotl(k * 0xcc9e2d51U, 15) * 0x1b873593U;
      h = std::rotl(h ^ k, 13) * 5 + 0xe6546b64U;
    }
    h ^= static_cast<uint32_t>(bytes.size());
    h = (h ^ (h >> 16)) * 0x85ebca6bU;
    h = (h ^ (h >> 13)) * 0xc2b2ae35U;
    return h ^ (h >> 16);
  }

  int32_t Next(int bits) {
    uint64_t next = static_cast<uint64_t>(seed_) ^ (static_cast<uint64_t>(seed_) << 21);
    next ^= next >> 35;
    next ^= next << 4;
    seed_ = static_cast<int64_t>(next);
    return static_cast<int32_t>(next & ((uint64_t{1} << bits) - 1));
  }

  int64_t seed_ = 0;
  bool has_next_ = false;
  double next_ = 0;
};

struct Generator {
  XorShift random;
  bool seeded = false;
};

BatchFunction Random(bool gaussian) {
  return [gaussian](Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
    auto& state = call.State<Generator>();
    if (!state.seeded) {
      int64_t seed = static_cast<int64_t>(SystemEntropy());
      if (input.ColumnCount() > 0 && input.size() > 0) {
        const duckdb::Value given = input.data[0].GetValue(0);
        seed = given.IsNull() ? 0 : given.GetValue<int64_t>();
      }
      state.random.Seed(seed);
      state.seeded = true;
    }
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* numbers = duckdb::FlatVector::GetData<double>(result);
    for (idx_t row = 0; row < input.size(); ++row) {
      numbers[row] = gaussian ? state.random.NextGaussian() : state.random.NextDouble();
    }
  };
}

int64_t Bucket(double value, double low, double high, int64_t count) {
  const double lower = std::min(low, high);
  const double upper = std::max(low, high);
  const bool down = low > high;
  if (value < lower) return down ? count + 1 : 0;
  if (value >= upper && !(down && value == upper)) return down ? 0 : count + 1;
  if (down)
    return static_cast<int64_t>(static_cast<double>(count) * (upper - value) / (upper - lower)) + 1;
  return static_cast<int64_t>(static_cast<double>(count) * (value - lower) / (upper - lower)) + 1;
}

std::optional<int64_t> WidthBucket(Call&, double value, double low, double high, int64_t count) {
  if (count <= 0 || count == std::numeric_limits<int64_t>::max() || std::isnan(value) ||
      low == high || !std::isfinite(low) || !std::isfinite(high)) {
    return std::nullopt;
  }
  return Bucket(value, low, high, count);
}

void Others(FunctionSet& set) {
  set.Kernel("signum", [](Call&, double x) {
    return std::isnan(x) ? x : static_cast<double>((x > 0) - (x < 0));
  });
  for (const char* name : {"sign", "signum"}) {
    set.Template(name,
                 [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                    DuckArgs args) -> DuckExpr {
                   args[0] = CastNative(std::move(args[0]), duckdb::LogicalType::DOUBLE);
                   return CallKernel(context, "signum", expr, call, std::move(args));
                 });
  }
  set.Function("factorial", [](Call&, int32_t n) -> std::optional<int64_t> {
    if (n < 0 || n > 20) return std::nullopt;
    int64_t product = 1;
    for (int32_t i = 2; i <= n; ++i) product *= i;
    return product;
  });
  set.Kernel("width_bucket", WidthBucket);
  set.Template("width_bucket",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 for (size_t i = 0; i < 3; ++i)
                   args[i] = CastNative(std::move(args[i]), duckdb::LogicalType::DOUBLE);
                 return CallKernel(context, "width_bucket", expr, call, std::move(args));
               });
  set.Kernel("bit_count", [](Call&, int64_t bits) {
    return static_cast<int32_t>(std::popcount(static_cast<uint64_t>(bits)));
  });
  set.Template("bit_count",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 args[0] = CastNative(std::move(args[0]), duckdb::LogicalType::BIGINT);
                 return CallKernel(context, "bit_count", expr, call, std::move(args));
               });
  set.Function(
      "bit_get",
      [](Call&, int64_t bits, int32_t position) -> int8_t {
        if (position < 0 || position > 63) {
          Raise(Condition("INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE"),
                {{"parameter", "`pos`"},
                 {"functionName", "`bit_get`"},
                 {"upper", "64"},
                 {"invalidValue", std::to_string(position)}});
        }
        return static_cast<int8_t>((bits >> position) & 1);
      },
      kFallible);
  set.Template(
      "isnan",
      [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        // Never NULL.
        DuckArgs parts;
        parts.push_back(CallNative("isnan", std::move(args)));
        parts.push_back(Constant(duckdb::Value::BOOLEAN(false)));
        return duckdb::make_uniq<duckdb::OperatorExpression>(
            duckdb::ExpressionType::OPERATOR_COALESCE, std::move(parts));
      });
  set.Template(
      "nanvl",
      [](LoweringContext&, const plan::Expr&, const plan::Call&, DuckArgs args) -> DuckExpr {
        auto result = duckdb::make_uniq<duckdb::CaseExpression>();
        duckdb::CaseCheck check;
        check.when_expr = CallNativeOf("isnan", args[0]->Copy());
        check.then_expr = std::move(args[1]);
        result->case_checks.push_back(std::move(check));
        result->else_expr = std::move(args[0]);
        return result;
      });
}

}  // namespace

void RegisterMathKernels(FunctionSet& set) {
  Elementary(set);
  Logarithms(set);
  Roundings(set);
  Others(set);
  set.Batch("rand", Random(false), kVolatile);
  set.Batch("randn", Random(true), kVolatile);
  set.Use("rand", "rand");
  set.Use("randn", "randn");
}

}  // namespace tarn::engine::duck
