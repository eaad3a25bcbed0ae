#include "duck/log_parquet.h"

#include "duck/errors.h"
#include "duck/log_parquet_reader.h"
#include "duck/parquet_file_writer.h"
#include "duck/statement.h"
#include "tarn/base/random.h"

namespace tarn::engine::duck {

namespace {

using delta::ParquetBatch;
using delta::ParquetColumn;

// --- columns of a batch → DuckDB's vectors ---

void FillVector(const ParquetColumn& column, size_t begin, size_t count, duckdb::Vector& out,
                size_t at);

template <typename T, typename Source>
void FillNumbers(const Source& values, size_t begin, size_t count, duckdb::Vector& out, size_t at) {
  T* const data = duckdb::FlatVector::GetData<T>(out);
  for (size_t i = 0; i < count; ++i) data[at + i] = static_cast<T>(values[begin + i]);
}

void FillTexts(const ParquetColumn& column, size_t begin, size_t count, duckdb::Vector& out,
               size_t at) {
  auto* const data = duckdb::FlatVector::GetData<duckdb::string_t>(out);
  for (size_t i = 0; i < count; ++i) {
    if (column.IsNull(begin + i)) continue;
    const std::string_view text = column.Text(begin + i);
    data[at + i] = duckdb::StringVector::AddStringOrBlob(out, text.data(), text.size());
  }
}

void FillLists(const ParquetColumn& column, size_t begin, size_t count, duckdb::Vector& out,
               size_t at) {
  auto* const entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(out);
  const size_t first = column.offsets[begin];
  const size_t total = column.offsets[begin + count] - first;
  const size_t before = duckdb::ListVector::GetListSize(out);
  duckdb::ListVector::Reserve(out, before + total);
  for (size_t i = 0; i < count; ++i) {
    entries[at + i] = {before + column.offsets[begin + i] - first,
                       column.offsets[begin + i + 1] - column.offsets[begin + i]};
  }
  duckdb::Vector& elements = duckdb::ListVector::GetEntry(out);
  if (column.type.Is(TypeId::kArray)) {
    FillVector(column.children[0], first, total, elements, before);
  } else {
    auto& parts = duckdb::StructVector::GetEntries(elements);
    FillVector(column.children[0], first, total, *parts[0], before);
    FillVector(column.children[1], first, total, *parts[1], before);
  }
  duckdb::ListVector::SetListSize(out, before + total);
}

void FillVector(const ParquetColumn& column, size_t begin, size_t count, duckdb::Vector& out,
                size_t at) {
  if (!column.valid.empty()) {
    for (size_t i = 0; i < count; ++i) {
      if (column.IsNull(begin + i)) duckdb::FlatVector::SetNull(out, at + i, true);
    }
  }
  switch (column.type.id()) {
    case TypeId::kBoolean:
      return FillNumbers<bool>(column.integers, begin, count, out, at);
    case TypeId::kByte:
      return FillNumbers<int8_t>(column.integers, begin, count, out, at);
    case TypeId::kShort:
      return FillNumbers<int16_t>(column.integers, begin, count, out, at);
    case TypeId::kInt:
    case TypeId::kDate:
      return FillNumbers<int32_t>(column.integers, begin, count, out, at);
    case TypeId::kFloat:
      return FillNumbers<float>(column.reals, begin, count, out, at);
    case TypeId::kDouble:
      return FillNumbers<double>(column.reals, begin, count, out, at);
    case TypeId::kDecimal:
      for (size_t i = 0; i < count; ++i) {
        if (column.IsNull(begin + i)) continue;
        out.SetValue(
            at + i,
            duckdb::Value(std::string(column.Text(begin + i))).DefaultCastAs(out.GetType()));
      }
      return;
    case TypeId::kArray:
    case TypeId::kMap:
      return FillLists(column, begin, count, out, at);
    case TypeId::kStruct: {
      auto& parts = duckdb::StructVector::GetEntries(out);
      for (size_t i = 0; i < column.children.size(); ++i) {
        FillVector(column.children[i], begin, count, *parts[i], at);
      }
      return;
    }
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kVariant:
      return FillTexts(column, begin, count, out, at);
    default:
      return FillNumbers<int64_t>(column.integers, begin, count, out, at);
  }
}

Status AppendBatch(const ParquetBatch& batch, duckdb::ColumnDataCollection& rows) {
  duckdb::DataChunk chunk;
  for (size_t begin = 0; begin < batch.rows; begin += STANDARD_VECTOR_SIZE) {
    const size_t count = std::min<size_t>(STANDARD_VECTOR_SIZE, batch.rows - begin);
    chunk.Destroy();
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), rows.Types());
    for (size_t i = 0; i < batch.columns.size(); ++i) {
      FillVector(batch.columns[i], begin, count, chunk.data[i], 0);
    }
    chunk.SetCardinality(count);
    rows.Append(chunk);
  }
  return {};
}

// --- the handler ---

