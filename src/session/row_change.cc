#include "row_change.h"

#include <algorithm>

#include "optimize.h"
#include "tarn/delta/change_feed.h"
#include "tarn/delta/deletion_vector.h"
#include "tarn/delta/protocol.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

/// Of a file with more deleted rows than this part, the rest is written anew.
constexpr double kMarkedPartMax = 0.3;

}  // namespace

int64_t LiveRows(const delta::FileSet& files, size_t index) {
  const std::optional<int64_t> records = files.num_records(index);
  if (!records) return -1;
  const delta::DeletionVectorDescriptor* vector = files.deletion_vector(index);
  return *records - (vector != nullptr ? vector->cardinality : 0);
}

Result<RewriteTarget> FindRewriteTarget(StatementScope& scope, const sql::ObjectName& name,
                                        const sql::TableAlias& alias, std::string_view operation) {
  RewriteTarget target;
  target.started_us = scope.request().clock->SteadyMicros();
  TARN_TRY(RefusePositionalParameters(scope, operation));
  TARN_ASSIGN(target.target, scope.FindTable(name, catalog::Purpose::kWrite, operation));
  TARN_ASSIGN(target.snapshot, scope.PinLatest(target.target.root));
  TARN_TRY(delta::CheckWritable(target.snapshot->protocol(), target.snapshot->metadata(),
                                delta::WriteKind::kRewrite, target.target.display));
  if (target.target.table) {
    const catalog::ObjectName& full = target.target.table->name;
    target.name_sql = full.ToSql();
    target.alias_sql = QuoteIdentifier(full.object);
  } else {
    target.name_sql = "delta." + QuoteIdentifier(target.target.root);
    target.alias_sql = "`__target`";
  }
  if (!alias.empty()) target.alias_sql = QuoteIdentifier(alias.name.text);
  return target;
}

void SetTimes(const StatementScope& scope, const RewriteTarget& target, int64_t scanned_us,
              delta::Transaction& transaction) {
  const int64_t now_us = scope.request().clock->SteadyMicros();
  transaction.SetMetric("scanTimeMs", (scanned_us - target.started_us) / 1000);
  transaction.SetMetric("rewriteTimeMs", (now_us - scanned_us) / 1000);
  transaction.SetMetric("executionTimeMs", (now_us - target.started_us) / 1000);
}

Result<TouchedFiles> CollectTouched(StatementScope& scope, const plan::Query& query) {
  TARN_ASSIGN(auto rows,
              scope.rooms().engine().Execute(scope.request(), query, scope.EngineView()));
  TouchedFiles touched;
  while (true) {
    TARN_ASSIGN(auto batch, rows->Next());
    if (batch.empty()) return touched;
    for (const std::vector<Value>& row : batch) {
      if (row[0].is_null()) continue;
      touched[static_cast<uint32_t>(row[0].integer())] += row[1].integer();
    }
  }
}

RowChange::RowChange(StatementScope& scope, const RewriteTarget& target,
                     delta::Transaction transaction)
    : scope_(&scope),
      target_(&target),
      transaction_(std::move(transaction)),
      has_feed_(target.snapshot->properties().change_data_feed),
      tracked_(delta::TrackedColumns(target.snapshot->metadata())),
      began_us_(scope.request().clock->SteadyMicros()) {}

Result<RowChange> RowChange::Begin(StatementScope& scope, const RewriteTarget& target) {
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.ReadWholeTable();
  transaction.SetWriteKind(delta::WriteKind::kRewrite);
  return RowChange(scope, target, std::move(transaction));
}

RowChange::~RowChange() { RemoveUnusedFiles(*scope_, target_->target.root, written_); }

const FileChoice& RowChange::Choose(const TouchedFiles& touched, bool rows_leave) {
  const delta::Snapshot& snapshot = *target_->snapshot;
  const delta::FileSet& files = snapshot.files();
  const bool may_mark = snapshot.properties().deletion_vectors &&
                        delta::SupportsFeature(snapshot.protocol(), "deletionVectors");
  for (const auto& [file, count] : touched) {
    const int64_t live = LiveRows(files, file);
    const std::optional<int64_t> records = files.num_records(file);
    if (rows_leave && count == live) {
      choice_.removed.push_back(file);
    } else if (may_mark && records && count != live &&
               static_cast<double>(*records - live + count) <=
                   kMarkedPartMax * static_cast<double>(*records)) {
      choice_.marked.push_back(file);
      marked_rows_[file];
      continue;
    } else {
      choice_.rewritten.push_back(file);
    }
    if (files.deletion_vector(file) != nullptr) ++vectors_removed_;
    removed_bytes_ += files.file_size(file);
    transaction_.Remove(file);
  }
  return choice_;
}

Status RowChange::Mark(const plan::Query& positions) {
  TARN_ASSIGN(auto rows,
              scope_->rooms().engine().Execute(scope_->request(), positions, scope_->EngineView()));
  while (true) {
    TARN_ASSIGN(auto batch, rows->Next());
    if (batch.empty()) return {};
    for (const std::vector<Value>& row : batch) {
      const auto file = marked_rows_.find(static_cast<uint32_t>(row[0].integer()));
      if (file == marked_rows_.end()) continue;
      file->second.push_back(static_cast<uint64_t>(row[1].integer()));
    }
  }
}

