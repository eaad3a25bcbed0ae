#include "commit_attempt.h"

#include <algorithm>

#include "log_segment.h"
#include "snapshot_state.h"
#include "transaction_state.h"

namespace tarn::delta {

Result<CommitAttempt> CommitAttempt::Prepare(const RequestContext& ctx, Transaction& transaction) {
  Transaction::State& state = *transaction.state_;
  CommitAttempt attempt(state);
  attempt.prepared_ms_ = ctx.clock->NowMicros() / 1000;
  if (state.snapshot() == nullptr) {
    if (state.new_metadata && !state.new_metadata->created_time_ms) {
      state.new_metadata->created_time_ms = attempt.prepared_ms_;
    }
    // Version 0 may be free in a table whose old log was cleaned up.
    TARN_ASSIGN(const LogListing listing, ListLog(ctx, *state.handlers.log, 0));
    if (!listing.empty()) {
      return Error(
          Condition("DELTA_PROTOCOL_CHANGED"),
          {{"table", state.reads.table_root}, {"version", std::to_string(listing.latest())}});
    }
  }
  TARN_TRY(state.RequireLog(ctx, attempt.prepared_ms_));
  const bool backfills = state.snapshot() && state.new_metadata &&
                         TrackedColumns(*state.new_metadata) &&
                         !TrackedColumns(state.snapshot()->metadata());
  if (backfills) TARN_TRY(state.AddBackfill(ctx));
  TARN_TRY(state.Validate());
  state.committed = true;
  state.NoteChanges(backfills);

  TARN_ASSIGN(const TableProperties properties, ReadTableProperties(state.metadata()));
  attempt.in_commit_timestamps_ = properties.in_commit_timestamps;
  attempt.version_ = attempt.first_version_ = state.read_version() + 1;
  attempt.row_id_mark_ = state.RowIdMark();
  if (attempt.in_commit_timestamps_ && state.snapshot()) {
    // The first one must exceed the time of the file before it.
    attempt.in_commit_floor_ = state.starts_in_commit_timestamps()
                                   ? state.snapshot()->timestamp_ms()
                                   : state.snapshot()->state().in_commit_timestamp_ms;
  }
  return attempt;
}

int CommitAttempt::attempts_max() const { return state_->attempts_max; }
const std::string& CommitAttempt::table_root() const { return state_->reads.table_root; }
const std::string& CommitAttempt::txn_id() const { return state_->txn_id; }

CommitResult CommitAttempt::Run(const RequestContext& ctx, Committer& committer) {
  for (int attempt = 1; attempt <= attempts_max(); ++attempt) {
    if (Status go = ctx.Check(); !go.ok()) return Conflicted{std::move(go).error()};
    if (Status ready = Advance(ctx, committer, attempt == 1); !ready.ok()) {
      return Conflicted{std::move(ready).error()};
    }
    const std::string bytes = Bytes(ctx);
    const Outcome outcome = PutResolved(ctx, committer, bytes);
    if (outcome.error && outcome.unknown) return Unknown{version_, txn_id(), *outcome.error};
    if (outcome.error) return Conflicted{*outcome.error};
    if (outcome.committed) return Committed{version_, attempt, false, std::nullopt};
  }
  return Conflicted{GivenUp()};
}

Error CommitAttempt::GivenUp() const {
  return Error(Condition("DELTA_CONCURRENT_WRITE"),
               {{"table", table_root()}, {"attempts", std::to_string(attempts_max())}});
}

Status CommitAttempt::Advance(const RequestContext& ctx, Committer& committer, bool first) {
  // Look at all that stands in the way before the put: a put costs a sync.
  if (!first || state_->durable >= version_) TARN_TRY(PassWinners(ctx, committer));
  // The version before may have been put by somebody who never learnt whether it is durable. It
  // must be, before this one can be, or a power cut could leave a hole in the log.
  if (version_ > 0 && state_->durable != version_ - 1) {
    TARN_TRY(committer.MakeDurable(ctx, version_ - 1));
  }
  return {};
}

Status CommitAttempt::PassWinners(const RequestContext& ctx, Committer& committer) {
  while (true) {
    auto winning = committer.Read(ctx, version_);
    if (!winning.ok()) {
      if (winning.error().condition() == Condition("PATH_NOT_FOUND")) return {};
      return std::move(winning).error();
    }
    TARN_ASSIGN(Winner winner, CheckWinner(state_->reads, version_, std::move(*winning)));
    if (winner.conflict) return std::move(*winner.conflict);
    if (winner.in_commit_timestamp_ms) {
      in_commit_floor_ = std::max(in_commit_floor_.value_or(0), *winner.in_commit_timestamp_ms);
    }
    row_id_mark_ = std::max(row_id_mark_, winner.row_id_high_water_mark);
    ++version_;
  }
}

std::string CommitAttempt::Bytes(const RequestContext& ctx) {
  const int64_t time_ms = ctx.clock->NowMicros() / 1000;
  std::optional<int64_t> stamp;
  if (in_commit_timestamps_) stamp = std::max(time_ms, in_commit_floor_.value_or(-1) + 1);
  // The file of the commit before may be as young as now.
  if (version_ > first_version_ && state_->starts_in_commit_timestamps()) {
    stamp = std::max(*stamp, time_ms + 1);
  }
  if (body_.empty() || state_->depends_on_version()) {
    state_->NoteVersion(version_, stamp);
    body_ = state_->Body(prepared_ms_, version_, row_id_mark_);
  }
  return state_->InfoLine(stamp.value_or(time_ms), stamp) + body_;
}

/// Puts a version, and settles an unknown outcome as far as the storage lets it.
CommitAttempt::Outcome CommitAttempt::PutResolved(const RequestContext& ctx, Committer& committer,
                                                  const std::string& bytes) {
  std::optional<Error> last;
  for (int i = 0; i < kUnknownTriesMax; ++i) {
    auto put = committer.Put(ctx, version_, bytes);
    if (!put.ok()) {
      // If an earlier put may have done its work, a failure now doesn't undo it.
      return {false, last.has_value(), std::move(put).error()};
    }
    if (*put == LogPut::kCreated) return {true, false, std::nullopt};
    if (*put == LogPut::kExists && !last) return {};
    auto found = committer.Read(ctx, version_);
    if (found.ok()) {
      if (!IsOwn(*found)) return {};
      if (Status durable = committer.MakeDurable(ctx, version_); !durable.ok()) {
        return {false, true, std::move(durable).error()};
      }
      return {true, false, std::nullopt};
    }
    if (found.error().condition() != Condition("PATH_NOT_FOUND")) {
      return {false, true, std::move(found).error()};
    }
    last = OutcomeUntold(version_);
  }
  return {false, true, last};
}

bool CommitAttempt::IsOwn(const std::string& bytes) const {
  auto winner = CheckWinner(state_->reads, version_, bytes);
  return winner.ok() && winner->txn_id == txn_id();
}

Error OutcomeUntold(Version version) {
  return Error(Condition("IO_ERROR"), {{"operation", "Putting a commit"},
                                       {"path", CommitPath(version)},
                                       {"detail", "the storage didn't tell the outcome"}});
}

}  // namespace tarn::delta
