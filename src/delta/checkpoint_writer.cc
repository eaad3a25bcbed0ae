#include <algorithm>

#include "action_json.h"
#include "checkpoint_reader.h"
#include "json_text.h"
#include "log_segment.h"
#include "parquet_column.h"
#include "snapshot_state.h"
#include "stats_struct.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/path.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/transaction.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {
namespace {

constexpr size_t kBatchRows = 8192;
/// File actions in one sidecar.
constexpr size_t kSidecarRows = 100'000;

/// One row of a struct column: its fields are set in their order.
class RowBuilder {
 public:
  explicit RowBuilder(ParquetColumn& column) : column_(column) { column_.valid.push_back(1); }

  RowBuilder& Int(int64_t value) {
    AppendInt(Next(), value);
    return *this;
  }
  RowBuilder& Int(std::optional<int64_t> value) { return value ? Int(*value) : Null(); }
  RowBuilder& Text(std::string_view value) {
    AppendText(Next(), value);
    return *this;
  }
  RowBuilder& TextOrNull(std::string_view value) { return value.empty() ? Null() : Text(value); }
  RowBuilder& Null() {
    AppendNull(Next());
    return *this;
  }
  RowBuilder& List(const std::vector<std::string>& values) {
    ParquetColumn& list = Next();
    for (const std::string& value : values) AppendText(list.children[0], value);
    list.valid.push_back(1);
    list.offsets.push_back(list.offsets.back() + values.size());
    return *this;
  }
  template <typename Pairs>
  RowBuilder& Map(const Pairs& pairs) {
    ParquetColumn& map = Next();
    uint64_t count = 0;
    for (const auto& [key, value] : pairs) {
      AppendText(map.children[0], key);
      PutMapValue(map.children[1], value);
      ++count;
    }
    map.valid.push_back(1);
    map.offsets.push_back(map.offsets.back() + count);
    return *this;
  }
  RowBuilder& Vector(const std::optional<DeletionVectorDescriptor>& vector) {
    if (!vector) return Null();
    RowBuilder row(Next());
    row.Text(std::string_view(&vector->storage_type, 1)).Text(vector->path_or_inline);
    row.Int(vector->offset ? std::optional<int64_t>(*vector->offset) : std::nullopt);
    row.Int(int64_t{vector->size_in_bytes}).Int(vector->cardinality);
    return *this;
  }
  ParquetColumn& Next() { return column_.children[field_++]; }

 private:
  static void PutMapValue(ParquetColumn& column, const std::string& value) {
    AppendText(column, value);
  }
  static void PutMapValue(ParquetColumn& column, const PartitionText& value) {
    if (value) {
      AppendText(column, *value);
    } else {
      AppendNull(column);
    }
  }

  ParquetColumn& column_;
  size_t field_ = 0;
};

/// The columns `add` has besides those that all checkpoints have.
class AddColumns {
 public:
  explicit AddColumns(const Snapshot& snapshot)
      : json_(snapshot.properties().checkpoint_stats_as_json), root_(snapshot.table_root()) {
    if (!snapshot.properties().checkpoint_stats_as_struct) return;
    const Metadata& metadata = snapshot.metadata();
    statistics_.emplace(
        StatisticsColumns(metadata, snapshot.physical_schema(), snapshot.properties()));
    std::vector<Field> fields;
    for (const std::string& name : metadata.partition_columns) {
      const PhysicalField* field = snapshot.physical_schema().Find(name);
      if (field != nullptr) fields.push_back({field->physical_name, field->type});
    }
    partitions_ = DataType::Struct(std::move(fields));
  }

  DataType AddType() const {
    std::vector<Field> fields = CheckpointAddType(json_).fields();
    if (statistics_) fields.push_back({"stats_parsed", statistics_->type()});
    if (HasPartitions()) fields.push_back({"partitionValues_parsed", partitions_});
    return DataType::Struct(std::move(fields));
  }

  bool json() const { return json_; }

