#include "duck/write.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "duck/errors.h"
#include "duck/parquet_file_writer.h"
#include "duck/result_stream.h"
#include "duck/variant_storage.h"
#include "tarn/base/random.h"
#include "tarn/delta/action.h"
#include "tarn/delta/change_feed.h"
#include "tarn/delta/iceberg_compat.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/path.h"
#include "tarn/delta/statistics.h"

namespace tarn::engine::duck {

namespace {

/// Of delta::RowTrackingColumns.
constexpr size_t kRowTrackingColumns = 2;

// The table as the protocol describes it, from what the target tells.
struct TableLayout {
  std::string folder;  // below the table's root; empty: the root itself
  delta::Metadata metadata;
  delta::PhysicalSchema physical;
  std::vector<delta::StatisticsColumn> statistics;
  std::vector<size_t> data_columns;       // of the query, in file order
  std::vector<size_t> partition_columns;  // of the query, in the order of the metadata
  ParquetLayout file;
};

bool IsOfRowTracking(const WriteTarget& target, size_t column) {
  const size_t columns = target.schema.fields.size();
  return target.row_tracking && column < columns && column + kRowTrackingColumns >= columns;
}

Result<TableLayout> MakeTableLayout(const WriteTarget& target, delta::Metadata metadata,
                                    bool change_rows) {
  TableLayout layout;
  layout.metadata = std::move(metadata);
  TARN_ASSIGN(layout.physical, delta::MakePhysicalSchema(layout.metadata));
  TARN_ASSIGN(const delta::TableProperties properties, delta::ReadTableProperties(layout.metadata));
  layout.statistics = delta::StatisticsColumns(layout.metadata, layout.physical, properties);
  for (const std::string& name : target.partition_columns) {
    const int column = layout.metadata.schema.Find(name);
    if (column < 0) return InternalError("unknown partition column " + name);
    layout.partition_columns.push_back(static_cast<size_t>(column));
  }
  std::vector<delta::PhysicalField> in_file;
  for (size_t i = 0; i < layout.physical.fields.size(); ++i) {
    const bool is_partition = std::ranges::count(layout.partition_columns, i) != 0;
    if (is_partition && target.iceberg_compat_version == 0) continue;
    if (IsOfRowTracking(target, i)) {
      std::erase_if(layout.statistics, [&](const delta::StatisticsColumn& column) {
        return column.physical_path[0] == layout.physical.fields[i].physical_name;
      });
      if (change_rows) continue;
    }
    layout.data_columns.push_back(i);
    in_file.push_back(layout.physical.fields[i]);
  }
  layout.file = MakeLayout(in_file, target.compression);
  return layout;
}

delta::Metadata MetadataOf(const WriteTarget& target) {
  delta::Metadata metadata;
  metadata.schema = target.schema;
  metadata.partition_columns = target.partition_columns;
  if (target.column_mapping) metadata.configuration["delta.columnMapping.mode"] = "name";
  metadata.configuration["delta.dataSkippingNumIndexedCols"] =
      std::to_string(target.statistics_columns_max);
  return metadata;
}

// The key under which DuckDB's writer gives the statistics of a column.
std::string StatisticsKey(const std::vector<std::string>& path) {
  std::string key;
  for (const std::string& name : path) {
    if (!key.empty()) key += '.';
    key += duckdb::KeywordHelper::WriteQuoted(name, '"');
  }
  return key;
}

std::optional<Value> BoundOf(const duckdb::case_insensitive_map_t<duckdb::Value>& found,
                             const char* which, const DataType& type) {
  const auto text = found.find(which);
  if (text == found.end() || text->second.IsNull()) return std::nullopt;
  duckdb::Value value(text->second.ToString());
  if (!type.IsString() && !value.DefaultTryCastAs(ToDuckType(type), true)) return std::nullopt;
  return FromDuckValue(value, type);
}

delta::FileStatistics StatisticsOf(const TableLayout& layout,
                                   const duckdb::CopyFunctionFileStatistics& written) {
  delta::FileStatistics result;
  result.num_records = static_cast<int64_t>(written.row_count);
  for (const delta::StatisticsColumn& column : layout.statistics) {
    const auto found = written.column_statistics.find(StatisticsKey(column.physical_path));
    if (found == written.column_statistics.end()) continue;
    const auto& known = found->second;
    delta::ColumnStatistics statistics;
    statistics.physical_path = column.physical_path;
    if (const auto nulls = known.find("null_count"); nulls != known.end()) {
      statistics.null_count = nulls->second.GetValue<int64_t>();
    }
    const auto nan = known.find("has_nan");
    if (column.bounds && (nan == known.end() || !nan->second.GetValue<bool>())) {
      statistics.min = BoundOf(known, "min", column.type);
      statistics.max = BoundOf(known, "max", column.type);
      if (!statistics.min || !statistics.max) statistics.min = statistics.max = std::nullopt;
    }
    result.columns.push_back(std::move(statistics));
  }
  return result;
}

/// The rows of one partition that were not written yet, and its open file.
struct Partition {
  std::vector<delta::PartitionText> values;
  std::string directory;
  std::unique_ptr<duckdb::ColumnDataCollection> rows;
  duckdb::ColumnDataAppendState append;
  std::unique_ptr<ParquetFileWriter> file;
  io::ObjectPath path;
  uint64_t last_used = 0;
};

class DataFileSink {
 public:
  DataFileSink(Statement& statement, const TableLayout& layout, const WriteTarget& target,
               std::shared_ptr<io::ObjectStore> store, int threads)
      : statement_(statement),
        layout_(layout),
        target_(target),
        store_(std::move(store)),
        row_group_bytes_(std::min<uint64_t>(kRowGroupBytes, target.target_file_bytes)),
        pool_(threads) {}

