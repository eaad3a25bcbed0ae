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
/// than the retention (counted back from midnight UTC, so that it happens once a day). Answers how
/// many files went. Nothing is done where delta.enableExpiredLogCleanup is false. Oldest first: a
/// crash leaves a log that starts later. Source: Delta protocol, "Metadata Cleanup". Sidecars of
/// checkpoints stay.
Result<int64_t> CleanUpLog(const RequestContext& ctx, const Handlers& handlers,
                           const Snapshot& snapshot);

}  // namespace tarn::delta
