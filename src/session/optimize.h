#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "statement_scope.h"
#include "table_commit.h"
#include "tarn/delta/clustering.h"

namespace tarn::session {

/// How the rows of rewritten files are ordered.
enum class FileOrder : uint8_t {
  kKeep,     ///< small files are put together as they are
  kZOrder,   ///< by the Z-order curve over columns
  kCluster,  ///< the same, and the files are marked as one cube of these columns
};

struct RewriteOptions {
  FileOrder order = FileOrder::kKeep;
  std::vector<delta::ColumnPath> columns;  ///< of kZOrder and kCluster
  /// kKeep: partitions with fewer small files are left alone.
  size_t files_min = 2;
  /// kKeep: a file counts as small below so many bytes.
  int64_t small_bytes = 0;
  /// kKeep: every file with deleted rows is written anew.
  bool purge = false;
  /// kKeep: every considered file is.
  bool all = false;
  /// What the table's metadata becomes in the same commit, which then is made even if no file is
  /// written anew, and with which no other change of the table goes together.
  std::optional<delta::Metadata> metadata;
  std::string operation = "OPTIMIZE";  ///< for the history
  /// kCluster: files that are clustered already, too.
  bool full = false;
  /// Only these files are considered; absent: all.
  std::optional<std::vector<uint32_t>> files;
  std::map<std::string, std::string> parameters;  ///< for the history
};

/// Columns as a JSON array of texts, as tags and the history have them.
std::string ColumnsJson(const std::vector<delta::ColumnPath>& columns);

/// What OPTIMIZE did.
struct Rewritten {
  std::vector<int64_t> removed_sizes;
  std::vector<int64_t> added_sizes;
  int64_t considered = 0;
  int64_t partitions = 0;
  int64_t vectors_removed = 0;
  int64_t rows_purged = 0;
};

/// Writes files of a table anew without changing its rows, in one commit (none if there is nothing
/// to do). Readers and writers go on meanwhile; a concurrent change of one of the files is a
/// conflict.
Result<Rewritten> RewriteFiles(StatementScope& scope, const TableTarget& target,
                               const std::shared_ptr<const delta::Snapshot>& snapshot,
                               const RewriteOptions& options);

/// After a write to a table with this metadata: where it has delta.autoOptimize.autoCompact (or the
/// session spark.databricks.delta.autoCompact.enabled), the small files of partitions that have at
/// least 50 of them (spark.databricks.delta.autoCompact.minNumFiles) are put together. That it
/// fails, or that another change comes first, doesn't matter to the write: the next one tries
/// again.
void CompactIfAsked(StatementScope& scope, const TableTarget& target,
                    const delta::Metadata& metadata);

}  // namespace tarn::session