  Status Append(duckdb::DataChunk& chunk) {
    if (layout_.partition_columns.empty()) {
      TARN_ASSIGN(Partition* const partition, PartitionOf({}, ""));
      return AppendTo(*partition, chunk, nullptr, chunk.size());
    }
    return AppendByPartition(chunk);
  }

  /// Writes all rows that were appended.
  Status Drain() {
    for (auto& [key, partition] : partitions_) {
      TARN_TRY(FlushRows(*partition));
      if (partition->file) partition->file->Drain();
    }
    return {};
  }

  /// Ends and syncs the files.
  Status Finish() {
    for (auto& [key, partition] : partitions_) TARN_TRY(CloseFile(*partition));
    for (const io::ObjectPath& directory : directories_) {
      TARN_TRY(store_->SyncDirectories(statement_.context(), directory));
    }
    return {};
  }

  // Removes everything that was created. Best effort: nothing refers to these files.
  void Abort() {
    for (auto& [key, partition] : partitions_) partition->file.reset();
    const RequestContext context;  // the statement's may be cancelled
    for (const io::ObjectPath& path : created_) (void)store_->Delete(context, path);
  }

  std::vector<delta::AddFile> TakeFiles() { return std::move(files_); }

 private:
  Result<Partition*> PartitionOf(const std::vector<delta::PartitionText>& values,
                                 const std::string& key) {
    const auto found = partitions_.find(key);
    if (found != partitions_.end()) return found->second.get();
    auto partition = std::make_unique<Partition>();
    partition->values = values;
    std::vector<std::pair<std::string, delta::PartitionText>> named;
    for (size_t i = 0; i < values.size(); ++i) named.emplace_back(PartitionName(i), values[i]);
    partition->directory = delta::PartitionDirectory(named);
    if (!layout_.folder.empty()) {
      partition->directory = layout_.folder + (named.empty() ? "" : "/") + partition->directory;
    }
    return partitions_.emplace(key, std::move(partition)).first->second.get();
  }

  const std::string& PartitionName(size_t i) const {
    return layout_.physical.fields[layout_.partition_columns[i]].physical_name;
  }

