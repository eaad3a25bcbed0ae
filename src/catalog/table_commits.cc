#include "tarn/catalog/table_commits.h"

#include "lake_state.h"
#include "tarn/types/data_type.h"

namespace tarn::catalog {

Result<Ratification> TableCommits::Ratify(const RequestContext& ctx,
                                          const std::vector<TableCommit>& commits) {
  TARN_ASSIGN(auto transaction, state_.metastore->Begin(ctx, meta::TransactionKind::kWrite));
  for (const TableCommit& commit : commits) {
    TARN_ASSIGN(const auto table, transaction.FindById(commit.table_id));
    if (!table || table->dropped_us) {
      const std::string name = table ? QuoteIdentifier(table->name) : "with id " + commit.table_id;
      return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", name}})
          .WithHint("The table was dropped meanwhile; its rows were not changed.");
    }
    TARN_ASSIGN(const auto newest, transaction.FindTableCommit(commit.table_id));
    if (newest && newest->version >= commit.version) return Ratification::kTaken;
    TARN_TRY(transaction.PutTableCommit(
        {commit.table_id, commit.version, commit.staged_file, state_.clock->NowMicros()}));
  }
  // A commit that answers with an error may come to light nevertheless.
  if (!transaction.Commit().ok()) return Ratification::kUnknown;
  return Ratification::kRatified;
}

Result<std::optional<TableCommit>> TableCommits::Newest(const RequestContext& ctx,
                                                        const std::string& table_id) const {
  TARN_ASSIGN(auto transaction, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(const auto row, transaction.FindTableCommit(table_id));
  if (!row) return std::optional<TableCommit>();
  return std::optional(TableCommit{row->table_id, row->version, row->staged_file});
}

std::optional<std::string> TableCommits::TableAt(const std::string& root) const {
  const std::string folder = state_.home + "/tables/";
  if (!root.starts_with(folder)) return std::nullopt;
  std::string id = root.substr(folder.size());
  while (id.ends_with('/')) id.pop_back();
  if (id.empty() || id.find('/') != id.npos) return std::nullopt;
  return id;
}

}  // namespace tarn::catalog
