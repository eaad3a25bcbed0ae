#include "checkpoint_reader.h"

#include <limits>

#include "checkpoint_statistics.h"
#include "json_text.h"
#include "log_reader.h"
#include "stats_struct.h"
#include "tarn/delta/path.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {
namespace {

DataType TextMapType() { return DataType::Map(TypeId::kString, TypeId::kString); }

DataType DeletionVectorType() {
  return DataType::Struct({{"storageType", TypeId::kString},
                           {"pathOrInlineDv", TypeId::kString},
                           {"offset", TypeId::kInt},
                           {"sizeInBytes", TypeId::kInt},
                           {"cardinality", TypeId::kLong}});
}

/// A struct column at one row, by the position of its fields in the projection.
class StructRow {
 public:
  StructRow(const ParquetColumn& column, size_t row) : column_(column), row_(row) {}

  bool IsNull() const { return column_.IsNull(row_); }
  size_t index() const { return row_; }
  bool Has(size_t field) const { return !column_.children[field].IsNull(row_); }
  std::string_view Text(size_t field) const {
    return Has(field) ? column_.children[field].Text(row_) : std::string_view();
  }
  int64_t Int(size_t field, int64_t otherwise = 0) const {
    return Has(field) ? column_.children[field].integers[row_] : otherwise;
  }
  StructRow Struct(size_t field) const { return {column_.children[field], row_}; }
  const ParquetColumn& Column(size_t field) const { return column_.children[field]; }

  template <typename Visit>
  void ForEachText(size_t field, Visit visit) const {
    if (!Has(field)) return;
    const ParquetColumn& list = column_.children[field];
    const ParquetColumn& element = list.children[0];
    for (uint64_t i = list.offsets[row_]; i < list.offsets[row_ + 1]; ++i) visit(element.Text(i));
  }
  /// Visits key, value and whether the value is NULL.
  template <typename Visit>
  void ForEachPair(size_t field, Visit visit) const {
    if (!Has(field)) return;
    const ParquetColumn& map = column_.children[field];
    const ParquetColumn& value = map.children[1];
    for (uint64_t i = map.offsets[row_]; i < map.offsets[row_ + 1]; ++i) {
      const bool null = value.IsNull(i);
      visit(map.children[0].Text(i), null ? std::string_view() : value.Text(i), null);
    }
  }

 private:
  const ParquetColumn& column_;
  size_t row_;
};

class CheckpointRows {
 public:
  CheckpointRows(std::string_view root, std::string file, LogBlock& block, LogActions& actions)
      : root_(root), file_(std::move(file)), block_(block), actions_(actions) {}

  Status Take(const Schema& projection, ParquetBatch& batch) {
    if (batch.columns.size() != projection.fields.size()) {
      return InternalError("the Parquet handler gave other columns than asked for");
    }
    for (size_t c = 0; c < batch.columns.size(); ++c) {
      const std::string& name = projection.fields[c].name;
      const bool files = name == "add" || name == "remove";
      if (files) KeepPaths(batch.columns[c].children[0]);
      for (size_t row = 0; row < batch.rows; ++row) {
        if (batch.columns[c].IsNull(row)) continue;
        TARN_TRY(TakeRow(name, StructRow(batch.columns[c], row)));
      }
    }
    return {};
  }

 private:
  /// Most of what is kept of a checkpoint, so that it isn't copied.
  void KeepPaths(ParquetColumn& paths) {
    paths_ = block_.arena.Adopt(std::move(paths.bytes));
    paths.bytes.clear();
  }
  Result<std::string_view> PathOf(const StructRow& row) {
    const ParquetColumn& paths = row.Column(0);
    const uint64_t begin = paths.offsets[row.index()];
    return KeepPath(paths_.substr(begin, paths.offsets[row.index() + 1] - begin), root_,
                    block_.arena, true);
  }

