#pragma once

#include <memory>

#include "tarn/format/record_reader.h"

namespace tarn::format {

/// Lines as rows of the one column `value`, or with wholeText the whole file as one row.
Result<std::unique_ptr<RecordReader>> NewTextReader(std::shared_ptr<const ReadSpec> spec);

/// One row per file: path, modificationTime, length, content.
Result<std::unique_ptr<RecordReader>> NewBinaryReader(std::shared_ptr<const ReadSpec> spec);

/// The columns of binaryFile.
std::vector<Field> BinaryFileFields();

}  // namespace tarn::format
