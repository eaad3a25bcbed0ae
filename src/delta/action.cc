#include "tarn/delta/action.h"

namespace tarn::delta {

const std::string* Metadata::Property(std::string_view key) const {
  const auto found = configuration.find(std::string(key));
  return found == configuration.end() ? nullptr : &found->second;
}

std::string DeletionVectorDescriptor::UniqueId() const {
  std::string id(1, storage_type);
  id += path_or_inline;
  if (offset) id += "@" + std::to_string(*offset);
  return id;
}

}  // namespace tarn::delta
