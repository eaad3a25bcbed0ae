#pragma once

#include <memory>

#include "tarn/format/record_reader.h"

namespace tarn::format {

/// A sample has at most so many files and bytes, as in Auto Loader.
inline constexpr size_t kSampleFilesMax = 1000;
inline constexpr int64_t kSampleBytesMax = int64_t{50} << 30;

/// Finds the columns of files by their contents, by Spark's rules. For one thread, files in their
/// order.
class SchemaInference {
 public:
  virtual ~SchemaInference() = default;
  /// Looks at a whole file or a part of one. FAILED_READ_FILE.NO_HINT as in RecordReader.
  virtual Status Observe(const FilePart& part) = 0;
  /// The columns of all that was observed.
  virtual Result<std::vector<Field>> Finish() = 0;
};

/// `spec` gives format, options, zone and patterns; it has no fields yet.
Result<std::unique_ptr<SchemaInference>> NewSchemaInference(std::shared_ptr<const ReadSpec> spec);

}  // namespace tarn::format
