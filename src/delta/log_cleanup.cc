#include "tarn/delta/log_cleanup.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "checkpoint_reader.h"
#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/drop_feature.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/transaction.h"

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

/// Whether the file's name begins with a version before that of `first_kept`.
bool IsBefore(const std::string& name, const std::string& first_kept) {
  const size_t digits = first_kept.size();
  return name < first_kept && name.size() > digits && name[digits] == '.' &&
         std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(digits),
                     [](char c) { return c >= '0' && c <= '9'; });
}

/// The version below which history must go as a whole or not at all.
Version ProtectedBefore(const Snapshot& snapshot) {
  if (!SupportsFeature(snapshot.protocol(), "checkpointProtection")) return 0;
  const std::string* text = snapshot.metadata().Property(kProtectionProperty);
  return text == nullptr ? 0 : std::strtoll(text->c_str(), nullptr, 10);
}

class CleanUp {
 public:
  CleanUp(const RequestContext& ctx, const Handlers& handlers, const Snapshot& snapshot)
      : ctx_(ctx), handlers_(handlers), snapshot_(snapshot) {}

  Result<int64_t> Run(int64_t cutoff_ms) {
    TARN_ASSIGN(const LogListing listing, ListLog(ctx_, *handlers_.log, 0));
    const Version base = CleanUpTo(listing, cutoff_ms);
    const bool any = base > 0 && base >= ProtectedBefore(snapshot_) && !listing.commits.empty() &&
                     listing.commits.front().version < base;
    if (any) {
      // What is removed can't be read again: the checkpoint must be good.
      TARN_ASSIGN(const auto at_base,
                  LoadSnapshot(ctx_, handlers_, snapshot_.table_root(), base, nullptr));
      if (at_base->checkpoint_version() != base) return 0;
      // And it must stay: whoever wrote it may never have learnt whether its name is durable.
      TARN_TRY(handlers_.log->Sync(ctx_, kLogDirectory));
      TARN_TRY(RemoveBefore(VersionPrefix(base)));
    }
    TARN_TRY(RemoveSidecars(any ? base : 0));
    TARN_TRY(RemoveStagedCommits());
    return removed_;
  }

 private:
  Status RemoveBefore(const std::string& first_kept) {
    TARN_ASSIGN(const std::vector<LogFileInfo> files,
                handlers_.log->List(ctx_, kLogDirectory, VersionPrefix(0)));
    for (const LogFileInfo& file : files) {
      if (file.name >= first_kept) break;
      if (IsBefore(file.name, first_kept)) {
        TARN_TRY(Remove(std::string(kLogDirectory) + "/" + file.name));
      }
    }
    return {};
  }

  /// Sidecars of checkpoints that are gone, or were never finished.
  Status RemoveSidecars(Version from) {
    TARN_ASSIGN(const std::vector<LogFileInfo> files,
                handlers_.log->List(ctx_, kSidecarDirectory, ""));
    const int64_t now_ms = ctx_.clock->NowMicros() / 1000;
    const int64_t oldest_ms = now_ms - now_ms % kDayMs - kDayMs;
    if (std::ranges::none_of(files, [&](const auto& f) { return f.modified_ms < oldest_ms; })) {
      return {};
    }
    TARN_ASSIGN(const LogListing listing, ListLog(ctx_, *handlers_.log, from));
    std::set<std::string> needed;
    for (const CheckpointFiles& checkpoint : listing.checkpoints) {
      // One that can't be read may need any of them.
      TARN_ASSIGN(const auto sidecars,
                  SidecarsOf(ctx_, handlers_, snapshot_.table_root(), checkpoint));
      needed.insert(sidecars.begin(), sidecars.end());
    }
    for (const LogFileInfo& file : files) {
      if (file.modified_ms >= oldest_ms || needed.contains(file.name)) continue;
      TARN_TRY(Remove(std::string(kSidecarDirectory) + "/" + file.name));
    }
    return {};
  }

  /// Commits that the catalog never ratified, or that were published. One of a version that isn't
  /// in the log yet may still be needed.
  Status RemoveStagedCommits() {
    TARN_ASSIGN(const std::vector<LogFileInfo> files,
                handlers_.log->List(ctx_, kStagedDirectory, ""));
    const std::string first_kept = VersionPrefix(snapshot_.version() + 1);
    for (const LogFileInfo& file : files) {
      if (file.name >= first_kept) break;
      if (!IsBefore(file.name, first_kept)) continue;
      TARN_TRY(Remove(std::string(kStagedDirectory) + "/" + file.name));
    }
    return {};
  }

  Status Remove(const std::string& path) {
    TARN_TRY(ctx_.Check());
    TARN_FAULT_POINT("delta.log_cleanup.before_delete");
    TARN_TRY(handlers_.log->Delete(ctx_, path));
    ++removed_;
    return {};
  }

  const RequestContext& ctx_;
  const Handlers& handlers_;
  const Snapshot& snapshot_;
  int64_t removed_ = 0;
};

/// Whether the newest checkpoint was written before this day.
bool IsFirstOfDay(const RequestContext& ctx, const Handlers& handlers) {
  const auto hint = ReadLastCheckpoint(ctx, *handlers.log);
  if (!hint) return true;
  const auto listing = ListLog(ctx, *handlers.log, hint->version);
  if (!listing.ok() || listing->checkpoints.empty()) return true;
  const int64_t now_ms = ctx.clock->NowMicros() / 1000;
  const int64_t last_ms = listing->checkpoints.back().files[0].info.modified_ms;
  return last_ms < now_ms - now_ms % kDayMs;
}

}  // namespace

Result<int64_t> CleanUpLog(const RequestContext& ctx, const Handlers& handlers,
                           const Snapshot& snapshot) {
  const TableProperties& properties = snapshot.properties();
  if (!properties.log_cleanup) return 0;
  return TruncateLog(ctx, handlers, snapshot,
                     std::max(properties.log_retention_ms, kLogRetentionLeastMs));
}

Result<int64_t> TruncateLog(const RequestContext& ctx, const Handlers& handlers,
                            const Snapshot& snapshot, int64_t retention_ms) {
  const int64_t now_ms = ctx.clock->NowMicros() / 1000;
  return CleanUp(ctx, handlers, snapshot).Run(now_ms - now_ms % kDayMs - retention_ms);
}

Status CheckpointAndCleanUp(const RequestContext& ctx, const Handlers& handlers,
                            const Snapshot& snapshot) {
  const bool first = IsFirstOfDay(ctx, handlers);
  TARN_TRY(WriteCheckpoint(ctx, handlers, snapshot));
  if (first) (void)CleanUpLog(ctx, handlers, snapshot);
  return {};
}

}  // namespace tarn::delta
