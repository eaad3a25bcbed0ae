#include "table_commit.h"

#include "catalog_commits.h"
#include "open_transaction.h"
#include "tarn/delta/iceberg_compat.h"
#include "tarn/io/object_store.h"

namespace tarn::session {

engine::WriteTarget WriteTargetOf(const std::string& root, const delta::Metadata& metadata) {
  engine::WriteTarget target;
  target.root = root;
  target.schema = metadata.schema;
  target.partition_columns = metadata.partition_columns;
  target.iceberg_compat_version = delta::IcebergCompatVersion(metadata);
  if (auto properties = delta::ReadTableProperties(metadata); properties.ok()) {
    target.column_mapping = properties->column_mapping != delta::ColumnMappingMode::kNone;
    target.target_file_bytes = properties->target_file_size;
    target.statistics_columns_max = properties->data_skipping_num_indexed_cols;
  }
  return target;
}

namespace {

/// Who changes the table, and what the session has settled for all changes.
void Introduce(StatementScope& scope, delta::Transaction& transaction) {
  transaction.SetUser(scope.request().principal, scope.request().principal);
  if (const std::string* note = scope.session().Setting(kUserMetadataSetting)) {
    transaction.SetUserMetadata(*note);
  }
  const std::string* checksum = scope.session().Setting(kWriteChecksumSetting);
  transaction.SetChecksum(checksum == nullptr || !SameName(*checksum, "false"));
}

}  // namespace

Result<delta::Transaction> BeginChange(StatementScope& scope, const std::string& root,
                                       std::shared_ptr<const delta::Snapshot> snapshot) {
  delta::Handlers handlers;
  if (OpenTransaction* open = scope.session().transaction.get()) {
    TARN_ASSIGN(handlers, open->HandlersForChange(root, scope.DisplayOf(root)));
  } else {
    TARN_ASSIGN(std::shared_ptr<const delta::Table> table,
                scope.rooms().snapshots().Open(scope.request(), root));
    handlers = table->handlers();
  }
  delta::Transaction transaction(std::move(handlers), std::move(snapshot));
  Introduce(scope, transaction);
  return transaction;
}

Result<delta::Transaction> BeginCreation(StatementScope& scope, const std::string& root) {
  scope.rooms().snapshots().Forget(root);
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table,
              scope.rooms().snapshots().Open(scope.request(), root));
  delta::Transaction transaction(table->handlers(), root);
  Introduce(scope, transaction);
  return transaction;
}

namespace {

/// The way a change is committed: that of the version it is put on. A table that is to be committed
/// through the catalog from this change on must be one of the catalog's, too.
Result<std::unique_ptr<delta::Committer>> CommitterOf(catalog::Lake& lake,
                                                      const delta::Table& table,
                                                      const delta::Transaction& transaction) {
  const auto& snapshot = transaction.snapshot();
  const bool before = snapshot && delta::IsCatalogCommitted(snapshot->protocol());
  std::unique_ptr<delta::Committer> committer;
  if (before || delta::IsCatalogCommitted(transaction.protocol())) {
    TARN_ASSIGN(committer, CatalogCommitterOf(lake, table));
  }
  if (!before) committer = std::make_unique<delta::FileSystemCommitter>(table.handlers().log);
  return committer;
}

}  // namespace

Result<delta::Committed> CommitChange(StatementScope& scope, const std::string& root,
                                      delta::Transaction& transaction) {
  if (OpenTransaction* open = scope.session().transaction.get()) {
    return open->Take(scope.request(), root, transaction);
  }
  return CommitNow(scope.request(), scope.rooms(), root, transaction);
}

Result<delta::Committed> CommitNow(const RequestContext& context, Instance::Rooms& rooms,
                                   const std::string& root, delta::Transaction& transaction) {
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table, rooms.snapshots().Open(context, root));
  const auto commits = rooms.snapshots().Commits(root);
  TARN_ASSIGN(const auto committer, CommitterOf(rooms.lake(), *table, transaction));
  delta::CommitResult result = commits->Commit(context, *committer, transaction);
  if (auto* committed = std::get_if<delta::Committed>(&result)) return std::move(*committed);
  if (auto* conflicted = std::get_if<delta::Conflicted>(&result)) {
    return std::move(conflicted->error);
  }
  return OutcomeUnknown(root, std::get<delta::Unknown>(std::move(result)));
}