  Status TakeRow(const std::string& column, const StructRow& row) {
    // Engines that don't keep a struct's own NULLs show a struct of NULLs.
    if (column == "add") return row.Has(0) ? TakeAdd(row) : Status();
    if (column == "remove") return row.Has(0) ? TakeRemove(row) : Status();
    if (column == "protocol") return row.Has(0) ? TakeProtocol(row) : Status();
    if (column == "metaData") return row.Has(4) ? TakeMetadata(row) : Status();
    if (column == "txn" && row.Has(0)) {
      SetTransaction txn{std::string(row.Text(0)), row.Int(1), std::nullopt};
      if (row.Has(2)) txn.last_updated_ms = row.Int(2);
      actions_.transactions.push_back(std::move(txn));
    } else if (column == "domainMetadata" && row.Has(0)) {
      actions_.domains.push_back(
          {std::string(row.Text(0)), std::string(row.Text(1)), row.Int(2) != 0});
    } else if (column == "sidecar" && row.Has(0)) {
      actions_.sidecars.push_back({std::string(row.Text(0)), row.Int(1)});
    }
    return {};
  }

  Status TakeAdd(const StructRow& row) {
    block_.StartAdd();
    const auto index = static_cast<uint32_t>(block_.adds() - 1);
    TARN_ASSIGN(block_.path.back(), PathOf(row));
    size_t position = 0;
    row.ForEachPair(1, [&](std::string_view key, std::string_view value, bool null) {
      block_.SetPartitionValue(key, position,
                               null ? std::string_view() : Repeated(position, value));
      ++position;
    });
    block_.size.back() = row.Int(2);
    if (block_.size.back() < 0) return LogCorrupt(root_, file_, "an add has a negative size");
    block_.modification_time_ms.back() = row.Int(3);
    block_.data_change.back() = row.Int(4, 1) != 0;
    if (row.Has(5)) TakeTags(row, index);
    TARN_ASSIGN(const int32_t vector, TakeDeletionVector(row, 6));
    if (vector >= 0) block_.deletion_vector_rows.emplace_back(index, vector);
    if (row.Has(7)) block_.base_row_ids.emplace_back(index, row.Int(7));
    if (row.Has(8)) block_.default_row_commit_versions.emplace_back(index, row.Int(8));
    block_.FinishAdd();
    return {};
  }

  /// Partition values repeat from file to file: the last one of a column is kept once.
  std::string_view Repeated(size_t position, std::string_view value) {
    if (last_values_.size() <= position) last_values_.resize(position + 1);
    std::string_view& last = last_values_[position];
    if (last.data() == nullptr || last != value) last = block_.arena.Store(value);
    return last;
  }

  void TakeTags(const StructRow& row, uint32_t index) {
    std::string json;
    ObjectWriter writer(json);
    bool any = false;
    row.ForEachPair(5, [&](std::string_view key, std::string_view value, bool null) {
      if (!null) writer.Text(key, value);
      any = true;
    });
    writer.Close();
    if (any) block_.tags.emplace_back(index, std::move(json));
  }

  Result<int32_t> TakeDeletionVector(const StructRow& row, size_t field) {
    if (!row.Has(field)) return -1;
    const StructRow from = row.Struct(field);
    if (!from.Has(0)) return -1;
    DeletionVectorDescriptor vector;
    vector.storage_type = from.Text(0).size() == 1 ? from.Text(0)[0] : '?';
    vector.path_or_inline = from.Text(1);
    if (from.Has(2)) vector.offset = static_cast<int32_t>(from.Int(2));
    const int64_t size = from.Int(3);
    if (size < 0 || size > std::numeric_limits<int32_t>::max()) {
      return LogCorrupt(root_, file_, "a deletion vector has an impossible size");
    }
    vector.size_in_bytes = static_cast<int32_t>(size);
    vector.cardinality = from.Int(4);
    block_.deletion_vectors.push_back(std::move(vector));
    return static_cast<int32_t>(block_.deletion_vectors.size() - 1);
  }

  Status TakeRemove(const StructRow& row) {
    Removal removal;
    TARN_ASSIGN(removal.path, PathOf(row));
    removal.deletion_timestamp_ms = row.Int(1);
    removal.data_change = row.Int(2, 1) != 0;
    removal.size = row.Int(5, -1);
    TARN_ASSIGN(removal.deletion_vector, TakeDeletionVector(row, 6));
    removal.hash = FileKeyHash(removal.path, block_.DeletionVectorOf(removal));
    removal.after_add = static_cast<uint32_t>(block_.adds());
    block_.removals.push_back(removal);
    return {};
  }

