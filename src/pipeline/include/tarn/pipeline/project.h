#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"

namespace tarn::pipeline {

/// A file of a pipeline, as it is on the disk.
struct SourceFile {
  std::string path;  ///< absolute
  std::string name;  ///< seen from the project's folder, for messages
};

/// A catalog, schema or volume that the bundle describes; made before one of its pipelines runs.
struct ProjectSecurable {
  std::string catalog;  ///< empty for a catalog itself
  std::string name;
  std::string comment;
  std::string schema = {};    ///< of a volume; empty for others
  std::string location = {};  ///< of an external volume
};

/// Under which name a pipeline's event log is read besides event_log(…).
struct EventLogName {
  std::string catalog;
  std::string schema;
  std::string name;  ///< empty: none
};

/// A pipeline as its project describes it: what Databricks calls its settings.
struct PipelineSpec {
  std::string key;   ///< in the bundle; the name in a Spark project
  std::string name;  ///< under which the lake knows it
  std::string catalog = "main";
  std::string schema = "default";
  std::vector<SourceFile> files;                     ///< in the order of their paths
  std::map<std::string, std::string> configuration;  ///< what ${key} stands for in SQL
  std::vector<ProjectSecurable> securables;          ///< catalogs first, then schemas
  bool continuous = false;                           ///< an update goes on until it is stopped
  bool development = false;                          ///< failures are told at once, not tried again
  /// How often an update whose errors may pass is run again, unless the configuration's
  /// pipelines.numUpdateRetryAttempts says it.
  int update_retries_max = 0;
  EventLogName event_log;
};

struct ProjectOptions {
  std::string folder;           ///< absolute; that of databricks.yml or spark-pipeline.yml
  bool search_parents = false;  ///< the nearest folder above that has one will do
  std::string target;           ///< of the bundle; empty: its default
  std::vector<std::pair<std::string, std::string>> variables;  ///< --var
  /// Of BUNDLE_VAR_name; --var counts more, and names that the bundle doesn't have are read over.
  std::vector<std::pair<std::string, std::string>> environment_variables;
  std::string user;  ///< ${workspace.current_user.userName}
};

/// Something that is read over: an unknown key, a setting that isn't followed.
struct ProjectWarning {
  std::string file;  ///< seen from the project's folder
  int line = 0;
  std::string text;
};

struct Project {
  std::string folder;  ///< absolute
  std::string file;    ///< absolute path of the file that describes it
  std::string target;  ///< that was chosen; empty where there are none
  std::vector<PipelineSpec> pipelines;
  std::vector<ProjectWarning> warnings;
};

/// Reads a project in either form: a Databricks bundle (`databricks.yml` with its includes, targets
/// and variables) or `spark-pipeline.yml` (`.yaml` too). Errors: PROJECT_NOT_FOUND, PROJECT_INVALID
/// with file and line, PROJECT_VARIABLE_UNKNOWN, PATH_NOT_FOUND of a library, UNSUPPORTED_FEATURE.
Result<Project> LoadProject(const RequestContext& context, const ProjectOptions& options);

}  // namespace tarn::pipeline
