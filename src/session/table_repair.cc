// FSCK REPAIR TABLE, ANALYZE TABLE and CONVERT TO DELTA: a log made to tell what the files are.

#include <algorithm>
#include <charconv>
#include <numeric>

#include "generated_query.h"
#include "statements.h"
#include "table_commit.h"
#include "table_definition.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/statistics.h"
#include "tarn/delta/version_checksum.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

using catalog::Purpose;

/// The statistics of files by reading them: rows, nulls, and minima and maxima where the log keeps
/// bounds.
class Statistics {
 public:
  Statistics(StatementScope& scope, const TableTarget& target,
             std::shared_ptr<const delta::Snapshot> snapshot)
      : scope_(scope), target_(target), snapshot_(std::move(snapshot)) {}

  /// By file index, as the log writes them.
  Result<std::map<uint32_t, std::string>> Run() {
    columns_ = delta::StatisticsColumns(snapshot_->metadata(), snapshot_->physical_schema(),
                                        snapshot_->properties());
    TARN_ASSIGN(const plan::Query query, MakeQuery());
    TARN_ASSIGN(auto rows,
                scope_.rooms().engine().Execute(scope_.request(), query, scope_.EngineView()));
    std::map<uint32_t, std::string> found;
    while (true) {
      TARN_ASSIGN(auto batch, rows->Next());
      if (batch.empty()) return found;
      for (const auto& row : batch) {
        const auto file = static_cast<uint32_t>(row[0].integer());
        found[file] = delta::StatisticsToJson(StatisticsOf(row, file));
      }
    }
  }

 private:
  /// A column by its logical path, as SQL.
  std::string ColumnSql(const delta::StatisticsColumn& column) const {
    std::string sql;
    const std::vector<delta::PhysicalField>* fields = &snapshot_->physical_schema().fields;
    for (const std::string& part : column.physical_path) {
      const auto field = std::ranges::find(*fields, part, &delta::PhysicalField::physical_name);
      sql += (sql.empty() ? "" : ".") + QuoteIdentifier(field->name);
      fields = &field->children;
    }
    return sql;
  }

  Result<plan::Query> MakeQuery() {
    GeneratedQuery query(scope_);
    query.Add("SELECT __file_index, count(*)");
    for (const delta::StatisticsColumn& column : columns_) {
      const std::string sql = ColumnSql(column);
      query.Add(", count_if(" + sql + " IS NULL)");
      if (!column.bounds) continue;
      const bool real = column.type.Is(TypeId::kDouble) || column.type.Is(TypeId::kFloat);
      query.Add(", min(" + sql + "), max(" + sql + ")");
      // A NaN has no place between the bounds.
      query.Add(real ? ", max(isnan(" + sql + "))" : ", false");
    }
    query.Add(" FROM measured_table GROUP BY __file_index");
    plan::Relation relation{target_.display, snapshot_->schema(),
                            plan::DeltaRelation{snapshot_, target_.root}};
    return query.Analyze({{"measured_table", std::move(relation)}});
  }

  delta::FileStatistics StatisticsOf(const std::vector<Value>& row, uint32_t file) const {
    delta::FileStatistics statistics;
    const auto* vector = snapshot_->files().deletion_vector(file);
    statistics.num_records = row[1].integer() + (vector == nullptr ? 0 : vector->cardinality);
    statistics.tight_bounds = true;
    size_t at = 2;
    for (const delta::StatisticsColumn& column : columns_) {
      delta::ColumnStatistics& known = statistics.columns.emplace_back();
      known.physical_path = column.physical_path;
      known.null_count = row[at++].integer();
      if (!column.bounds) continue;
      const Value& nan = row[at + 2];
      if (!row[at].is_null() && (nan.is_null() || !nan.boolean())) {
        known.min = row[at];
        known.max = row[at + 1];
      }
      at += 3;
    }
    return statistics;
  }

  StatementScope& scope_;
  const TableTarget& target_;
  const std::shared_ptr<const delta::Snapshot> snapshot_;
  std::vector<delta::StatisticsColumn> columns_;
};

/// A checksum file that says otherwise than the log is told of, or removed: the log is the truth.
Status CheckIntegrity(StatementScope& scope, const TableTarget& target,
                      const delta::Snapshot& snapshot, bool dry_run) {
  TARN_ASSIGN(const auto table, scope.rooms().snapshots().Open(scope.request(), target.root));
  TARN_ASSIGN(const std::vector<std::string> mismatches,
              delta::CheckChecksum(scope.request(), table->handlers(), snapshot));
  if (mismatches.empty()) return {};
  if (!dry_run) {
    return table->handlers().log->Delete(scope.request(), delta::ChecksumPath(snapshot.version()));
  }
  std::string all;
  for (const std::string& mismatch : mismatches) all += (all.empty() ? "" : "; ") + mismatch;
  return Error(Condition("DELTA_TXN_LOG_FAILED_INTEGRITY"),
               {{"table", target.display},
                {"version", std::to_string(snapshot.version())},
                {"mismatches", std::move(all)}});
}

}  // namespace

