#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tarn/delta/handlers.h"
#include "tarn/delta/transaction.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/object_store.h"

namespace tarn::delta::test {

/// Keeps "Parquet files" as batches in memory, with a marker object in the store, so that listings
/// see them. A file without batches of its own is unreadable.
class MemoryParquet : public ParquetHandler {
 public:
  explicit MemoryParquet(std::shared_ptr<LogStore> store) : store_(std::move(store)) {}

  Status Read(const RequestContext& ctx, std::string_view path, const Schema& projection,
              const BatchSink& sink) override;
  Result<int64_t> Write(const RequestContext& ctx, std::string_view path, const Schema& schema,
                        const BatchSource& source) override;

  /// Copies a file to another name.
  void Copy(const std::string& from, const std::string& to);
  /// Keeps only the rows for which `keep(row)` holds.
  void Filter(const std::string& path, const std::function<bool(size_t)>& keep);
  /// Turns the order of the rows around.
  void Reverse(const std::string& path);
  size_t Rows(const std::string& path) const;

  int reads = 0;
  bool fail_writes = false;

 private:
  struct File {
    Schema schema;
    std::vector<ParquetBatch> batches;
  };
  std::shared_ptr<LogStore> store_;
  std::map<std::string, File, std::less<>> files_;
};

/// A table in memory with helpers to write its log by hand.
class TestTable {
 public:
  TestTable();

  Handlers handlers() const { return {log, parquet, &SystemIds()}; }
  /// Writes a file of the table, replacing any.
  void Put(const std::string& path, const std::string& content);
  /// Writes a commit of the given lines.
  void Commit(int64_t version, const std::vector<std::string>& lines);
  /// Commits a transaction by files in the log; kNoVersion, and a failure of the test, if it can't
  /// be.
  Version Commit(Transaction& transaction);
  /// The newest version of the table at /lake/t; a failure of the test if it can't be read.
  std::shared_ptr<const Snapshot> Latest();
  /// Commits version 0 of a table with one column `x INT`.
  void Create(const std::map<std::string, std::string>& properties = {},
              const std::string& root = "/lake/t");
  /// Removes a file.
  void Delete(const std::string& path);
  bool Has(const std::string& path);
  std::string Get(const std::string& path);

  RequestContext ctx;
  ManualClock clock;
  std::shared_ptr<io::ObjectStore> store;
  std::shared_ptr<LogStore> log;
  std::shared_ptr<MemoryParquet> parquet;
};

inline constexpr char kProtocolLine[] =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";

/// A `protocol` action with features.
std::string ProtocolLine(int reader, int writer, const std::vector<std::string>& reader_features,
                         const std::vector<std::string>& writer_features);
/// A `metaData` action over a schema in Spark's short form of fields (JSON texts of fields).
std::string MetadataLine(const std::string& fields_json,
                         const std::vector<std::string>& partition_columns = {},
                         const std::map<std::string, std::string>& configuration = {});
/// {"name":…,"type":…,"nullable":true,"metadata":{}}
std::string FieldJson(const std::string& name, const std::string& type, bool nullable = true,
                      const std::string& metadata = "{}");
/// An `add` action; `rest` is appended inside the object (",\"stats\":…").
std::string AddLine(const std::string& path, const std::string& partition_values = "{}",
                    const std::string& rest = "");
std::string RemoveLine(const std::string& path, const std::string& rest = "");

}  // namespace tarn::delta::test
