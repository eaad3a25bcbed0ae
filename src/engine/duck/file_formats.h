#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/file_system.h"
#include "duck/lowering.h"
#include "tarn/io/storage.h"
#include "tarn/plan/relation.h"

namespace tarn::engine::duck {

/// Where the paths of file relations, being locations (tarn/io/location.h), lead. For one thread.
class FileRoots {
 public:
  explicit FileRoots(io::Storage storage) : storage_(std::move(storage)) {}
  Result<GrantedFile> Find(const std::string& path);

 private:
  io::Storage storage_;
  std::map<std::string, std::shared_ptr<io::ObjectStore>, std::less<>> opened_;  // by root
};

/// Files that are read as they are, granted to a statement.
struct GrantedFiles {
  std::vector<std::string> names;  ///< as DuckDB opens them
  std::vector<std::string> paths;
  std::vector<plan::FileStamp> stamps;  ///< as FileRelation::stamps
};
Result<GrantedFiles> GrantFiles(const plan::FileRelation& relation, StatementFiles& files,
                                FileRoots roots);

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
/// that they aren't whole (ignoreCorruptFiles); they are counted.
Result<plan::FileRelation> UndamagedParquet(const plan::FileRelation& files,
                                            const RequestContext& context, FileRoots roots,
                                            ScanCounters& counters);

/// A table function's call with named parameters.
DuckTable FunctionCall(std::string name, DuckArgs args,
                       std::vector<std::pair<std::string, duckdb::Value>> named);

}  // namespace tarn::engine::duck
