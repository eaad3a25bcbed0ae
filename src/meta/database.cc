#include "tarn/meta/database.h"

#include <sqlite3.h>

#include <system_error>

#include "tarn/base/check.h"
#include "tarn/base/clock.h"

namespace tarn::meta {

namespace {

Error ErrorOf(sqlite3* database, int code, const std::string& path) {
  const char* words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  const int primary = code & 0xFF;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    return Error(Condition("METASTORE_BUSY"), {{"path", path}});
  }
  std::string detail = words;
  const bool of_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  const int system_code = database != nullptr ? sqlite3_system_errno(database) : 0;
  if (of_system && system_code != 0) {
    detail += " (" + std::generic_category().message(system_code) + ")";
  }
  return Error(Condition("METASTORE_ERROR"), {{"path", path}, {"detail", detail}});
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this == &other) return *this;
  sqlite3_finalize(statement_);
  database_ = other.database_;
  statement_ = std::exchange(other.statement_, nullptr);
  path_ = std::move(other.path_);
  return *this;
}

Statement& Statement::Bind(int index, std::string_view text) {
  TARN_CHECK(sqlite3_bind_text64(statement_, index, text.data() == nullptr ? "" : text.data(),
                                 text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::Bind(int index, int64_t number) {
  TARN_CHECK(sqlite3_bind_int64(statement_, index, number) == SQLITE_OK);
  return *this;
}

Statement& Statement::BindNull(int index) {
  TARN_CHECK(sqlite3_bind_null(statement_, index) == SQLITE_OK);
  return *this;
}

Statement& Statement::BindOptional(int index, const std::optional<std::string>& text) {
  return text ? Bind(index, std::string_view(*text)) : BindNull(index);
}

Statement& Statement::BindOptional(int index, const std::optional<int64_t>& number) {
  return number ? Bind(index, *number) : BindNull(index);
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  Error error = ErrorOf(database_, code, path_);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::Run() {
  while (true) {
    TARN_ASSIGN(const bool more, Step());
    if (!more) return {};
  }
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return text == nullptr ? std::string() : std::string(text, static_cast<size_t>(size));
}

int64_t Statement::Number(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<std::string> Statement::OptionalText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

std::optional<int64_t> Statement::OptionalNumber(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Number(column);
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                 const DatabaseOptions& options) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return ErrorOf(handle, code, path);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  // A hostile database file must not make SQLite do more than read and write it.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TARN_TRY(database->EnterWalMode(options.busy_timeout_ms));
  TARN_TRY(
      database->Execute(options.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
  TARN_TRY(database->Execute("PRAGMA foreign_keys=ON"));
  return database;
}

Status Database::EnterWalMode(int timeout_ms) {
  TARN_ASSIGN(Statement mode, Prepare("PRAGMA journal_mode"));
  TARN_ASSIGN(const bool found, mode.Step());
  if (found && mode.Text(0) == "wal") return {};
  mode.Reset();
  // Only a new database comes here. SQLite doesn't wait for its busy time-out in this change, so
  // this does, for processes that open a new lake at once.
  const int64_t give_up_us = SystemClock().SteadyMicros() + int64_t{timeout_ms} * 1000;
  while (true) {
    Status changed = Execute("PRAGMA journal_mode=WAL");
    if (changed.ok() || changed.error().condition() != Condition("METASTORE_BUSY")) return changed;
    if (SystemClock().SteadyMicros() >= give_up_us) return changed;
    sqlite3_sleep(1);
  }
}

Status Database::CheckInPlace() {
  int moved = 0;
  const int code = sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code != SQLITE_OK || moved == 0) return {};
  return Error(Condition("METASTORE_ERROR"),
               {{"path", path_}, {"detail", "it was moved or replaced while it was open"}})
      .WithHint("Start Tarn again on the lake as it is now.");
}

Database::~Database() { sqlite3_close_v2(database_); }

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(database_, code, path_);
  return Statement(database_, statement, path_);
}

Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(database_, code, path_);
  return {};
}

Result<int64_t> Database::QueryNumber(std::string_view sql) {
  TARN_ASSIGN(Statement statement, Prepare(sql));
  TARN_ASSIGN(const bool found, statement.Step());
  return found ? statement.Number(0) : 0;
}

int64_t Database::changes() const { return sqlite3_changes64(database_); }

Status Database::BackupTo(const std::string& target_path) {
  sqlite3* target = nullptr;
  int code =
      sqlite3_open_v2(target_path.c_str(), &target,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> closing(new Database(target, target_path));
  if (code != SQLITE_OK) return ErrorOf(target, code, target_path);
  TARN_TRY(closing->Execute("PRAGMA synchronous=FULL"));
  sqlite3_backup* backup = sqlite3_backup_init(target, "main", database_, "main");
  if (backup == nullptr) return ErrorOf(target, sqlite3_errcode(target), target_path);
  // In one step, so that no writer can make it start again.
  code = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return ErrorOf(nullptr, code, target_path);
  if (finished != SQLITE_OK) return ErrorOf(nullptr, finished, target_path);
  return {};
}

}  // namespace tarn::meta
