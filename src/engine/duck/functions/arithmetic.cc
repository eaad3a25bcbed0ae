// The operators + - * / div % pmod on numbers; on dates and intervals see interval_arithmetic.cc.

#include "duck/functions/arithmetic.h"

#include <cmath>
#include <limits>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;

template <typename T>
std::nullopt_t Overflow(const Call& call, T a, const char* symbol, T b) {
  if (!IsTry(call)) {
    if constexpr (sizeof(T) < 4) {
      Raise(Condition("BINARY_ARITHMETIC_OVERFLOW"), {{"value1", std::to_string(a)},
                                                      {"symbol", symbol},
                                                      {"value2", std::to_string(b)},
                                                      {"functionName", ""}});
    }
    Raise(Condition("ARITHMETIC_OVERFLOW"),
          {{"operation", std::to_string(a) + " " + symbol + " " + std::to_string(b)}});
  }
  return std::nullopt;
}

std::nullopt_t ByZero(const Call& call, Condition condition) {
  if (!IsTry(call)) Raise(condition);
  return std::nullopt;
}

template <typename T>
std::optional<T> Remainder(const Call& call, T a, T b) {
  if (b == 0) return ByZero(call, Condition("REMAINDER_BY_ZERO"));
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    return b == -1 ? T{0} : static_cast<T>(a % b);
  }
}

template <typename T>
std::optional<T> PositiveRemainder(const Call& call, T a, T b) {
  const auto rest = Remainder<T>(call, a, b);
  if (!rest || !(*rest < 0)) return rest;
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(*rest + b, b);
  } else {
    return static_cast<T>((static_cast<Int128>(*rest) + b) % b);
  }
}

template <typename T>
void IntegerKernels(FunctionSet& set, const std::string& type) {
  set.Kernel(
      "add_" + type,
      [](Call& call, T a, T b) -> std::optional<T> {
        T result = 0;
        if (__builtin_add_overflow(a, b, &result)) return Overflow(call, a, "+", b);
        return result;
      },
      kFallible);
  set.Kernel(
      "subtract_" + type,
      [](Call& call, T a, T b) -> std::optional<T> {
        T result = 0;
        if (__builtin_sub_overflow(a, b, &result)) return Overflow(call, a, "-", b);
        return result;
      },
      kFallible);
  set.Kernel(
      "multiply_" + type,
      [](Call& call, T a, T b) -> std::optional<T> {
        T result = 0;
        if (__builtin_mul_overflow(a, b, &result)) return Overflow(call, a, "*", b);
        return result;
      },
      kFallible);
  set.Kernel(
      "mod_" + type, [](Call& call, T a, T b) { return Remainder<T>(call, a, b); }, kFallible);
  set.Kernel(
      "pmod_" + type, [](Call& call, T a, T b) { return PositiveRemainder<T>(call, a, b); },
      kFallible);
}

template <typename T>
void RealKernels(FunctionSet& set, const std::string& type) {
  set.Kernel(
      "divide_" + type,
      [](Call& call, T a, T b) -> std::optional<T> {
        if (b == 0) return ByZero(call, Condition("DIVIDE_BY_ZERO"));
        return a / b;
      },
      kFallible);
  set.Kernel(
      "mod_" + type, [](Call& call, T a, T b) { return Remainder<T>(call, a, b); }, kFallible);
  set.Kernel(
      "pmod_" + type, [](Call& call, T a, T b) { return PositiveRemainder<T>(call, a, b); },
      kFallible);
}

/// Both operands at the larger of their scales; nullopt beyond 128 bits.
struct Aligned {
  Int128 a = 0;
  Int128 b = 0;
  int scale = 0;
};

std::optional<Aligned> Align(const Call& call, Dec a, Dec b) {
  const int s1 = call.info.args[0].scale();
  const int s2 = call.info.args[1].scale();
  Aligned result{a.value, b.value, std::max(s1, s2)};
  if (__builtin_mul_overflow(a.value, PowerOfTen(result.scale - s1), &result.a) ||
      __builtin_mul_overflow(b.value, PowerOfTen(result.scale - s2), &result.b)) {
    return std::nullopt;
  }
  return result;
}

