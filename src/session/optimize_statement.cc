// OPTIMIZE and REORG TABLE.

#include <algorithm>
#include <numeric>

#include "generated_query.h"
#include "history_parameters.h"
#include "optimize.h"
#include "statements.h"
#include "table_definition.h"
#include "tarn/delta/iceberg_compat.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

int64_t NowMs(const StatementScope& scope) { return scope.request().clock->NowMicros() / 1000; }

DataType SizesType() {
  return DataType::Struct({{"min", TypeId::kLong},
                           {"max", TypeId::kLong},
                           {"avg", TypeId::kDouble},
                           {"totalFiles", TypeId::kLong},
                           {"totalSize", TypeId::kLong}});
}

Value SizesOf(const std::vector<int64_t>& sizes) {
  const auto count = static_cast<int64_t>(sizes.size());
  const int64_t total = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
  const Value none = Value::Null(TypeId::kLong);
  return Value::Of(
      SizesType(),
      std::vector<Value>{
          sizes.empty() ? none : Value::Long(*std::ranges::min_element(sizes)),
          sizes.empty() ? none : Value::Long(*std::ranges::max_element(sizes)),
          Value::Double(sizes.empty() ? 0
                                      : static_cast<double>(total) / static_cast<double>(count)),
          Value::Long(count), Value::Long(total)});
}

/// The row that OPTIMIZE answers: the table's path and what was done.
Answer MetricsAnswer(const std::string& root, const Rewritten& done, int64_t start_ms,
                     int64_t end_ms) {
  const std::vector<std::pair<const char*, Value>> values = {
      {"numFilesAdded", Value::Long(static_cast<int64_t>(done.added_sizes.size()))},
      {"numFilesRemoved", Value::Long(static_cast<int64_t>(done.removed_sizes.size()))},
      {"filesAdded", SizesOf(done.added_sizes)},
      {"filesRemoved", SizesOf(done.removed_sizes)},
      {"partitionsOptimized", Value::Long(done.partitions)},
      {"totalConsideredFiles", Value::Long(done.considered)},
      {"totalFilesSkipped",
       Value::Long(done.considered - static_cast<int64_t>(done.removed_sizes.size()))},
      {"startTimeMs", Value::Long(start_ms)},
      {"endTimeMs", Value::Long(end_ms)},
      {"numDeletionVectorsRemoved", Value::Long(done.vectors_removed)},
      {"numDeletionVectorRowsRemoved", Value::Long(done.rows_purged)}};
  std::vector<Field> fields;
  std::vector<Value> cells;
  for (const auto& [name, value] : values) {
    fields.push_back({name, value.type()});
    cells.push_back(value);
  }
  const DataType metrics = DataType::Struct(std::move(fields));
  return std::make_unique<RowsStream>(
      RowsStream::Columns{{"path", TypeId::kString}, {"metrics", metrics}},
      RowsStream::Rows{{Value::String(root), Value::Of(metrics, std::move(cells))}});
}

/// The columns of ZORDER BY, each with statistics.
Result<std::vector<delta::ColumnPath>> ZOrderColumns(const delta::Metadata& metadata,
                                                     const sql::Optimize& statement) {
  TARN_ASSIGN(std::vector<delta::ColumnPath> columns,
              ColumnPaths(metadata.schema, statement.zorder_by));
  for (size_t i = 0; i < columns.size(); ++i) {
    const delta::ColumnPath& path = columns[i];
    const std::vector<sql::Identifier>& name = statement.zorder_by[i];
    for (const std::string& partition : metadata.partition_columns) {
      if (path.size() == 1 && SameName(partition, path[0])) {
        return Error(Condition("DELTA_ZORDERING_ON_PARTITION_COLUMN"),
                     {{"colName", QuoteIdentifier(path[0])}})
            .WithPosition(name[0].source);
      }
    }
    TARN_ASSIGN(const bool bounds, delta::HasBounds(metadata, path));
    if (!bounds) {
      return Error(Condition("DELTA_ZORDERING_ON_COLUMN_WITHOUT_STATS"),
                   {{"cols", QuoteIdentifier(name.back().text)}})
          .WithPosition(name[0].source);
    }
  }
  return columns;
}

