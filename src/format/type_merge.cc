#include "type_merge.h"

#include <algorithm>

namespace tarn::format {

namespace {

constexpr int kDigitsMax = 38;

/// A whole number's type as a decimal.
DataType AsDecimal(const DataType& type) {
  if (type.Is(TypeId::kDecimal)) return type;
  return DataType::Decimal(type.Is(TypeId::kInt) ? 10 : 20, 0);
}

bool HoldsWhole(const DataType& decimal, const DataType& whole) {
  const DataType other = AsDecimal(whole);
  return decimal.precision() - decimal.scale() >= other.precision();
}

}  // namespace

DataType MergeNumbers(const DataType& a, const DataType& b) {
  if (a == b) return a;
  if (a.Is(TypeId::kDouble) || b.Is(TypeId::kDouble)) return TypeId::kDouble;
  if (a.IsIntegral() && b.IsIntegral())
    return a.Is(TypeId::kLong) || b.Is(TypeId::kLong) ? TypeId::kLong : TypeId::kInt;
  if (a.Is(TypeId::kDecimal) && b.IsIntegral() && HoldsWhole(a, b)) return a;
  if (b.Is(TypeId::kDecimal) && a.IsIntegral() && HoldsWhole(b, a)) return b;
  const DataType x = AsDecimal(a), y = AsDecimal(b);
  const int scale = std::max(x.scale(), y.scale());
  const int range = std::max(x.precision() - x.scale(), y.precision() - y.scale());
  if (range + scale > kDigitsMax) return TypeId::kDouble;
  return DataType::Decimal(range + scale, scale);
}

}  // namespace tarn::format