  Status TakeProtocol(const StructRow& row) {
    Protocol protocol;
    protocol.reader_version = static_cast<int32_t>(row.Int(0));
    protocol.writer_version = static_cast<int32_t>(row.Int(1));
    row.ForEachText(2, [&](std::string_view f) { protocol.reader_features.emplace_back(f); });
    row.ForEachText(3, [&](std::string_view f) { protocol.writer_features.emplace_back(f); });
    actions_.protocol = std::move(protocol);
    return {};
  }

  Status TakeMetadata(const StructRow& row) {
    Metadata metadata;
    metadata.id = row.Text(0);
    metadata.name = row.Text(1);
    metadata.description = row.Text(2);
    if (row.Has(3) && row.Struct(3).Has(0)) metadata.provider = row.Struct(3).Text(0);
    auto schema = ParseSchemaJson(row.Text(4));
    actions_.schema_error.reset();
    if (schema.ok()) {
      metadata.schema = std::move(*schema);
    } else {
      actions_.schema_error = LogCorrupt(
          root_, file_, "schemaString: " + std::string(schema.error().parameter("detail")));
    }
    row.ForEachText(5, [&](std::string_view c) { metadata.partition_columns.emplace_back(c); });
    row.ForEachPair(6, [&](std::string_view key, std::string_view value, bool) {
      metadata.configuration[std::string(key)] = value;
    });
    if (row.Has(7)) metadata.created_time_ms = row.Int(7);
    actions_.metadata = std::move(metadata);
    return {};
  }