  Status Append(const AddFile& add, RowBuilder& row) {
    if (statistics_) statistics_->Append(add.stats, row.Next());
    if (!HasPartitions()) return {};
    ParquetColumn& column = row.Next();
    column.valid.push_back(1);
    for (size_t i = 0; i < column.children.size(); ++i) {
      const Field& field = partitions_.fields()[i];
      const auto found = std::ranges::find(add.partition_values, field.name,
                                           [](const auto& entry) { return entry.first; });
      const PartitionText text =
          found == add.partition_values.end() ? PartitionText() : found->second;
      TARN_ASSIGN(const Value value, ParsePartitionValue(text, field.type, *utc_, root_));
      AppendValue(column.children[i], value);
    }
    return {};
  }

 private:
  bool HasPartitions() const { return statistics_ && !partitions_.fields().empty(); }

  const bool json_;
  const std::string root_;
  std::optional<StatsStruct> statistics_;
  DataType partitions_ = DataType::Struct({});
  const std::shared_ptr<const TimeZone> utc_ = *FindTimeZone("UTC");
};

/// Gives the rows of a checkpoint in batches.
class CheckpointRows {
 public:
  enum Column : size_t { kTxn, kAdd, kRemove, kMetadata, kProtocol, kDomain, kCheckpoint };

  /// `files_only`: the rows of sidecars.
  CheckpointRows(const Snapshot& snapshot, std::vector<RemoveFile> tombstones, bool files_only)
      : snapshot_(snapshot),
        add_columns_(snapshot),
        tombstones_(std::move(tombstones)),
        files_only_(files_only) {
    if (files_only) {
      schema_.fields = {{"add", add_columns_.AddType()}, {"remove", CheckpointRemoveType()}};
      head_done_ = true;
      return;
    }
    schema_.fields = {
        {"txn", CheckpointTransactionType()},   {"add", add_columns_.AddType()},
        {"remove", CheckpointRemoveType()},     {"metaData", CheckpointMetadataType()},
        {"protocol", CheckpointProtocolType()}, {"domainMetadata", CheckpointDomainType()}};
    if (SupportsFeature(snapshot.protocol(), "v2Checkpoint")) {
      const DataType tags = DataType::Map(TypeId::kString, TypeId::kString);
      schema_.fields.push_back(
          {"checkpointMetadata", DataType::Struct({{"version", TypeId::kLong}, {"tags", tags}})});
    }
  }

  const Schema& schema() const { return schema_; }
  size_t rows() const { return rows_; }
  bool AtEnd() const {
    return head_done_ && tombstone_ == tombstones_.size() && file_ == snapshot_.files().size();
  }
  /// The rows from here on, but not many more than so many.
  void StartPart(size_t rows) { part_end_ = rows_ + rows; }

  Result<bool> Fill(ParquetBatch& batch) {
    batch = ParquetBatch();
    for (const Field& field : schema_.fields) batch.columns.push_back(EmptyColumn(field.type));
    batch_ = &batch;
    if (rows_ >= part_end_) return false;
    if (!head_done_) Head();
    for (; batch.rows < kBatchRows && tombstone_ < tombstones_.size(); ++tombstone_) {
      Remove(tombstones_[tombstone_]);
    }
    for (; batch.rows < kBatchRows && file_ < snapshot_.files().size(); ++file_) {
      TARN_TRY(Add(snapshot_.files().ToAdd(file_)));
    }
    rows_ += batch.rows;
    return batch.rows > 0;
  }

 private:
  /// Starts a row that has only the given column.
  RowBuilder Row(Column column) {
    const size_t at = files_only_ ? column - kAdd : column;
    for (size_t i = 0; i < batch_->columns.size(); ++i) {
      if (i != at) AppendNull(batch_->columns[i]);
    }
    ++batch_->rows;
    return RowBuilder(batch_->columns[at]);
  }