class LogParquetHandler final : public delta::ParquetHandler {
 public:
  LogParquetHandler(std::shared_ptr<EngineCore> core, std::string root)
      : core_(std::move(core)), root_(std::move(root)) {}

  Status Read(const RequestContext& ctx, std::string_view path, const Schema& projection,
              const delta::BatchSink& sink) override {
    TARN_ASSIGN(std::shared_ptr<io::ObjectStore> store, core_->OpenStore(root_, false));
    TARN_ASSIGN(io::ObjectPath file, io::ObjectPath::Parse(path));
    Statement statement(core_, ctx, {});
    statement.files().PlanRead(store->Display(file));
    const size_t grant = statement.files().GrantRead([&](size_t) {
      return GrantedFile{store, file};
    });
    TARN_TRY(statement.Enter());
    Status sunk;
    Status read = Guarded(ctx, nullptr, [&]() -> Status {
      return ReadLogParquet(statement, statement.files().NameToRead(grant, 0, ".parquet"),
                            core_->options.threads, projection, [&](ParquetBatch& batch) -> Status {
                              sunk = sink(batch);
                              return sunk.ok() ? Status() : Status(sunk.error());
                            });
    });
    if (!sunk.ok()) return sunk;
    if (!read.ok()) return Damaged(std::move(read).error(), path);
    return {};
  }

  Result<int64_t> Write(const RequestContext& ctx, std::string_view path, const Schema& schema,
                        const delta::BatchSource& source) override {
    TARN_ASSIGN(std::shared_ptr<io::ObjectStore> store, core_->OpenStore(root_, true));
    TARN_ASSIGN(const io::ObjectPath target, io::ObjectPath::Parse(path));
    // Readers see all of the file or nothing. An object proper shows only when it is whole.
    const io::ObjectPath temporary =
        store->is_remote() ? target
                           : target.Parent().Child(".tarn-" + SystemIds().NewUuid() + ".parquet");
    Statement statement(core_, ctx, {});
    statement.files().GrantWrite(store);
    statement.files().PlanWritesBelow(store->Display(target.Parent()));
    TARN_TRY(statement.Enter());
    Status written = Guarded(ctx, nullptr, [&]() -> Status {
      return WriteTo(statement, statement.files().NameToWrite(temporary), schema, source);
    });
    if (written.ok() && temporary != target) written = store->Rename(ctx, temporary, target);
    if (written.ok()) written = store->SyncDirectories(ctx, target.Parent());
    if (!written.ok()) {
      if (temporary != target) (void)store->Delete(RequestContext(), temporary);
      return std::move(written).error();
    }
    TARN_ASSIGN(const io::ObjectInfo info, store->Stat(ctx, target));
    return info.size;
  }

 private:
  Status WriteTo(Statement& statement, std::string name, const Schema& schema,
                 const delta::BatchSource& source) {
    duckdb::ClientContext& context = *statement.connection().context;
    std::vector<delta::PhysicalField> fields;
    duckdb::vector<duckdb::LogicalType> types;
    for (const Field& field : schema.fields) {
      fields.push_back(PlainField(field.name, field.type));
      types.push_back(ToDuckType(field.type));
    }
    EncoderPool pool(1);
    ParquetFileWriter writer(context, pool, std::move(name), MakeLayout(fields, "snappy"));
    auto rows = std::make_unique<duckdb::ColumnDataCollection>(
        duckdb::BufferManager::GetBufferManager(context), types);
    ParquetBatch batch;
    while (true) {
      TARN_ASSIGN(const bool more, source(batch));
      if (!more) break;
      TARN_TRY(AppendBatch(batch, *rows));
      if (rows->Count() < kRowGroupRows) continue;
      writer.AddRowGroup(std::move(rows));
      rows = std::make_unique<duckdb::ColumnDataCollection>(
          duckdb::BufferManager::GetBufferManager(context), types);
    }
    writer.AddRowGroup(std::move(rows));
    writer.Finish();
    return {};
  }

  // What DuckDB can't read is damage of the log; what the store says stays as it is.
  Error Damaged(Error error, std::string_view path) const {
    if (!error.IsOneOf({Condition("INTERNAL_ERROR"), Condition("CAST_INVALID_INPUT"),
                        Condition("CAST_OVERFLOW"), Condition("FAILED_READ_FILE.NO_HINT"),
                        Condition("FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH")})) {
      return error;
    }
    return Error(Condition("DELTA_LOG_CORRUPT"),
                 {{"table", root_}, {"file", std::string(path)}, {"detail", error.message()}});
  }

  const std::shared_ptr<EngineCore> core_;
  const std::string root_;
};

}  // namespace

std::shared_ptr<delta::ParquetHandler> NewLogParquetHandler(std::shared_ptr<EngineCore> core,
                                                            std::string table_root) {
  return std::make_shared<LogParquetHandler>(std::move(core), std::move(table_root));
}

}  // namespace tarn::engine::duck