  std::string_view root_;
  std::string file_;
  LogBlock& block_;
  LogActions& actions_;
  std::string_view paths_;  // of the batch
  std::vector<std::string_view> last_values_;
};

Schema Projection(const CheckpointWants& wants, bool sidecars) {
  Schema schema;
  if (wants.others) {
    schema.fields.push_back({"protocol", CheckpointProtocolType()});
    schema.fields.push_back({"metaData", CheckpointMetadataType()});
    schema.fields.push_back({"txn", CheckpointTransactionType()});
    schema.fields.push_back({"domainMetadata", CheckpointDomainType()});
  }
  if (sidecars) {
    schema.fields.push_back(
        {"sidecar", DataType::Struct({{"path", TypeId::kString}, {"sizeInBytes", TypeId::kLong}})});
  }
  if (wants.adds) schema.fields.push_back({"add", CheckpointAddType(/*statistics=*/false)});
  if (wants.removes) schema.fields.push_back({"remove", CheckpointRemoveType()});
  return schema;
}

Status ReadParquet(const RequestContext& ctx, const Handlers& handlers, std::string_view root,
                   const std::string& path, const Schema& projection, LogBlock& block,
                   LogActions& actions) {
  if (handlers.parquet == nullptr) {
    return LogCorrupt(root, path, "no reader of Parquet checkpoints is at hand");
  }
  CheckpointRows rows(root, path, block, actions);
  return handlers.parquet->Read(ctx, path, projection, [&](ParquetBatch& batch) -> Status {
    TARN_TRY(ctx.Check());
    return rows.Take(projection, batch);
  });
}

/// The names of the sidecars that a checkpoint's top level tells of.
Result<std::vector<std::string>> NamesOf(const std::vector<Sidecar>& sidecars,
                                         std::string_view table_root) {
  const std::string base = std::string(table_root) + "/" + std::string(kSidecarDirectory);
  std::vector<std::string> names;
  for (const Sidecar& sidecar : sidecars) {
    TARN_ASSIGN(std::string name, DecodeLogPath(sidecar.path, base));
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

DataType CheckpointAddType(bool statistics) {
  std::vector<Field> fields{{"path", TypeId::kString},
                            {"partitionValues", TextMapType()},
                            {"size", TypeId::kLong},
                            {"modificationTime", TypeId::kLong},
                            {"dataChange", TypeId::kBoolean}};
  if (statistics) fields.push_back({"stats", TypeId::kString});
  fields.push_back({"tags", TextMapType()});
  fields.push_back({"deletionVector", DeletionVectorType()});
  fields.push_back({"baseRowId", TypeId::kLong});
  fields.push_back({"defaultRowCommitVersion", TypeId::kLong});
  return DataType::Struct(std::move(fields));
}

DataType CheckpointRemoveType() {
  return DataType::Struct({{"path", TypeId::kString},
                           {"deletionTimestamp", TypeId::kLong},
                           {"dataChange", TypeId::kBoolean},
                           {"extendedFileMetadata", TypeId::kBoolean},
                           {"partitionValues", TextMapType()},
                           {"size", TypeId::kLong},
                           {"deletionVector", DeletionVectorType()}});
}

DataType CheckpointMetadataType() {
  const DataType format =
      DataType::Struct({{"provider", TypeId::kString}, {"options", TextMapType()}});
  return DataType::Struct({{"id", TypeId::kString},
                           {"name", TypeId::kString},
                           {"description", TypeId::kString},
                           {"format", format},
                           {"schemaString", TypeId::kString},
                           {"partitionColumns", DataType::Array(TypeId::kString)},
                           {"configuration", TextMapType()},
                           {"createdTime", TypeId::kLong}});
}

DataType CheckpointProtocolType() {
  return DataType::Struct({{"minReaderVersion", TypeId::kInt},
                           {"minWriterVersion", TypeId::kInt},
                           {"readerFeatures", DataType::Array(TypeId::kString)},
                           {"writerFeatures", DataType::Array(TypeId::kString)}});
}

DataType CheckpointTransactionType() {
  return DataType::Struct(
      {{"appId", TypeId::kString}, {"version", TypeId::kLong}, {"lastUpdated", TypeId::kLong}});
}

DataType CheckpointDomainType() {
  return DataType::Struct({{"domain", TypeId::kString},
                           {"configuration", TypeId::kString},
                           {"removed", TypeId::kBoolean}});
}

Result<std::vector<std::string>> SidecarsOf(const RequestContext& ctx, const Handlers& handlers,
                                            std::string_view table_root,
                                            const CheckpointFiles& checkpoint) {
  const LogFile& file = checkpoint.files[0];
  if (file.kind == LogFileKind::kCheckpointPart) return std::vector<std::string>();
  LogBlock block;
  LogActions actions;
  if (file.json) {
    TARN_ASSIGN(std::string bytes, handlers.log->Read(ctx, file.path(), kLogFileBytesMax));
    TARN_TRY(ReadLogFile(std::move(bytes), table_root, file.path(), ReadWants(), block, actions));
  } else {
    CheckpointWants wants;
    wants.adds = wants.others = false;
    TARN_TRY(ReadParquet(ctx, handlers, table_root, file.path(), Projection(wants, true), block,
                         actions));
  }
  return NamesOf(actions.sidecars, table_root);
}

Result<std::shared_ptr<LogBlock>> ReadCheckpoint(
    const RequestContext& ctx, const Handlers& handlers, std::string_view table_root,
    const CheckpointFiles& checkpoint, const CheckpointWants& wants, LogActions& actions) {
  auto block = std::make_shared<LogBlock>();
  std::vector<std::string> parquet_files;
  for (const LogFile& file : checkpoint.files) {
    TARN_TRY(ctx.Check());
    if (file.json) {
      TARN_ASSIGN(std::string bytes, handlers.log->Read(ctx, file.path(), kLogFileBytesMax));
      TARN_TRY(
          ReadLogFile(std::move(bytes), table_root, file.path(), ReadWants(), *block, actions));
    } else {
      const bool sidecars = file.kind != LogFileKind::kCheckpointPart;
      TARN_TRY(ReadParquet(ctx, handlers, table_root, file.path(), Projection(wants, sidecars),
                           *block, actions));
      parquet_files.push_back(file.path());
    }
  }
  if (!actions.sidecars.empty()) {
    // File actions stand either all in sidecars or all at the top.
    if (block->adds() > 0) {
      return LogCorrupt(table_root, checkpoint.files[0].path(), "it has adds besides its sidecars");
    }
    parquet_files.clear();
    CheckpointWants file_wants = wants;
    file_wants.others = false;
    TARN_ASSIGN(const std::vector<std::string> names, NamesOf(actions.sidecars, table_root));
    for (const std::string& name : names) {
      parquet_files.push_back(std::string(kSidecarDirectory) + "/" + name);
      TARN_TRY(ReadParquet(ctx, handlers, table_root, parquet_files.back(),
                           Projection(file_wants, false), *block, actions));
    }
  }
  if (!parquet_files.empty() && block->adds() > 0) {
    block->later_stats = std::make_shared<CheckpointStatistics>(
        handlers, std::string(table_root), std::move(parquet_files), block->path,
        actions.schema_error ? std::nullopt : actions.metadata);
  }
  return block;
}

}  // namespace tarn::delta
