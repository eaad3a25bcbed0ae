#pragma once

#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"

namespace tarn::delta {

/// Whether a table property says true, in any case of letters; one that isn't set says false.
inline bool IsSwitchedOn(const Metadata& metadata, const char* property) {
  const std::string* value = metadata.Property(property);
  return value != nullptr && SameName(*value, "true");
}

}  // namespace tarn::delta
