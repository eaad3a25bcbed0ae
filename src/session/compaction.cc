// Small files of a table put together.

#include "generated_query.h"
#include "statement_scope.h"
#include "table_commit.h"
#include "tarn/base/fault_point.h"
#include "tarn/session/flow.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

/// A file is small if so many of its size fit the target size.
constexpr int64_t kSmallPart = 8;

/// The partition of a file as a text, different for different partitions.
std::string PartitionOf(const delta::FileSet& files, size_t index, size_t columns) {
  std::string text;
  for (size_t k = 0; k < columns; ++k) {
    const auto value = files.partition_text(index, k);
    text += value ? std::to_string(value->size()) + ":" + std::string(*value) : "-";
  }
  return text;
}

/// The small files of each partition that has enough of them.
std::vector<uint32_t> SmallFiles(const delta::Snapshot& snapshot, int64_t target_bytes,
                                 size_t files_min) {
  const delta::FileSet& files = snapshot.files();
  const size_t columns = snapshot.metadata().partition_columns.size();
  std::map<std::string, std::vector<uint32_t>> by_partition;
  for (size_t i = 0; i < files.size(); ++i) {
    if (files.file_size(i) >= target_bytes / kSmallPart) continue;
    by_partition[PartitionOf(files, i, columns)].push_back(static_cast<uint32_t>(i));
  }
  std::vector<uint32_t> small;
  for (const auto& [partition, indexes] : by_partition) {
    if (indexes.size() >= files_min) small.insert(small.end(), indexes.begin(), indexes.end());
  }
  return small;
}

/// The rows of some of the table's files.
Result<plan::Query> ReadFiles(StatementScope& scope, const TableTarget& target,
                              const std::shared_ptr<const delta::Snapshot>& snapshot,
                              const std::vector<uint32_t>& files) {
  plan::Relation relation;
  relation.name = target.display;
  relation.schema = snapshot->schema();
  relation.source = plan::DeltaRelation{snapshot, target.root, files};
  GeneratedQuery query(scope);
  query.Add("SELECT * FROM small_files");
  return query.Analyze({{"small_files", std::move(relation)}});
}

}  // namespace

Result<Compacted> CompactDataset(Session& session, const RequestContext& context,
                                 const catalog::ObjectName& name, size_t files_min) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  TARN_ASSIGN(
      const catalog::TablePtr table,
      scope.rooms().catalog().LookupTable(context, name, catalog::Purpose::kWrite, "Compaction"));
  const TableTarget target{table, table->location, table->name.ToSql()};
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  const int64_t target_bytes = WriteTargetOf(target.root, snapshot->metadata()).target_file_bytes;
  const std::vector<uint32_t> small = SmallFiles(*snapshot, target_bytes, files_min);
  Compacted compacted;
  if (small.empty()) return compacted;
  TARN_ASSIGN(const plan::Query rows, ReadFiles(scope, target, snapshot, small));
  TARN_ASSIGN(
      engine::WriteResult written,
      scope.rooms().engine().Write(context, rows, WriteTargetOf(target.root, snapshot->metadata()),
                                   scope.EngineView()));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  for (const uint32_t index : small) {
    transaction.ReadFile(index);
    transaction.Remove(index, false);
  }
  for (delta::AddFile& file : written.files) file.data_change = false;
  const std::vector<delta::AddFile> files = written.files;
  compacted.files_removed = static_cast<int64_t>(small.size());
  compacted.files_added = static_cast<int64_t>(files.size());
  AddFiles(transaction, std::move(written));
  transaction.SetOperation("OPTIMIZE", {{"auto", "true"}});
  TARN_FAULT_POINT("compaction.before_commit");
  auto committed = CommitAndPublish(scope, target, transaction);
  if (!committed.ok()) {
    if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
      RemoveUnusedFiles(scope, target.root, files);
    }
    return std::move(committed).error();
  }
  return compacted;
}

}  // namespace tarn::session
