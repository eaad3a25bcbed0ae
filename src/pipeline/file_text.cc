#include "file_text.h"

#include <filesystem>
#include <fstream>

namespace tarn::pipeline {

namespace {

Error Unreadable(const std::string& path, std::string detail) {
  return Error(Condition("IO_ERROR"),
               {{"operation", "Reading"}, {"path", path}, {"detail", std::move(detail)}});
}

}  // namespace

Result<std::string> ReadFileText(const std::string& path, size_t bytes_max) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Unreadable(path, "it is a folder");
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory) {
    return Error(Condition("PATH_NOT_FOUND"), {{"path", path}});
  }
  if (error) return Unreadable(path, error.message());
  const std::string too_large = "it is larger than " + std::to_string(bytes_max >> 20) + " MiB";
  if (size > bytes_max) return Unreadable(path, too_large);
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unreadable(path, "it can't be opened");
  // One byte more than there is, so that a file that grows meanwhile shows.
  std::string text(static_cast<size_t>(size) + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Unreadable(path, "it can't be read");
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > size) return Unreadable(path, "it grows while it is read");
  return text;
}

}  // namespace tarn::pipeline