std::optional<Dec> Fit(const Call& call, std::optional<Int128> value, int scale) {
  const DataType& type = call.info.result;
  if (value) value = Rescale(*value, scale, type.precision(), type.scale());
  if (!value) return OutOfDecimalRange(call, "the result");
  return Dec{*value};
}

using UInt128 = unsigned __int128;

/// A sum beyond 128 bits of two numbers of one sign: each has at most 38 digits, so the sum's size
/// fits unsigned 128 bits.
std::optional<Dec> FitWideSum(const Call& call, const Aligned& sides) {
  const bool negative = sides.a < 0;
  const auto size = [](Int128 value) {
    return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
  };
  UInt128 sum = size(sides.a) + size(sides.b);
  const int drop = sides.scale - call.info.result.scale();
  if (drop <= 0) return OutOfDecimalRange(call, "the result");
  const auto unit = static_cast<UInt128>(PowerOfTen(drop));
  sum = sum / unit + (sum % unit >= unit / 2 ? 1 : 0);
  const auto rounded = static_cast<Int128>(sum);
  return Fit(call, negative ? -rounded : rounded, call.info.result.scale());
}

std::optional<Dec> AddDecimals(const Call& call, Dec a, Dec b) {
  const auto aligned = Align(call, a, b);
  if (!aligned) return OutOfDecimalRange(call, "the result");
  Int128 sum = 0;
  if (__builtin_add_overflow(aligned->a, aligned->b, &sum)) return FitWideSum(call, *aligned);
  return Fit(call, sum, aligned->scale);
}

/// a × 10^digits modulo b, without the product, which may have more than 128 bits. The sign is a's.
Int128 RaisedRemainder(Int128 a, int digits, Int128 b) {
  const auto divisor = static_cast<UInt128>(b < 0 ? -b : b);
  UInt128 rest = static_cast<UInt128>(a < 0 ? -a : a) % divisor;
  const auto add = [&](UInt128 x, UInt128 y) { return x + y >= divisor ? x + y - divisor : x + y; };
  for (; digits > 0; --digits) {
    const UInt128 twice = add(rest, rest);
    const UInt128 fourfold = add(twice, twice);
    rest = add(add(fourfold, fourfold), twice);
  }
  return a < 0 ? -static_cast<Int128>(rest) : static_cast<Int128>(rest);
}

/// The remainder of decimals that have no common scale within 128 bits.
std::optional<Dec> WideRemainder(const Call& call, Dec a, Dec b, bool positive) {
  const int raise = call.info.args[1].scale() - call.info.args[0].scale();
  if (raise < 0) {
    // The divisor is the one that doesn't fit, so it is the larger.
    if (positive && a.value < 0) return OutOfDecimalRange(call, "the result");
    return Fit(call, a.value, call.info.args[0].scale());
  }
  Int128 rest = RaisedRemainder(a.value, raise, b.value);
  if (positive && rest < 0) rest = (rest + b.value) % b.value;
  return Fit(call, rest, call.info.args[1].scale());
}

std::optional<Dec> DecimalRemainder(const Call& call, Dec a, Dec b, bool positive) {
  if (b.value == 0) return ByZero(call, Condition("REMAINDER_BY_ZERO"));
  const auto aligned = Align(call, a, b);
  if (!aligned) return WideRemainder(call, a, b, positive);
  Int128 rest = aligned->a % aligned->b;
  if (positive && rest < 0) rest = (rest + aligned->b) % aligned->b;
  return Fit(call, rest, aligned->scale);
}

