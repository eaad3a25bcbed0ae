#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::delta {
class Snapshot;
}

namespace tarn::plan {

/// Index into Query::relations: all an engine sees of a table's identity.
enum class RelationId : uint32_t {};

/// A Delta table at one version.
struct DeltaRelation {
  std::shared_ptr<const delta::Snapshot> snapshot;
  std::string root;  ///< absolute path of the table's folder
  /// Only these of Snapshot::files(); absent: all.
  std::optional<std::vector<uint32_t>> file_subset = {};
};

/// What a file was when it was found.
struct FileStamp {
  int64_t size = 0;
  int64_t modified_us = 0;  ///< since 1970

  bool operator==(const FileStamp& other) const = default;
};

/// Files read as they are: read_files(…), parquet.`…`.
struct FileRelation {
  std::string format;              ///< "csv", "json", "parquet", "text", "binaryFile"
  std::vector<std::string> paths;  ///< absolute paths of the files that were found, sorted
  /// What each of `paths` was when it was found; empty: not known. A file that was changed since is
  /// read only when it has been left alone for a minute, else the read fails.
  std::vector<FileStamp> stamps;
  /// Options by lower-case name, values as text, e.g. {"header","true"}.
  std::vector<std::pair<std::string, std::string>> options;
  /// Folders named key=value below this path are columns; empty: nowhere. Which of them the option
  /// partitionColumns may say.
  std::string base;
  /// A field that the schema hasn't makes the read fail:
  /// UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE.
  bool refuse_new_fields = false;
};

/// Rows held in memory: information_schema, SHOW, a MERGE source that was evaluated once.
struct RowsRelation {
  /// Null: no rows, of a stream that may be one of files and so have `_metadata`.
  std::shared_ptr<const std::vector<std::vector<Value>>> rows;
};

/// A result that the engine keeps for later statements of the same operation (Engine::Materialize).
struct StoredRelation {
  std::string handle;
};

/// Something that a plan reads, with its schema; pinned for the statement.
struct Relation {
  std::string name;  ///< qualified name or path, for EXPLAIN, lineage and messages
  Schema schema;     ///< the columns in order, logical names
  std::variant<DeltaRelation, FileRelation, RowsRelation, StoredRelation> source;
};

}  // namespace tarn::plan
