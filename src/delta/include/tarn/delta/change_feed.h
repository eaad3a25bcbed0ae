#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// The columns that readers of a change feed find behind the table's own.
inline constexpr const char* kChangeTypeColumn = "_change_type";            ///< string
inline constexpr const char* kCommitVersionColumn = "_commit_version";      ///< bigint
inline constexpr const char* kCommitTimestampColumn = "_commit_timestamp";  ///< timestamp

/// The folder of files with change rows, below the table's root.
inline constexpr const char* kChangeFolder = "_change_data";

/// The metadata of a table with a `_change_type` column behind its own, as files of change rows
/// have them.
Metadata WithChangeType(const Metadata& table);

/// The changes of some versions of a table, as snapshots to be scanned. Both have the table's
/// columns as of the last version and the three of the feed;
/// `_commit_version` and `_commit_timestamp` are partition columns.
struct ChangeFeed {
  /// Data files all of whose rows (that no deletion vector hides) were inserted or were deleted;
  /// `_change_type` is a partition column.
  std::shared_ptr<const Snapshot> whole_files;
  /// Files of change rows; nullptr if there are none.
  std::shared_ptr<const Snapshot> change_files;
};

/// The columns of a feed over a table with these.
Schema WithFeedColumns(Schema table);

/// Files of a snapshot as a feed that begins with them shows them: all rows inserted by the
/// snapshot's version. `indexes`: of the snapshot's files. Errors: those of reading a log.
Result<std::shared_ptr<const Snapshot>> AsInserted(const Snapshot& snapshot,
                                                   const std::vector<uint32_t>& indexes);

/// Reads what versions `first` … `last` changed. `at_last` gives the
/// columns: the snapshot of `last` or a later one.
/// Errors: DELTA_MISSING_CHANGE_DATA if one of them was written without a feed;
/// DELTA_VERSION_NOT_FOUND if the log has one of them no longer; DELTA_LOG_CORRUPT.
/// Source: Delta protocol, "Change Data Files" and "Readers of Change Data Feed".
Result<ChangeFeed> ReadChangeFeed(const RequestContext& ctx, const Table& table,
                                  const std::shared_ptr<const Snapshot>& at_last, Version first,
                                  Version last);

}  // namespace tarn::delta
