#include "tarn/plan/coercion.h"

#include <algorithm>

namespace tarn::plan {

namespace {

constexpr int kPrecisionMax = 38;

/// Position in byte < short < int < long < float < double, or -1.
int NumericRank(const DataType& type) {
  switch (type.id()) {
    case TypeId::kByte:
      return 0;
    case TypeId::kShort:
      return 1;
    case TypeId::kInt:
      return 2;
    case TypeId::kLong:
      return 3;
    case TypeId::kFloat:
      return 4;
    case TypeId::kDouble:
      return 5;
    default:
      return -1;
  }
}

bool HoldsIntegral(const DataType& decimal, const DataType& integral) {
  return decimal.precision() - decimal.scale() >= DecimalFor(integral).precision();
}

/// DecimalType.adjustPrecisionScale: keeps at least six digits of the fraction when 38 don't
/// suffice.
DataType Adjusted(int precision, int scale) {
  if (precision <= kPrecisionMax) return DataType::Decimal(precision, scale);
  const int integral_digits = precision - scale;
  const int scale_min = std::min(scale, 6);
  return DataType::Decimal(kPrecisionMax, std::max(kPrecisionMax - integral_digits, scale_min));
}

std::optional<DataType> WiderDatetime(const DataType& a, const DataType& b) {
  if (a.Is(TypeId::kTimestamp) || b.Is(TypeId::kTimestamp)) return DataType(TypeId::kTimestamp);
  return DataType(TypeId::kTimestampNtz);
}

DataType WiderInterval(const DataType& a, const DataType& b) {
  const auto start = std::min(a.interval_start(), b.interval_start());
  const auto end = std::max(a.interval_end(), b.interval_end());
  return a.Is(TypeId::kYearMonthInterval) ? DataType::YearMonth(start, end)
                                          : DataType::DayTime(start, end);
}

/// findTightestCommonType for types without nested parts.
std::optional<DataType> TightestAtomic(const DataType& a, const DataType& b) {
  if (a == b) return a;
  if (a.Is(TypeId::kNull)) return b;
  if (b.Is(TypeId::kNull)) return a;
  if (a.IsString() && b.IsString()) return DataType(TypeId::kString);
  if (a.IsIntegral() && b.Is(TypeId::kDecimal) && HoldsIntegral(b, a)) return b;
  if (b.IsIntegral() && a.Is(TypeId::kDecimal) && HoldsIntegral(a, b)) return a;
  const int rank_a = NumericRank(a);
  const int rank_b = NumericRank(b);
  if (rank_a >= 0 && rank_b >= 0) {
    const DataType& wider = rank_a > rank_b ? a : b;
    return wider.Is(TypeId::kFloat) ? DataType(TypeId::kDouble) : wider;
  }
  if (a.IsDatetime() && b.IsDatetime()) return WiderDatetime(a, b);
  if (a.id() == b.id() && (a.Is(TypeId::kYearMonthInterval) || a.Is(TypeId::kDayTimeInterval))) {
    return WiderInterval(a, b);
  }
  return std::nullopt;
}

std::optional<DataType> WiderWithDecimal(const DataType& a, const DataType& b) {
  if (a.Is(TypeId::kDecimal) && b.Is(TypeId::kDecimal)) return WiderDecimal(a, b);
  if (a.Is(TypeId::kDecimal) && b.IsIntegral()) return WiderDecimal(a, DecimalFor(b));
  if (b.Is(TypeId::kDecimal) && a.IsIntegral()) return WiderDecimal(DecimalFor(a), b);
  if ((a.Is(TypeId::kDecimal) && b.IsFractional()) ||
      (b.Is(TypeId::kDecimal) && a.IsFractional())) {
    return DataType(TypeId::kDouble);
  }
  return std::nullopt;
}

/// What a string is promoted to beside a value of another atomic type.
std::optional<DataType> WiderWithString(const DataType& a, const DataType& b) {
  if (a.IsString() == b.IsString()) return std::nullopt;
  const DataType& other = a.IsString() ? b : a;
  if (other.IsIntegral()) return DataType(TypeId::kLong);
  if (other.IsFractional() || other.Is(TypeId::kDecimal)) return DataType(TypeId::kDouble);
  if (other.IsNested() || other.Is(TypeId::kVariant) || other.IsInterval()) return std::nullopt;
  return other;
}

using Widen = std::optional<DataType> (*)(const DataType&, const DataType&);

std::optional<DataType> WidenNested(const DataType& a, const DataType& b, Widen widen) {
  if (a.id() != b.id()) return std::nullopt;
  if (a.Is(TypeId::kArray)) {
    auto element = widen(a.element(), b.element());
    if (!element) return std::nullopt;
    return DataType::Array(*element, a.contains_null() || b.contains_null());
  }
  if (a.Is(TypeId::kMap)) {
    auto key = widen(a.key(), b.key());
    auto value = widen(a.value(), b.value());
    if (!key || !value) return std::nullopt;
    return DataType::Map(*key, *value, a.contains_null() || b.contains_null());
  }
  if (!a.Is(TypeId::kStruct) || a.fields().size() != b.fields().size()) return std::nullopt;
  std::vector<Field> fields;
  for (size_t i = 0; i < a.fields().size(); ++i) {
    const Field& left = a.fields()[i];
    const Field& right = b.fields()[i];
    if (!SameName(left.name, right.name)) return std::nullopt;
    auto type = widen(left.type, right.type);
    if (!type) return std::nullopt;
    fields.push_back({left.name, *type, left.nullable || right.nullable, {}});
  }
  return DataType::Struct(std::move(fields));
}

std::optional<DataType> CommonTypeOf(const DataType& a, const DataType& b) {
  if (auto type = TightestAtomic(a, b)) return type;
  if (auto type = WiderWithDecimal(a, b)) return type;
  if (auto type = WiderWithString(a, b)) return type;
  return WidenNested(a, b, CommonTypeOf);
}

bool IsAnsiInterval(const DataType& type) {
  return type.Is(TypeId::kYearMonthInterval) || type.Is(TypeId::kDayTimeInterval);
}

using Allowed = bool (*)(const DataType&, const DataType&);

bool NestedAllowed(const DataType& from, const DataType& to, Allowed allowed) {
  if (from.id() != to.id() || !from.IsNested()) return false;
  if (from.Is(TypeId::kArray)) return allowed(from.element(), to.element());
  if (from.Is(TypeId::kMap)) {
    return allowed(from.key(), to.key()) && allowed(from.value(), to.value());
  }
  if (from.fields().size() != to.fields().size()) return false;
  for (size_t i = 0; i < from.fields().size(); ++i) {
    if (!allowed(from.fields()[i].type, to.fields()[i].type)) return false;
  }
  return true;
}

bool CanCastAtomic(const DataType& from, const DataType& to) {
  if (from.IsString()) return !to.IsNested();
  if (from.IsNumeric()) {
    return to.IsNumeric() || to.Is(TypeId::kBoolean) || to.Is(TypeId::kTimestamp) ||
           (IsAnsiInterval(to) && (from.IsIntegral() || from.Is(TypeId::kDecimal)));
  }
  switch (from.id()) {
    case TypeId::kBoolean:
      return to.IsNumeric();
    case TypeId::kDate:
      return to.IsDatetime();
    case TypeId::kTimestamp:
      return to.IsDatetime() || to.IsNumeric() || to.Is(TypeId::kTime);
    case TypeId::kTimestampNtz:
      return to.IsDatetime() || to.Is(TypeId::kTime);
    case TypeId::kTime:
      return to.IsIntegral() || to.Is(TypeId::kDecimal);
    case TypeId::kYearMonthInterval:
    case TypeId::kDayTimeInterval:
      return to.id() == from.id() || to.IsIntegral() || to.Is(TypeId::kDecimal);
    case TypeId::kVariant:
      return true;
    default:
      return false;
  }
}

bool CanCastOf(const DataType& from, const DataType& to) {
  if (from == to || from.Is(TypeId::kNull)) return true;
  if (to.Is(TypeId::kNull)) return false;
  if (to.IsString()) return true;
  if (to.Is(TypeId::kVariant)) return !from.Is(TypeId::kMap) && !from.Is(TypeId::kStruct);
  if (from.IsNested()) return NestedAllowed(from, to, CanCastOf);
  return CanCastAtomic(from, to);
}

}  // namespace

bool CanCast(const DataType& from, const DataType& to, bool) { return CanCastOf(from, to); }

bool CanImplicitlyCast(const DataType& from, const DataType& to) {
  if (from == to || from.Is(TypeId::kNull)) return true;
  if (from.IsString()) {
    return to.IsString() || (!to.IsNested() && !to.Is(TypeId::kVariant) && !to.Is(TypeId::kNull));
  }
  if (to.IsString()) return !from.IsNested() && !from.Is(TypeId::kVariant);
  if (from.IsNested()) return NestedAllowed(from, to, CanImplicitlyCast);
  if (from.IsNumeric()) return to.IsNumeric();
  if (from.IsDatetime()) return to.IsDatetime();
  return IsAnsiInterval(from) && from.id() == to.id();
}

std::optional<DataType> CommonType(const DataType& a, const DataType& b) {
  return CommonTypeOf(a, b);
}

std::optional<DataType> CommonType(std::span<const DataType> types) {
  if (types.empty()) return DataType();
  // Strings come last, so that the others settle a type among themselves first.
  std::optional<DataType> common = DataType();
  for (const bool strings : {false, true}) {
    for (const DataType& type : types) {
      if (type.IsString() != strings) continue;
      common = CommonTypeOf(*common, type);
      if (!common) return std::nullopt;
    }
  }
  return common;
}

std::optional<DataType> SetOperationType(const DataType& a, const DataType& b) {
  return CommonTypeOf(a, b);
}

bool CanStoreAssign(const DataType& from, const DataType& to) { return CanCastOf(from, to); }

DataType DecimalFor(const DataType& integral) {
  switch (integral.id()) {
    case TypeId::kByte:
      return DataType::Decimal(3, 0);
    case TypeId::kShort:
      return DataType::Decimal(5, 0);
    case TypeId::kInt:
      return DataType::Decimal(10, 0);
    case TypeId::kLong:
      return DataType::Decimal(20, 0);
    case TypeId::kFloat:
      return DataType::Decimal(14, 7);
    case TypeId::kDouble:
      return DataType::Decimal(30, 15);
    default:
      return integral.Is(TypeId::kDecimal) ? integral : DataType::Decimal(kPrecisionMax, 18);
  }
}

DataType WiderDecimal(const DataType& a, const DataType& b) {
  const int scale = std::max(a.scale(), b.scale());
  const int range = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  if (range + scale <= kPrecisionMax) return DataType::Decimal(range + scale, scale);
  return DataType::Decimal(kPrecisionMax, std::max(0, kPrecisionMax - range));
}

DataType DecimalAddType(const DataType& a, const DataType& b) {
  const int scale = std::max(a.scale(), b.scale());
  const int range = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return Adjusted(range + scale + 1, scale);
}

DataType DecimalMultiplyType(const DataType& a, const DataType& b) {
  return Adjusted(a.precision() + b.precision() + 1, a.scale() + b.scale());
}

DataType DecimalDivideType(const DataType& a, const DataType& b) {
  const int scale = std::max(6, a.scale() + b.precision() + 1);
  return Adjusted(a.precision() - a.scale() + b.scale() + scale, scale);
}

DataType DecimalRemainderType(const DataType& a, const DataType& b) {
  const int scale = std::max(a.scale(), b.scale());
  const int range = std::min(a.precision() - a.scale(), b.precision() - b.scale());
  return Adjusted(range + scale, scale);
}

DataType DecimalIntDivideType(const DataType& a, const DataType& b) {
  const int digits = a.precision() - a.scale() + b.scale();
  return Adjusted(digits == 0 ? 1 : digits, 0);
}

}  // namespace tarn::plan
