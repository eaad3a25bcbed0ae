#pragma once

#include <optional>
#include <string>

#include "tarn/delta/transaction.h"

namespace tarn::delta {

/// A transaction on its way into the log: the version it tries to be, and its bytes as that. Valid
/// as long as the transaction. For one thread.
class CommitAttempt {
 public:
  /// Checks the transaction as far as that needs no look at other commits. A transaction can be
  /// prepared once.
  static Result<CommitAttempt> Prepare(const RequestContext& ctx, Transaction& transaction);

  Version version() const { return version_; }
  int attempts_max() const;
  const std::string& table_root() const;
  const std::string& txn_id() const;

  /// Finds the free version and puts the transaction there.
  CommitResult Run(const RequestContext& ctx, Committer& committer);

  /// Makes ready for a put: goes on to a version that is free (if it isn't the first try, or
  /// something is known to be in the way), and makes the version before it durable. An error says
  /// what is in the way.
  Status Advance(const RequestContext& ctx, Committer& committer, bool first);
  /// The commit's bytes for the version.
  std::string Bytes(const RequestContext& ctx);
  /// Whether the bytes of a commit are this transaction's.
  bool IsOwn(const std::string& bytes) const;
  /// What it comes to if no version was free in all tries.
  Error GivenUp() const;

 private:
  struct Outcome {
    bool committed = false;
    bool unknown = false;
    std::optional<Error> error;
  };

  explicit CommitAttempt(Transaction::State& state) : state_(&state) {}

  Status PassWinners(const RequestContext& ctx, Committer& committer);
  Outcome PutResolved(const RequestContext& ctx, Committer& committer, const std::string& bytes);

  Transaction::State* state_;
  Version version_ = 0;
  Version first_version_ = 0;
  int64_t prepared_ms_ = 0;
  bool in_commit_timestamps_ = false;
  std::optional<int64_t> in_commit_floor_;  ///< the commit's timestamp must exceed it
  int64_t row_id_mark_ = -1;                ///< the highest row id given out before
  std::string body_;
};

/// How often a put of unknown outcome is tried again before it is given up.
inline constexpr int kUnknownTriesMax = 5;

/// What a storage that tells nothing leaves to say of a version.
Error OutcomeUntold(Version version);

}  // namespace tarn::delta