void DecimalKernels(FunctionSet& set) {
  set.Kernel(
      "add_decimal", [](Call& call, Dec a, Dec b) { return AddDecimals(call, a, b); }, kFallible);
  set.Kernel(
      "subtract_decimal",
      [](Call& call, Dec a, Dec b) { return AddDecimals(call, a, Dec{-b.value}); }, kFallible);
  set.Kernel(
      "multiply_decimal",
      [](Call& call, Dec a, Dec b) -> std::optional<Dec> {
        const DataType& type = call.info.result;
        const int drop = call.info.args[0].scale() + call.info.args[1].scale() - type.scale();
        const auto product = MultiplyDecimals(a.value, b.value, drop, type.precision());
        if (!product) return OutOfDecimalRange(call, "the result");
        return Dec{*product};
      },
      kFallible);
  set.Kernel(
      "divide_decimal",
      [](Call& call, Dec a, Dec b) -> std::optional<Dec> {
        if (b.value == 0) return ByZero(call, Condition("DIVIDE_BY_ZERO"));
        const DataType& type = call.info.result;
        const int raise = type.scale() - call.info.args[0].scale() + call.info.args[1].scale();
        const auto quotient = DivideDecimals(a.value, b.value, raise, type.precision());
        if (!quotient) return OutOfDecimalRange(call, "the result");
        return Dec{*quotient};
      },
      kFallible);
  set.Kernel(
      "mod_decimal", [](Call& call, Dec a, Dec b) { return DecimalRemainder(call, a, b, false); },
      kFallible);
  set.Kernel(
      "pmod_decimal", [](Call& call, Dec a, Dec b) { return DecimalRemainder(call, a, b, true); },
      kFallible);
  set.Kernel(
      "div_decimal",
      [](Call& call, Dec a, Dec b) -> std::optional<int64_t> {
        if (b.value == 0) return ByZero(call, Condition("DIVIDE_BY_ZERO"));
        const int raise = call.info.args[1].scale() - call.info.args[0].scale();
        const auto quotient = DivideDecimals(a.value, b.value, raise, 38, false);
        // As Java's longValue does, the low 64 bits count.
        if (!quotient) return OutOfDecimalRange(call, "the quotient");
        return static_cast<int64_t>(*quotient);
      },
      kFallible);
}

Int128 ToInt128(duckdb::hugeint_t value) {
  return (static_cast<Int128>(value.upper) << 64) | static_cast<Int128>(value.lower);
}

