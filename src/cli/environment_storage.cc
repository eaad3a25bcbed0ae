#include "environment_storage.h"

#include <cstdlib>

namespace tarn::cli {

io::Storage EnvironmentStorage() {
  return io::Storage(io::NewS3Stores([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  }));
}

}  // namespace tarn::cli
