// Commits of several tables at once.

#include <algorithm>

#include "commit_attempt.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/catalog_committer.h"

namespace tarn::delta {
namespace {

class TogetherCommit {
 public:
  TogetherCommit(const RequestContext& ctx, const std::vector<CatalogCommit>& commits,
                 CommitCoordinator& coordinator)
      : ctx_(ctx), commits_(commits), coordinator_(coordinator) {}

  CatalogCommitResult Run() {
    for (const CatalogCommit& commit : commits_) {
      auto attempt = CommitAttempt::Prepare(ctx_, *commit.transaction);
      if (!attempt.ok()) return Conflicted{std::move(attempt).error()};
      attempts_.push_back(*std::move(attempt));
    }
    int attempts_max = attempts_.front().attempts_max();
    for (int attempt = 1; attempt <= attempts_max; ++attempt) {
      Status staged = Stage();
      if (!staged.ok()) {
        Withdraw();
        return Conflicted{std::move(staged).error()};
      }
      const Outcome outcome = Ratify();
      if (outcome.unknown) {
        return Unknown{attempts_.front().version(), attempts_.front().txn_id(), *outcome.error};
      }
      if (outcome.committed) return Publish(attempt);
      Withdraw();
      if (outcome.error) return Conflicted{*outcome.error};
    }
    return Conflicted{attempts_.front().GivenUp()};
  }

 private:
  struct Outcome {
    bool committed = false;
    bool unknown = false;
    std::optional<Error> error;
  };

  /// Puts all in place for the catalog's word, each as a version that is free.
  Status Stage() {
    staged_.clear();
    bytes_.clear();
    for (size_t i = 0; i < attempts_.size(); ++i) {
      TARN_TRY(ctx_.Check());
      CommitAttempt& attempt = attempts_[i];
      CatalogCommitter& committer = *commits_[i].committer;
      // The metastore may be older than the log, after a backup of it was put back: look first.
      TARN_TRY(attempt.Advance(ctx_, committer, false));
      bytes_.push_back(attempt.Bytes(ctx_));
      TARN_ASSIGN(StagedCommit staged, committer.Stage(ctx_, attempt.version(), bytes_.back()));
      staged_.push_back(std::move(staged));
    }
    return PassFaultPoint("delta.catalog_commit.after_stage");
  }

  /// Asks for the word, until it is known what it was.
  Outcome Ratify() {
    std::optional<Error> last;
    for (int i = 0; i < kUnknownTriesMax; ++i) {
      auto word = coordinator_.Ratify(ctx_, staged_);
      if (!word.ok()) return {false, last.has_value(), std::move(word).error()};
      if (*word == LogPut::kCreated) return {true, false, std::nullopt};
      if (*word == LogPut::kExists && !last) return {};
      // All or none: one tells of all.
      auto found = commits_.front().committer->Read(ctx_, attempts_.front().version());
      if (found.ok()) return {attempts_.front().IsOwn(*found), false, std::nullopt};
      if (found.error().condition() != Condition("PATH_NOT_FOUND")) {
        return {false, true, std::move(found).error()};
      }
      // Taken, but not there to be read in the first table: it is another one's that is taken.
      if (*word == LogPut::kExists) return {};
      last = OutcomeUntold(attempts_.front().version());
    }
    return {false, true, last};
  }

  CatalogCommitResult Publish(int attempt) {
    std::vector<Committed> done;
    for (size_t i = 0; i < attempts_.size(); ++i) {
      // From here on an error would tell a lie: the commits stand. Whoever opens a table next makes
      // up for a failure.
      const char* const point =
          i == 0 ? "delta.catalog_commit.after_ratify" : "delta.catalog_commit.between_publishes";
      if (PassFaultPoint(point).ok()) {
        (void)commits_[i].committer->Publish(ctx_, staged_[i], bytes_[i]);
      }
      done.push_back({attempts_[i].version(), attempt, false, std::nullopt});
    }
    return done;
  }

  void Withdraw() {
    for (size_t i = 0; i < staged_.size(); ++i) commits_[i].committer->Withdraw(ctx_, staged_[i]);
  }

  const RequestContext& ctx_;
  const std::vector<CatalogCommit>& commits_;
  CommitCoordinator& coordinator_;
  std::vector<CommitAttempt> attempts_;
  std::vector<StagedCommit> staged_;
  std::vector<std::string> bytes_;
};

}  // namespace

CatalogCommitResult CommitTogether(const RequestContext& ctx,
                                   const std::vector<CatalogCommit>& commits,
                                   CommitCoordinator& coordinator) {
  return TogetherCommit(ctx, commits, coordinator).Run();
}

}  // namespace tarn::delta