  Status AppendByPartition(duckdb::DataChunk& chunk) {
    std::vector<std::vector<Value>> keys(chunk.size());
    for (const size_t column : layout_.partition_columns) {
      AppendColumn(chunk.data[column], chunk.size(), layout_.metadata.schema.fields[column].type,
                   keys);
    }
    std::vector<std::pair<Partition*, std::vector<duckdb::sel_t>>> groups;
    std::unordered_map<Partition*, size_t> group_of;
    Partition* last = nullptr;
    for (size_t row = 0; row < keys.size(); ++row) {
      if (row == 0 || keys[row] != keys[row - 1]) {
        TARN_ASSIGN(last, PartitionOfRow(keys[row]));
      }
      const auto [entry, fresh] = group_of.emplace(last, groups.size());
      if (fresh) groups.emplace_back(last, std::vector<duckdb::sel_t>());
      groups[entry->second].second.push_back(static_cast<duckdb::sel_t>(row));
    }
    for (auto& [partition, rows] : groups)
      TARN_TRY(AppendTo(*partition, chunk, rows.data(), rows.size()));
    return {};
  }

  Result<Partition*> PartitionOfRow(const std::vector<Value>& row) {
    std::vector<delta::PartitionText> values;
    std::string key;
    for (const Value& value : row) {
      TARN_ASSIGN(delta::PartitionText text, delta::PartitionValueToText(value));
      key += text ? '=' : '-';
      key += text.value_or("");
      key += '\0';
      values.push_back(std::move(text));
    }
    return PartitionOf(values, key);
  }

  Status AppendTo(Partition& partition, duckdb::DataChunk& chunk, duckdb::sel_t* selected,
                  size_t count) {
    duckdb::ClientContext& context = *statement_.connection().context;
    if (!partition.rows) {
      duckdb::vector<duckdb::LogicalType> types;
      for (const size_t column : layout_.data_columns) types.push_back(RowType(chunk, column));
      partition.rows = std::make_unique<duckdb::ColumnDataCollection>(
          context, types, duckdb::ColumnDataAllocatorType::BUFFER_MANAGER_ALLOCATOR);
      partition.rows->InitializeAppend(partition.append);
    }
    duckdb::DataChunk picked;
    picked.InitializeEmpty(chunk.GetTypes());
    picked.Reference(chunk);
    if (selected != nullptr && count < chunk.size()) {
      const duckdb::SelectionVector selection(selected);
      picked.Slice(selection, count);
    }
    duckdb::DataChunk part;
    part.InitializeEmpty(partition.rows->Types());
    for (size_t i = 0; i < layout_.data_columns.size(); ++i) {
      duckdb::Vector& given = picked.data[layout_.data_columns[i]];
      if (given.GetType() == part.data[i].GetType()) {
        part.data[i].Reference(given);
      } else {
        duckdb::Vector stored(part.data[i].GetType(),
                              std::max<size_t>(count, STANDARD_VECTOR_SIZE));
        StoreVariants(given, count, stored);
        part.data[i].Reference(stored);
      }
    }
    part.SetCardinality(count);
    partition.rows->Append(partition.append, part);
    partition.last_used = ++clock_;
    const bool full = partition.rows->Count() >= kRowGroupRows ||
                      (partition.rows->Count() % 8192 < STANDARD_VECTOR_SIZE &&
                       partition.rows->SizeInBytes() >= row_group_bytes_);
    return full ? FlushRows(partition) : Status();
  }

  /// Of a column's values as they are kept until they are written.
  duckdb::LogicalType RowType(const duckdb::DataChunk& chunk, size_t column) const {
    return StoredType(layout_.metadata.schema.fields[column].type, chunk.data[column].GetType());
  }

  Status FlushRows(Partition& partition) {
    if (!partition.rows || partition.rows->Count() == 0) return {};
    if (!partition.file) TARN_TRY(OpenFile(partition));
    partition.append = duckdb::ColumnDataAppendState();
    partition.file->AddRowGroup(std::move(partition.rows));
    if (partition.file->SizeEstimate() >= target_.target_file_bytes) return CloseFile(partition);
    return {};
  }