  void Head() {
    head_done_ = true;
    const Protocol& protocol = snapshot_.protocol();
    RowBuilder row = Row(kProtocol);
    row.Int(int64_t{protocol.reader_version}).Int(int64_t{protocol.writer_version});
    if (protocol.reader_version >= 3) {
      row.List(protocol.reader_features);
    } else {
      row.Null();
    }
    if (protocol.writer_version >= 7) {
      row.List(protocol.writer_features);
    } else {
      row.Null();
    }
    const Metadata& metadata = snapshot_.metadata();
    RowBuilder meta = Row(kMetadata);
    meta.Text(metadata.id).TextOrNull(metadata.name).TextOrNull(metadata.description);
    RowBuilder(meta.Next()).Text(metadata.provider).Map(std::map<std::string, std::string>());
    meta.Text(SchemaToJson(metadata.schema)).List(metadata.partition_columns);
    meta.Map(metadata.configuration).Int(metadata.created_time_ms);
    for (const auto& [app_id, txn] : snapshot_.transactions()) {
      Row(kTxn).Text(app_id).Int(txn.version).Int(txn.last_updated_ms);
    }
    for (const auto& [name, domain] : snapshot_.domains()) {
      Row(kDomain).Text(name).Text(domain.configuration).Int(int64_t{0});
    }
    if (schema_.fields.size() > kCheckpoint) Row(kCheckpoint).Int(snapshot_.version()).Null();
  }

  Status Add(const AddFile& add) {
    RowBuilder row = Row(kAdd);
    row.Text(EncodeLogPath(add.path))
        .Map(add.partition_values)
        .Int(add.size)
        .Int(add.modification_time_ms)
        .Int(int64_t{0});  // a checkpoint changes no data
    if (add_columns_.json()) row.TextOrNull(add.stats);
    row.Map(add.tags)
        .Vector(add.deletion_vector)
        .Int(add.base_row_id)
        .Int(add.default_row_commit_version);
    return add_columns_.Append(add, row);
  }

  void Remove(const RemoveFile& remove) {
    Row(kRemove)
        .Text(EncodeLogPath(remove.path))
        .Int(remove.deletion_timestamp_ms)
        .Int(int64_t{0})
        .Null()
        .Null()
        .Int(remove.size)
        .Vector(remove.deletion_vector);
  }

