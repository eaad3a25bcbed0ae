#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "duck/duckdb_headers.h"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/function/copy_function.hpp"
#include "parquet_writer.hpp"
#include "tarn/delta/column_mapping.h"

namespace tarn::engine::duck {

/// Threads that encode row groups, started by the first task. The number of tasks waiting is
/// bounded by the files' own limits.
class EncoderPool {
 public:
  explicit EncoderPool(int threads) : size_(threads) {}
  ~EncoderPool();
  /// The future carries what the task throws.
  std::future<void> Submit(std::function<void()> task);
  int size() const { return size_; }

 private:
  void Run(const std::stop_token& stop);

  const int size_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::packaged_task<void()>> tasks_;
  std::vector<std::jthread> threads_;
};

/// How the columns of a Parquet file are written: names and types as they stand in the file.
struct ParquetLayout {
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<duckdb::string> names;
  duckdb::ChildFieldIDs field_ids;
  duckdb_parquet::CompressionCodec::type codec = duckdb_parquet::CompressionCodec::SNAPPY;
};

/// The layout of a file with these columns; field ids where they are known.
ParquetLayout MakeLayout(const std::vector<delta::PhysicalField>& columns, std::string_view codec);

/// One Parquet file being written: rows are collected to row groups, which are encoded by the pool
/// and written in order. Throws DuckDB's exceptions. For one thread.
class ParquetFileWriter {
 public:
  ParquetFileWriter(duckdb::ClientContext& context, EncoderPool& pool, std::string name,
                    const ParquetLayout& layout);
  ~ParquetFileWriter();

  /// Takes rows that become one row group.
  void AddRowGroup(std::unique_ptr<duckdb::ColumnDataCollection> rows);
  /// About how large the file will be with what was added so far.
  int64_t SizeEstimate() const;
  /// Writes what is pending.
  void Drain();
  /// Drains and writes the footer; the file is synced and closed.
  void Finish();

  const duckdb::CopyFunctionFileStatistics& statistics() const { return statistics_; }

 private:
  struct Pending;
  void FlushFront();

  EncoderPool& pool_;
  duckdb::CopyFunctionFileStatistics statistics_;
  std::unique_ptr<duckdb::ParquetWriter> writer_;
  std::deque<std::unique_ptr<Pending>> pending_;
};

/// Rows per row group, as DuckDB writes them, and the most bytes of one in memory.
inline constexpr duckdb::idx_t kRowGroupRows = 122'880;
inline constexpr duckdb::idx_t kRowGroupBytes = 128U << 20;

}  // namespace tarn::engine::duck