  Status OpenFile(Partition& partition) {
    if (open_files_ >= std::max(1, target_.open_writers_max)) {
      Partition* oldest = nullptr;
      for (auto& [key, other] : partitions_) {
        if (other->file && (oldest == nullptr || other->last_used < oldest->last_used))
          oldest = other.get();
      }
      if (oldest != nullptr) TARN_TRY(CloseFile(*oldest));
    }
    const std::string name = DataFileName();
    TARN_ASSIGN(io::ObjectPath directory, io::ObjectPath::Parse(partition.directory));
    partition.path = directory.Child(name);
    created_.push_back(partition.path);
    directories_.insert(std::move(directory));
    partition.file = std::make_unique<ParquetFileWriter>(
        *statement_.connection().context, pool_, statement_.files().NameToWrite(partition.path),
        layout_.file);
    ++open_files_;
    return {};
  }

  std::string DataFileName() const {
    std::string name = delta::DataFileName(static_cast<int>(created_.size()), SystemIds().NewUuid(),
                                           target_.compression);
    return layout_.folder.empty() ? name : "cdc-" + name.substr(name.find('-') + 1);
  }

  Status CloseFile(Partition& partition) {
    if (!partition.file) return {};
    partition.file->Finish();
    delta::AddFile add;
    add.path = partition.path.str();
    for (size_t i = 0; i < partition.values.size(); ++i) {
      add.partition_values.emplace_back(PartitionName(i), partition.values[i]);
    }
    TARN_ASSIGN(const io::ObjectInfo info, store_->Stat(statement_.context(), partition.path));
    add.size = info.size;
    add.modification_time_ms = info.modified_us / 1000;
    add.stats = delta::StatisticsToJson(StatisticsOf(layout_, partition.file->statistics()));
    add.tags = delta::IcebergCompatTags(target_.iceberg_compat_version);
    files_.push_back(std::move(add));
    partition.file.reset();
    --open_files_;
    return {};
  }

  Statement& statement_;
  const TableLayout& layout_;
  const WriteTarget& target_;
  const std::shared_ptr<io::ObjectStore> store_;
  const uint64_t row_group_bytes_;  // in memory; a file has at least one row group
  EncoderPool pool_;
  std::unordered_map<std::string, std::unique_ptr<Partition>> partitions_;
  std::vector<io::ObjectPath> created_;
  std::set<io::ObjectPath> directories_;
  std::vector<delta::AddFile> files_;
  int open_files_ = 0;
  uint64_t clock_ = 0;
};

Status CheckColumns(const plan::Query& query, const WriteTarget& target) {
  const auto& columns = query.root->columns;
  // Only a foreign log can lack all others; Parquet has no rows without columns.
  if (target.schema.fields.size() == target.partition_columns.size()) {
    return Error(Condition("DELTA_NON_PARTITION_COLUMN_ABSENT"));
  }
  const size_t change_columns = target.change_rows ? 1 : 0;
  if (columns.size() != target.schema.fields.size() + change_columns + target.checks.size())
    return InternalError("the query's columns don't match the table's");
  for (size_t i = 0; i < target.schema.fields.size(); ++i) {
    if (ToDuckType(columns[i].type) != ToDuckType(target.schema.fields[i].type) &&
        !columns[i].type.EquivalentTo(target.schema.fields[i].type)) {
      return InternalError("column " + target.schema.fields[i].name + " is written as " +
                           columns[i].type.ToString());
    }
  }
  return {};
}

/// The two places where rows go.
class RowSinks {
 public:
  RowSinks(DataFileSink& data, DataFileSink* changes, size_t change_column)
      : data_(data), changes_(changes), change_column_(change_column) {}

