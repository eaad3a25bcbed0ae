#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/meta/database.h"

namespace tarn::meta {

/// A row of `securables`; see docs/formats/metastore.md.
struct SecurableRow {
  std::string id;
  std::string kind;
  std::string parent_id;  ///< "" for the metastore itself
  std::string space;
  std::string name;
  std::string folded_name;
  std::string owner;
  std::string comment;
  int64_t created_us = 0;
  std::string created_by;
  int64_t updated_us = 0;
  std::string updated_by;
  std::string properties = "{}";  ///< JSON
  std::optional<std::string> location;
  std::string details = "{}";  ///< JSON
  std::optional<int64_t> dropped_us;
  std::optional<std::string> dropped_by;
};

/// A row of `intents`.
struct IntentRow {
  std::string id;
  std::string kind;
  std::string securable_id;
  std::string location;
  std::string lease;
  int64_t created_us = 0;
};

/// A row of `table_commits`.
struct TableCommitRow {
  std::string table_id;
  int64_t version = 0;
  std::string staged_file;
  int64_t ratified_us = 0;
};

class Metastore;

/// Rows as of one moment, and changes to them that become visible together. Holds the metastore's
/// lock; rolled back if destroyed before Commit. For the thread that began it.
class Transaction {
 public:
  Transaction(Transaction&&) = default;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// The securable of that name that isn't dropped.
  Result<std::optional<SecurableRow>> Find(std::string_view parent_id, std::string_view space,
                                           std::string_view folded_name);
  /// Dropped or not.
  Result<std::optional<SecurableRow>> FindById(std::string_view id);
  /// Not dropped, by folded name.
  Result<std::vector<SecurableRow>> List(std::string_view parent_id, std::string_view space);
  /// Dropped, newest first.
  Result<std::vector<SecurableRow>> ListDropped(std::string_view parent_id, std::string_view space);
  /// All that were dropped before that time, children before parents.
  Result<std::vector<SecurableRow>> ListDroppedBefore(int64_t time_us);
  /// All with a location, dropped or not.
  Result<std::vector<SecurableRow>> ListLocated();
  Result<bool> HasChildren(std::string_view parent_id);

  Status Insert(const SecurableRow& row);
  /// Replaces the row of `row.id`.
  Status Update(const SecurableRow& row);
  Status Remove(std::string_view id);
  /// Removes the row unless others, dropped or not, stand below it; tells whether it did.
  Result<bool> RemoveIfChildless(std::string_view id);

  Status InsertIntent(const IntentRow& intent);
  Status RemoveIntent(std::string_view id);
  Result<std::vector<IntentRow>> ListIntents();

  /// The newest commit of a table that the catalog ratified.
  Result<std::optional<TableCommitRow>> FindTableCommit(std::string_view table_id);
  /// Replaces the row of `row.table_id`, if there is one.
  Status PutTableCommit(const TableCommitRow& row);

  Status Commit();

 private:
  friend class Metastore;
  Transaction(Metastore& metastore, std::unique_lock<std::mutex> lock)
      : metastore_(&metastore), lock_(std::move(lock)) {}

  Result<Statement*> Prepared(const char* sql);
  Result<std::vector<SecurableRow>> Rows(Statement& statement);

  Metastore* metastore_;
  std::unique_lock<std::mutex> lock_;  // empty once moved from or ended
  bool wrote_ = false;
};

enum class TransactionKind : uint8_t { kRead, kWrite };

/// The metastore's database, of the present format. Thread-safe.
class Metastore {
 public:
  /// Opens `path`, migrating an older format. LAKE_VERSION_TOO_NEW for a newer one; METASTORE_ERROR
  /// if the file is no metastore.
  static Result<std::unique_ptr<Metastore>> Open(const std::string& path,
                                                 const DatabaseOptions& options = {});

  /// A kWrite transaction waits for other writers, in this process and others (METASTORE_BUSY after
  /// the busy time-out), and sees all they committed.
  Result<Transaction> Begin(const RequestContext& ctx, TransactionKind kind);
  /// Grows whenever content may have changed, by this process or another: what was read at one
  /// generation holds as long as it stays.
  Result<uint64_t> Generation();
  Status BackupTo(const std::string& target_path);
  /// SQLite's own check of the file: "ok", or what is wrong.
  Result<std::string> CheckIntegrity();

  /// The format this program writes.
  static constexpr int64_t kFormatVersion = 2;

 private:
  friend class Transaction;
  explicit Metastore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  static Status Migrate(Database& database, const std::string& path);
  void NoteOwnChange() { ++own_changes_; }

  std::mutex mutex_;  // guards everything below; a Transaction holds it
  std::unique_ptr<Database> database_;
  std::unordered_map<const char*, Statement> prepared_;  // by the literal's address
  std::optional<Statement> data_version_;
  uint64_t own_changes_ = 0;
};

}  // namespace tarn::meta
