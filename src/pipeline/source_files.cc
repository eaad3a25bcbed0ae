#include "source_files.h"

#include <algorithm>
#include <filesystem>

#include "tarn/io/file_listing.h"

namespace tarn::pipeline {

namespace {

bool IsSource(const std::string& path) { return path.ends_with(".sql") || path.ends_with(".py"); }

}  // namespace

std::string AbsolutePath(const std::string& folder, const std::string& path) {
  std::string result =
      (std::filesystem::path(folder) / std::filesystem::path(path)).lexically_normal().string();
  while (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

std::string NameInFolder(const std::string& folder, const std::string& path) {
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

Status AddSourceFiles(const RequestContext& context, LibraryKind kind, const Yaml& pattern,
                      const std::string& folder, PipelineSpec* spec) {
  const std::string& file = pattern.place.file->path;
  const std::string whole = AbsolutePath(file.substr(0, file.rfind('/')), pattern.text);
  // "folder/**" stands for everything below it.
  std::string path = whole;
  const bool below = path.ends_with("/**");
  if (below) path.resize(path.size() - 3);
  TARN_ASSIGN(auto found, io::ListFiles(context, path, {}));
  const bool extension = path.find('.', path.rfind('/')) != std::string::npos;
  if (found.empty() && kind == LibraryKind::kNotebook && !extension) {
    TARN_ASSIGN(found, io::ListFiles(context, path + ".{sql,py,scala,r,ipynb}", {}));
  }
  if (found.empty()) {
    return Error(Condition("PATH_NOT_FOUND"), {{"path", whole}})
        .WithHint("The pipeline " + spec->key + " names it among its libraries (" +
                  pattern.place.ToString() + ").");
  }
  for (const io::ObjectInfo& info : found) {
    const std::string absolute = "/" + info.path.str();
    const std::string name = NameInFolder(folder, absolute);
    if (!IsSource(absolute)) {
      // In a folder of a bundle, notes and data may lie beside the sources.
      if (kind == LibraryKind::kGlob && absolute != path) continue;
      if (kind == LibraryKind::kSparkGlob) {
        return UnsupportedFeature("The source " + name + " (neither .sql nor .py)");
      }
    }
    const bool known = std::any_of(spec->files.begin(), spec->files.end(),
                                   [&](const SourceFile& file) { return file.path == absolute; });
    if (!known) spec->files.push_back({absolute, name});
  }
  return {};
}

}  // namespace tarn::pipeline