  Status Append(duckdb::DataChunk& chunk) {
    if (changes_ == nullptr) {
      rows_ += static_cast<int64_t>(chunk.size());
      return data_.Append(chunk);
    }
    duckdb::SelectionVector data(chunk.size());
    duckdb::SelectionVector changes(chunk.size());
    duckdb::idx_t data_count = 0;
    duckdb::idx_t change_count = 0;
    duckdb::UnifiedVectorFormat format;
    chunk.data[change_column_].ToUnifiedFormat(chunk.size(), format);
    const auto* types = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      const duckdb::idx_t at = format.sel->get_index(row);
      const bool changed = format.validity.RowIsValid(at);
      const std::string_view type =
          changed ? std::string_view(types[at].GetData(), types[at].GetSize()) : "";
      if (changed) changes.set_index(change_count++, row);
      if (!changed || type == "insert" || type == "update_postimage") {
        data.set_index(data_count++, row);
      }
    }
    rows_ += static_cast<int64_t>(data_count);
    if (change_count > 0) TARN_TRY(AppendSelected(chunk, changes, change_count, *changes_));
    if (data_count > 0) TARN_TRY(AppendSelected(chunk, data, data_count, data_));
    return {};
  }

  Status Drain() {
    TARN_TRY(data_.Drain());
    return changes_ == nullptr ? Status() : changes_->Drain();
  }

  Status Finish() {
    TARN_TRY(data_.Finish());
    return changes_ == nullptr ? Status() : changes_->Finish();
  }

  int64_t rows() const { return rows_; }

 private:
  static Status AppendSelected(duckdb::DataChunk& chunk, const duckdb::SelectionVector& rows,
                               duckdb::idx_t count, DataFileSink& sink) {
    duckdb::DataChunk part;
    part.InitializeEmpty(chunk.GetTypes());
    part.Reference(chunk);
    if (count < chunk.size()) part.Slice(rows, count);
    return sink.Append(part);
  }

  DataFileSink& data_;
  DataFileSink* const changes_;
  const size_t change_column_;
  int64_t rows_ = 0;
};

Status WriteRows(Statement& statement, RowChecker& checked, RowSinks& sinks) {
  while (true) {
    TARN_ASSIGN(auto chunk, statement.Fetch());
    if (!chunk) break;
    TARN_TRY(checked.Apply(*chunk));
    if (chunk->size() > 0) TARN_TRY(sinks.Append(*chunk));
  }
  TARN_TRY(sinks.Drain());
  // Others may run while these files are synced.
  statement.Leave();
  return sinks.Finish();
}

}  // namespace

Result<WriteResult> WriteDataFiles(EngineCore& core, Statement& statement, const plan::Query& query,
                                   const WriteTarget& target) {
  TARN_TRY(CheckColumns(query, target));
  TARN_ASSIGN(const TableLayout layout, MakeTableLayout(target, MetadataOf(target), false));
  TableLayout change_layout;
  if (target.change_rows) {
    TARN_ASSIGN(change_layout,
                MakeTableLayout(target, delta::WithChangeType(layout.metadata), true));
    change_layout.folder = delta::kChangeFolder;
  }
  TARN_ASSIGN(std::shared_ptr<io::ObjectStore> store, core.OpenStore(target.root, false));
  statement.files().GrantWrite(store);
  statement.files().PlanWritesBelow(store->Display(io::ObjectPath()));
  statement.state().keeps_variants = std::ranges::any_of(
      target.schema.fields, [](const Field& field) { return HoldsVariant(field.type); });
  TARN_TRY(statement.Start(query));
  DataFileSink data(statement, layout, target, store, core.options.threads);
  std::optional<DataFileSink> changes;
  if (target.change_rows) {
    changes.emplace(statement, change_layout, target, store, core.options.threads);
  }
  RowSinks sinks(data, changes ? &*changes : nullptr, target.schema.fields.size());
  RowChecker checked(target.checks, target.schema.fields.size() + (target.change_rows ? 1 : 0));
  Status status = Guarded(statement.context(), &statement.positions(),
                          [&]() -> Status { return WriteRows(statement, checked, sinks); });
  if (!status.ok()) {
    data.Abort();
    if (changes) changes->Abort();
    return std::move(status).error();
  }
  WriteResult result;
  result.files = data.TakeFiles();
  if (changes) result.change_files = changes->TakeFiles();
  result.stats = statement.Stats();
  result.rows = sinks.rows();
  result.checks = checked.counts();
  result.views = statement.Views();
  return result;
}

}  // namespace tarn::engine::duck
