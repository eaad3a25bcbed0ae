#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/file_system.h"
#include "duck/lowering.h"
#include "tarn/plan/relation.h"

namespace tarn::engine::duck {

/// Options of read_files and of `format.`path``, by lower-case name.
class FileOptions {
 public:
  explicit FileOptions(const plan::FileRelation& files);
  std::string Text(std::string_view name, std::string_view otherwise) const;
  /// The first of several names that is given.
  std::optional<std::string> Find(std::initializer_list<std::string_view> names) const;
  bool Flag(std::string_view name, bool otherwise) const;
  bool Is(std::string_view name, std::string_view value) const;  ///< without case

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

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

/// DuckDB's reader of CSV files: the columns are "k0"… as text, and "file" with the name of the
/// file.
DuckTable CsvTable(const GrantedFiles& files, const FileOptions& options, size_t columns);
/// DuckDB's reader of JSON files: columns by their names with these types, and "file".
DuckTable JsonTable(const GrantedFiles& files, const FileOptions& options,
                    const std::vector<std::pair<std::string, duckdb::LogicalType>>& columns);
/// Lines of text files: the column "k0", and "file".
DuckTable TextTable(const GrantedFiles& files, const FileOptions& options);

/// The delimiter and the like as Spark understands them: "\t" and similar spelled with a backslash.
std::string UnescapeOption(std::string_view text);

/// A table function's call with named parameters.
DuckTable FunctionCall(std::string name, DuckArgs args,
                       std::vector<std::pair<std::string, duckdb::Value>> named);

}  // namespace tarn::engine::duck