duckdb::hugeint_t ToHugeint(Int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

/// Products of decimals of at most 18 digits each need no checks: types are wide enough.
template <typename R>
void MultiplySmall(Call&, duckdb::DataChunk& input, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<int64_t, int64_t, R>(
      input.data[0], input.data[1], result, input.size(), [](int64_t a, int64_t b) {
        if constexpr (std::is_same_v<R, int64_t>) {
          return a * b;
        } else {
          return ToHugeint(static_cast<Int128>(a) * b);
        }
      });
}

/// The product of a wide decimal and one of at most 18 digits whose scale isn't cut: only its
/// precision is checked.
void MultiplyWide(Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
  const Int128 bound = PowerOfTen(call.info.result.precision());
  duckdb::BinaryExecutor::ExecuteWithNulls<duckdb::hugeint_t, int64_t, duckdb::hugeint_t>(
      input.data[0], input.data[1], result, input.size(),
      [&](duckdb::hugeint_t a, int64_t b, duckdb::ValidityMask& valid, idx_t row) {
        Int128 product = 0;
        if (__builtin_mul_overflow(ToInt128(a), static_cast<Int128>(b), &product) ||
            product >= bound || product <= -bound) {
          OutOfDecimalRange(call, "the result");
          valid.SetInvalid(row);
          return duckdb::hugeint_t(0);
        }
        return ToHugeint(product);
      });
}

bool Clipped(const DataType& a, const DataType& b, const DataType& result, std::string_view op) {
  if (op == "*") return a.precision() + b.precision() + 1 > 38;
  const int scale = std::max(a.scale(), b.scale());
  const int digits = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return digits + scale + 1 > 38 || result.scale() != scale;
}

DuckExpr ToDecimalType(DuckExpr input, const DataType& from, int precision, int scale) {
  if (from.precision() == precision && from.scale() == scale) return input;
  return CastNative(std::move(input), ToDuckType(DataType::Decimal(precision, scale)));
}

/// A decimal of at most 18 digits as one that DuckDB keeps in 64 bits.
DuckExpr In64Bits(DuckExpr input, const DataType& type) {
  return type.precision() > 9 ? std::move(input)
                              : ToDecimalType(std::move(input), type, 18, type.scale());
}

DuckExpr MultiplyDecimal(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                         DuckArgs args, const char* extra) {
  const DataType& a = call.args[0]->type;
  const DataType& b = call.args[1]->type;
  const bool a_small = a.precision() <= 18, b_small = b.precision() <= 18;
  if (a_small == b_small || expr.type.precision() <= 18 ||
      a.scale() + b.scale() != expr.type.scale()) {
    return CallKernel(context, "multiply_decimal", expr, call, std::move(args), extra);
  }
  args[0] = a_small ? In64Bits(std::move(args[0]), a) : std::move(args[0]);
  args[1] = b_small ? In64Bits(std::move(args[1]), b) : std::move(args[1]);
  if (a_small) std::swap(args[0], args[1]);
  return CallKernel(context, "multiply_wide", expr, call, std::move(args), extra);
}

/// Decimals whose result type holds every result: without checks, on 64 bits where they suffice.
DuckExpr FastDecimal(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args, std::string_view op) {
  const DataType& a = call.args[0]->type;
  const DataType& b = call.args[1]->type;
  const DataType& type = expr.type;
  if (op == "*") {
    if (a.precision() > 18 || b.precision() > 18) {
      return MultiplyDecimal(context, expr, call, std::move(args), "");
    }
    args[0] = In64Bits(std::move(args[0]), a);
    args[1] = In64Bits(std::move(args[1]), b);
    if (type.precision() > 18) {
      return CallKernel(context, "multiply_small_wide", expr, call, std::move(args));
    }
    const DataType wide = DataType::Decimal(18, type.scale());
    DuckExpr product = CallKernel(context, "multiply_small", wide, {a, b}, std::move(args));
    return ToDecimalType(std::move(product), wide, type.precision(), type.scale());
  }
  // DuckDB's sum of two decimals(p, s) is decimal(p + 1, s), but for p = 18.
  const int precision = type.precision() - 1 == 18 ? 19 : type.precision() - 1;
  args[0] = ToDecimalType(std::move(args[0]), a, precision, type.scale());
  args[1] = ToDecimalType(std::move(args[1]), b, precision, type.scale());
  return CastNative(CallNative(std::string(op), std::move(args)), ToDuckType(type));
}

std::string OfType(std::string_view kernel, const DataType& type) {
  std::string name(kernel);
  name += "_";
  switch (type.id()) {
    case TypeId::kByte:
      return name + "tinyint";
    case TypeId::kShort:
      return name + "smallint";
    case TypeId::kInt:
      return name + "int";
    case TypeId::kLong:
      return name + "bigint";
    case TypeId::kFloat:
      return name + "float";
    case TypeId::kDouble:
      return name + "double";
    default:
      return name + "decimal";
  }
}

struct Operator {
  const char* symbol;
  const char* kernel;
};

void RegisterArithmetic(FunctionSet& set, const std::string& name, Operator op, bool try_mode) {
  set.Template(
      name,
      [op, try_mode](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args) -> DuckExpr {
        const std::string_view symbol = op.symbol;
        if (DuckExpr timed = LowerTimeArithmetic(context, expr, call, args, symbol, try_mode))
          return timed;
        const DataType& type = call.args[0]->type;
        const char* extra = try_mode ? "try" : "";
        const bool plain = symbol == "+" || symbol == "-" || symbol == "*";
        if (plain && type.IsFractional()) return CallNative(op.symbol, std::move(args));
        if (plain && !try_mode && (type.Is(TypeId::kInt) || type.Is(TypeId::kLong))) {
          return CallNative(op.symbol, std::move(args));
        }
        if (plain && !try_mode && type.Is(TypeId::kDecimal) &&
            !Clipped(type, call.args[1]->type, expr.type, symbol)) {
          return FastDecimal(context, expr, call, std::move(args), symbol);
        }
        if (type.Is(TypeId::kNull)) return ConstantNull(expr.type);
        if (type.Is(TypeId::kDecimal) && symbol == "*") {
          return MultiplyDecimal(context, expr, call, std::move(args), extra);
        }
        return CallKernel(context, OfType(op.kernel, type), expr, call, std::move(args), extra);
      });
}

template <typename T>
T NegativeInterval(T value) {
  if (value == std::numeric_limits<T>::min()) {
    Raise(Condition("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"));
  }
  return -value;
}

template <typename T>
void ShiftKernels(FunctionSet& set, const std::string& type) {
  using U = std::make_unsigned_t<T>;
  constexpr int kMask = static_cast<int>(sizeof(T) * 8 - 1);
  set.Kernel("shiftleft_" + type, [](Call&, T value, int32_t by) {
    return static_cast<T>(static_cast<U>(value) << (by & kMask));
  });
  set.Kernel("shiftright_" + type,
             [](Call&, T value, int32_t by) { return static_cast<T>(value >> (by & kMask)); });
  set.Kernel("shiftrightunsigned_" + type, [](Call&, T value, int32_t by) {
    return static_cast<T>(static_cast<U>(value) >> (by & kMask));
  });
}

void BitOperators(FunctionSet& set) {
  set.registry().Native("&", "&");
  set.registry().Native("|", "|");
  set.registry().Native("^", "xor");
  set.registry().Native("~", "~");
  ShiftKernels<int32_t>(set, "int");
  ShiftKernels<int64_t>(set, "bigint");
  for (const char* name : {"shiftleft", "shiftright", "shiftrightunsigned"}) {
    set.Template(name,
                 [name](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                        DuckArgs args) -> DuckExpr {
                   return CallKernel(context, OfType(name, expr.type), expr, call, std::move(args));
                 });
  }
}

}  // namespace

