#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/pruning.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/version_checksum.h"

namespace tarn::delta {

/// Puts a version of a table in place. Thread-safe.
class Committer {
 public:
  virtual ~Committer() = default;
  /// Puts `bytes` as version `version` unless that version exists. kCreated is durable.
  virtual Result<LogPut> Put(const RequestContext& ctx, Version version,
                             std::string_view bytes) = 0;
  /// The bytes of a version, PATH_NOT_FOUND if there is none.
  virtual Result<std::string> Read(const RequestContext& ctx, Version version) = 0;
  /// Makes a version durable that stands in the log but may have been put with an unknown outcome.
  /// Cheap if it is durable already.
  virtual Status MakeDurable(const RequestContext& ctx, Version version) = 0;
};

/// Commits by files in the table's log directory.
class FileSystemCommitter : public Committer {
 public:
  explicit FileSystemCommitter(std::shared_ptr<LogStore> store) : store_(std::move(store)) {}
  Result<LogPut> Put(const RequestContext& ctx, Version version, std::string_view bytes) override;
  Result<std::string> Read(const RequestContext& ctx, Version version) override;
  Status MakeDurable(const RequestContext& ctx, Version version) override;

 private:
  std::shared_ptr<LogStore> store_;
};

/// The commit is in the table, durably.
struct Committed {
  Version version = 0;
  int attempts = 1;
  bool checkpointed = false;
  /// Why the checkpoint that was due could not be written; the commit stands nevertheless.
  std::optional<Error> checkpoint_error;
};
/// Another commit won and this one can't be put on top of it, or the commit was impossible from the
/// start; the table is unchanged by it.
struct Conflicted {
  Error error;
};
/// The storage did not tell: the commit may or may not be in the table. `txn_id` finds it later.
struct Unknown {
  Version version = 0;
  std::string txn_id;
  Error error;
};
using CommitResult = std::variant<Committed, Conflicted, Unknown>;

/// A change of a table in the making: what was read, and the actions to commit. Optimistic: nothing
/// is written before Commit, which puts all or nothing. For one thread. Source: Delta protocol,
/// "Requirements for Writers"; Spark's conflict rules for WriteSerializable.
class Transaction {
 public:
  /// A change of an existing table.
  Transaction(Handlers handlers, std::shared_ptr<const Snapshot> snapshot);
  /// The creation of a table: version 0. Set the metadata; the protocol follows from it.
  Transaction(Handlers handlers, std::string table_root);
  ~Transaction();
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;

  Version read_version() const;
  /// nullptr for a creation.
  const std::shared_ptr<const Snapshot>& snapshot() const;
  /// Unique to this transaction (commitInfo.txnId).
  const std::string& txn_id() const;
  /// As they will be after the commit.
  const Metadata& metadata() const;
  const Protocol& protocol() const;

  // What was read. An append that read nothing of the table is blind.
  /// Files that a concurrent commit adds and that may match these predicates are a conflict.
  void ReadMatching(Conjunction predicates);
  void ReadWholeTable();
  /// A file of the snapshot whose rows were read: its removal by a concurrent commit is a conflict.
  void ReadFile(size_t index);
  /// An application id whose version was looked up, for exactly-once writes.
  void ReadTransaction(std::string app_id);

