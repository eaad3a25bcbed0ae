#include "conflict.h"

#include "log_reader.h"
#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/delta/row_tracking.h"

namespace tarn::delta {
namespace {

Error Conflict(Condition condition, const TransactionReads& reads, Version version) {
  return Error(condition, {{"table", reads.table_root}, {"version", std::to_string(version)}});
}

/// Whether a file added by the winner may hold rows that the transaction asked for.
bool AnyAddMatches(const TransactionReads& reads, const std::shared_ptr<const LogBlock>& block) {
  auto rows = std::make_shared<std::vector<uint32_t>>();
  for (size_t row = 0; row < block->adds(); ++row) {
    if (block->data_change[row] != 0) rows->push_back(static_cast<uint32_t>(row));
  }
  if (rows->empty()) return false;
  if (reads.whole_table) return true;
  // The pruner works on snapshots: one that has just these files.
  const SnapshotState& read = reads.snapshot->state();
  auto state = std::make_shared<SnapshotState>(read);
  state->files =
      FilesOfBlock(reads.table_root, block, std::move(rows), read.metadata, read.physical);
  const auto added = std::make_shared<const Snapshot>(std::move(state));
  for (const Conjunction& predicates : reads.predicates) {
    if (!FilePruner(added, predicates, *FindTimeZone("UTC")).Run().kept.empty()) return true;
  }
  return false;
}

std::optional<Error> CheckActions(const TransactionReads& reads, Version version,
                                  const LogActions& actions) {
  if (actions.protocol) return Conflict(Condition("DELTA_PROTOCOL_CHANGED"), reads, version);
  if (actions.metadata) return Conflict(Condition("DELTA_METADATA_CHANGED"), reads, version);
  for (const DomainMetadata& domain : actions.domains) {
    if (reads.domains.contains(domain.domain)) {
      return Conflict(Condition("DELTA_METADATA_CHANGED"), reads, version);
    }
  }
  for (const SetTransaction& txn : actions.transactions) {
    if (reads.app_ids.contains(txn.app_id)) {
      return Error(Condition("DELTA_CONCURRENT_TRANSACTION"),
                   {{"appId", txn.app_id},
                    {"table", reads.table_root},
                    {"version", std::to_string(version)}});
    }
  }
  return std::nullopt;
}

std::optional<Error> CheckFiles(const TransactionReads& reads, Version version,
                                const LogActions& actions,
                                const std::shared_ptr<const LogBlock>& block) {
  const bool blind = actions.commit_info && actions.commit_info->is_blind_append.value_or(false);
  // Under WriteSerializable a blind append may be taken to come later than we do, although its
  // version is lower.
  const bool adds_count =
      reads.changes_data &&
      (!blind || reads.isolation == IsolationLevel::kSerializable || reads.changes_metadata);
  if (adds_count && AnyAddMatches(reads, block)) {
    return Conflict(Condition("DELTA_CONCURRENT_APPEND"), reads, version);
  }
  for (const Removal& removal : block->removals) {
    if (reads.whole_table || reads.read_paths.contains(removal.path)) {
      return Conflict(Condition("DELTA_CONCURRENT_DELETE_READ"), reads, version);
    }
  }
  for (const Removal& removal : block->removals) {
    if (reads.removed_paths.contains(removal.path)) {
      return Conflict(Condition("DELTA_CONCURRENT_DELETE_DELETE"), reads, version);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Winner> CheckWinner(const TransactionReads& reads, Version version, std::string bytes) {
  auto block = std::make_shared<LogBlock>();
  LogActions actions;
  TARN_TRY(ReadLogFile(std::move(bytes), reads.table_root, CommitPath(version), ReadWants(), *block,
                       actions));
  Winner winner;
  if (actions.commit_info) {
    winner.txn_id = actions.commit_info->txn_id;
    winner.in_commit_timestamp_ms = actions.commit_info->in_commit_timestamp_ms;
  }
  for (const DomainMetadata& domain : actions.domains) {
    if (domain.domain == kRowTrackingDomain) {
      winner.row_id_high_water_mark = RowIdHighWaterMark(domain);
    }
  }
  winner.conflict = CheckActions(reads, version, actions);
  if (!winner.conflict && reads.snapshot == nullptr) {
    // Two creations at once.
    winner.conflict = Conflict(Condition("DELTA_PROTOCOL_CHANGED"), reads, version);
  }
  if (!winner.conflict) winner.conflict = CheckFiles(reads, version, actions, block);
  if (!winner.conflict && reads.alone) {
    winner.conflict = Conflict(Condition("DELTA_CONCURRENT_APPEND"), reads, version);
  }
  return winner;
}

}  // namespace tarn::delta
