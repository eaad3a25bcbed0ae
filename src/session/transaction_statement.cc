// BEGIN, COMMIT, ROLLBACK and BEGIN ATOMIC … END.

#include "open_transaction.h"
#include "optimize.h"
#include "statements.h"

namespace tarn::session {

namespace {

Error Nested() { return Error(Condition("TRANSACTION_NOT_SUPPORTED.NESTED_TRANSACTION")); }

/// Commits and closes the open transaction; it stays open if it can't be committed.
Status CommitOpen(StatementScope& scope) {
  auto& open = scope.session().transaction;
  TARN_ASSIGN(const std::vector<OpenTransaction::Changed> changed, open->Commit(scope));
  open.reset();
  for (const OpenTransaction::Changed& one : changed) {
    CompactIfAsked(scope, one.target, one.metadata);
  }
  return {};
}

/// Reads rows that nobody wants.
Result<Answer> Skip(Answer answer) {
  while (true) {
    TARN_ASSIGN(const auto batch, answer->Next());
    if (batch.empty()) return NothingToShow();
  }
}

/// The statements of a block; what the last one answers.
Result<Answer> RunBody(StatementScope& scope, const sql::CompoundStatement& block) {
  Answer last = NothingToShow();
  for (size_t i = 0; i < block.body.size(); ++i) {
    const sql::Statement& statement = *block.body[i];
    if (statement.As<sql::DeclareVariable>()) {
      return UnsupportedFeature("A variable of a BEGIN … END block", statement.source);
    }
    // Each statement sees what those before it did.
    StatementScope own(scope.request(), scope.session(), scope.parameters(), scope.text());
    auto answer = RunStatement(own, statement);
    // What goes wrong on the way is to be known before the commit.
    const bool is_last = i + 1 == block.body.size();
    if (answer.ok())
      answer = is_last ? ReadToEnd(own, *std::move(answer)) : Skip(*std::move(answer));
    if (!answer.ok()) return std::move(answer).error().WithDefaultPosition(statement.source);
    last = *std::move(answer);
  }
  return last;
}

}  // namespace

Result<Answer> RunBeginTransaction(StatementScope& scope, const sql::BeginTransaction&) {
  auto& open = scope.session().transaction;
  if (open != nullptr) return Nested();
  open = std::make_unique<OpenTransaction>(scope.request(), scope.rooms(), /*block=*/false);
  return NothingToShow();
}

Result<Answer> RunEndTransaction(StatementScope& scope, const sql::EndTransaction& end) {
  auto& open = scope.session().transaction;
  if (open == nullptr) {
    if (!end.commit) return NothingToShow();
    return Error(Condition("NO_ACTIVE_TRANSACTION"), {{"operation", "commit"}});
  }
  if (end.commit) {
    TARN_TRY(CommitOpen(scope));
  } else {
    open.reset();
  }
  return NothingToShow();
}

Result<Answer> RunCompound(StatementScope& scope, const sql::CompoundStatement& block) {
  if (!block.conditions.empty() || !block.handlers.empty()) {
    return UnsupportedFeature("A condition or handler in a BEGIN … END block");
  }
  auto& open = scope.session().transaction;
  // A block within a block is part of it.
  if (open != nullptr && open->is_block()) return RunBody(scope, block);
  if (open != nullptr) return Nested();
  open = std::make_unique<OpenTransaction>(scope.request(), scope.rooms(), /*block=*/true);
  auto answer = RunBody(scope, block);
  if (answer.ok()) {
    if (Status done = CommitOpen(scope); !done.ok()) answer = std::move(done).error();
  }
  open.reset();
  return answer;
}

}  // namespace tarn::session
