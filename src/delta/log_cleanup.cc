#include "tarn/delta/log_cleanup.h"

#include <algorithm>

#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/base/fault_point.h"

namespace tarn::delta {

namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

/// The version whose checkpoint everything older can go for, or kNoVersion.
Version CleanUpTo(const LogListing& listing, int64_t cutoff_ms) {
  Version last_old = kNoVersion;
  for (const LogFile& commit : listing.commits) {
    if (commit.info.modified_ms > cutoff_ms) break;
    last_old = commit.version;
  }
  Version base = kNoVersion;
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    if (checkpoint.version <= last_old) base = checkpoint.version;
  }
  return base;
}

}  // namespace

Result<int64_t> CleanUpLog(const RequestContext& ctx, const Handlers& handlers,
                           const Snapshot& snapshot) {
  const TableProperties& properties = snapshot.properties();
  if (!properties.log_cleanup) return 0;
  const int64_t now_ms = ctx.clock->NowMicros() / 1000;
  const int64_t retention_ms = std::max(properties.log_retention_ms, kLogRetentionLeastMs);
  const int64_t cutoff_ms = now_ms - now_ms % kDayMs - retention_ms;
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers.log, 0));
  const Version base = CleanUpTo(listing, cutoff_ms);
  const bool any = base > 0 && !listing.commits.empty() && listing.commits.front().version < base;
  if (!any) return 0;
  // What is removed can't be read again: the checkpoint must be good.
  TARN_ASSIGN(const auto at_base,
              LoadSnapshot(ctx, handlers, snapshot.table_root(), base, nullptr));
  if (at_base->checkpoint_version() != base) return 0;
  TARN_ASSIGN(const std::vector<LogFileInfo> files,
              handlers.log->List(ctx, kLogDirectory, VersionPrefix(0)));
  const std::string first_kept = VersionPrefix(base);
  int64_t removed = 0;
  for (const LogFileInfo& file : files) {
    if (file.name >= first_kept) break;
    const bool numbered =
        file.name.size() > first_kept.size() && file.name[first_kept.size()] == '.' &&
        std::all_of(file.name.begin(),
                    file.name.begin() + static_cast<std::ptrdiff_t>(first_kept.size()),
                    [](char c) { return c >= '0' && c <= '9'; });
    if (!numbered) continue;
    TARN_TRY(ctx.Check());
    TARN_FAULT_POINT("delta.log_cleanup.before_delete");
    TARN_TRY(handlers.log->Delete(ctx, std::string(kLogDirectory) + "/" + file.name));
    ++removed;
  }
  return removed;
}

}  // namespace tarn::delta
