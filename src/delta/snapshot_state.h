#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file_set.h"
#include "log_segment.h"
#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// A removed file that the next checkpoint has to mention.
struct TombstoneRef {
  std::shared_ptr<const LogBlock> block;
  uint32_t index = 0;

  const Removal& removal() const { return block->removals[index]; }
};

struct SnapshotState {
  std::string root;
  Version version = kNoVersion;
  int64_t timestamp_ms = 0;
  std::optional<int64_t> in_commit_timestamp_ms;
  /// Of the last commit's file, to notice a table that was replaced under the same name.
  int64_t last_commit_size = -1;
  int64_t last_commit_modified_ms = 0;
  std::optional<CheckpointFiles> checkpoint;
  Protocol protocol;
  Metadata metadata;
  TableProperties properties;
  PhysicalSchema physical;
  TableConstraints constraints;
  FileSet files{std::make_shared<FileSet::Rep>()};
  std::map<std::string, SetTransaction, std::less<>> transactions;
  std::map<std::string, DomainMetadata, std::less<>> domains;
  std::vector<TombstoneRef> tombstones;  ///< of the log after the checkpoint
};

/// The newest version, or `target`. With a `known` snapshot reads only what is newer than it.
Result<std::shared_ptr<const Snapshot>> LoadSnapshot(const RequestContext& ctx,
                                                     const Handlers& handlers,
                                                     const std::string& table_root,
                                                     std::optional<Version> target,
                                                     const std::shared_ptr<const Snapshot>& known);

/// The in-commit timestamp of a version, if its commit is there and has one.
Result<std::optional<int64_t>> ReadInCommitTimestamp(const RequestContext& ctx,
                                                     const Handlers& handlers,
                                                     const std::string& table_root,
                                                     Version version);

}  // namespace tarn::delta
