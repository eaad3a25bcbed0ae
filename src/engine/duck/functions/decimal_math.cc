#include "duck/functions/decimal_math.h"

#include <array>
#include <charconv>
#include <string>

namespace tarn::engine::duck {

namespace {

using Uint128 = unsigned __int128;

constexpr std::array<Int128, 39> kPowers = [] {
  std::array<Int128, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

Uint128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
}

/// An unsigned number of 256 bits.
struct Wide {
  Uint128 high = 0;
  Uint128 low = 0;
};

Wide Multiply(Uint128 a, Uint128 b) {
  constexpr Uint128 kMask = ~uint64_t{0};
  const Uint128 a0 = a & kMask, a1 = a >> 64, b0 = b & kMask, b1 = b >> 64;
  const Uint128 p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
  const Uint128 middle = (p00 >> 64) + (p01 & kMask) + (p10 & kMask);
  return {p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64), (middle << 64) | (p00 & kMask)};
}

/// Divides in place, bit by bit; the remainder is returned. Rare: only beyond 128 bits.
Uint128 Divide(Wide& number, Uint128 divisor) {
  if (number.high == 0) {
    const Uint128 remainder = number.low % divisor;
    number.low /= divisor;
    return remainder;
  }
  Uint128 remainder = 0;
  for (int bit = 255; bit >= 0; --bit) {
    const bool carry = (remainder >> 127) != 0;
    Uint128& part = bit >= 128 ? number.high : number.low;
    const int shift = bit & 127;
    remainder = (remainder << 1) | ((part >> shift) & 1);
    part &= ~(Uint128{1} << shift);
    if (carry || remainder >= divisor) {
      remainder -= divisor;
      part |= Uint128{1} << shift;
    }
  }
  return remainder;
}

std::optional<Int128> Bounded(const Wide& number, bool negative, int precision) {
  if (number.high != 0 || number.low >= static_cast<Uint128>(kPowers[precision]))
    return std::nullopt;
  return negative ? -static_cast<Int128>(number.low) : static_cast<Int128>(number.low);
}

}  // namespace

Int128 PowerOfTen(int n) { return kPowers[n]; }

bool FitsPrecision(Int128 value, int precision) {
  return value < kPowers[precision] && value > -kPowers[precision];
}

Int128 DropDigits(Int128 value, int digits, Rounding rounding) {
  if (digits <= 0) return value;
  if (digits > 38) {
    if (rounding == Rounding::kCeiling) return value > 0 ? 1 : 0;
    if (rounding == Rounding::kFloor) return value < 0 ? -1 : 0;
    return 0;
  }
  const Int128 power = kPowers[digits];
  Int128 quotient = value / power;
  const Int128 rest = value % power;
  if (rest == 0) return quotient;
  const int sign = value < 0 ? -1 : 1;
  const Int128 size = rest < 0 ? -rest : rest;
  const Int128 half = power / 2;
  switch (rounding) {
    case Rounding::kHalfUp:
      if (size >= half) quotient += sign;
      break;
    case Rounding::kHalfEven:
      if (size > half || (size == half && quotient % 2 != 0)) quotient += sign;
      break;
    case Rounding::kCeiling:
      if (sign > 0) ++quotient;
      break;
    case Rounding::kFloor:
      if (sign < 0) --quotient;
      break;
    case Rounding::kDown:
      break;
  }
  return quotient;
}

std::optional<Int128> Rescale(Int128 value, int from_scale, int precision, int to_scale,
                              Rounding rounding) {
  if (to_scale < from_scale) {
    const Int128 result = DropDigits(value, from_scale - to_scale, rounding);
    return FitsPrecision(result, precision) ? std::optional(result) : std::nullopt;
  }
  const int raise = to_scale - from_scale;
  if (value == 0) return value;
  if (raise > 38) return std::nullopt;
  Int128 result = 0;
  if (__builtin_mul_overflow(value, kPowers[raise], &result)) return std::nullopt;
  return FitsPrecision(result, precision) ? std::optional(result) : std::nullopt;
}

std::optional<ParsedDecimal> ParseDecimal(std::string_view text) {
  ParsedDecimal parsed;
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool any = false;
  bool point = false;
  bool rounded_up = false;
  int significant = 0;
  int dropped = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (significant < 38) {
      parsed.unscaled = parsed.unscaled * 10 + (c - '0');
      if (parsed.unscaled != 0) ++significant;
      if (point) ++parsed.scale;
    } else {
      // HALF_UP decides by the first digit that is dropped.
      if (dropped++ == 0) rounded_up = c >= '5';
      if (!point) --parsed.scale;
    }
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    std::string_view exponent = text.substr(at + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    int power = 0;
    const auto [end, failure] =
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
    if (exponent.empty() || failure != std::errc() || end != exponent.data() + exponent.size()) {
      return std::nullopt;
    }
    if (power > 100000 || power < -100000) return std::nullopt;
    parsed.scale -= power;
  }
  if (rounded_up) ++parsed.unscaled;
  if (negative) parsed.unscaled = -parsed.unscaled;
  parsed.too_large = parsed.unscaled != 0 && significant - parsed.scale > 38;
  return parsed;
}

std::optional<Int128> ToDecimal(const ParsedDecimal& parsed, int precision, int scale) {
  if (parsed.too_large) return std::nullopt;
  return Rescale(parsed.unscaled, parsed.scale, precision, scale);
}

double DecimalToDouble(Int128 value, int scale) {
  constexpr Int128 kExact = Int128{1} << 53;
  static constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (value < kExact && value > -kExact && scale <= 22) {
    return static_cast<double>(static_cast<int64_t>(value)) / kPowersOfTen[scale];
  }
  const std::string text = RenderDecimal(value, scale);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

std::optional<Int128> MultiplyDecimals(Int128 a, Int128 b, int drop, int precision) {
  Int128 product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) {
    const Int128 result = DropDigits(product, drop);
    return FitsPrecision(result, precision) ? std::optional(result) : std::nullopt;
  }
  Wide wide = Multiply(Magnitude(a), Magnitude(b));
  if (drop > 0) {
    const auto power = static_cast<Uint128>(kPowers[drop]);
    const Uint128 remainder = Divide(wide, power);
    if (remainder >= power / 2 && ++wide.low == 0) ++wide.high;
  }
  return Bounded(wide, (a < 0) != (b < 0), precision);
}

std::optional<Int128> DivideDecimals(Int128 a, Int128 b, int raise, int precision, bool half_up) {
  Wide wide;
  Uint128 divisor = Magnitude(b);
  if (raise >= 0) {
    // 10^raise may need two steps, but raise is at most 38 + 38.
    wide = Multiply(Magnitude(a), static_cast<Uint128>(kPowers[raise > 38 ? 38 : raise]));
    if (raise > 38) {
      if (wide.high != 0) return std::nullopt;
      wide = Multiply(wide.low, static_cast<Uint128>(kPowers[raise - 38]));
    }
  } else {
    wide.low = Magnitude(a);
    const Wide product =
        Multiply(divisor, static_cast<Uint128>(kPowers[-raise > 38 ? 38 : -raise]));
    if (product.high != 0) return Int128{0};
    divisor = product.low;
  }
  const Uint128 remainder = Divide(wide, divisor);
  if (half_up && remainder >= divisor - remainder && ++wide.low == 0) ++wide.high;
  return Bounded(wide, (a < 0) != (b < 0), precision);
}

}  // namespace tarn::engine::duck
