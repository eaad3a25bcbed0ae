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
  std::vector<plan::FileStamp> stamps;  ///< as FileRelation::stamps
};
/// The paths are absolute, or those of `store` if one is given.
Result<GrantedFiles> GrantFiles(const plan::FileRelation& relation, StatementFiles& files,
                                std::shared_ptr<io::ObjectStore> store = nullptr);

/// The columns that "key=value" folders below a relation's base give, with each path's values
/// (unescaped; nullopt is Hive's default partition, or no such folder).
struct HivePartitions {
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<std::string>>> values;  ///< by file, by name
  int Find(std::string_view name) const;
};
/// Those that the option partitionColumns names, else all that occur; none with
/// recursiveFileLookup.
HivePartitions PartitionsOf(const plan::FileRelation& files);
/// Those of them that are columns where nobody says so: what all paths have.
HivePartitions InferredPartitionsOf(const plan::FileRelation& files);

struct ScanCounters;

/// The relation without the Parquet files that are gone (ignoreMissingFiles) or whose ends show
/// that they aren't whole (ignoreCorruptFiles); they are counted. `store` as for GrantFiles.
Result<plan::FileRelation> UndamagedParquet(const plan::FileRelation& files,
                                            const RequestContext& context,
                                            std::shared_ptr<io::ObjectStore> store,
                                            ScanCounters& counters);

/// A table function's call with named parameters.
DuckTable FunctionCall(std::string name, DuckArgs args,
                       std::vector<std::pair<std::string, duckdb::Value>> named);

}  // namespace tarn::engine::duck