  const Snapshot& snapshot_;
  AddColumns add_columns_;
  Schema schema_;
  std::vector<RemoveFile> tombstones_;
  const bool files_only_;
  size_t part_end_ = SIZE_MAX;
  ParquetBatch* batch_ = nullptr;
  bool head_done_ = false;
  size_t tombstone_ = 0;
  size_t file_ = 0;
  size_t rows_ = 0;
};

/// What `_last_checkpoint` tells of a checkpoint.
struct Written {
  int64_t actions = 0;
  int64_t bytes = 0;
};

Result<int64_t> WriteRows(const RequestContext& ctx, const Handlers& handlers,
                          const std::string& path, CheckpointRows& rows) {
  return handlers.parquet->Write(ctx, path, rows.schema(),
                                 [&](ParquetBatch& batch) -> Result<bool> {
                                   TARN_TRY(ctx.Check());
                                   return rows.Fill(batch);
                                 });
}

Result<Written> WriteClassic(const RequestContext& ctx, const Handlers& handlers,
                             const Snapshot& snapshot, std::vector<RemoveFile> tombstones) {
  CheckpointRows rows(snapshot, std::move(tombstones), false);
  TARN_ASSIGN(const int64_t bytes,
              WriteRows(ctx, handlers, ClassicCheckpointPath(snapshot.version()), rows));
  return Written{static_cast<int64_t>(rows.rows()), bytes};
}

/// The actions of a V2 checkpoint that are no files, and its sidecars, as JSON.
std::string TopLevel(const Snapshot& snapshot, const std::vector<Sidecar>& sidecars, int64_t now_ms,
                     int64_t& actions) {
  std::string out;
  ObjectWriter head(out);
  head.Key("checkpointMetadata");
  ObjectWriter inner(out);
  inner.Int("version", snapshot.version());
  inner.Close();
  head.Close();
  out += '\n';
  AppendAction(snapshot.protocol(), out);
  AppendAction(snapshot.metadata(), out);
  for (const auto& [app_id, txn] : snapshot.transactions()) AppendAction(txn, out);
  for (const auto& [name, domain] : snapshot.domains()) AppendAction(domain, out);
  for (const Sidecar& sidecar : sidecars) {
    ObjectWriter line(out);
    line.Key("sidecar");
    ObjectWriter object(out);
    object.Text("path", sidecar.path);
    object.Int("sizeInBytes", sidecar.size);
    object.Int("modificationTime", now_ms);
    object.Close();
    line.Close();
    out += '\n';
  }
  actions += static_cast<int64_t>(3 + snapshot.transactions().size() + snapshot.domains().size() +
                                  sidecars.size());
  return out;
}

/// A UUID-named checkpoint with its files in sidecars. Source: Delta protocol, "V2 Spec".
Result<Written> WriteV2(const RequestContext& ctx, const Handlers& handlers,
                        const Snapshot& snapshot, std::vector<RemoveFile> tombstones) {
  CheckpointRows rows(snapshot, std::move(tombstones), true);
  Written written;
  std::vector<Sidecar> sidecars;
  while (!rows.AtEnd()) {
    rows.StartPart(kSidecarRows);
    Sidecar& sidecar = sidecars.emplace_back();
    sidecar.path = handlers.ids->NewUuid() + ".parquet";
    TARN_ASSIGN(sidecar.size, WriteRows(ctx, handlers,
                                        std::string(kSidecarDirectory) + "/" + sidecar.path, rows));
    written.bytes += sidecar.size;
  }
  TARN_FAULT_POINT("delta.checkpoint.before_top_level");
  written.actions = static_cast<int64_t>(rows.rows());
  const std::string top =
      TopLevel(snapshot, sidecars, ctx.clock->NowMicros() / 1000, written.actions);
  written.bytes += static_cast<int64_t>(top.size());
  const std::string path = std::string(kLogDirectory) + "/" + VersionPrefix(snapshot.version()) +
                           ".checkpoint." + handlers.ids->NewUuid() + ".json";
  TARN_TRY(handlers.log->Put(ctx, path, top));
  return written;
}

}  // namespace

Status WriteCheckpoint(const RequestContext& ctx, const Handlers& handlers,
                       const Snapshot& snapshot) {
  if (handlers.parquet == nullptr) return InternalError("a checkpoint needs a Parquet writer");
  TARN_FAULT_POINT("delta.checkpoint.before_write");
  // A checkpoint without them would lose them for good.
  TARN_TRY(snapshot.files().LoadStatistics(ctx));
  const int64_t oldest_ms =
      ctx.clock->NowMicros() / 1000 - snapshot.properties().deleted_file_retention_ms;
  TARN_ASSIGN(auto tombstones, TombstonesSince(ctx, handlers, snapshot, oldest_ms));
  const bool v2 =
      snapshot.properties().checkpoint_v2 && SupportsFeature(snapshot.protocol(), "v2Checkpoint");
  TARN_ASSIGN(const Written written,
              v2 ? WriteV2(ctx, handlers, snapshot, std::move(tombstones))
                 : WriteClassic(ctx, handlers, snapshot, std::move(tombstones)));
  TARN_FAULT_POINT("delta.checkpoint.before_pointer");
  std::string pointer;
  ObjectWriter writer(pointer);
  writer.Int("version", snapshot.version());
  writer.Int("size", written.actions);
  writer.Int("sizeInBytes", written.bytes);
  writer.Int("numOfAddFiles", static_cast<int64_t>(snapshot.files().size()));
  writer.Close();
  return handlers.log->Put(ctx, std::string(kLogDirectory) + "/_last_checkpoint", pointer);
}

}  // namespace tarn::delta
