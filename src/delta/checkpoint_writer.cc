#include "checkpoint_reader.h"
#include "json_text.h"
#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/path.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/transaction.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {
namespace {

constexpr size_t kBatchRows = 8192;

/// An empty column of a type, with room for nested parts.
ParquetColumn EmptyColumn(const DataType& type) {
  ParquetColumn column;
  column.type = type;
  switch (type.id()) {
    case TypeId::kStruct:
      for (const Field& field : type.fields()) column.children.push_back(EmptyColumn(field.type));
      break;
    case TypeId::kArray:
      column.offsets.push_back(0);
      column.children.push_back(EmptyColumn(type.element()));
      break;
    case TypeId::kMap:
      column.offsets.push_back(0);
      column.children.push_back(EmptyColumn(type.key()));
      column.children.push_back(EmptyColumn(type.value()));
      break;
    case TypeId::kString:
      column.offsets.push_back(0);
      break;
    default:
      break;
  }
  return column;
}

void AppendNull(ParquetColumn& column) {
  column.valid.push_back(0);
  if (column.type.Is(TypeId::kStruct)) {
    for (ParquetColumn& child : column.children) AppendNull(child);
  } else if (!column.offsets.empty()) {
    column.offsets.push_back(column.offsets.back());
  } else {
    column.integers.push_back(0);
  }
}

void AppendInt(ParquetColumn& column, int64_t value) {
  column.valid.push_back(1);
  column.integers.push_back(value);
}

void AppendText(ParquetColumn& column, std::string_view value) {
  column.valid.push_back(1);
  column.bytes += value;
  column.offsets.push_back(column.bytes.size());
}

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

/// Gives the rows of a checkpoint in batches.
class CheckpointRows {
 public:
  enum Column : size_t { kTxn, kAdd, kRemove, kMetadata, kProtocol, kDomain, kCheckpoint };

  CheckpointRows(const Snapshot& snapshot, std::vector<RemoveFile> tombstones)
      : snapshot_(snapshot), tombstones_(std::move(tombstones)) {
    schema_.fields = {
        {"txn", CheckpointTransactionType()},   {"add", CheckpointAddType(/*statistics=*/true)},
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

  bool Fill(ParquetBatch& batch) {
    batch = ParquetBatch();
    for (const Field& field : schema_.fields) batch.columns.push_back(EmptyColumn(field.type));
    batch_ = &batch;
    if (!head_done_) Head();
    for (; batch.rows < kBatchRows && tombstone_ < tombstones_.size(); ++tombstone_) {
      Remove(tombstones_[tombstone_]);
    }
    for (; batch.rows < kBatchRows && file_ < snapshot_.files().size(); ++file_) {
      Add(snapshot_.files().ToAdd(file_));
    }
    rows_ += batch.rows;
    return batch.rows > 0;
  }

 private:
  /// Starts a row that has only the given column.
  RowBuilder Row(Column column) {
    for (size_t i = 0; i < batch_->columns.size(); ++i) {
      if (i != column) AppendNull(batch_->columns[i]);
    }
    ++batch_->rows;
    return RowBuilder(batch_->columns[column]);
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

  void Add(const AddFile& add) {
    Row(kAdd)
        .Text(EncodeLogPath(add.path))
        .Map(add.partition_values)
        .Int(add.size)
        .Int(add.modification_time_ms)
        .Int(int64_t{0})  // a checkpoint changes no data
        .TextOrNull(add.stats)
        .Map(add.tags)
        .Vector(add.deletion_vector)
        .Int(add.base_row_id)
        .Int(add.default_row_commit_version);
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
  Schema schema_;
  std::vector<RemoveFile> tombstones_;
  ParquetBatch* batch_ = nullptr;
  bool head_done_ = false;
  size_t tombstone_ = 0;
  size_t file_ = 0;
  size_t rows_ = 0;
};

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
  CheckpointRows rows(snapshot, std::move(tombstones));
  TARN_ASSIGN(const int64_t bytes,
              handlers.parquet->Write(ctx, ClassicCheckpointPath(snapshot.version()), rows.schema(),
                                      [&](ParquetBatch& batch) -> Result<bool> {
                                        TARN_TRY(ctx.Check());
                                        return rows.Fill(batch);
                                      }));
  TARN_FAULT_POINT("delta.checkpoint.before_pointer");
  std::string pointer;
  ObjectWriter writer(pointer);
  writer.Int("version", snapshot.version());
  writer.Int("size", static_cast<int64_t>(rows.rows()));
  writer.Int("sizeInBytes", bytes);
  writer.Int("numOfAddFiles", static_cast<int64_t>(snapshot.files().size()));
  writer.Close();
  return handlers.log->Put(ctx, std::string(kLogDirectory) + "/_last_checkpoint", pointer);
}

}  // namespace tarn::delta
