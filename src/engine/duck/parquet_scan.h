#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/duckdb_headers.h"
#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "tarn/base/error.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/pruning.h"
#include "tarn/types/data_type.h"

namespace tarn::engine::duck {

/// A column that a scan of Parquet files produces.
struct ScanColumn {
  enum class Kind : uint8_t {
    kData,      ///< found in the files by `field`; NULL where a file lacks it
    kConstant,  ///< one value per file: partition values, names of files
    kRowIndex,  ///< the position of the row in its file
  };
  std::string name;  ///< "c<id>"
  Kind kind = Kind::kData;
  DataType type;
  std::string logical_name;    ///< as predicates name it; empty for virtual columns
  delta::PhysicalField field;  ///< kData
  /// Files may hold a narrower type, to which DuckDB's reader would cut the constants of
  /// conditions: they are left to the plan.
  bool may_be_narrower = false;
};

/// Files with what is known of them without opening them. Numbers are the source's own.
/// Thread-safe.
class FileSource {
 public:
  virtual ~FileSource() = default;
  /// The name that the file gate knows.
  virtual std::string Name(uint32_t file) const = 0;
  /// The file's path as messages show it.
  virtual std::string ShownName(uint32_t file) const = 0;
  /// The value of column number `column` of the scan (kConstant). Throws DuckDB's exceptions.
  virtual duckdb::Value ConstantOf(uint32_t file, size_t column) const = 0;
  /// The rows that are deleted; null if none. Throws DuckDB's exceptions.
  virtual duckdb::unique_ptr<duckdb::DeleteFilter> Deletions(uint32_t file) const {
    return nullptr;
  }
  /// Those of `files` that may hold rows satisfying all predicates.
  virtual std::vector<uint32_t> Prune(const std::vector<uint32_t>& files,
                                      const delta::Conjunction& predicates, bool run_time) const {
    return files;
  }
  /// The same for one file that is about to be read.
  virtual bool MayMatch(uint32_t file, const delta::Conjunction& predicates) const { return true; }
  /// Live rows of the file, if they are known.
  virtual std::optional<int64_t> Rows(uint32_t file) const { return std::nullopt; }
  /// Called when a file is read.
  virtual void NoteRead(uint32_t file) const {}
};

/// A field as it is found in files without column mapping.
delta::PhysicalField PlainField(const std::string& name, const DataType& type);

/// What a scan of Parquet files reads.
struct ParquetScan {
  std::vector<ScanColumn> columns;  ///< at least one
  std::shared_ptr<const FileSource> source;
  std::vector<uint32_t> files;
  bool by_field_id = false;  ///< top-level columns are found by field id, else by physical name
  bool exactly = false;      ///< names of top-level columns must agree in case
};

/// FAILED_READ_FILE.NO_HINT if DuckDB's error, met while it read the Parquet file `path`, says that
/// it can't understand the contents.
std::optional<Error> DamageOf(const duckdb::ErrorData& error, const std::string& path);

/// DuckDB's parquet_scan over the ParquetScan of a ScanBinding; the argument is the number of the
/// binding.
inline constexpr const char* kParquetScanFunction = "tarn_parquet_scan";
void RegisterParquetScan(duckdb::ExtensionLoader& loader);

/// Conditions that DuckDB pushes into a scan, as far as files can be chosen by them. The numbers of
/// columns are indexes into `columns` by way of `column_ids`.
delta::Conjunction PredicatesOf(
    const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters,
    duckdb::idx_t table_index, const duckdb::vector<duckdb::column_t>& column_ids,
    const std::vector<ScanColumn>& columns);
/// `dynamic` is set if some of them may become stricter while the query runs.
delta::Conjunction PredicatesOf(const duckdb::TableFilterSet& filters,
                                const duckdb::vector<duckdb::column_t>& column_ids,
                                const std::vector<ScanColumn>& columns, bool& dynamic);

}  // namespace tarn::engine::duck
