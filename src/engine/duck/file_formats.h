#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/file_system.h"
#include "duck/lowering.h"
#include "tarn/plan/relation.h"

namespace tarn::engine::duck {

/// Files that are read as they are, granted to a statement.
struct GrantedFiles {
  std::vector<std::string> names;  ///< as DuckDB opens them
  std::vector<std::string> paths;
};
/// The paths are absolute, or those of `store` if one is given.
Result<GrantedFiles> GrantFiles(const plan::FileRelation& relation, StatementFiles& files,
                                std::shared_ptr<io::ObjectStore> store = nullptr);

/// "k=v" directories that all paths have: names in the order of the first path, with each path's
/// values (unescaped; nullopt is Hive's default partition).
struct HivePartitions {
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<std::string>>> values;  ///< by file, by name
  int Find(std::string_view name) const;
};
HivePartitions PartitionsOf(const std::vector<std::string>& paths);

/// A table function's call with named parameters.
DuckTable FunctionCall(std::string name, DuckArgs args,
                       std::vector<std::pair<std::string, duckdb::Value>> named);

}  // namespace tarn::engine::duck
