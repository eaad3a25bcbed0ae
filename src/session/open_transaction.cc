#include "open_transaction.h"

#include "catalog_commits.h"
#include "net_changes.h"
#include "table_commit.h"

namespace tarn::session {

namespace {

/// Statements that a transaction can have in it.
struct IsAllowed {
  template <typename T>
  bool operator()(const T&) const {
    return false;
  }
  bool operator()(const sql::QueryStatement&) const { return true; }
  bool operator()(const sql::Explain&) const { return true; }
  bool operator()(const sql::Insert&) const { return true; }
  bool operator()(const sql::Delete&) const { return true; }
  bool operator()(const sql::Update&) const { return true; }
  bool operator()(const sql::Merge&) const { return true; }
  bool operator()(const sql::CopyInto&) const { return true; }
  bool operator()(const sql::Show&) const { return true; }
  bool operator()(const sql::Describe&) const { return true; }
  bool operator()(const sql::Use&) const { return true; }
  bool operator()(const sql::SetConfiguration&) const { return true; }
  bool operator()(const sql::ResetConfiguration&) const { return true; }
  bool operator()(const sql::SetTimeZone&) const { return true; }
  bool operator()(const sql::SetVariable&) const { return true; }
  bool operator()(const sql::DeclareVariable&) const { return true; }
  bool operator()(const sql::ExecuteImmediate&) const { return true; }
  bool operator()(const sql::Drop& drop) const { return drop.kind == sql::ObjectKind::kVariable; }
  bool operator()(const sql::BeginTransaction&) const { return true; }
  bool operator()(const sql::EndTransaction&) const { return true; }
  bool operator()(const sql::CompoundStatement&) const { return true; }
};

}  // namespace

OpenTransaction::OpenTransaction(const RequestContext& context, Instance::Rooms& rooms, bool block)
    : context_(context), rooms_(rooms), block_(block), txn_id_(SystemIds().NewUuid()) {}

OpenTransaction::~OpenTransaction() { Discard(); }

Status OpenTransaction::Allow(const sql::Statement& statement) const {
  const auto* end = statement.As<sql::EndTransaction>();
  if (aborted_by_ && !(end != nullptr && !end->commit)) {
    return Error(Condition("TRANSACTION_ROLLBACK_REQUIRED_AFTER_ABORT.PREVIOUS_QUERY_FAILURE"),
                 {{"condition", *aborted_by_}})
        .WithPosition(statement.source);
  }
  // A block ends by its END.
  const bool ends_block = block_ && end != nullptr;
  if (!ends_block && std::visit(IsAllowed(), statement.node)) return {};
  return Error(Condition("TRANSACTION_NOT_SUPPORTED.COMMAND"),
               {{"command", sql::StatementName(statement)}})
      .WithPosition(statement.source);
}

Result<std::shared_ptr<const delta::Snapshot>> OpenTransaction::Latest(
    const RequestContext& context, const std::string& root) {
  if (const auto known = tables_.find(root); known != tables_.end()) return known->second.newest;
  if (tables_.size() >= kTablesMax) {
    return Error(Condition("TRANSACTION_NOT_SUPPORTED.MAX_ACCESSED_TABLES_EXCEEDED"),
                 {{"maxTables", std::to_string(kTablesMax)}});
  }
  Table table;
  TARN_ASSIGN(table.newest, rooms_.snapshots().Latest(context, root));
  TARN_ASSIGN(const auto opened, rooms_.snapshots().Open(context, root));
  table.fold = std::make_unique<delta::TransactionFold>(opened->handlers(), table.newest, txn_id_);
  delta::Handlers handlers = opened->handlers();
  table.log = std::make_shared<delta::PendingLog>(handlers.log, table.newest->version());
  handlers.log = table.log;
  table.view = std::make_shared<const delta::Table>(std::move(handlers), root);
  const auto newest = table.newest;
  tables_.emplace(root, std::move(table));
  return newest;
}

Result<delta::Handlers> OpenTransaction::HandlersForChange(const std::string& root,
                                                           const std::string& display) {
  const auto table = tables_.find(root);
  if (table == tables_.end()) return InternalError("a change of a table that wasn't read");
  table->second.display = display;
  if (table->second.fold->changes() >= kChangesMax) {
    return Error(Condition("TRANSACTION_NOT_SUPPORTED.MAX_INTERMEDIATE_COMMITS_EXCEEDED"),
                 {{"table", display}, {"maxCommits", std::to_string(kChangesMax)}});
  }
  // One table's log can decide over its own commit, but not over that of another.
  std::vector<const Table*> changed = {&table->second};
  for (const auto& [name, one] : tables_) {
    if (name != root && one.fold->changes() > 0) changed.push_back(&one);
  }
  for (const Table* one : changed) {
    if (changed.size() == 1 || delta::IsCatalogCommitted(one->newest->protocol())) continue;
    return Error(Condition("TRANSACTION_NOT_SUPPORTED.WRITE_TO_NON_CATALOG_OWNED_TABLE"),
                 {{"tableName", one->display}});
  }
  return table->second.view->handlers();
}

Result<delta::Committed> OpenTransaction::Take(const RequestContext& context,
                                               const std::string& root,
                                               delta::Transaction& change) {
  Table& table = tables_.at(root);
  delta::FileSystemCommitter committer(table.log);
  change.SetRowVersion(table.fold->base()->version() + 1);
  delta::CommitResult result = change.CommitOnly(context, committer);
  if (auto* conflicted = std::get_if<delta::Conflicted>(&result)) {
    return std::move(conflicted->error);
  }
  if (auto* unknown = std::get_if<delta::Unknown>(&result)) return std::move(unknown->error);
  table.fold->Add(change);
  table.changed_now = true;
  if (table.fold->needs_change_files() && !CanNetChanges(change.metadata().schema)) {
    return UnsupportedFeature(
        "A second change of " + table.display +
        " in a transaction, for it has a change data feed and a MAP or VARIANT column,");
  }
  TARN_ASSIGN(table.newest, table.view->Latest(context, table.newest));
  if (const int64_t bytes = StateBytes(); bytes > kStateBytesMax) {
    return Error(Condition("TRANSACTION_ROLLBACK_REQUIRED_AFTER_ABORT.STATE_SIZE_EXCEEDED"),
                 {{"currentSizeBytes", std::to_string(bytes)},
                  {"maxSizeBytes", std::to_string(kStateBytesMax)}});
  }
  return std::get<delta::Committed>(std::move(result));
}

void OpenTransaction::TellLater(const std::string& root, catalog::TablePtr table) {
  tables_.at(root).told = std::move(table);
}

void OpenTransaction::NoteRead(const std::string& root) {
  const auto table = tables_.find(root);
  if (table == tables_.end()) return;
  // A change knows itself what it has read.
  if (!std::exchange(table->second.changed_now, false)) table->second.fold->ReadWholeTable();
}

int64_t OpenTransaction::StateBytes() const {
  int64_t bytes = 0;
  for (const auto& [root, table] : tables_) bytes += table.log->bytes();
  return bytes;
}

Result<std::vector<OpenTransaction::Part>> OpenTransaction::Parts(StatementScope& scope) {
  std::vector<Part> parts;
  for (auto& [root, table] : tables_) {
    if (table.fold->changes() == 0) continue;
    if (table.fold->needs_change_files()) {
      TARN_ASSIGN(std::vector<delta::AddFile> files,
                  WriteNetChanges(scope, *table.view, root, table.newest,
                                  table.fold->base()->version() + 1));
      table.fold->ReplaceChangeFiles(std::move(files));
    }
    delta::Transaction whole = table.fold->Finish(*table.newest);
    if (delta::TransactionFold::EndsWhereItBegan(whole)) continue;
    parts.push_back({&root, &table, std::move(whole), std::nullopt});
  }
  return parts;
}

/// A transaction may be open for long: the table's folder can have become another's.
Status OpenTransaction::CheckStillThere(const RequestContext& context, const Part& part) {
  const delta::Snapshot& base = *part.table->fold->base();
  TARN_ASSIGN(const auto now, rooms_.snapshots().Latest(context, *part.root));
  if (now->metadata().id == base.metadata().id && now->version() >= base.version()) return {};
  return Error(Condition("DELTA_METADATA_CHANGED"),
               {{"table", *part.root}, {"version", std::to_string(now->version())}});
}

Status OpenTransaction::CommitParts(const RequestContext& context, std::vector<Part>& parts) {
  for (const Part& part : parts) TARN_TRY(CheckStillThere(context, part));
  if (parts.size() == 1) {
    TARN_ASSIGN(parts[0].committed, CommitNow(context, rooms_, *parts[0].root, parts[0].whole));
    return {};
  }
  std::vector<std::unique_ptr<delta::CatalogCommitter>> committers;
  std::vector<delta::CatalogCommit> commits;
  for (Part& part : parts) {
    TARN_ASSIGN(const auto table, rooms_.snapshots().Open(context, *part.root));
    TARN_ASSIGN(auto committer, CatalogCommitterOf(rooms_.lake(), *table));
    committers.push_back(std::move(committer));
    commits.push_back({&part.whole, committers.back().get()});
  }
  const auto coordinator = CoordinatorOf(rooms_.lake());
  auto result = delta::CommitTogether(context, commits, *coordinator);
  if (auto* conflicted = std::get_if<delta::Conflicted>(&result)) {
    return std::move(conflicted->error);
  }
  if (auto* unknown = std::get_if<delta::Unknown>(&result)) {
    return OutcomeUnknown(*parts[0].root, std::move(*unknown));
  }
  auto& done = std::get<std::vector<delta::Committed>>(result);
  for (size_t i = 0; i < parts.size(); ++i) parts[i].committed = std::move(done[i]);
  for (Part& part : parts) {
    delta::CommitResult one = *part.committed;
    // The table is whole without it.
    if (const auto checksum = part.whole.ChecksumOf(one)) {
      (void)part.whole.WriteChecksum(context, *checksum);
    }
    part.whole.CheckpointIfDue(context, one);
  }
  return {};
}

Result<std::vector<OpenTransaction::Changed>> OpenTransaction::Commit(StatementScope& scope) {
  const RequestContext& context = scope.request();
  TARN_ASSIGN(std::vector<Part> parts, Parts(scope));
  if (!parts.empty()) {
    Status committed = CommitParts(context, parts);
    if (!committed.ok()) {
      Error error = std::move(committed).error();
      // Then the files may be needed.
      if (error.condition() == Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
        tables_.clear();
        return error;
      }
      if (!error.info().retryable) return error;
      return std::move(error).WithHint(block_ ? "Run the block again."
                                              : "ROLLBACK, and run the transaction again.");
    }
  }
  std::vector<Changed> changed;
  for (const Part& part : parts) {
    changed.push_back({{part.table->told, *part.root, part.table->display}, part.whole.metadata()});
    TellCatalog(context, rooms_, part.table->told, part.whole, part.committed->version);
    RemoveUnusedPaths(context, rooms_, *part.root, part.table->fold->WrittenFiles(&part.whole));
    tables_.erase(*part.root);
  }
  // Of the others, nothing was committed.
  Discard();
  return changed;
}

void OpenTransaction::Abort(const Error& reason) {
  if (aborted_by_) return;
  aborted_by_ = reason.name();
  Discard();
}

void OpenTransaction::Discard() {
  for (const auto& [root, table] : tables_) {
    RemoveUnusedPaths(context_, rooms_, root, table.fold->WrittenFiles(nullptr));
  }
  tables_.clear();
}

}  // namespace tarn::session
