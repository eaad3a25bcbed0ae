#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rooms.h"
#include "statement_scope.h"
#include "tarn/catalog/securable.h"
#include "tarn/delta/pending_log.h"
#include "tarn/delta/transaction_fold.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// The transaction that a session's BEGIN has opened: each table as it was when the transaction
/// first used it, with the transaction's own changes, which nobody else sees until they are
/// committed. What it wrote is removed again unless it was committed. Not thread-safe.
/// `docs/decisions/0009-transactions-of-several-statements.md`.
class OpenTransaction {
 public:
  /// How many tables one transaction may use, how often it may change one of them, and how much of
  /// its changes is kept in memory.
  static constexpr size_t kTablesMax = 100;
  static constexpr size_t kChangesMax = 1000;
  static constexpr int64_t kStateBytesMax = int64_t{64} << 20;

  /// `block`: of BEGIN ATOMIC … END, which ends it, too.
  OpenTransaction(const RequestContext& context, Instance::Rooms& rooms, bool block);
  ~OpenTransaction();

  bool is_block() const { return block_; }
  bool aborted() const { return aborted_by_.has_value(); }
  /// Refuses what can't be done in a transaction, or in this one since it was aborted.
  Status Allow(const sql::Statement& statement) const;

  /// The table as the transaction sees it.
  Result<std::shared_ptr<const delta::Snapshot>> Latest(const RequestContext& context,
                                                        const std::string& root);
  /// What a change of the table is made with; `display` is its name for messages. Errors:
  /// TRANSACTION_NOT_SUPPORTED by what is in the way.
  Result<delta::Handlers> HandlersForChange(const std::string& root, const std::string& display);
  /// Takes a change of the table: all later statements see it.
  Result<delta::Committed> Take(const RequestContext& context, const std::string& root,
                                delta::Transaction& change);
  /// The catalog is to be told of the table's changes once they are committed.
  void TellLater(const std::string& root, catalog::TablePtr table);
  /// A statement has read the table, and if it didn't change it in this, then as a whole.
  void NoteRead(const std::string& root);

  /// A table with the change that was committed.
  struct Changed {
    TableTarget target;
    delta::Metadata metadata;
  };
  /// Commits all changes, or none.
  Result<std::vector<Changed>> Commit(StatementScope& scope);
  /// Nothing more comes of it, because of this failure; what it wrote is removed.
  void Abort(const Error& reason);

 private:
  struct Table {
    std::shared_ptr<delta::PendingLog> log;
    std::shared_ptr<const delta::Table> view;  ///< over `log`
    std::shared_ptr<const delta::Snapshot> newest;
    std::unique_ptr<delta::TransactionFold> fold;
    std::string display;     ///< once it is to be changed
    catalog::TablePtr told;  ///< to the catalog afterwards
    bool changed_now = false;
  };
  /// A table's changes on their way into its log.
  struct Part {
    const std::string* root = nullptr;
    Table* table = nullptr;
    delta::Transaction whole;
    std::optional<delta::Committed> committed;
  };

  Result<std::vector<Part>> Parts(StatementScope& scope);
  Status CheckStillThere(const RequestContext& context, const Part& part);
  Status CommitParts(const RequestContext& context, std::vector<Part>& parts);
  int64_t StateBytes() const;
  void Discard();

  const RequestContext context_;
  Instance::Rooms& rooms_;
  const bool block_;
  const std::string txn_id_;
  std::map<std::string, Table> tables_;  ///< by root
  std::optional<std::string> aborted_by_;
};

}  // namespace tarn::session
