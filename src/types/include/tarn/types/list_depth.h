#pragma once

#include <algorithm>

#include "tarn/types/data_type.h"

namespace tarn {

/// How many arrays and maps may be within each other in a column of a table. DuckDB's Parquet
/// reader takes twice as long for each level: milliseconds a row group for 16, hours for 40.
inline constexpr int kListDepthMax = 16;

/// The most arrays and maps that are within each other in the type; 0 for one without.
inline int ListDepth(const DataType& type) {
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

}  // namespace tarn
