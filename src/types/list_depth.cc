#include "tarn/types/list_depth.h"

#include <algorithm>

namespace tarn {

namespace {

/// The most arrays and maps that are within each other in the type; 0 for one without.
int ListDepth(const DataType& type) {
  switch (type.id()) {
    case TypeId::kArray:
      return 1 + ListDepth(type.element());
    case TypeId::kMap:
      return 1 + std::max(ListDepth(type.key()), ListDepth(type.value()));
    case TypeId::kStruct: {
      int depth = 0;
      for (const Field& field : type.fields()) depth = std::max(depth, ListDepth(field.type));
      return depth;
    }
    default:
      return 0;
  }
}

}  // namespace

Status CheckListDepth(const DataType& type, std::string_view column) {
  if (ListDepth(type) <= kListDepthMax) return {};
  return UnsupportedFeature("A column of ARRAYs and MAPs nested more than " +
                            std::to_string(kListDepthMax) + " deep (" + std::string(column) + ")");
}

}  // namespace tarn
