#include "tarn/delta/file_key.h"

namespace tarn::delta {

std::string FileKey(std::string_view path, const DeletionVectorDescriptor* vector) {
  std::string key(path);
  if (vector != nullptr) key += '\n' + vector->UniqueId();
  return key;
}

std::string FileKey(const FileSet& files, size_t index) {
  return FileKey(files.path(index), files.deletion_vector(index));
}

}  // namespace tarn::delta
