#pragma once

#include <cstdint>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// Log files are kept for at least so long, whatever delta.logRetentionDuration says: a change that
/// is based on a version must find its successors in the log (or be refused, see
/// Transaction::Commit).
inline constexpr int64_t kLogRetentionLeastMs = int64_t{24} * 3600 * 1000;

/// Removes what no version within the log's retention needs: commits, compacted files, checkpoints
/// and checksums before the newest readable checkpoint at or before the last commit that is older
/// than the retention (counted back from midnight UTC), then sidecars that no checkpoint names and
/// that are older than a day. Answers how many files went. Nothing is done where
/// delta.enableExpiredLogCleanup is false, nor before the version that
/// delta.requireCheckpointProtectionBeforeVersion names. Oldest first: a crash leaves a log that
/// starts later. Source: Delta protocol, "Metadata Cleanup".
Result<int64_t> CleanUpLog(const RequestContext& ctx, const Handlers& handlers,
                           const Snapshot& snapshot);

/// The same with a retention of so many milliseconds, whatever the table's properties say: for
/// DROP FEATURE … TRUNCATE HISTORY.
Result<int64_t> TruncateLog(const RequestContext& ctx, const Handlers& handlers,
                            const Snapshot& snapshot, int64_t retention_ms);

/// Writes a checkpoint, and cleans up the log if it is the first one of its day (UTC): on other
/// days nothing more can have expired, and the whole log needn't be listed. A clean-up that fails
/// is tried again the next day.
Status CheckpointAndCleanUp(const RequestContext& ctx, const Handlers& handlers,
                            const Snapshot& snapshot);

}  // namespace tarn::delta
