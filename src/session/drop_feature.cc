#include "drop_feature.h"

#include <algorithm>

#include "optimize.h"
#include "tarn/delta/drop_feature.h"
#include "tarn/delta/log_cleanup.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/row_tracking.h"

namespace tarn::session {

namespace {

/// How long history is kept at least that TRUNCATE HISTORY would remove.
constexpr const char* kTruncationRetention = "delta.dropFeatureTruncateHistory.retentionDuration";

class FeatureDrop {
 public:
  FeatureDrop(StatementScope& scope, const TableTarget& target,
              std::shared_ptr<const delta::Snapshot> snapshot, const sql::DropFeature& action)
      : scope_(scope), target_(target), snapshot_(std::move(snapshot)), action_(action) {}

  Status Run() {
    TARN_TRY(delta::CheckDroppable(*snapshot_, feature(), action_.truncate_history));
    TARN_ASSIGN(table_, scope_.rooms().snapshots().Open(scope_.request(), target_.root));
    if (action_.truncate_history) return DropWithHistory();
    if (!delta::IsReaderFeature(feature())) return DropAtOnce();
    TARN_TRY(RemoveTraces());
    TARN_TRY(Checkpoint());
    TARN_TRY(LowerProtocol(true));
    // From here on nobody needs a version that used the feature.
    TARN_TRY(Refresh());
    return Checkpoint();
  }

 private:
  const std::string& feature() const { return action_.feature; }

  Status Refresh() {
    TARN_ASSIGN(snapshot_, table_->Latest(scope_.request(), snapshot_));
    return {};
  }

  Result<delta::Transaction> Begin() {
    TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope_, target_.root, snapshot_));
    transaction.ReadWholeTable();
    transaction.SetOperation("DROP FEATURE",
                             {{"featureName", feature()},
                              {"truncateHistory", action_.truncate_history ? "true" : "false"}});
    return transaction;
  }

  /// What only writers know can go in one commit with its traces.
  Status DropAtOnce() {
    if (feature() == "domainMetadata") TARN_TRY(RemoveDomains());
    TARN_ASSIGN(delta::Transaction transaction, Begin());
    const delta::Metadata without = delta::WithoutTraces(snapshot_->metadata(), feature());
    if (without.configuration != snapshot_->metadata().configuration) {
      TARN_TRY(transaction.SetMetadata(without));
    }
    if (delta::FileTracesOf(*snapshot_, feature()) == delta::FileTraces::kRowIds) {
      TARN_TRY(ForgetRowIds(transaction));
    }
    transaction.SetProtocol(delta::WithoutFeature(snapshot_->protocol(), feature()));
    TARN_TRY(CommitAndPublish(scope_, target_, transaction));
    return {};
  }

  /// Adds the files again without ids, and removes what the domain says.
  Status ForgetRowIds(delta::Transaction& transaction) const {
    const delta::FileSet& files = snapshot_->files();
    TARN_TRY(files.LoadStatistics(scope_.request()));
    for (size_t i = 0; i < files.size(); ++i) {
      if (!files.base_row_id(i) && !files.default_row_commit_version(i)) continue;
      delta::AddFile add = files.ToAdd(i);
      add.base_row_id.reset();
      add.default_row_commit_version.reset();
      add.data_change = false;
      transaction.ReadFile(i);
      transaction.Add(std::move(add));
    }
    const auto domain = snapshot_->domains().find(delta::kRowTrackingDomain);
    if (domain == snapshot_->domains().end()) return {};
    delta::DomainMetadata removed = domain->second;
    removed.removed = true;
    transaction.SetDomainMetadata(std::move(removed));
    return {};
  }

  Status RemoveDomains() {
    if (snapshot_->domains().empty()) return {};
    TARN_ASSIGN(delta::Transaction transaction, Begin());
    for (const auto& [name, domain] : snapshot_->domains()) {
      delta::DomainMetadata removed = domain;
      removed.removed = true;
      transaction.SetDomainMetadata(std::move(removed));
    }
    TARN_TRY(CommitAndPublish(scope_, target_, transaction));
    return Refresh();
  }

