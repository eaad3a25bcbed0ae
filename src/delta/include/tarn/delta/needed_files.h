#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// The removed files that the log of a table still mentions and that were removed after
/// `oldest_ms`: those of the log since the last checkpoint, and those of that checkpoint, which
/// forgets what is older than delta.deletedFileRetentionDuration.
Result<std::vector<RemoveFile>> TombstonesSince(const RequestContext& ctx, const Handlers& handlers,
                                                const Snapshot& snapshot, int64_t oldest_ms);

/// The file below the table's root where a deletion vector stands; nullopt for an inline one.
/// Errors: DELTA_LOG_CORRUPT, DELTA_PATH_OUTSIDE_TABLE.
Result<std::optional<std::string>> DeletionVectorFile(const DeletionVectorDescriptor& descriptor,
                                                      std::string_view table_root);

/// The files (relative to the root, decoded) that a reader of this version needs, or of any version
/// that was the newest after `oldest_ms`: data files and deletion vectors. Files of change
/// rows aren't among them: their age alone decides. Source: Delta protocol, "Vacuum".
Result<std::unordered_set<std::string>> NeededFiles(const RequestContext& ctx,
                                                    const Handlers& handlers,
                                                    const Snapshot& snapshot, int64_t oldest_ms);

}  // namespace tarn::delta