Result<Answer> RunFsck(StatementScope& scope, const sql::Fsck& statement) {
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(statement.table, Purpose::kWrite, "FSCK REPAIR TABLE"));
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  TARN_TRY(CheckIntegrity(scope, target, *snapshot, statement.dry_run));
  std::vector<uint32_t> all(snapshot->files().size());
  std::iota(all.begin(), all.end(), 0U);
  TARN_ASSIGN(const auto missing, MissingFiles(scope, target.root, snapshot->files(), all));
  RowsStream::Rows rows;
  for (const uint32_t i : missing) {
    rows.push_back({Value::String(std::string(snapshot->files().path(i))), Value::Boolean(true)});
  }
  if (!statement.dry_run && !missing.empty()) {
    TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
    for (const uint32_t i : missing) transaction.Remove(i);
    transaction.SetOperation("FSCK", {});
    transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(missing.size()));
    TARN_TRY(CommitAndPublish(scope, target, transaction));
  }
  return Answer(std::make_unique<RowsStream>(
      RowsStream::Columns{{"dataFilePath", TypeId::kString}, {"dataFileMissing", TypeId::kBoolean}},
      std::move(rows)));
}

namespace {

/// Writes the statistics of all files into the log where they differ from what stands there.
Status RenewStatistics(StatementScope& scope, const TableTarget& target) {
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  TARN_ASSIGN(const auto statistics, Statistics(scope, target, snapshot).Run());
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  for (const auto& [file, stats] : statistics) {
    delta::AddFile add = snapshot->files().ToAdd(file);
    if (add.stats == stats) continue;
    add.stats = stats;
    add.data_change = false;
    transaction.ReadFile(file);
    transaction.Add(std::move(add));
  }
  if (transaction.adds() == 0) return {};
  transaction.SetOperation("COMPUTE STATS", {{"predicate", "[]"}});
  TARN_TRY(CommitAndPublish(scope, target, transaction));
  return {};
}

/// The table that a folder of Parquet files becomes.
class Conversion {
 public:
  Conversion(StatementScope& scope, const sql::ConvertToDelta& statement, std::string root)
      : scope_(scope), statement_(statement), root_(std::move(root)) {}

  Status Run() {
    TARN_ASSIGN(auto store, scope_.rooms().lake().OpenStore(scope_.request(), root_));
    TARN_TRY(FindFiles(*store));
    plan::FileRelation files;
    files.format = "parquet";
    files.options = {{"mergeschema", "true"}};
    for (const io::ObjectInfo& file : files_) files.paths.push_back(root_ + "/" + file.path.str());
    delta::Metadata metadata;
    TARN_ASSIGN(metadata.schema, scope_.rooms().engine().InferSchema(scope_.request(), files));
    TARN_TRY(DefinePartitions(statement_.partitioned_by, metadata));
    for (Field& field : metadata.schema.fields) field.nullable = true;
    TARN_ASSIGN(delta::Transaction transaction, BeginCreation(scope_, root_));
    TARN_TRY(transaction.SetMetadata(metadata));
    for (const io::ObjectInfo& file : files_) {
      TARN_ASSIGN(delta::AddFile add, AddOf(file, metadata));
      transaction.Add(std::move(add));
    }
    transaction.SetOperation("CONVERT",
                             {{"numFiles", std::to_string(files_.size())},
                              {"collectStats", statement_.no_statistics ? "false" : "true"}});
    transaction.SetMetric("numConvertedFiles", static_cast<int64_t>(files_.size()));
    TARN_TRY(CommitChange(scope_, root_, transaction));
    return {};
  }

 private:
  Status FindFiles(io::ObjectStore& store) {
    io::ListOptions options;
    options.recursive = true;
    options.leave_out = [](const io::ObjectPath& path) {
      const std::string_view name = path.Name();
      return name.starts_with('.') ||
             (name.starts_with('_') && name.find('=') == std::string_view::npos);
    };
    TARN_ASSIGN(files_, store.ListAll(scope_.request(), io::ObjectPath(), options));
    if (!files_.empty()) return {};
    return Error(Condition("DELTA_EMPTY_DIRECTORY"), {{"path", root_}})
        .WithPosition(statement_.table.source);
  }

