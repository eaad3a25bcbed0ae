#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// What one commit did to a table's rows, for readers that follow a table.
struct CommitChanges {
  struct File {
    std::string path;  ///< relative to the root, decoded
    int64_t size = 0;
  };
  std::string operation;
  /// Files with new rows; those of mere rearrangements (`dataChange` false) are left out.
  std::vector<File> added;
  /// Whether rows were changed or removed (a `remove` with `dataChange`).
  bool removed_rows = false;
  bool changed_metadata = false;
  /// How many files tell its changes to a reader of the change data feed.
  size_t feed_files = 0;
};

/// Reads a commit of the log. Errors: PATH_NOT_FOUND if the log has it no longer (or not yet),
/// DELTA_LOG_CORRUPT, DELTA_PATH_OUTSIDE_TABLE.
Result<CommitChanges> ReadCommitChanges(const RequestContext& ctx, const Table& table,
                                        Version version);

}  // namespace tarn::delta
