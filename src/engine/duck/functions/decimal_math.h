#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tarn/types/value.h"

namespace tarn::engine::duck {

/// 10^n for n in 0…38.
Int128 PowerOfTen(int n);

enum class Rounding : uint8_t { kHalfUp, kHalfEven, kCeiling, kFloor, kDown };

/// value / 10^digits, rounded.
Int128 DropDigits(Int128 value, int digits, Rounding rounding = Rounding::kHalfUp);

/// The unscaled value at another scale; nullopt where it has more than `precision` digits.
std::optional<Int128> Rescale(Int128 value, int from_scale, int precision, int to_scale,
                              Rounding rounding = Rounding::kHalfUp);

bool FitsPrecision(Int128 value, int precision);

/// What a text says: value = unscaled × 10^-scale (scale may be negative); digits beyond what 128
/// bits hold are rounded off.
struct ParsedDecimal {
  Int128 unscaled = 0;
  int scale = 0;
  bool too_large = false;
};
std::optional<ParsedDecimal> ParseDecimal(std::string_view text);
/// As above, at a type's precision and scale (HALF_UP); nullopt where it doesn't fit.
std::optional<Int128> ToDecimal(const ParsedDecimal& parsed, int precision, int scale);

double DecimalToDouble(Int128 value, int scale);

/// (a × b) / 10^drop, rounded HALF_UP, without overflow in between; nullopt beyond `precision`
/// digits.
std::optional<Int128> MultiplyDecimals(Int128 a, Int128 b, int drop, int precision);
/// a × 10^raise / b, rounded HALF_UP (or down), without overflow in between; nullopt beyond
/// `precision`.
std::optional<Int128> DivideDecimals(Int128 a, Int128 b, int raise, int precision,
                                     bool half_up = true);

}  // namespace tarn::engine::duck