void RegisterArithmeticKernels(FunctionSet& set) {
  IntegerKernels<int8_t>(set, "tinyint");
  IntegerKernels<int16_t>(set, "smallint");
  IntegerKernels<int32_t>(set, "int");
  IntegerKernels<int64_t>(set, "bigint");
  RealKernels<float>(set, "float");
  RealKernels<double>(set, "double");
  DecimalKernels(set);
  set.Kernel(
      "div_bigint",
      [](Call& call, int64_t a, int64_t b) -> std::optional<int64_t> {
        if (b == 0) return ByZero(call, Condition("DIVIDE_BY_ZERO"));
        if (b == -1 && a == std::numeric_limits<int64_t>::min()) return Overflow(call, a, "div", b);
        return a / b;
      },
      kFallible);
  set.Batch("multiply_small", MultiplySmall<int64_t>);
  set.Batch("multiply_small_wide", MultiplySmall<duckdb::hugeint_t>);
  set.Batch("multiply_wide", MultiplyWide, kFallible);
  RegisterArithmetic(set, "+", {"+", "add"}, false);
  RegisterArithmetic(set, "-", {"-", "subtract"}, false);
  RegisterArithmetic(set, "*", {"*", "multiply"}, false);
  RegisterArithmetic(set, "/", {"/", "divide"}, false);
  RegisterArithmetic(set, "div", {"div", "div"}, false);
  RegisterArithmetic(set, "%", {"%", "mod"}, false);
  RegisterArithmetic(set, "mod", {"%", "mod"}, false);
  RegisterArithmetic(set, "pmod", {"pmod", "pmod"}, false);
  RegisterArithmetic(set, "try_add", {"+", "add"}, true);
  RegisterArithmetic(set, "try_subtract", {"-", "subtract"}, true);
  RegisterArithmetic(set, "try_multiply", {"*", "multiply"}, true);
  RegisterArithmetic(set, "try_divide", {"/", "divide"}, true);
  RegisterArithmetic(set, "try_mod", {"%", "mod"}, true);
  set.Kernel(
      "negative_ym", [](Call&, int32_t months) { return NegativeInterval(months); }, kFallible);
  set.Kernel(
      "negative_dt", [](Call&, int64_t micros) { return NegativeInterval(micros); }, kFallible);
  set.Template(
      "negative",
      [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
         DuckArgs args) -> DuckExpr {
        if (expr.type.Is(TypeId::kYearMonthInterval) || expr.type.Is(TypeId::kDayTimeInterval)) {
          const bool months = expr.type.Is(TypeId::kYearMonthInterval);
          return CallKernel(context, months ? "negative_ym" : "negative_dt", expr, call,
                            std::move(args));
        }
        return CastNative(CallNative("-", std::move(args)), ToDuckType(expr.type));
      });
  set.registry().Native("abs", "abs");
  set.Template("positive",
               [](LoweringContext&, const plan::Expr&, const plan::Call&,
                  DuckArgs args) -> DuckExpr { return std::move(args[0]); });
  BitOperators(set);
  RegisterIntervalArithmetic(set);
}

}  // namespace tarn::engine::duck
