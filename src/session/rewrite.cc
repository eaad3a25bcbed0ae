#include "rewrite.h"

#include "statements.h"
#include "tarn/delta/protocol.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

Result<RewriteTarget> FindRewriteTarget(StatementScope& scope, const sql::ObjectName& name,
                                        const sql::TableAlias& alias, std::string_view operation) {
  RewriteTarget target;
  TARN_TRY(RefusePositionalParameters(scope, operation));
  TARN_ASSIGN(target.target, scope.FindTable(name, catalog::Purpose::kWrite, operation));
  TARN_ASSIGN(target.snapshot, scope.PinLatest(target.target.root));
  TARN_TRY(delta::CheckWritable(target.snapshot->protocol(), target.snapshot->metadata(),
                                delta::WriteKind::kRewrite, target.target.display));
  if (target.target.table) {
    const catalog::ObjectName& full = target.target.table->name;
    target.name_sql = full.ToSql();
    target.alias_sql = QuoteIdentifier(full.object);
  } else {
    target.name_sql = "delta." + QuoteIdentifier(target.target.root);
    target.alias_sql = "`__target`";
  }
  if (!alias.empty()) target.alias_sql = QuoteIdentifier(alias.name.text);
  return target;
}

Result<TouchedFiles> CollectTouched(StatementScope& scope, const plan::Query& query) {
  TARN_ASSIGN(auto rows,
              scope.rooms().engine().Execute(scope.request(), query, scope.EngineView()));
  TouchedFiles touched;
  while (true) {
    TARN_ASSIGN(auto batch, rows->Next());
    if (batch.empty()) return touched;
    for (const std::vector<Value>& row : batch) {
      if (row[0].is_null()) continue;
      touched[static_cast<uint32_t>(row[0].integer())] += row[1].integer();
    }
  }
}

int64_t LiveRows(const delta::FileSet& files, size_t index) {
  const std::optional<int64_t> records = files.num_records(index);
  if (!records) return -1;
  const delta::DeletionVectorDescriptor* vector = files.deletion_vector(index);
  return *records - (vector != nullptr ? vector->cardinality : 0);
}

Answer CountsAnswer(const std::vector<std::pair<std::string, int64_t>>& counts) {
  RowsStream::Columns columns;
  std::vector<Value> row;
  for (const auto& [name, count] : counts) {
    columns.emplace_back(name, TypeId::kLong);
    row.push_back(Value::Long(count));
  }
  return std::make_unique<RowsStream>(std::move(columns), RowsStream::Rows{std::move(row)});
}

Status WriteInto(StatementScope& scope, const RewriteTarget& target, const plan::Query& query,
                 delta::Transaction& transaction, std::vector<delta::AddFile>& files,
                 int64_t* rows) {
  auto written = scope.rooms().engine().Write(
      scope.request(), query, WriteTargetOf(target.target.root, transaction.metadata()),
      scope.EngineView());
  if (!written.ok()) {
    RemoveUnusedFiles(scope, target.target.root, files);
    return std::move(written).error();
  }
  if (rows != nullptr) *rows = written->rows;
  for (delta::AddFile& file : written->files) {
    files.push_back(file);
    transaction.Add(std::move(file));
  }
  return {};
}

Status CommitRewrite(StatementScope& scope, const RewriteTarget& target,
                     delta::Transaction& transaction, const std::vector<delta::AddFile>& files) {
  auto committed = CommitAndPublish(scope, target.target, transaction);
  if (committed.ok()) return {};
  if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
    RemoveUnusedFiles(scope, target.target.root, files);
  }
  return std::move(committed).error();
}

}  // namespace tarn::session
