#pragma once

#include <string>

#include "tarn/base/request_context.h"
#include "tarn/pipeline/project.h"
#include "yaml_reader.h"

namespace tarn::pipeline {

/// `path` seen from `folder`, without . and .. ; an absolute one stays as it is.
std::string AbsolutePath(const std::string& folder, const std::string& path);
/// How messages call a file: seen from the project's folder if it is in it.
std::string NameInFolder(const std::string& folder, const std::string& path);

/// How a library names files.
enum class LibraryKind : uint8_t {
  kFile,       ///< a file, in whatever language
  kNotebook,   ///< the same; its extension may be left off
  kGlob,       ///< a file, a glob pattern, or a folder/** of sources in SQL and Python
  kSparkGlob,  ///< a file or folder/**, where each file must be SQL or Python
};

/// Adds the files that a path or pattern stands for, each once; it is a value of a project file and
/// meant from that file's folder. `folder` is the project's. Errors: PATH_NOT_FOUND,
/// UNSUPPORTED_FEATURE with the file's name for what is no source.
Status AddSourceFiles(const RequestContext& context, LibraryKind kind, const Yaml& pattern,
                      const std::string& folder, PipelineSpec* spec);

}  // namespace tarn::pipeline
