#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/io/storage.h"
#include "tarn/plan/node.h"
#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::delta {
class ParquetHandler;
}

namespace tarn::engine {

/// One attempt to open a file, as tests watch them.
struct FileOpen {
  std::string name;  ///< what the engine asked for
  std::string path;  ///< the file it stands for; empty if it was refused
  bool write = false;
  bool allowed = false;
};
using FileObserver = std::function<void(const FileOpen&)>;

/// Opens the store of a table's folder.
using StoreOpener =
    std::function<Result<std::shared_ptr<io::ObjectStore>>(const std::string& root)>;

/// Limits and places of one engine, fixed at its start.
struct EngineOptions {
  int64_t memory_bytes_max = 0;  ///< 0: half of what the machine or cgroup allows
  int threads = 0;               ///< 0: all cores
  std::string spill_folder;      ///< absolute; made with mode 0700, emptied at start
  std::string user_name;         ///< what current_user() answers
  io::Storage storage;           ///< opens tables' folders and files
  StoreOpener open_store;        ///< of tables' folders; null: `storage`
  FileObserver observer;         ///< called for every open of a data file, from any thread
  int statements_max = 0;  ///< that run side by side; more wait. 0: twice the threads, at least 4
  /// For tests: settings of the engine's own as name=value;name=value, by which the same statements
  /// take other ways through it.
  std::string test_settings;
};

/// What a statement sees of its session.
struct ExecutionSettings {
  std::string session_zone = "UTC";
  std::string current_catalog;
  std::string current_schema;
  std::string current_user;
  int64_t statement_start_us = 0;  ///< current_timestamp() of the statement
};

/// What a finished (or stopped) statement cost.
struct ExecutionStats {
  int64_t rows_produced = 0;
  int64_t files_read = 0;
  int64_t files_pruned = 0;
  int64_t files_missing = 0;  ///< passed over by ignoreMissingFiles
  int64_t files_corrupt = 0;  ///< passed over by ignoreCorruptFiles, wholly or from some record on
  int64_t bytes_read = 0;
  int64_t peak_memory_bytes = 0;
};

/// The rows of a running query, in batches. Not thread-safe.
class ResultStream {
 public:
  virtual ~ResultStream() = default;
  virtual const std::vector<plan::OutputColumn>& columns() const = 0;
  /// The next batch, each row one Value per column; an empty batch is the end.
  virtual Result<std::vector<std::vector<Value>>> Next() = 0;
  /// The next batch with each cell rendered as CAST(… AS STRING) does, nullopt for NULL. Faster for
  /// printing.
  virtual Result<std::vector<std::vector<std::optional<std::string>>>> NextRendered() = 0;
  virtual ExecutionStats Stats() const = 0;
};

using plan::OnViolation;
using plan::RowCheck;

/// How many rows a check passed and failed. Rows that another check drops are counted too.
struct CheckCount {
  int64_t passed = 0;
  int64_t failed = 0;
};

/// What a query's own checks (plan::Check) counted: those of the views that it reads.
struct CheckedViews {
  struct Counted {
    RowCheck check;
    CheckCount count;
  };
  std::vector<Counted> checks;  ///< each once per reading of its view
  int64_t dropped = 0;          ///< rows that went no further
};

/// Where and how written rows become data files of a Delta table.
struct WriteTarget {
  std::string root;  ///< absolute path of the table's folder, which is there (PATH_NOT_FOUND)
  Schema schema;     ///< logical columns in table order (the query's columns match by position)
  std::vector<std::string> partition_columns;  ///< logical names
  /// Physical name and Parquet field id of every field come from column-mapping metadata in
  /// `schema` where the table has column mapping.
  bool column_mapping = false;
  /// delta::IcebergCompatVersion: with one, data files have the partition columns, too.
  int iceberg_compat_version = 0;
  int64_t target_file_bytes = 128 << 20;
  int open_writers_max = 64;
  std::string compression = "snappy";  ///< "snappy", "zstd", "gzip", "lz4", "uncompressed"
  int statistics_columns_max = 32;     ///< delta.dataSkippingNumIndexedCols; -1: all
  /// The query has a string column `_change_type` behind those of `schema`: rows with "insert" or
  /// "update_postimage" are written as data and as change rows, those with another text as change
  /// rows only, those with NULL as data only.
  bool change_rows = false;
  /// The last two columns of `schema` are those of delta::RowTrackingColumns: data files have them,
  /// change rows don't, and there are no statistics of them.
  bool row_tracking = false;
  /// One boolean column of the query each, behind all others. A check that fails the
  /// write is EXPECTATION_VIOLATION.
  std::vector<RowCheck> checks;
};

/// What was written: one action per file, synced to disk, with statistics. Nothing refers to them
/// yet.
struct WriteResult {
  std::vector<delta::AddFile> files;
  std::vector<delta::AddFile> change_files;  ///< below delta::kChangeFolder
  int64_t rows = 0;  ///< of data, written, without those that checks dropped
  std::vector<CheckCount> checks;
  CheckedViews views;
  ExecutionStats stats;
};

/// The embedded engine. One per process; queries of several threads run side by side. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Starts a query. Errors at start (binding) or later from Next(). The files it may open are
  /// exactly those of its relations.
  virtual Result<std::unique_ptr<ResultStream>> Execute(const RequestContext& context,
                                                        const plan::Query& query,
                                                        const ExecutionSettings& settings) = 0;

  /// Runs a query and writes its rows as data files below `target.root`. On an error files already
  /// written are removed.
  virtual Result<WriteResult> Write(const RequestContext& context, const plan::Query& query,
                                    const WriteTarget& target,
                                    const ExecutionSettings& settings) = 0;

  /// Runs a query once and keeps its rows (in memory or spilled) until Discard; a StoredRelation
  /// names it.
  virtual Result<plan::Relation> Materialize(const RequestContext& context,
                                             const plan::Query& query,
                                             const ExecutionSettings& settings) = 0;
  virtual void Discard(const plan::Relation& stored) = 0;

  /// How much of what runs now for the request is done: 0…1, or -1 if unknown or if nothing runs.
  virtual double Progress(const RequestContext& request) const = 0;

  /// The engine's own plan as text (and with `analyze`, after running it, with its times and rows).
  virtual Result<std::string> Explain(const RequestContext& context, const plan::Query& query,
                                      const ExecutionSettings& settings, bool analyze) = 0;

  /// The schema of files by their own description (parquet) or a look at their contents (csv,
  /// json).
  virtual Result<Schema> InferSchema(const RequestContext& context,
                                     const plan::FileRelation& files) = 0;

  /// Reads and writes the Parquet files of the Delta log of the table stored at `table_root`
  /// (absolute path; the handler's paths are relative to it). Must not outlive the engine.
  virtual std::shared_ptr<delta::ParquetHandler> NewParquetHandler(
      const std::string& table_root) = 0;
};

Result<std::unique_ptr<Engine>> StartDuckEngine(const EngineOptions& options);

}  // namespace tarn::engine