Error OutcomeUnknown(const std::string& root, delta::Unknown unknown) {
  return Error(Condition("DELTA_COMMIT_OUTCOME_UNKNOWN"),
               {{"table", root},
                {"version", std::to_string(unknown.version)},
                {"txnId", unknown.txn_id}})
      .WithCause(std::move(unknown.error));
}

catalog::TableChange TableContents(const delta::Metadata& metadata, delta::Version version) {
  catalog::TableChange change;
  change.schema = metadata.schema;
  change.partition_columns = metadata.partition_columns;
  change.properties =
      catalog::Properties(metadata.configuration.begin(), metadata.configuration.end());
  change.comment = metadata.description;
  change.version = version;
  return change;
}

Result<delta::Committed> CommitAndPublish(StatementScope& scope, const TableTarget& target,
                                          delta::Transaction& transaction) {
  TARN_ASSIGN(delta::Committed committed, CommitChange(scope, target.root, transaction));
  if (OpenTransaction* open = scope.session().transaction.get()) {
    open->TellLater(target.root, target.table);
  } else {
    TellCatalog(scope.request(), scope.rooms(), target.table, transaction, committed.version);
  }
  return committed;
}

void TellCatalog(const RequestContext& context, Instance::Rooms& rooms,
                 const catalog::TablePtr& table, const delta::Transaction& transaction,
                 delta::Version version) {
  if (!table) return;
  const bool news =
      transaction.changes_metadata() || table->schema != transaction.metadata().schema;
  // The log is the truth; a catalog that wasn't told shows older columns until the next commit.
  if (news) {
    (void)rooms.catalog().UpdateTable(context, table->id,
                                      TableContents(transaction.metadata(), version));
  }
}

Status MakeDurable(StatementScope& scope, const std::string& root, delta::Version version) {
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table,
              scope.rooms().snapshots().Open(scope.request(), root));
  return delta::FileSystemCommitter(table->handlers().log).MakeDurable(scope.request(), version);
}

Result<std::vector<uint32_t>> MissingFiles(StatementScope& scope, const std::string& root,
                                           const delta::FileSet& files,
                                           const std::vector<uint32_t>& indexes) {
  TARN_ASSIGN(auto store, scope.rooms().lake().OpenStore(scope.request(), root));
  std::vector<uint32_t> missing;
  for (const uint32_t i : indexes) {
    TARN_TRY(scope.request().Check());
    TARN_ASSIGN(const io::ObjectPath path, io::ObjectPath::Parse(files.path(i)));
    TARN_ASSIGN(const bool there, store->Exists(scope.request(), path));
    if (!there) missing.push_back(i);
  }
  return missing;
}

void AddFiles(delta::Transaction& transaction, engine::WriteResult&& written) {
  int64_t bytes = 0;
  const auto files = static_cast<int64_t>(written.files.size());
  for (delta::AddFile& file : written.files) {
    bytes += file.size;
    transaction.Add(std::move(file));
  }
  transaction.SetMetric("numFiles", files);
  transaction.SetMetric("numOutputRows", written.rows);
  transaction.SetMetric("numOutputBytes", bytes);
  if (written.stats.files_corrupt > 0) {
    transaction.SetMetric("numSkippedCorruptFiles", written.stats.files_corrupt);
  }
  written.files.clear();
}

void CountRemoved(delta::Transaction& transaction, const delta::FileSet& files) {
  transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(files.size()));
  transaction.SetMetric("numRemovedBytes", files.total_size());
}

void RemoveUnusedFiles(StatementScope& scope, const std::string& root,
                       const std::vector<delta::AddFile>& files) {
  std::set<std::string> paths;
  for (const delta::AddFile& file : files) paths.insert(file.path);
  RemoveUnusedPaths(scope.request(), scope.rooms(), root, paths);
}

void RemoveUnusedPaths(const RequestContext& statement, Instance::Rooms& rooms,
                       const std::string& root, const std::set<std::string>& paths) {
  if (paths.empty()) return;
  // Also after a cancelled statement.
  RequestContext context = statement;
  context.cancellation = std::make_shared<CancellationToken>();
  context.deadline_us = std::numeric_limits<int64_t>::max();
  auto store = rooms.lake().OpenStore(context, root);
  if (!store.ok()) return;
  for (const std::string& name : paths) {
    auto path = io::ObjectPath::Parse(name);
    if (path.ok()) (void)(*store)->Delete(context, *path);
  }
}

}  // namespace tarn::session