  /// A folder's name without Hive's escapes.
  static std::string Unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      unsigned char byte = 0;
      const char* const digits = text.data() + i + 1;
      if (text[i] == '%' && i + 2 < text.size() &&
          std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
        out.push_back(static_cast<char>(byte));
        i += 2;
      } else {
        out.push_back(text[i]);
      }
    }
    return out;
  }

  Result<delta::AddFile> AddOf(const io::ObjectInfo& file, const delta::Metadata& metadata) {
    delta::AddFile add;
    add.path = file.path.str();
    add.size = file.size;
    add.modification_time_ms = file.modified_us / 1000;
    std::string found;
    std::string_view rest = add.path;
    for (size_t slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
      const std::string_view folder = rest.substr(0, slash);
      rest.remove_prefix(slash + 1);
      const size_t equals = folder.find('=');
      if (equals == folder.npos) continue;
      const std::string name = Unescaped(folder.substr(0, equals));
      std::string value = Unescaped(folder.substr(equals + 1));
      found += (found.empty() ? "" : ", ") + name;
      const size_t k = add.partition_values.size();
      if (k >= metadata.partition_columns.size() ||
          !SameName(metadata.partition_columns[k], name)) {
        return WrongPartitions(add.path, found, metadata);
      }
      delta::PartitionText text;
      if (value != "__HIVE_DEFAULT_PARTITION__") text = std::move(value);
      const auto type =
          metadata.schema
              .fields[static_cast<size_t>(metadata.schema.Find(metadata.partition_columns[k]))]
              .type;
      if (!delta::ParsePartitionValue(text, type, *zone_, root_).ok()) {
        return Error(Condition("DELTA_FAILED_CAST_PARTITION_VALUE"),
                     {{"value", "'" + text.value_or("") + "'"},
                      {"path", add.path},
                      {"dataType", type.ToSql()}});
      }
      add.partition_values.emplace_back(metadata.partition_columns[k], std::move(text));
    }
    if (add.partition_values.size() != metadata.partition_columns.size()) {
      return WrongPartitions(add.path, found, metadata);
    }
    return add;
  }

  static Error WrongPartitions(const std::string& path, const std::string& found,
                               const delta::Metadata& metadata) {
    std::string expected;
    for (const std::string& name : metadata.partition_columns) {
      expected += (expected.empty() ? "" : ", ") + name;
    }
    return Error(Condition("DELTA_UNEXPECTED_NUM_PARTITION_COLUMNS_FROM_FILE_NAME"),
                 {{"expectedCols", expected.empty() ? "none" : expected},
                  {"path", path},
                  {"parsedCols", found.empty() ? "none" : found}});
  }

  StatementScope& scope_;
  const sql::ConvertToDelta& statement_;
  const std::string root_;
  std::vector<io::ObjectInfo> files_;
  const std::shared_ptr<const TimeZone> zone_ = *FindTimeZone("UTC");
};

}  // namespace

Result<Answer> RunAnalyze(StatementScope& scope, const sql::Analyze& statement) {
  if (statement.all_tables) {
    return UnsupportedFeature("ANALYZE TABLES", statement.table.source);
  }
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(statement.table, Purpose::kWrite, "ANALYZE TABLE"));
  // Queries are planned by the log's statistics, which every write keeps.
  if (statement.delta_statistics) TARN_TRY(RenewStatistics(scope, target));
  return NothingToShow();
}

Result<Answer> RunConvert(StatementScope& scope, const sql::ConvertToDelta& statement) {
  TARN_ASSIGN(const std::vector<std::string> parts, scope.NameParts(statement.table));
  if (parts.size() != 2 || !SameName(parts[0], "parquet")) {
    return Error(Condition("DELTA_CONVERT_NON_PARQUET_TABLE"),
                 {{"path", sql::ToSql(statement.table)}})
        .WithPosition(statement.table.source);
  }
  auto root = scope.ResolvePathFor(scope.request(), parts[1], Purpose::kWrite);
  if (!root.ok()) return std::move(root).error().WithDefaultPosition(statement.table.source);
  auto existing = scope.rooms().snapshots().Latest(scope.request(), *root);
  if (existing.ok()) return NothingToShow();
  if (existing.error().condition() != Condition("DELTA_TABLE_NOT_FOUND")) {
    return std::move(existing).error();
  }
  TARN_TRY(Conversion(scope, statement, *root).Run());
  if (!statement.no_statistics) {
    TARN_TRY(RenewStatistics(scope, {nullptr, *root, "delta." + QuoteIdentifier(*root)}));
  }
  return NothingToShow();
}

}  // namespace tarn::session
