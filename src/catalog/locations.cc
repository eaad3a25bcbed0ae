#include "locations.h"

#include <filesystem>
#include <system_error>

#include "tarn/io/location.h"

namespace tarn::catalog {

Result<std::string> ResolveLocation(std::string_view location) {
  TARN_ASSIGN(std::string absolute, io::NormalLocation(location));
  if (io::IsRemote(absolute)) return absolute;
  std::error_code code;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(absolute, code);
  if (code) {
    return Error(Condition("PATH_NOT_ALLOWED"), {{"path", absolute}, {"detail", code.message()}});
  }
  return resolved.string();
}

bool LocationsOverlap(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || a.back() == '/' || b[a.size()] == '/');
}

}  // namespace tarn::catalog
