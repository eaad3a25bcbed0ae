#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/types/data_type.h"

namespace tarn::delta {

/// A version of a table, dense from 0. -1 stands for "no table yet".
using Version = int64_t;

inline constexpr Version kNoVersion = -1;

/// The `protocol` action. Feature lists are given only for reader version 3 / writer version 7.
/// Source: Delta protocol, "Protocol Evolution".
struct Protocol {
  int32_t reader_version = 1;
  int32_t writer_version = 2;
  std::vector<std::string> reader_features;
  std::vector<std::string> writer_features;

  bool operator==(const Protocol&) const = default;
};

/// The `metaData` action. Source: Delta protocol, "Change Metadata".
struct Metadata {
  std::string id;  ///< a UUID; the transaction gives one to a new table if it is empty
  std::string name;
  std::string description;
  std::string provider = "parquet";
  Schema schema;  ///< logical names; column mapping stands in the fields' metadata
  std::vector<std::string> partition_columns;  ///< logical names, as written in the schema
  std::map<std::string, std::string> configuration;
  std::optional<int64_t> created_time_ms;

  /// The value of a table property, or nullptr.
  const std::string* Property(std::string_view key) const;
};

/// Where the deletion vector of a file stands. Source: "Deletion Vector Descriptor Schema".
struct DeletionVectorDescriptor {
  char storage_type = 'i';  ///< 'i' inline, 'u' relative with random prefix, 'p' absolute path
  std::string path_or_inline;
  std::optional<int32_t> offset;
  int32_t size_in_bytes = 0;
  int64_t cardinality = 0;

  /// Names the vector within its table ("uniqueId").
  std::string UniqueId() const;
  bool operator==(const DeletionVectorDescriptor&) const = default;
};

/// A partition value as the log stores it: nullopt is NULL.
using PartitionText = std::optional<std::string>;

/// The `add` action to be written. Source: "Add File and Remove File".
struct AddFile {
  std::string path;  ///< relative to the table root, decoded; it is percent-encoded in the log
  /// By *physical* column name, all partition columns; values by PartitionValueToText.
  std::vector<std::pair<std::string, PartitionText>> partition_values;
  int64_t size = 0;
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats;  ///< StatisticsToJson; empty for none
  std::map<std::string, std::string> tags;
  std::optional<DeletionVectorDescriptor> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
};

/// The `remove` action. Source: "Add File and Remove File".
struct RemoveFile {
  std::string path;  ///< as in AddFile
  std::optional<int64_t> deletion_timestamp_ms;
  bool data_change = true;
  bool extended_file_metadata = false;  ///< whether the next two are known
  std::vector<std::pair<std::string, PartitionText>> partition_values;
  std::optional<int64_t> size;
  std::optional<DeletionVectorDescriptor> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
};

/// The `txn` action: an application's progress, for exactly-once writes.
struct SetTransaction {
  std::string app_id;
  int64_t version = 0;
  std::optional<int64_t> last_updated_ms;
};

/// The `domainMetadata` action.
struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;
};

/// The `commitInfo` action: who did what, for DESCRIBE HISTORY.
struct CommitInfo {
  int64_t timestamp_ms = 0;
  std::optional<int64_t> in_commit_timestamp_ms;
  std::string
      operation;  ///< Spark's names: "WRITE", "DELETE", "MERGE", "CREATE TABLE AS SELECT", …
  /// Plain values; those that are JSON texts themselves (partitionBy: "[]") are given as such
  /// texts.
  std::map<std::string, std::string> operation_parameters;
  std::map<std::string, std::string> operation_metrics;
  std::string user_id;
  std::string user_name;
  std::string engine_info;
  std::string txn_id;
  std::string isolation_level;
  std::string user_metadata;
  std::string cluster_id;
  std::map<std::string, std::string> job;       ///< of Databricks: jobId, runId, …; empty: none
  std::map<std::string, std::string> notebook;  ///< of Databricks: notebookId
  std::optional<Version> read_version;
  std::optional<bool> is_blind_append;
  std::map<std::string, std::string> tags;
};

}  // namespace tarn::delta
