#pragma once

#include <algorithm>

#include "tarn/types/data_type.h"

namespace tarn {

/// Whether the type, or any type within it, passes the test.
template <typename Test>
bool AnyType(const DataType& type, const Test& test) {
  if (test(type)) return true;
  switch (type.id()) {
    case TypeId::kArray:
      return AnyType(type.element(), test);
    case TypeId::kMap:
      return AnyType(type.key(), test) || AnyType(type.value(), test);
    case TypeId::kStruct:
      return std::ranges::any_of(type.fields(),
                                 [&](const Field& field) { return AnyType(field.type, test); });
    default:
      return false;
  }
}

/// Whether values of the type can be compared and have an order: not maps, variants and calendar
/// intervals, nor what holds one.
inline bool IsOrderable(const DataType& type) {
  return !AnyType(type, [](const DataType& part) {
    return part.Is(TypeId::kMap) || part.Is(TypeId::kVariant) || part.Is(TypeId::kCalendarInterval);
  });
}

}  // namespace tarn
