#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/base/random.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/types/data_type.h"

namespace tarn::io {
class ObjectStore;
}

namespace tarn::delta {

/// A file of the log directory.
struct LogFileInfo {
  std::string name;  ///< without directory
  int64_t size = 0;
  int64_t modified_ms = 0;
};

/// The answer of LogStore::PutIfAbsent.
enum class LogPut : uint8_t { kCreated, kExists, kUnknown };

/// The storage of one table as the protocol needs it. Paths are relative to the table's root,
/// decoded, with '/' ("_delta_log/00000000000000000000.json"). Thread-safe.
class LogStore {
 public:
  virtual ~LogStore() = default;
  /// The whole file; PATH_NOT_FOUND if there is none, IO_ERROR if it is larger than `bytes_max`.
  virtual Result<std::string> Read(const RequestContext& ctx, std::string_view path,
                                   int64_t bytes_max) = 0;
  /// `length` bytes from `offset`; short only at the end of the file.
  virtual Result<std::string> ReadRange(const RequestContext& ctx, std::string_view path,
                                        int64_t offset, int64_t length) = 0;
  /// The files directly in `directory` whose names are not less than `from`, sorted by name.
  /// A directory that isn't there is empty.
  virtual Result<std::vector<LogFileInfo>> List(const RequestContext& ctx,
                                                std::string_view directory,
                                                std::string_view from) = 0;
  /// A file, or nullopt.
  virtual Result<std::optional<LogFileInfo>> Stat(const RequestContext& ctx,
                                                  std::string_view path) = 0;
  /// Whether Stat is much cheaper than List.
  virtual bool stats_cheaply() const = 0;
  /// Puts a file durably unless one of that name exists.
  virtual Result<LogPut> PutIfAbsent(const RequestContext& ctx, std::string_view path,
                                     std::string_view bytes) = 0;
  /// Puts a file durably, replacing any.
  virtual Status Put(const RequestContext& ctx, std::string_view path, std::string_view bytes) = 0;
  /// Puts a file unless one of that name exists (which is an error), without making it durable:
  /// after a crash it may be torn or gone. For what readers can do without.
  virtual Status PutUnsynced(const RequestContext& ctx, std::string_view path,
                             std::string_view bytes) = 0;
  /// Removes a file; one that isn't there is no error.
  virtual Status Delete(const RequestContext& ctx, std::string_view path) = 0;
  /// Makes the names in `directory` durable (after a put of unknown outcome turned out to be
  /// there).
  virtual Status Sync(const RequestContext& ctx, std::string_view directory) = 0;
  /// The path for messages.
  virtual std::string Display(std::string_view path) const = 0;
};

/// The log store of the table whose root is the root of `store`.
std::unique_ptr<LogStore> NewObjectLogStore(std::shared_ptr<io::ObjectStore> store);

/// A column of a batch: one of the shapes below, by `type`. Nested columns hold their children's
/// rows densely; a NULL parent row has a child row in a struct (of any content, or none where all
/// rows are NULL) and an empty range in a list or map.
struct ParquetColumn {
  DataType type;
  /// One byte per row, 0 is NULL; empty if no row is NULL.
  std::vector<uint8_t> valid;
  /// boolean, byte … long, date, time, timestamps.
  std::vector<int64_t> integers;
  /// float, double; decimals as text in `bytes`.
  std::vector<double> reals;
  /// string, binary, and decimal as plain text: row r is bytes[offsets[r], offsets[r + 1]).
  /// array, map: the range of child rows. Always rows + 1 entries.
  std::vector<uint64_t> offsets;
  std::string bytes;
  /// struct: one per field; array: the element; map: key and value.
  std::vector<ParquetColumn> children;

  bool IsNull(size_t row) const { return !valid.empty() && valid[row] == 0; }
  std::string_view Text(size_t row) const {
    return std::string_view(bytes).substr(offsets[row], offsets[row + 1] - offsets[row]);
  }
};

/// Some rows of a Parquet file.
struct ParquetBatch {
  size_t rows = 0;
  std::vector<ParquetColumn> columns;
};

/// May take over what is in the batch.
using BatchSink = std::function<Status(ParquetBatch&)>;
/// Fills the batch and answers true, or answers false at the end.
using BatchSource = std::function<Result<bool>(ParquetBatch&)>;

/// Reads and writes Parquet files of the log (checkpoints and their sidecars). Paths as in
/// LogStore. Thread-safe.
class ParquetHandler {
 public:
  virtual ~ParquetHandler() = default;
  /// Gives the rows of the file to `sink` in batches, in their order. `projection` names the wanted
  /// columns and, within structs, the wanted fields, matched by exact name; what the file lacks
  /// (columns or nested fields) is all NULL. A list or map that is empty or NULL in every row may
  /// be NULL in all, so may a struct of NULLs, and rows without anything wanted may be left out.
  /// Integers of another width and strings stored as binary are converted. PATH_NOT_FOUND if there
  /// is no file; DELTA_LOG_CORRUPT if it can't be read.
  virtual Status Read(const RequestContext& ctx, std::string_view path, const Schema& projection,
                      const BatchSink& sink) = 0;
  /// Writes a file durably, atomically replacing any of that name, and answers its size in bytes.
  virtual Result<int64_t> Write(const RequestContext& ctx, std::string_view path,
                                const Schema& schema, const BatchSource& source) = 0;
};

/// What a table needs from outside. Shared by all snapshots and transactions of it.
struct Handlers {
  std::shared_ptr<LogStore> log;
  /// May be null: then tables with Parquet checkpoints can be read only as far as their JSON log
  /// allows, and no checkpoints are written.
  std::shared_ptr<ParquetHandler> parquet;
  IdSource* ids = &SystemIds();
};

}  // namespace tarn::delta
