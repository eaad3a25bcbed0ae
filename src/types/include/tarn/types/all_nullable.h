#pragma once

#include <utility>
#include <vector>

#include "tarn/types/data_type.h"

namespace tarn {

/// The type with fields, elements and values that may all be NULL.
inline DataType AllNullable(const DataType& type) {
  switch (type.id()) {
    case TypeId::kArray:
      return DataType::Array(AllNullable(type.element()));
    case TypeId::kMap:
      return DataType::Map(AllNullable(type.key()), AllNullable(type.value()));
    case TypeId::kStruct: {
      std::vector<Field> fields = type.fields();
      for (Field& field : fields) {
        field.type = AllNullable(field.type);
        field.nullable = true;
      }
      return DataType::Struct(std::move(fields));
    }
    default:
      return type;
  }
}

}  // namespace tarn