  /// The table stops using the feature; answers whether it did.
  Result<bool> RemoveTraces() {
    const delta::FileTraces traces = delta::FileTracesOf(*snapshot_, feature());
    delta::Metadata without = delta::WithoutTraces(snapshot_->metadata(), feature());
    const bool same = without.configuration == snapshot_->metadata().configuration &&
                      without.schema.fields == snapshot_->schema().fields;
    if (traces == delta::FileTraces::kNone && same) return false;
    if (feature() == "columnMapping") TARN_TRY(CheckNames(without));
    RewriteOptions options;
    options.purge = traces == delta::FileTraces::kDeletedRows;
    options.all = traces == delta::FileTraces::kAllFiles;
    options.files_min = SIZE_MAX;  // no other file than those
    options.metadata = std::move(without);
    options.operation = "REORG";
    options.parameters = {{"dropFeature", feature()}};
    TARN_TRY(RewriteFiles(scope_, target_, snapshot_, options));
    TARN_TRY(Refresh());
    return true;
  }

  static Status CheckNames(const delta::Metadata& without) {
    const Status valid = delta::ValidateMetadata(without);
    if (valid.ok() ||
        valid.error().condition() != Condition("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES")) {
      return valid;
    }
    return Error(Condition("DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING"),
                 {{"columnName", std::string(valid.error().parameter("columnName"))}});
  }

  /// A checkpoint of the newest version, from which readers start.
  Status Checkpoint() {
    const Status written = delta::WriteCheckpoint(scope_.request(), table_->handlers(), *snapshot_);
    // The commit itself may have made one.
    if (written.ok() || written.error().condition() == Condition("PATH_ALREADY_EXISTS")) return {};
    return Error(Condition("DELTA_FEATURE_DROP_CHECKPOINT_FAILED"), {{"feature", feature()}})
        .WithCause(Error(written.error()));
  }

  Status LowerProtocol(bool protects) {
    TARN_ASSIGN(delta::Transaction transaction, Begin());
    delta::Protocol protocol = delta::WithoutFeature(snapshot_->protocol(), feature());
    if (protects) protocol = delta::WithProtection(protocol);
    TARN_TRY(transaction.SetMetadata(delta::WithoutTraces(snapshot_->metadata(), feature())));
    if (protects) transaction.SetVersionProperty(delta::kProtectionProperty);
    transaction.SetProtocol(std::move(protocol));
    TARN_TRY(CommitAndPublish(scope_, target_, transaction));
    return {};
  }

  int64_t TruncationRetention() const {
    const std::string* text = snapshot_->metadata().Property(kTruncationRetention);
    const auto asked = text == nullptr ? std::nullopt : delta::ParseIntervalMs(*text);
    return std::max(asked.value_or(0), delta::kLogRetentionLeastMs);
  }

  std::string RetentionText() const {
    return std::to_string(TruncationRetention() / 3'600'000) + " hours";
  }

  /// Nothing of the feature may be left in the log.
  Status DropWithHistory() {
    const bool protection = feature() == "checkpointProtection";
    if (!protection) {
      TARN_ASSIGN(const bool used, RemoveTraces());
      if (used) {
        TARN_TRY(Checkpoint());
        return Error(Condition("DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD"),
                     {{"feature", feature()}, {"retention", RetentionText()}});
      }
    }
    TARN_TRY(delta::TruncateLog(scope_.request(), table_->handlers(), *snapshot_,
                                TruncationRetention()));
    TARN_ASSIGN(const bool uses,
                delta::HistoryUses(scope_.request(), *table_, *snapshot_, feature()));
    if (uses && protection) {
      return Error(Condition("DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD"),
                   {{"retention", RetentionText()}});
    }
    if (uses) {
      return Error(Condition("DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST"),
                   {{"feature", feature()}, {"retention", RetentionText()}});
    }
    return LowerProtocol(false);
  }

  StatementScope& scope_;
  const TableTarget& target_;
  std::shared_ptr<const delta::Snapshot> snapshot_;
  const sql::DropFeature& action_;
  std::shared_ptr<const delta::Table> table_;
};

}  // namespace

Status DropTableFeature(StatementScope& scope, const TableTarget& target,
                        const std::shared_ptr<const delta::Snapshot>& snapshot,
                        const sql::DropFeature& action) {
  return FeatureDrop(scope, target, snapshot, action).Run();
}

}  // namespace tarn::session
