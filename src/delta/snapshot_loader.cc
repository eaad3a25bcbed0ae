#include <limits>

#include "checkpoint_reader.h"
#include "log_reader.h"
#include "replay.h"
#include "snapshot_state.h"

namespace tarn::delta {
namespace {

constexpr size_t kRefreshedBlocksMax = 1000;
constexpr size_t kProbedCommitsMax = 100;

Error TableNotFound(const std::string& root) {
  return Error(Condition("DELTA_TABLE_NOT_FOUND"), {{"path", root}});
}

Error VersionNotFound(const std::string& root, Version version, const LogListing& listing) {
  return Error(Condition("DELTA_VERSION_NOT_FOUND"),
               {{"userVersion", std::to_string(version)},
                {"table", root},
                {"earliest", std::to_string(EarliestOf(listing))},
                {"latest", std::to_string(listing.latest())}});
}

class Loader {
 public:
  Loader(const RequestContext& ctx, const Handlers& handlers, const std::string& root)
      : ctx_(ctx), handlers_(handlers), root_(root) {}

  /// nullptr if the log doesn't continue the known snapshot.
  Result<std::shared_ptr<const Snapshot>> Refresh(const std::shared_ptr<const Snapshot>& known) {
    const SnapshotState& state = known->state();
    TARN_ASSIGN(const LogListing listing, ListCommitsFrom(state.version));
    const LogFile* own = listing.Commit(state.version);
    const bool same = own != nullptr && own->info.size == state.last_commit_size &&
                      own->info.modified_ms == state.last_commit_modified_ms;
    if (!same) return std::shared_ptr<const Snapshot>();
    if (listing.commits.back().version == state.version) return known;
    // A long chain of refreshed commits is cut off where a newer checkpoint can take its place.
    if (state.files.rep().segments.size() > kRefreshedBlocksMax) {
      const Version known_checkpoint = state.checkpoint ? state.checkpoint->version : kNoVersion;
      const auto hint = ReadLastCheckpoint(ctx_, *handlers_.log);
      if (hint && hint->version > known_checkpoint) return std::shared_ptr<const Snapshot>();
    }
    LogSegment segment;
    segment.version = listing.commits.back().version;
    for (Version v = state.version + 1; v <= segment.version; ++v) {
      const LogFile* commit = listing.Commit(v);
      if (commit == nullptr) return std::shared_ptr<const Snapshot>();
      segment.deltas.push_back(*commit);
    }
    segment.last_modified_ms = segment.deltas.back().info.modified_ms;
    segment.checkpoint = state.checkpoint;
    return Build(segment, listing, known);
  }

  /// The commits from a version on.
  Result<LogListing> ListCommitsFrom(Version version) {
    if (!handlers_.log->stats_cheaply()) return ListLog(ctx_, *handlers_.log, version);
    // A log directory may have a hundred thousand files; nearly always one is wanted, or none.
    LogListing listing;
    for (; listing.commits.size() < kProbedCommitsMax; ++version) {
      TARN_TRY(ctx_.Check());
      TARN_ASSIGN(const auto info, handlers_.log->Stat(ctx_, CommitPath(version)));
      if (!info) return listing;
      const auto file = ParseLogFileName(*info);
      TARN_CHECK(file.has_value());
      listing.commits.push_back(*file);
    }
    return ListLog(ctx_, *handlers_.log, listing.commits.front().version);
  }

  Result<std::shared_ptr<const Snapshot>> Load(std::optional<Version> target) {
    LogListing listing;
    if (const auto hint = ReadLastCheckpoint(ctx_, *handlers_.log); hint && hint->version > 0) {
      // The hint only spares listing what is older; it is believed no further.
      if (!target || hint->version <= *target) {
        TARN_ASSIGN(listing, ListLog(ctx_, *handlers_.log, hint->version));
        if (!listing.checkpoints.empty()) {
          auto snapshot = LoadFrom(listing, target);
          if (snapshot.ok() || !WorthAnotherTry(snapshot.error())) return snapshot;
        }
      }
    }
    TARN_ASSIGN(listing, ListLog(ctx_, *handlers_.log, 0));
    if (listing.empty()) return TableNotFound(root_);
    return LoadFrom(listing, target);
  }

 private:
  /// Whether older files of the log may do where newer ones didn't.
  static bool WorthAnotherTry(const Error& error) {
    return error.IsOneOf({Condition("DELTA_LOG_CORRUPT"), Condition("DELTA_VERSION_NOT_FOUND"),
                          Condition("PATH_NOT_FOUND"), Condition("IO_ERROR")});
  }

