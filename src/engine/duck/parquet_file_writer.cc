#include "duck/parquet_file_writer.h"

#include "duck/function_registry.h"
#include "duck/variant_storage.h"

namespace tarn::engine::duck {

namespace {

// The type with the names that the file shall have.
duckdb::LogicalType FileType(const delta::PhysicalField& field) {
  switch (field.type.id()) {
    case TypeId::kArray:
      return duckdb::LogicalType::LIST(FileType(field.children[0]));
    case TypeId::kMap:
      return duckdb::LogicalType::MAP(FileType(field.children[0]), FileType(field.children[1]));
    case TypeId::kStruct: {
      duckdb::child_list_t<duckdb::LogicalType> children;
      for (const delta::PhysicalField& child : field.children) {
        children.emplace_back(child.physical_name, FileType(child));
      }
      return duckdb::LogicalType::STRUCT(std::move(children));
    }
    default:
      return field.type.Is(TypeId::kVariant) ? StoredVariantType() : ToDuckType(field.type);
  }
}

void AddFieldId(duckdb::ChildFieldIDs& ids, const std::string& name,
                const delta::PhysicalField& field) {
  duckdb::FieldID id = field.field_id ? duckdb::FieldID(*field.field_id) : duckdb::FieldID();
  for (size_t i = 0; i < field.children.size(); ++i) {
    const delta::PhysicalField& child = field.children[i];
    std::string child_name = child.physical_name;
    if (field.type.Is(TypeId::kArray)) child_name = "element";
    if (field.type.Is(TypeId::kMap)) child_name = i == 0 ? "key" : "value";
    AddFieldId(id.child_field_ids, child_name, child);
  }
  ids.ids->emplace(name, std::move(id));
}

duckdb_parquet::CompressionCodec::type CodecOf(std::string_view name) {
  if (name == "zstd") return duckdb_parquet::CompressionCodec::ZSTD;
  if (name == "gzip") return duckdb_parquet::CompressionCodec::GZIP;
  if (name == "lz4" || name == "lz4_raw") return duckdb_parquet::CompressionCodec::LZ4_RAW;
  if (name == "none" || name == "uncompressed")
    return duckdb_parquet::CompressionCodec::UNCOMPRESSED;
  return duckdb_parquet::CompressionCodec::SNAPPY;
}

}  // namespace

EncoderPool::~EncoderPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
  changed_.notify_all();
}

std::future<void> EncoderPool::Submit(std::function<void()> task) {
  std::packaged_task<void()> packaged(std::move(task));
  std::future<void> result = packaged.get_future();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(packaged));
    while (threads_.size() < static_cast<size_t>(size_)) {
      threads_.emplace_back([this](const std::stop_token& stop) { Run(stop); });
    }
  }
  changed_.notify_one();
  return result;
}

void EncoderPool::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !tasks_.empty(); })) {
    std::packaged_task<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

ParquetLayout MakeLayout(const std::vector<delta::PhysicalField>& columns, std::string_view codec) {
  ParquetLayout layout;
  layout.codec = CodecOf(codec);
  for (const delta::PhysicalField& column : columns) {
    layout.types.push_back(FileType(column));
    layout.names.push_back(column.physical_name);
    AddFieldId(layout.field_ids, column.physical_name, column);
  }
  return layout;
}

/// A row group on its way into the file.
struct ParquetFileWriter::Pending {
  std::unique_ptr<duckdb::ColumnDataCollection> rows;
  duckdb::PreparedRowGroup prepared;
  duckdb::unique_ptr<duckdb::ParquetWriteTransformData> transform;
  duckdb::idx_t bytes = 0;
  std::future<void> done;
};

ParquetFileWriter::ParquetFileWriter(duckdb::ClientContext& context, EncoderPool& pool,
                                     std::string name, const ParquetLayout& layout)
    : pool_(pool) {
  // The values that DuckDB's COPY uses where nothing else is asked for.
  constexpr duckdb::idx_t kDictionaryPageBytesMax = 1U << 30;
  constexpr double kBloomFalsePositives = 0.01;
  constexpr int64_t kZstdLevel = 3;
  writer_ = std::make_unique<duckdb::ParquetWriter>(
      context, duckdb::FileSystem::GetFileSystem(context), std::move(name), layout.types,
      layout.names, layout.codec, layout.field_ids.Copy(), duckdb::ShreddingType(),
      duckdb::vector<std::pair<duckdb::string, duckdb::string>>(), nullptr, duckdb::optional_idx(),
      kDictionaryPageBytesMax, false, kBloomFalsePositives, kZstdLevel, duckdb::ParquetVersion::V1,
      duckdb::GeoParquetVersion::NONE);
  writer_->SetWrittenStatistics(statistics_);
}

ParquetFileWriter::~ParquetFileWriter() {
  // Tasks refer to the writer.
  for (const auto& pending : pending_) {
    if (pending->done.valid()) pending->done.wait();
  }
}

void ParquetFileWriter::AddRowGroup(std::unique_ptr<duckdb::ColumnDataCollection> rows) {
  if (rows->Count() == 0) return;
  while (pending_.size() > static_cast<size_t>(pool_.size())) FlushFront();
  auto pending = std::make_unique<Pending>();
  pending->bytes = rows->SizeInBytes();
  pending->rows = std::move(rows);
  const auto encode = [writer = writer_.get(), work = pending.get()] {
    writer->PrepareRowGroup(*work->rows, work->prepared, work->transform);
    work->rows.reset();
  };
  // A few rows take less time than a thread to start, or to wake.
  const bool few = pending_.empty() && pending->rows->Count() <= STANDARD_VECTOR_SIZE;
  pending->done = few ? std::async(std::launch::deferred, encode) : pool_.Submit(encode);
  pending_.push_back(std::move(pending));
}

void ParquetFileWriter::FlushFront() {
  Pending& front = *pending_.front();
  front.done.get();
  writer_->FlushRowGroup(front.prepared);
  pending_.pop_front();
}

int64_t ParquetFileWriter::SizeEstimate() const {
  int64_t size = static_cast<int64_t>(writer_->FileSize());
  // Encoded and compressed, rows take about a third of their memory.
  for (const auto& pending : pending_) size += static_cast<int64_t>(pending->bytes / 3);
  return size;
}

void ParquetFileWriter::Drain() {
  while (!pending_.empty()) FlushFront();
}

void ParquetFileWriter::Finish() {
  Drain();
  writer_->Finalize();
}

}  // namespace tarn::engine::duck
