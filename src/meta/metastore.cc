#include "tarn/meta/metastore.h"

#include "migrations.h"

namespace tarn::meta {

namespace {

constexpr int64_t kApplicationId = 0x5461726E;

#define TARN_SECURABLE_COLUMNS                                                              \
  "id, kind, parent_id, space, name, folded_name, owner, comment, created_us, created_by, " \
  "updated_us, updated_by, properties, location, details, dropped_us, dropped_by"

SecurableRow RowOf(const Statement& s) {
  SecurableRow row;
  row.id = s.Text(0);
  row.kind = s.Text(1);
  row.parent_id = s.Text(2);
  row.space = s.Text(3);
  row.name = s.Text(4);
  row.folded_name = s.Text(5);
  row.owner = s.Text(6);
  row.comment = s.Text(7);
  row.created_us = s.Number(8);
  row.created_by = s.Text(9);
  row.updated_us = s.Number(10);
  row.updated_by = s.Text(11);
  row.properties = s.Text(12);
  row.location = s.OptionalText(13);
  row.details = s.Text(14);
  row.dropped_us = s.OptionalNumber(15);
  row.dropped_by = s.OptionalText(16);
  return row;
}

void BindRow(Statement& s, const SecurableRow& row) {
  s.Bind(1, row.id).Bind(2, row.kind);
  if (row.parent_id.empty()) {
    s.BindNull(3);
  } else {
    s.Bind(3, row.parent_id);
  }
  s.Bind(4, row.space).Bind(5, row.name).Bind(6, row.folded_name).Bind(7, row.owner);
  s.Bind(8, row.comment).Bind(9, row.created_us).Bind(10, row.created_by);
  s.Bind(11, row.updated_us).Bind(12, row.updated_by).Bind(13, row.properties);
  s.BindOptional(14, row.location).Bind(15, row.details);
  s.BindOptional(16, row.dropped_us).BindOptional(17, row.dropped_by);
}

}  // namespace

Result<std::unique_ptr<Metastore>> Metastore::Open(const std::string& path,
                                                   const DatabaseOptions& options) {
  TARN_ASSIGN(std::unique_ptr<Database> database, Database::Open(path, options));
  TARN_TRY(Migrate(*database, path));
  return std::unique_ptr<Metastore>(new Metastore(std::move(database)));
}

Status Metastore::Migrate(Database& database, const std::string& path) {
  TARN_ASSIGN(int64_t version, database.QueryNumber("PRAGMA user_version"));
  if (version > kFormatVersion) {
    return Error(Condition("LAKE_VERSION_TOO_NEW"),
                 {{"path", path},
                  {"found", std::to_string(version)},
                  {"supported", std::to_string(kFormatVersion)}});
  }
  TARN_ASSIGN(const int64_t application, database.QueryNumber("PRAGMA application_id"));
  const bool foreign = version == 0 ? application != 0 : application != kApplicationId;
  if (foreign) {
    return Error(Condition("METASTORE_ERROR"),
                 {{"path", path}, {"detail", "it isn't a metastore of Tarn"}});
  }
  while (version < kFormatVersion) {
    TARN_TRY(database.Execute("BEGIN IMMEDIATE"));
    // Another process may have migrated while this one waited.
    const auto migrate = [&]() -> Status {
      TARN_ASSIGN(version, database.QueryNumber("PRAGMA user_version"));
      if (version >= kFormatVersion) return {};
      TARN_TRY(database.Execute(kMigrations[version]));
      ++version;
      TARN_TRY(database.Execute("PRAGMA application_id=" + std::to_string(kApplicationId)));
      return database.Execute("PRAGMA user_version=" + std::to_string(version));
    };
    Status migrated = migrate();
    if (migrated.ok()) migrated = database.Execute("COMMIT");
    if (!migrated.ok()) {
      (void)database.Execute("ROLLBACK");
      return migrated;
    }
  }
  return {};
}

Result<Transaction> Metastore::Begin(const RequestContext& ctx, TransactionKind kind) {
  TARN_TRY(ctx.Check());
  std::unique_lock lock(mutex_);
  if (kind == TransactionKind::kWrite) TARN_TRY(database_->CheckInPlace());
  TARN_TRY(database_->Execute(kind == TransactionKind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(*this, std::move(lock));
}

Result<uint64_t> Metastore::Generation() {
  std::lock_guard lock(mutex_);
  if (!data_version_) {
    TARN_ASSIGN(data_version_, database_->Prepare("PRAGMA data_version"));
  }
  TARN_ASSIGN(const bool found, data_version_->Step());
  const auto version = found ? static_cast<uint64_t>(data_version_->Number(0)) : 0;
  data_version_->Reset();
  return (version << 32) + own_changes_;
}

Status Metastore::BackupTo(const std::string& target_path) {
  std::lock_guard lock(mutex_);
  return database_->BackupTo(target_path);
}

Result<std::string> Metastore::CheckIntegrity() {
  std::lock_guard lock(mutex_);
  TARN_ASSIGN(Statement check, database_->Prepare("PRAGMA integrity_check(20)"));
  std::string answer;
  while (true) {
    TARN_ASSIGN(const bool more, check.Step());
    if (!more) break;
    if (!answer.empty()) answer += "; ";
    answer += check.Text(0);
  }
  if (answer != "ok") return answer;
  TARN_ASSIGN(Statement keys, database_->Prepare("PRAGMA foreign_key_check"));
  TARN_ASSIGN(const bool broken, keys.Step());
  if (broken) answer = "a row of " + keys.Text(0) + " refers to a row that isn't there";
  keys.Reset();
  return answer;
}

Transaction::~Transaction() {
  if (lock_.owns_lock()) (void)metastore_->database_->Execute("ROLLBACK");
}

Status Transaction::Commit() {
  TARN_TRY(metastore_->database_->Execute("COMMIT"));
  if (wrote_) metastore_->NoteOwnChange();
  lock_.unlock();
  return {};
}

Result<Statement*> Transaction::Prepared(const char* sql) {
  auto found = metastore_->prepared_.find(sql);
  if (found == metastore_->prepared_.end()) {
    TARN_ASSIGN(Statement statement, metastore_->database_->Prepare(sql));
    found = metastore_->prepared_.emplace(sql, std::move(statement)).first;
  }
  found->second.Reset();
  return &found->second;
}

Result<std::vector<SecurableRow>> Transaction::Rows(Statement& statement) {
  std::vector<SecurableRow> rows;
  while (true) {
    TARN_ASSIGN(const bool more, statement.Step());
    if (!more) return rows;
    rows.push_back(RowOf(statement));
  }
}

Result<std::optional<SecurableRow>> Transaction::Find(std::string_view parent_id,
                                                      std::string_view space,
                                                      std::string_view folded_name) {
  static constexpr char kSql[] = "SELECT " TARN_SECURABLE_COLUMNS
                                 " FROM securables WHERE parent_id = ?1 AND space = ?2 AND "
                                 "folded_name = ?3 AND dropped_us IS NULL";
  TARN_ASSIGN(Statement * find, Prepared(kSql));
  find->Bind(1, parent_id).Bind(2, space).Bind(3, folded_name);
  TARN_ASSIGN(std::vector<SecurableRow> rows, Rows(*find));
  if (rows.empty()) return std::optional<SecurableRow>();
  return std::optional<SecurableRow>(std::move(rows.front()));
}

Result<std::optional<SecurableRow>> Transaction::FindById(std::string_view id) {
  static constexpr char kSql[] = "SELECT " TARN_SECURABLE_COLUMNS " FROM securables WHERE id = ?1";
  TARN_ASSIGN(Statement * find, Prepared(kSql));
  find->Bind(1, id);
  TARN_ASSIGN(std::vector<SecurableRow> rows, Rows(*find));
  if (rows.empty()) return std::optional<SecurableRow>();
  return std::optional<SecurableRow>(std::move(rows.front()));
}

Result<std::vector<SecurableRow>> Transaction::List(std::string_view parent_id,
                                                    std::string_view space) {
  static constexpr char kSql[] = "SELECT " TARN_SECURABLE_COLUMNS
                                 " FROM securables WHERE parent_id = ?1 AND space = ?2 AND "
                                 "dropped_us IS NULL ORDER BY folded_name";
  TARN_ASSIGN(Statement * list, Prepared(kSql));
  list->Bind(1, parent_id).Bind(2, space);
  return Rows(*list);
}

Result<std::vector<SecurableRow>> Transaction::ListDropped(std::string_view parent_id,
                                                           std::string_view space) {
  static constexpr char kSql[] = "SELECT " TARN_SECURABLE_COLUMNS
                                 " FROM securables WHERE parent_id = ?1 AND space = ?2 AND "
                                 "dropped_us IS NOT NULL ORDER BY dropped_us DESC, id";
  TARN_ASSIGN(Statement * list, Prepared(kSql));
  list->Bind(1, parent_id).Bind(2, space);
  return Rows(*list);
}

Result<std::vector<SecurableRow>> Transaction::ListDroppedBefore(int64_t time_us) {
  static constexpr char kSql[] =
      "SELECT " TARN_SECURABLE_COLUMNS
      " FROM securables WHERE dropped_us < ?1 ORDER BY CASE kind WHEN 'catalog' THEN 2 "
      "WHEN 'schema' THEN 1 ELSE 0 END, dropped_us, id";
  TARN_ASSIGN(Statement * list, Prepared(kSql));
  list->Bind(1, time_us);
  return Rows(*list);
}

Result<std::vector<SecurableRow>> Transaction::ListLocated() {
  static constexpr char kSql[] =
      "SELECT " TARN_SECURABLE_COLUMNS " FROM securables WHERE location IS NOT NULL";
  TARN_ASSIGN(Statement * list, Prepared(kSql));
  return Rows(*list);
}

Result<bool> Transaction::HasChildren(std::string_view parent_id) {
  static constexpr char kSql[] =
      "SELECT 1 FROM securables WHERE parent_id = ?1 AND dropped_us IS NULL LIMIT 1";
  TARN_ASSIGN(Statement * find, Prepared(kSql));
  find->Bind(1, parent_id);
  TARN_ASSIGN(const bool found, find->Step());
  find->Reset();
  return found;
}

Status Transaction::Insert(const SecurableRow& row) {
  static constexpr char kSql[] =
      "INSERT INTO securables (" TARN_SECURABLE_COLUMNS
      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
  TARN_ASSIGN(Statement * insert, Prepared(kSql));
  BindRow(*insert, row);
  wrote_ = true;
  return insert->Run();
}

Status Transaction::Update(const SecurableRow& row) {
  static constexpr char kSql[] =
      "UPDATE securables SET (" TARN_SECURABLE_COLUMNS
      ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
      " WHERE id = ?1";
  TARN_ASSIGN(Statement * update, Prepared(kSql));
  BindRow(*update, row);
  wrote_ = true;
  return update->Run();
}

Status Transaction::Remove(std::string_view id) {
  static constexpr char kSql[] = "DELETE FROM securables WHERE id = ?1";
  TARN_ASSIGN(Statement * remove, Prepared(kSql));
  remove->Bind(1, id);
  wrote_ = true;
  return remove->Run();
}

Result<bool> Transaction::RemoveIfChildless(std::string_view id) {
  static constexpr char kSql[] =
      "DELETE FROM securables WHERE id = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM securables AS child WHERE child.parent_id = ?1)";
  TARN_ASSIGN(Statement * remove, Prepared(kSql));
  remove->Bind(1, id);
  wrote_ = true;
  TARN_TRY(remove->Run());
  return metastore_->database_->changes() > 0;
}

Status Transaction::InsertIntent(const IntentRow& intent) {
  static constexpr char kSql[] =
      "INSERT INTO intents (id, kind, securable_id, location, lease, created_us) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
  TARN_ASSIGN(Statement * insert, Prepared(kSql));
  insert->Bind(1, intent.id).Bind(2, intent.kind).Bind(3, intent.securable_id);
  insert->Bind(4, intent.location).Bind(5, intent.lease).Bind(6, intent.created_us);
  return insert->Run();
}

Status Transaction::RemoveIntent(std::string_view id) {
  static constexpr char kSql[] = "DELETE FROM intents WHERE id = ?1";
  TARN_ASSIGN(Statement * remove, Prepared(kSql));
  remove->Bind(1, id);
  return remove->Run();
}

Result<std::vector<IntentRow>> Transaction::ListIntents() {
  static constexpr char kSql[] =
      "SELECT id, kind, securable_id, location, lease, created_us FROM intents "
      "ORDER BY created_us, id";
  TARN_ASSIGN(Statement * list, Prepared(kSql));
  std::vector<IntentRow> intents;
  while (true) {
    TARN_ASSIGN(const bool more, list->Step());
    if (!more) return intents;
    intents.push_back(IntentRow{list->Text(0), list->Text(1), list->Text(2), list->Text(3),
                                list->Text(4), list->Number(5)});
  }
}

Result<std::optional<TableCommitRow>> Transaction::FindTableCommit(std::string_view table_id) {
  static constexpr char kSql[] =
      "SELECT table_id, version, staged_file, ratified_us FROM table_commits WHERE table_id = ?1";
  TARN_ASSIGN(Statement * find, Prepared(kSql));
  find->Bind(1, table_id);
  TARN_ASSIGN(const bool found, find->Step());
  if (!found) return std::optional<TableCommitRow>();
  std::optional row(TableCommitRow{find->Text(0), find->Number(1), find->Text(2), find->Number(3)});
  find->Reset();
  return row;
}

Status Transaction::PutTableCommit(const TableCommitRow& row) {
  static constexpr char kSql[] =
      "INSERT OR REPLACE INTO table_commits (table_id, version, staged_file, ratified_us) "
      "VALUES (?1, ?2, ?3, ?4)";
  TARN_ASSIGN(Statement * put, Prepared(kSql));
  put->Bind(1, row.table_id).Bind(2, row.version).Bind(3, row.staged_file);
  put->Bind(4, row.ratified_us);
  return put->Run();
}

}  // namespace tarn::meta
