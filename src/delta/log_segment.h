#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

inline constexpr std::string_view kLogDirectory = "_delta_log";
/// Commits that wait for the catalog's word.
inline constexpr std::string_view kStagedDirectory = "_delta_log/_staged_commits";

enum class LogFileKind : uint8_t {
  kCommit,
  kCompacted,
  kClassicCheckpoint,
  kCheckpointPart,
  kV2Checkpoint
};

/// What the name of a file in the log directory says. Source: Delta protocol, "File Types".
struct LogFile {
  LogFileKind kind = LogFileKind::kCommit;
  Version version = 0;      ///< kCompacted: the first version
  Version end_version = 0;  ///< the last version covered
  int64_t part = 0;         ///< kCheckpointPart: 1 … parts
  int64_t parts = 1;
  bool json = false;  ///< kV2Checkpoint: top level in JSON
  LogFileInfo info;

  std::string path() const { return std::string(kLogDirectory) + "/" + info.name; }
};

/// nullopt for other files (checksums, temporary files, `_last_checkpoint`).
std::optional<LogFile> ParseLogFileName(const LogFileInfo& info);

/// "_delta_log/00000000000000000007.json"
std::string CommitPath(Version version);
/// "_delta_log/00000000000000000007.checkpoint.parquet"
std::string ClassicCheckpointPath(Version version);
/// The 20 digits of a version.
std::string VersionPrefix(Version version);

/// A complete checkpoint: one file, or all parts in order.
struct CheckpointFiles {
  Version version = kNoVersion;
  std::vector<LogFile> files;
};

/// The log directory (or its newer part), sorted out.
struct LogListing {
  std::vector<LogFile> commits;    ///< by version
  std::vector<LogFile> compacted;  ///< by first version
  std::vector<CheckpointFiles>
      checkpoints;       ///< complete ones, by version; of one version the best last
  bool complete = true;  ///< whether the whole directory was listed

  bool empty() const { return commits.empty() && checkpoints.empty(); }
  Version latest() const;
  const LogFile* Commit(Version version) const;
};

/// Lists from version `from` on.
Result<LogListing> ListLog(const RequestContext& ctx, LogStore& store, Version from);

/// What `_last_checkpoint` tells.
struct LastCheckpoint {
  Version version = kNoVersion;
  std::optional<int64_t> bytes;  ///< of all its files
};
/// nullopt if there is none that can be read; any fault of it is ignored.
std::optional<LastCheckpoint> ReadLastCheckpoint(const RequestContext& ctx, LogStore& store);

/// How many bytes the commits of versions `first` … `last` have together; those that are gone have
/// none.
Result<int64_t> CommitBytes(const RequestContext& ctx, LogStore& store, Version first,
                            Version last);

/// What must be read for one version: the checkpoint, then the log files after it in their order.
struct LogSegment {
  Version version = kNoVersion;
  std::optional<CheckpointFiles> checkpoint;
  std::vector<LogFile> deltas;
  int64_t last_modified_ms = 0;  ///< of the last commit
};

/// The segment for `target`, built on the newest complete checkpoint at or below it but older than
/// `checkpoint_below` (a checkpoint found unreadable). Errors: DELTA_LOG_CORRUPT for a missing
/// version.
Result<LogSegment> MakeSegment(const LogListing& listing, Version target, Version checkpoint_below,
                               std::string_view table_root);

/// The oldest version for which a segment exists, or kNoVersion.
Version EarliestOf(const LogListing& listing);

}  // namespace tarn::delta