  // What is to be written.
  void Add(AddFile file);
  /// Removes a file of the snapshot. `data_change` false for mere rearrangement.
  void Remove(size_t index, bool data_change = true);
  /// Gives a file of the snapshot another deletion vector, which must delete more of its rows than
  /// the one it has. The file must have numRecords.
  void SetDeletionVector(size_t index, DeletionVectorDescriptor vector);
  /// A file of change rows (`cdc`), below `_change_data`. A commit that has any must have all of
  /// its changes in such files. Source: Delta protocol, "Add CDC File".
  void AddChangeFile(AddFile file);
  /// Removes all files of the snapshot (overwrite, truncate): as if everything had been read to
  /// decide on it, so that a concurrent change is a conflict, but not a blind append.
  void RemoveAll();
  /// Replaces the metadata (schema, properties…). The id and the creation time of an existing table
  /// are kept; ids of column mapping are assigned; the protocol is raised as the new metadata
  /// needs. Errors: those of ValidateMetadata, ValidateTableProperties, ProtocolFor.
  Status SetMetadata(Metadata metadata);
  /// Replaces the protocol, after SetMetadata: for features that are taken away.
  void SetProtocol(Protocol protocol);
  /// A property of the new metadata whose value is the version that the commit gets.
  void SetVersionProperty(std::string key);
  void SetTransactionVersion(std::string app_id, int64_t version);
  void SetDomainMetadata(DomainMetadata domain);
  /// Row ids up to `last` are taken by files that are added with their ids, as a clone's are. Files
  /// added without ids get the next ones at the commit; where row tracking is being enabled, those
  /// of the snapshot get theirs, too. Source: Delta protocol, "Writer Requirements for Row
  /// Tracking".
  void ReserveRowIds(int64_t last);
  /// The version that new rows are said to come from, where the commit is one of several that will
  /// be one.
  void SetRowVersion(Version version);
  /// What kind of change this is, for the table's features; without it: an append if nothing is
  /// removed, a replacement if whole files are removed and none added, or by RemoveAll, else a
  /// rewrite.
  void SetWriteKind(WriteKind kind);

  // What is told about it (DESCRIBE HISTORY).
  void SetOperation(std::string name, std::map<std::string, std::string> parameters = {});
  void SetMetric(std::string name, int64_t value);
  void SetUser(std::string user_id, std::string user_name);
  void SetUserMetadata(std::string text);
  /// Default: "Tarn/<version>".
  void SetEngineInfo(std::string text);

  /// At most this many versions are tried (default 1000).
  void SetAttemptsMax(int attempts);
  /// Whether a checkpoint that becomes due is written (default: yes, if there is a Parquet
  /// handler).
  void SetCheckpoints(bool enabled);

  /// Whether a checksum file is written where the state after the commit is known (default: yes).
  void SetChecksum(bool enabled);

  /// A version that stands in the log durably, for all the caller knows: what is older needn't be
  /// synced again, and the commit looks at what stands before it rather than put in vain.
  void SetDurableVersion(Version version);
  size_t adds() const;
  size_t removes() const;
  /// Whether it has metadata of its own.
  bool changes_metadata() const;

  /// Commits through `committer`. A transaction can be committed once. Conflicted carries
  /// DELTA_CONCURRENT_APPEND, DELTA_CONCURRENT_DELETE_READ, DELTA_CONCURRENT_DELETE_DELETE,
  /// DELTA_METADATA_CHANGED, DELTA_PROTOCOL_CHANGED, DELTA_CONCURRENT_TRANSACTION,
  /// DELTA_CONCURRENT_WRITE (attempts used up), or why it was never possible (features,
  /// append-only, cancellation, I/O before anything was put).
  CommitResult Commit(const RequestContext& ctx, Committer& committer);
  /// Commit in steps: the others write what the first made due, if it did.
  CommitResult CommitOnly(const RequestContext& ctx, Committer& committer);
  /// The checksum of the version that this was committed as, if the one before is known: it is what
  /// was read, or `before`.
  std::optional<VersionChecksum> ChecksumOf(const CommitResult& result,
                                            const VersionChecksum* before = nullptr) const;
  Status WriteChecksum(const RequestContext& ctx, const VersionChecksum& checksum) const;
  void CheckpointIfDue(const RequestContext& ctx, CommitResult& result);

  /// Whether both are appends that read nothing and tell the same of themselves but numbers, so
  /// that one version can hold both.
  bool MayShareVersion(const Transaction& other) const;
  /// One transaction that does what these do, each of which may share a version with the first.
  /// They stay as they are.
  static Transaction Together(const std::vector<Transaction*>& transactions);

 private:
  friend class CommitAttempt;
  friend class TransactionFold;
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a classic checkpoint of the snapshot and then `_last_checkpoint`.
Status WriteCheckpoint(const RequestContext& ctx, const Handlers& handlers,
                       const Snapshot& snapshot);

}  // namespace tarn::delta
