// RESTORE TABLE: the rows and columns of an earlier version, as a new version.

#include "statements.h"
#include "table_commit.h"
#include "tarn/delta/file_key.h"
#include "time_travel.h"

namespace tarn::session {

namespace {

/// The files that only one of two versions has.
struct Difference {
  std::vector<uint32_t> gone;  ///< of the current version
  std::vector<uint32_t> back;  ///< of the earlier one
};

Difference Compare(const delta::FileSet& now, const delta::FileSet& then) {
  std::map<std::string, uint32_t> before;
  for (uint32_t i = 0; i < then.size(); ++i) before[delta::FileKey(then, i)] = i;
  Difference difference;
  for (uint32_t i = 0; i < now.size(); ++i) {
    if (before.erase(delta::FileKey(now, i)) == 0) difference.gone.push_back(i);
  }
  for (const auto& [key, index] : before) difference.back.push_back(index);
  return difference;
}

/// All files to be brought back must be there still.
Status RequireFiles(StatementScope& scope, const TableTarget& target, const delta::Snapshot& then,
                    const std::vector<uint32_t>& back) {
  TARN_ASSIGN(const auto missing, MissingFiles(scope, target.root, then.files(), back));
  if (missing.empty()) return {};
  return Error(Condition("DELTA_RESTORE_FILES_MISSING"),
               {{"version", std::to_string(then.version())},
                {"table", target.display},
                {"count", std::to_string(missing.size())},
                {"path", std::string(then.files().path(missing[0]))}});
}

}  // namespace

Result<Answer> RunRestore(StatementScope& scope, const sql::Restore& statement) {
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(statement.table, catalog::Purpose::kWrite, "RESTORE"));
  TARN_ASSIGN(const auto now, scope.PinLatest(target.root));
  TARN_ASSIGN(const analyze::TimeTravel to, SettleTimeTravel(scope, statement.to));
  auto opened = scope.OpenSnapshot(scope.request(), target.root, to);
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(statement.to.source);
  const std::shared_ptr<const delta::Snapshot> then = *opened;
  const Difference difference = Compare(now->files(), then->files());
  TARN_TRY(RequireFiles(scope, target, *then, difference.back));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, now));
  transaction.ReadWholeTable();
  transaction.SetWriteKind(delta::WriteKind::kReplace);
  TARN_TRY(transaction.SetMetadata(then->metadata()));
  int64_t removed_bytes = 0;
  int64_t restored_bytes = 0;
  for (const uint32_t i : difference.gone) {
    transaction.Remove(i);
    removed_bytes += now->files().file_size(i);
  }
  if (!difference.back.empty()) TARN_TRY(then->files().LoadStatistics(scope.request()));
  for (const uint32_t i : difference.back) {
    delta::AddFile add = then->files().ToAdd(i);
    restored_bytes += add.size;
    transaction.Add(std::move(add));
  }
  std::map<std::string, std::string> parameters;
  if (to.version) parameters["version"] = std::to_string(*to.version);
  if (statement.to.timestamp) parameters["timestamp"] = std::to_string(then->timestamp_ms());
  transaction.SetOperation("RESTORE", std::move(parameters));
  const std::vector<std::pair<std::string, int64_t>> metrics = {
      {"tableSizeAfterRestore", then->files().total_size()},
      {"numOfFilesAfterRestore", static_cast<int64_t>(then->files().size())},
      {"numRemovedFiles", static_cast<int64_t>(difference.gone.size())},
      {"numRestoredFiles", static_cast<int64_t>(difference.back.size())},
      {"removedFilesSize", removed_bytes},
      {"restoredFilesSize", restored_bytes}};
  static constexpr const char* kColumns[] = {
      "table_size_after_restore", "num_of_files_after_restore", "num_removed_files",
      "num_restored_files",       "removed_files_size",         "restored_files_size"};
  std::vector<std::pair<std::string, int64_t>> counts;
  for (size_t i = 0; i < metrics.size(); ++i) {
    transaction.SetMetric(metrics[i].first, metrics[i].second);
    counts.emplace_back(kColumns[i], metrics[i].second);
  }
  TARN_TRY(CommitAndPublish(scope, target, transaction));
  return CountsAnswer(counts);
}

}  // namespace tarn::session