Result<plan::Query> RowChange::Conform(plan::Query query, ColumnMatch match,
                                       const delta::TableConstraints& constraints,
                                       bool change_rows) {
  delta::Metadata metadata = transaction_.metadata();
  const auto& columns = query.root->columns;
  // What the statement itself added stands behind the table's columns.
  const auto last = [&](std::string_view name) -> std::optional<size_t> {
    for (size_t i = columns.size(); i-- > 0;) {
      if (columns[i].name == name) return i;
    }
    return std::nullopt;
  };
  if (tracked_) {
    metadata = delta::WithRowTracking(metadata, *tracked_);
    match.push_back(last(kRowIdColumn));
    match.push_back(last(kRowCommitVersionColumn));
  }
  if (change_rows) {
    metadata = delta::WithChangeType(metadata);
    match.push_back(last(delta::kChangeTypeColumn));
  }
  return ConformToTable(*scope_, std::move(query), match, metadata, constraints,
                        target_->target.display);
}

Result<int64_t> RowChange::Write(const plan::Query& conformed, const ColumnMatch& match,
                                 bool change_rows) {
  engine::WriteTarget write = WriteTargetOf(target_->target.root, transaction_.metadata());
  if (tracked_) write = WithRowIds(std::move(write), *tracked_);
  write.change_rows = change_rows;
  TARN_ASSIGN(
      engine::WriteResult written,
      scope_->rooms().engine().Write(scope_->request(), conformed, write, scope_->EngineView()));
  for (delta::AddFile& file : written.files) {
    written_.push_back(file);
    data_bytes_ += file.size;
    transaction_.Add(std::move(file));
    ++data_files_;
  }
  for (delta::AddFile& file : written.change_files) {
    written_.push_back(file);
    transaction_.AddChangeFile(std::move(file));
    ++change_files_;
  }
  TARN_TRY(AdvanceIdentity(transaction_, match, written.rows));
  return written.rows;
}

Status RowChange::StoreVectors() {
  const delta::FileSet& files = target_->snapshot->files();
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table,
              scope_->rooms().snapshots().Open(scope_->request(), target_->target.root));
  const delta::Handlers& handlers = table->handlers();
  std::vector<uint32_t> indexes;
  std::vector<delta::DeletionVector> vectors;
  for (auto& [file, rows] : marked_rows_) {
    if (rows.empty()) continue;
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    delta::DeletionVector vector = delta::DeletionVector::FromRows(rows);
    if (const delta::DeletionVectorDescriptor* before = files.deletion_vector(file)) {
      TARN_ASSIGN(const delta::DeletionVector old,
                  delta::LoadDeletionVector(scope_->request(), *handlers.log, target_->target.root,
                                            *before));
      vector = vector.Union(old);
      ++vectors_updated_;
    } else {
      ++vectors_added_;
    }
    indexes.push_back(file);
    vectors.push_back(std::move(vector));
  }
  if (vectors.empty()) return {};
  delta::AddFile stored;
  auto descriptors =
      delta::StoreDeletionVectors(scope_->request(), handlers, vectors, &stored.path);
  if (!stored.path.empty()) written_.push_back(std::move(stored));
  if (!descriptors.ok()) return std::move(descriptors).error();
  for (size_t i = 0; i < indexes.size(); ++i) {
    transaction_.SetDeletionVector(indexes[i], std::move((*descriptors)[i]));
  }
  return {};
}

void RowChange::SetMetrics(std::string_view prefix) {
  const auto removed = static_cast<int64_t>(choice_.removed.size() + choice_.rewritten.size());
  const bool merge = !prefix.empty();
  const std::string target = "num" + std::string(prefix);
  transaction_.SetMetric(merge ? target + "FilesRemoved" : "numRemovedFiles", removed);
  transaction_.SetMetric(merge ? target + "FilesAdded" : "numAddedFiles", data_files_);
  transaction_.SetMetric(merge ? target + "BytesRemoved" : "numRemovedBytes", removed_bytes_);
  transaction_.SetMetric(merge ? target + "BytesAdded" : "numAddedBytes", data_bytes_);
  transaction_.SetMetric(merge ? target + "ChangeFilesAdded" : "numAddedChangeFiles",
                         change_files_);
  SetTimes(*scope_, *target_, began_us_, transaction_);
  // As with files, an updated one counts as one removed and one added.
  transaction_.SetMetric(target + "DeletionVectorsAdded", vectors_added_ + vectors_updated_);
  transaction_.SetMetric(target + "DeletionVectorsUpdated", vectors_updated_);
  transaction_.SetMetric(target + "DeletionVectorsRemoved", vectors_removed_ + vectors_updated_);
}

Status RowChange::Commit(std::string_view prefix) {
  TARN_TRY(StoreVectors());
  SetMetrics(prefix);
  auto committed = CommitAndPublish(*scope_, target_->target, transaction_);
  if (committed.ok() ||
      committed.error().condition() == Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
    written_.clear();
  }
  if (!committed.ok()) return std::move(committed).error();
  CompactIfAsked(*scope_, target_->target, transaction_.metadata());
  return {};
}

}  // namespace tarn::session
