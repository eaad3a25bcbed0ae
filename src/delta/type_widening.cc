#include "tarn/delta/type_widening.h"

#include <algorithm>

#include "table_switch.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {

namespace {

constexpr std::string_view kTypeChanges = "delta.typeChanges";

/// Digits before the point that a decimal in place of an integer needs; 0 for other types.
int DecimalDigits(const DataType& type) {
  if (type.Is(TypeId::kLong)) return 20;
  return type.IsIntegral() ? 10 : 0;
}

int WholeDigits(const DataType& decimal) { return decimal.precision() - decimal.scale(); }

}  // namespace

bool IsTypeWidening(const DataType& from, const DataType& to) {
  if (from == to) return false;
  // The ids of integers are in the order of their widths.
  if (from.IsIntegral() && to.IsIntegral()) return from.id() < to.id();
  if (to.Is(TypeId::kDouble)) {
    return from.Is(TypeId::kFloat) || (from.IsIntegral() && !from.Is(TypeId::kLong));
  }
  if (to.Is(TypeId::kDecimal)) {
    if (from.IsIntegral()) return WholeDigits(to) >= DecimalDigits(from);
    return from.Is(TypeId::kDecimal) && to.scale() >= from.scale() &&
           WholeDigits(to) >= WholeDigits(from);
  }
  return from.Is(TypeId::kDate) && to.Is(TypeId::kTimestampNtz);
}

std::optional<DataType> WidenedFor(const DataType& from, const DataType& found) {
  if (IsTypeWidening(from, found)) return found;
  const bool numbers =
      (from.IsIntegral() || from.Is(TypeId::kDecimal)) && found.Is(TypeId::kDecimal);
  if (!numbers) return std::nullopt;
  const int scale = std::max(from.IsIntegral() ? 0 : from.scale(), found.scale());
  const int whole =
      std::max(from.IsIntegral() ? DecimalDigits(from) : WholeDigits(from), WholeDigits(found));
  if (whole + scale > 38) return std::nullopt;
  const DataType wider = DataType::Decimal(whole + scale, scale);
  if (IsTypeWidening(from, wider)) return wider;
  return std::nullopt;
}

void WidenColumn(Field& column, const DataType& to) {
  std::string changes(column.Metadata(kTypeChanges));
  changes = changes.size() > 2 ? changes.substr(0, changes.rfind(']')) + "," : "[";
  changes +=
      "{\"toType\":" + DataTypeToJson(to) + ",\"fromType\":" + DataTypeToJson(column.type) + "}]";
  column.SetMetadata(std::string(kTypeChanges), std::move(changes));
  column.type = to;
}

bool WasWidened(const Field& column) {
  const auto within = [](const DataType& type, const auto& self) -> bool {
    switch (type.id()) {
      case TypeId::kStruct:
        return std::ranges::any_of(type.fields(), WasWidened);
      case TypeId::kArray:
        return self(type.element(), self);
      case TypeId::kMap:
        return self(type.key(), self) || self(type.value(), self);
      default:
        return false;
    }
  };
  return !column.Metadata(kTypeChanges).empty() || within(column.type, within);
}

bool AllowsTypeWidening(const Metadata& metadata) {
  return IsSwitchedOn(metadata, "delta.enableTypeWidening");
}

}  // namespace tarn::delta
