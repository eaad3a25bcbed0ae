#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "duck/duck_engine.h"
#include "duck/file_scan.h"
#include "duck/lowering.h"
#include "duck/parquet_scan.h"
#include "duck/row_checker.h"

namespace tarn::engine::duck {

class FilesScan;

/// Counters that a scan raises. Thread-safe.
struct ScanCounters {
  std::atomic<int64_t> files_total{0};  ///< that the plan names
  std::atomic<int64_t> files_read{0};
  std::atomic<int64_t> files_missing{0};  ///< passed over by ignoreMissingFiles
  std::atomic<int64_t> files_corrupt{
      0};  ///< passed over by ignoreCorruptFiles, wholly or from some record on
  std::atomic<int64_t> pruned_by_partition{0};
  std::atomic<int64_t> pruned_by_statistics{0};
  std::atomic<int64_t> pruned_at_run_time{0};

  int64_t pruned() const { return pruned_by_partition + pruned_by_statistics + pruned_at_run_time; }
};

/// A scan of the plan that one of our table functions runs; the function gets its number.
struct ScanBinding {
  std::string relation;  ///< its name, for EXPLAIN
  std::shared_ptr<ScanCounters> counters = std::make_shared<ScanCounters>();
  std::shared_ptr<const ParquetScan> parquet;
  std::shared_ptr<const FileScan> files;
};

/// The statement's scans, where our table functions find them: in DuckDB's connection.
class StatementState final : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "tarn_statement";
  static StatementState& Of(duckdb::ClientContext& context);

  std::vector<std::unique_ptr<ScanBinding>> scans;
  std::vector<std::shared_ptr<CheckBinding>> checks;
  /// What is read is written again, so that a variant that holds more than JSON can say is refused.
  bool keeps_variants = false;

  /// DuckDB rewords what is thrown where it converts what a reader gave; the error itself is left
  /// here. Thread-safe.
  void LeaveError(Error error);
  std::optional<Error> TakeError();

 private:
  std::mutex mutex_;
  std::optional<Error> error_;  // guarded by mutex_
};

/// A statement from lowering to its last row: connection, grants, admission, deadline. The plan
/// must outlive it. For one thread, but for what Watched says.
class Statement final : public Watched, private ScanSource {
 public:
  Statement(std::shared_ptr<EngineCore> core, const RequestContext& context,
            ExecutionSettings settings);
  ~Statement() override;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Lowers and starts the query; its rows come from Fetch.
  Status Start(const plan::Query& query);
  /// The next rows; null at the end.
  Result<duckdb::unique_ptr<duckdb::DataChunk>> Fetch();
  /// Where opens are asserted: tells the file gate what the relation's files are. Lower does it for
  /// all relations of its query.
  void PlanReads(const plan::Relation& relation);
  /// Lowers the query only; Run or Prepare are the caller's. For EXPLAIN.
  Result<duckdb::unique_ptr<duckdb::SelectStatement>> Lower(const plan::Query& query);

  duckdb::Connection& connection() { return *connection_; }
  StatementFiles& files() { return *files_; }
  /// Where the paths of file relations lead.
  FileRoots roots() const { return FileRoots(core_->options.storage); }
  FileGate& gate() { return *core_->gate; }
  StatementState& state() { return *state_; }
  const SourceMap& positions() const { return positions_; }
  Error Translate(const duckdb::ErrorData& error) const;
  /// Runs a statement that isn't a query of the plan, after Enter; its rows come from Fetch.
  Status Run(duckdb::unique_ptr<duckdb::SQLStatement> statement);
  bool has_result() const { return result_ != nullptr; }
  duckdb::QueryResult& result() const { return *result_; }
  /// Enters the engine: admission and watchdog. Called by Start; else before DuckDB is used.
  Status Enter();
  /// Leaves it before the end of the statement: the query's rows are taken, and what is still to do
  /// mostly waits for the disk. The connection stays.
  void Leave();
  ExecutionStats Stats() const;
  /// What the query's own checks counted.
  CheckedViews Views() const;

  // Watched
  const RequestContext& context() const override { return context_; }
  void Interrupt() override;
  double Progress() const override;
  void NoteMemory(int64_t bytes) override;

 private:
  DuckTable TableOf(LoweringContext& context, const plan::Node& node,
                    const plan::Scan& scan) override;
  size_t NumberOf(const plan::Check& check) override;
  DuckTable RowsTable(const plan::Node& node, const plan::Scan& scan,
                      const plan::Relation& relation, const plan::RowsRelation& rows);
  DuckTable StoredTable(const plan::Node& node, const plan::Scan& scan,
                        const plan::StoredRelation& stored);
  DuckTable DeltaTable(const plan::Node& node, const plan::Scan& scan,
                       const plan::Relation& relation, const plan::DeltaRelation& delta);
  DuckTable FilesTable(LoweringContext& context, const plan::Node& node, const plan::Scan& scan,
                       const plan::Relation& relation, const plan::FileRelation& files);
  /// The table of Parquet files that need not fit the relation's schema.
  DuckTable RescuingTable(LoweringContext& context, const plan::Node& node, const plan::Scan& scan,
                          const plan::Relation& relation, const plan::FileRelation& files,
                          const FilesScan& parquet);
  DuckTable FunctionTable(std::string function, std::unique_ptr<ScanBinding> binding);
  // `casts` tells which columns of the result must be cast to their types; empty for none yet
  // known.
  Status Begin(const plan::Query& query, const std::vector<bool>& casts);

  std::shared_ptr<EngineCore> core_;
  RequestContext context_;
  ExecutionSettings settings_;
  std::unique_ptr<duckdb::Connection> connection_;
  std::shared_ptr<StatementFiles> files_;
  duckdb::shared_ptr<StatementState> state_;
  const plan::Query* query_ = nullptr;
  SourceMap positions_;
  std::vector<StoredRows> stored_in_use_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  bool entered_ = false;
  int64_t rows_ = 0;
  std::atomic<int64_t> peak_memory_{0};
};

}  // namespace tarn::engine::duck