/// The files of the partitions that a condition over partition columns picks.
Result<std::vector<uint32_t>> FilesWhere(StatementScope& scope, const TableTarget& target,
                                         const std::shared_ptr<const delta::Snapshot>& snapshot,
                                         const sql::Expr& where) {
  std::string partitions;
  for (const std::string& name : snapshot->metadata().partition_columns) {
    partitions += QuoteIdentifier(name) + ", ";
  }
  GeneratedQuery query(scope);
  query.Add("SELECT DISTINCT __file FROM (SELECT " + partitions +
            "__file_index AS __file FROM optimized_table) AS t WHERE ");
  query.AddPiece(where.source);
  plan::Relation relation{target.display, snapshot->schema(),
                          plan::DeltaRelation{snapshot, target.root}};
  auto plan = query.Analyze({{"optimized_table", std::move(relation)}});
  if (!plan.ok()) {
    const std::string_view condition = InfoOf(plan.error().condition()).name;
    if (!condition.starts_with("UNRESOLVED_COLUMN")) return std::move(plan).error();
    if (!partitions.empty()) partitions.resize(partitions.size() - 2);
    return Error(Condition("DELTA_NON_PARTITION_COLUMN_REFERENCE"),
                 {{"columnName", std::string(plan.error().parameter("objectName"))},
                  {"columnList", partitions.empty() ? "none" : partitions}})
        .WithPosition(plan.error().position());
  }
  TARN_ASSIGN(auto rows,
              scope.rooms().engine().Execute(scope.request(), *plan, scope.EngineView()));
  std::vector<uint32_t> files;
  while (true) {
    TARN_ASSIGN(auto batch, rows->Next());
    if (batch.empty()) return files;
    for (const auto& row : batch) files.push_back(static_cast<uint32_t>(row[0].integer()));
  }
}

/// How a table is put in order: by ZORDER BY, by its clustering columns, or not at all.
Status ChooseOrder(const delta::Snapshot& snapshot, const sql::Optimize& statement,
                   RewriteOptions& options) {
  TARN_ASSIGN(auto clustering, delta::ClusteringColumns(snapshot));
  if (clustering) {
    if (!statement.zorder_by.empty()) {
      return Error(Condition("DELTA_CLUSTERING_WITH_ZORDER_BY"))
          .WithPosition(statement.zorder_by[0][0].source);
    }
    if (statement.where) {
      return Error(Condition("DELTA_CLUSTERING_WITH_PARTITION_PREDICATE"))
          .WithPosition(statement.where->source);
    }
    options.full = statement.full;
    if (!clustering->empty()) options.order = FileOrder::kCluster;
    options.columns = std::move(*clustering);
    options.parameters["clusterBy"] = ColumnsJson(options.columns);
    options.parameters["isFull"] = statement.full ? "true" : "false";
    return {};
  }
  if (statement.full) {
    return Error(Condition("DELTA_OPTIMIZE_FULL_NOT_SUPPORTED"))
        .WithPosition(statement.table.source);
  }
  TARN_ASSIGN(options.columns, ZOrderColumns(snapshot.metadata(), statement));
  if (!options.columns.empty()) options.order = FileOrder::kZOrder;
  options.parameters["zOrderBy"] = ColumnsJson(options.columns);
  return {};
}

}  // namespace

Result<Answer> RunOptimize(StatementScope& scope, const sql::Optimize& statement) {
  const int64_t start_ms = NowMs(scope);
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(statement.table, catalog::Purpose::kWrite, "OPTIMIZE"));
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  RewriteOptions options;
  options.parameters = {
      {"auto", "false"}, {"predicate", "[]"}, {"zOrderBy", "[]"}, {"clusterBy", "[]"}};
  options.small_bytes = WriteTargetOf(target.root, snapshot->metadata()).target_file_bytes;
  TARN_TRY(ChooseOrder(*snapshot, statement, options));
  if (statement.where) {
    TARN_ASSIGN(options.files, FilesWhere(scope, target, snapshot, *statement.where));
    options.parameters["predicate"] =
        ConditionList(sql::Slice(scope.text(), statement.where->source));
  }
  TARN_ASSIGN(const Rewritten done, RewriteFiles(scope, target, snapshot, options));
  return MetricsAnswer(target.root, done, start_ms, NowMs(scope));
}

Result<Answer> RunReorg(StatementScope& scope, const sql::Reorg& statement) {
  const int64_t start_ms = NowMs(scope);
  const std::optional<int> iceberg_version = statement.iceberg_compat_version;
  if (!iceberg_version && !SameName(statement.apply, "PURGE")) {
    return UnsupportedFeature("REORG TABLE … APPLY (" + statement.apply + ")",
                              statement.table.source);
  }
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(statement.table, catalog::Purpose::kWrite, "REORG TABLE"));
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  RewriteOptions options;
  options.files_min = 1;
  if (iceberg_version) {
    if (statement.where) {
      return UnsupportedFeature("REORG TABLE … WHERE … APPLY (UPGRADE UNIFORM …)",
                                statement.where->source);
    }
    options.all = true;
    options.operation = "REORG";
    TARN_ASSIGN(options.metadata, delta::UpgradedForIcebergCompat(snapshot->metadata(),
                                                                  *iceberg_version, SystemIds()));
    options.parameters = {{"icebergCompatVersion", std::to_string(*iceberg_version)}};
  } else {
    options.purge = true;
    options.operation = "REORG";
    options.parameters = {{"applyPurge", "true"}, {"predicate", "[]"}};
  }
  if (statement.where) {
    options.parameters["predicate"] =
        ConditionList(sql::Slice(scope.text(), statement.where->source));
    TARN_ASSIGN(options.files, FilesWhere(scope, target, snapshot, *statement.where));
  }
  TARN_ASSIGN(const Rewritten done, RewriteFiles(scope, target, snapshot, options));
  return MetricsAnswer(target.root, done, start_ms, NowMs(scope));
}

}  // namespace tarn::session
