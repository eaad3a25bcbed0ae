#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tarn/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tarn::meta {

/// A prepared statement: bind, step, read columns, reset. Belongs to its Database, and to the same
/// thread. Parameters are numbered from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* database, sqlite3_stmt* statement, std::string path)
      : database_(database), statement_(statement), path_(std::move(path)) {}
  ~Statement();
  Statement(Statement&& other) noexcept { *this = std::move(other); }
  Statement& operator=(Statement&& other) noexcept;

  /// Binding never fails but for lack of memory. Text is copied.
  Statement& Bind(int index, std::string_view text);
  Statement& Bind(int index, int64_t number);
  Statement& BindNull(int index);
  Statement& BindOptional(int index, const std::optional<std::string>& text);
  Statement& BindOptional(int index, const std::optional<int64_t>& number);

  /// The next row: true, or false at the end. After false or an error the statement is reset.
  Result<bool> Step();
  /// Runs a statement that gives no rows, and resets it.
  Status Run();
  /// Makes it ready to be bound and stepped again.
  void Reset();

  std::string Text(int column) const;
  int64_t Number(int column) const;
  bool IsNull(int column) const;
  std::optional<std::string> OptionalText(int column) const;
  std::optional<int64_t> OptionalNumber(int column) const;

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  std::string path_;
};

struct DatabaseOptions {
  /// Every commit is on the disk before it returns (synchronous=FULL); else it may be lost in a
  /// power cut, never torn.
  bool durable = true;
  /// Make the file if it isn't there; else METASTORE_ERROR.
  bool create = true;
  /// How long a writer waits for another process before METASTORE_BUSY.
  int busy_timeout_ms = 30'000;
};

/// One connection to a SQLite database in WAL mode with foreign keys. For one thread at a time.
/// Errors: METASTORE_BUSY (another process writes for too long), METASTORE_ERROR with SQLite's
/// words.
class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const std::string& path,
                                                const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Statement> Prepare(std::string_view sql);
  /// Runs a script of statements without parameters and rows.
  Status Execute(const std::string& sql);
  /// The first column of the first row of a statement.
  Result<int64_t> QueryNumber(std::string_view sql);
  /// METASTORE_ERROR if the path leads to another file by now, or to none: what is written to the
  /// open one would be lost.
  Status CheckInPlace();
  /// Rows changed by the last statement.
  int64_t changes() const;
  /// Copies the whole database, consistently while others write, to a new file. SQLite's online
  /// backup.
  Status BackupTo(const std::string& target_path);

 private:
  Database(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  Status EnterWalMode(int timeout_ms);

  sqlite3* database_;
  const std::string path_;
};

}  // namespace tarn::meta