  Result<std::shared_ptr<const Snapshot>> LoadFrom(const LogListing& listing,
                                                   std::optional<Version> target) {
    const Version version = target.value_or(listing.latest());
    const Version earliest = EarliestOf(listing);
    if (version < 0 || version > listing.latest() || earliest < 0 || version < earliest) {
      if (target) return VersionNotFound(root_, version, listing);
      return LogCorrupt(root_, std::string(kLogDirectory),
                        "neither version 0 nor a complete checkpoint is there");
    }
    std::optional<Error> first_error;
    Version below = std::numeric_limits<Version>::max();
    while (true) {
      auto segment = MakeSegment(listing, version, below, root_);
      if (!segment.ok()) {
        return first_error ? std::move(*first_error) : std::move(segment).error();
      }
      auto snapshot = Build(*segment, listing, nullptr);
      if (snapshot.ok() || !segment->checkpoint || !WorthAnotherTry(snapshot.error())) {
        return !snapshot.ok() && first_error ? std::move(*first_error) : std::move(snapshot);
      }
      // An unreadable checkpoint must not matter as long as the log before it is complete.
      if (!first_error) first_error = std::move(snapshot).error();
      below = segment->checkpoint->version;
    }
  }

  Result<std::shared_ptr<const Snapshot>> Build(const LogSegment& segment,
                                                const LogListing& listing,
                                                const std::shared_ptr<const Snapshot>& known) {
    Replay replay(root_);
    std::optional<int64_t> in_commit_timestamp;
    bool newest = true;
    for (auto delta = segment.deltas.rbegin(); delta != segment.deltas.rend(); ++delta) {
      TARN_TRY(ctx_.Check());
      TARN_ASSIGN(std::string bytes, handlers_.log->Read(ctx_, delta->path(), kLogFileBytesMax));
      auto block = std::make_shared<LogBlock>();
      LogActions actions;
      ReadWants wants;
      wants.commit_info = newest && delta->kind == LogFileKind::kCommit;
      TARN_TRY(ReadLogFile(std::move(bytes), root_, delta->path(), wants, *block, actions));
      if (actions.commit_info) in_commit_timestamp = actions.commit_info->in_commit_timestamp_ms;
      replay.Take(std::move(block), std::move(actions), true, false);
      newest = false;
    }
    if (known != nullptr) {
      replay.TakeKnown(known->state());
    } else if (segment.checkpoint) {
      LogActions actions;
      TARN_ASSIGN(auto block, ReadCheckpoint(ctx_, handlers_, root_, *segment.checkpoint,
                                             CheckpointWants(), actions));
      replay.Take(std::move(block), std::move(actions), false, true);
    }
    TARN_ASSIGN(auto state, replay.Finish(CommitPath(segment.version)));
    TARN_TRY(Complete(segment, listing, in_commit_timestamp, *state));
    return std::shared_ptr<const Snapshot>(std::make_shared<Snapshot>(std::move(state)));
  }

  Status Complete(const LogSegment& segment, const LogListing& listing,
                  std::optional<int64_t> in_commit_timestamp, SnapshotState& state) {
    state.version = segment.version;
    state.checkpoint = segment.checkpoint;
    if (const LogFile* commit = listing.Commit(segment.version)) {
      state.last_commit_size = commit->info.size;
      state.last_commit_modified_ms = commit->info.modified_ms;
    }
    state.timestamp_ms = segment.last_modified_ms;
    if (state.properties.in_commit_timestamps) {
      if (!in_commit_timestamp) {
        TARN_ASSIGN(in_commit_timestamp,
                    ReadInCommitTimestamp(ctx_, handlers_, root_, segment.version));
      }
      state.in_commit_timestamp_ms = in_commit_timestamp;
      if (in_commit_timestamp) state.timestamp_ms = *in_commit_timestamp;
    }
    return {};
  }

  const RequestContext& ctx_;
  const Handlers& handlers_;
  const std::string& root_;
};

}  // namespace

Result<std::optional<int64_t>> ReadInCommitTimestamp(const RequestContext& ctx,
                                                     const Handlers& handlers,
                                                     const std::string& table_root,
                                                     Version version) {
  auto bytes = handlers.log->Read(ctx, CommitPath(version), kLogFileBytesMax);
  if (!bytes.ok()) {
    if (bytes.error().condition() == Condition("PATH_NOT_FOUND")) return std::optional<int64_t>();
    return std::move(bytes).error();
  }
  LogBlock block;
  LogActions actions;
  ReadWants wants;
  wants.files = false;
  wants.others = false;
  TARN_TRY(ReadLogFile(std::move(*bytes), table_root, CommitPath(version), wants, block, actions));
  if (!actions.commit_info) return std::optional<int64_t>();
  return actions.commit_info->in_commit_timestamp_ms;
}

Result<std::shared_ptr<const Snapshot>> LoadSnapshot(const RequestContext& ctx,
                                                     const Handlers& handlers,
                                                     const std::string& table_root,
                                                     std::optional<Version> target,
                                                     const std::shared_ptr<const Snapshot>& known) {
  Loader loader(ctx, handlers, table_root);
  if (known != nullptr && !target) {
    TARN_ASSIGN(auto refreshed, loader.Refresh(known));
    if (refreshed != nullptr) return refreshed;
  }
  return loader.Load(target);
}

}  // namespace tarn::delta
