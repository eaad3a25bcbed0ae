#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/format/column_batch.h"
#include "tarn/format/read_options.h"
#include "tarn/io/object_store.h"
#include "tarn/types/datetime.h"

namespace tarn::format {

/// What a text says by a pattern of dates and times.
struct LocalTime {
  int64_t micros = 0;
  std::shared_ptr<const TimeZone> zone;  ///< null if the text names none
};
using PatternReader = std::function<std::optional<LocalTime>(std::string_view)>;
/// Compiles the pattern of an option like dateFormat (java.time's letters).
using PatternCompiler = std::function<Result<PatternReader>(const std::string& pattern)>;

/// What shall be read, the same for all files. Immutable; shared by the readers of several threads.
struct ReadSpec {
  std::string format;  ///< "csv", "json", "avro", "text", "binaryfile"
  ReadOptions options;
  /// The columns of the files in their order, with those for corrupt records and rescued data where
  /// they stand.
  std::vector<Field> fields;
  std::vector<size_t> wanted;  ///< indexes into `fields`: the columns of the batches
  std::shared_ptr<const TimeZone> zone;
  PatternCompiler patterns;
  /// A field of a file that `fields` hasn't fails the read:
  /// UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE.
  bool refuse_new_fields = false;
};

/// A file, or a part of one whose records begin after `begin` and up to `end` (a record that begins
/// at `begin` belongs to the part before, unless that is 0).
struct FilePart {
  std::shared_ptr<io::ReadableFile> file;
  std::string path;  ///< as messages and rescued data name it
  int64_t begin = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
};

/// A record is at most this large.
inline constexpr size_t kRecordBytesMax = 128 << 20;

/// Turns files' bytes into rows. For one thread; used for one part after another.
///
/// Errors: FAILED_READ_FILE.NO_HINT, with path and line, for what FAILFAST refuses, for damaged
/// compression and too large records; those of the store.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Begins with a part. What was left of the part before is forgotten.
  virtual Status Open(FilePart part) = 0;
  /// Appends rows until the batch is full or the part ends; false if it ended. Rows are appended to
  /// all columns.
  virtual Result<bool> Read(ColumnBatch& batch) = 0;
};

/// Checks and compiles the options. Errors: INVALID_PARAMETER_VALUE, UNSUPPORTED_FEATURE.
Result<std::unique_ptr<RecordReader>> NewRecordReader(std::shared_ptr<const ReadSpec> spec);

/// An empty batch with the wanted columns.
ColumnBatch NewBatch(const ReadSpec& spec);

/// True if parts of a file of that name can be read independently.
bool Splittable(const ReadSpec& spec, const std::string& path);

}  // namespace tarn::format
