#pragma once

#include <cstdint>
#include <cstdlib>

#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"

namespace tarn::delta {

/// Whether a table property says true, in any case of letters; one that isn't set says false.
inline bool IsSwitchedOn(const Metadata& metadata, const char* property) {
  const std::string* value = metadata.Property(property);
  return value != nullptr && SameName(*value, "true");
}

/// The number that a table property says; of one that isn't set, `otherwise`.
inline int64_t PropertyInt(const Metadata& metadata, const char* property, int64_t otherwise) {
  const std::string* text = metadata.Property(property);
  return text == nullptr ? otherwise : std::strtoll(text->c_str(), nullptr, 10);
}

}  // namespace tarn::delta
