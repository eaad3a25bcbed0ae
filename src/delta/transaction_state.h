#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conflict.h"
#include "table_switch.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/transaction.h"

namespace tarn::delta {

inline constexpr const char* kInCommitTimestamps = "delta.enableInCommitTimestamps";
inline constexpr int kCommitAttemptsMax = 1000;

/// A file of the snapshot that is removed.
struct Removed {
  size_t index = 0;
  bool data_change = true;
};

struct Transaction::State {
  Handlers handlers;
  TransactionReads reads;
  std::string txn_id;
  std::optional<Metadata> new_metadata;
  std::optional<Protocol> new_protocol;
  std::vector<AddFile> adds;
  std::vector<AddFile> change_files;
  std::vector<Removed> removes;
  std::vector<SetTransaction> transactions;
  std::vector<DomainMetadata> domains;
  CommitInfo info;
  std::optional<WriteKind> kind;
  bool removes_all = false;
  int attempts_max = kCommitAttemptsMax;
  bool checkpoints = true;
  bool committed = false;
  Version durable = kNoVersion;
  int64_t row_id_floor = -1;           ///< ids up to it are taken
  std::optional<Version> row_version;  ///< where rows' version isn't that of the commit
  bool writes_checksum = true;
  /// What the last body says of the highest row id, if it says anything.
  std::optional<DomainMetadata> row_id_domain;
  std::vector<std::string> version_properties;

  const std::shared_ptr<const Snapshot>& snapshot() const { return reads.snapshot; }
  Version read_version() const { return snapshot() ? snapshot()->version() : kNoVersion; }
  const Metadata& metadata() const {
    static const Metadata kNone;
    return new_metadata ? *new_metadata : snapshot() ? snapshot()->metadata() : kNone;
  }
  const Protocol& protocol() const {
    static const Protocol kNone;
    return new_protocol ? *new_protocol : snapshot() ? snapshot()->protocol() : kNone;
  }
  /// Whether it leaves the rows and everything else of the table as they are.
  bool OnlyRearranges() const;
  bool reads_nothing() const {
    return reads.predicates.empty() && !reads.whole_table && reads.read_paths.empty();
  }
  bool only_adds() const {
    return !new_metadata && !new_protocol && change_files.empty() && removes.empty() &&
           transactions.empty() && domains.empty() && !kind && !adds.empty() && reads_nothing() &&
           reads.app_ids.empty() && row_id_floor < 0;
  }
  /// Whether the table is replaced, or has files and all of them go: its new metadata needn't fit
  /// the files that it had.
  bool replaces_files() const {
    return removes_all || kind == WriteKind::kReplace ||
           (!removes.empty() && removes.size() == snapshot()->files().size());
  }
  WriteKind Kind() const;
  Status RequireLog(const RequestContext& ctx, int64_t now_ms) const;
  void WriteCheckpoint(const RequestContext& ctx, Committed& committed) const;
  std::optional<Version> CompactionDue(Version last) const;
  Status Validate() const;
  Status ValidateChange() const;
  Status ValidateRowIds() const;
  Status AddBackfill(const RequestContext& ctx);
  void NoteChanges(bool backfills);
  bool assigns_row_ids() const { return AssignsRowIds(protocol(), metadata()); }
  bool starts_in_commit_timestamps() const {
    return snapshot() && !snapshot()->properties().in_commit_timestamps && new_metadata &&
           IsSwitchedOn(*new_metadata, kInCommitTimestamps);
  }
  /// Whether the body differs from attempt to attempt.
  bool depends_on_version() const {
    return assigns_row_ids() || !version_properties.empty() || starts_in_commit_timestamps();
  }
  void NoteVersion(Version version, std::optional<int64_t> in_commit_timestamp);
  int64_t RowIdMark() const;
  std::string Body(int64_t now_ms, Version version, int64_t row_id_mark);
  std::string InfoLine(int64_t now_ms, std::optional<int64_t> in_commit_timestamp);
};

}  // namespace tarn::delta
