#pragma once

#include <memory>

#include "tarn/format/record_reader.h"

namespace tarn::format {

Result<std::unique_ptr<RecordReader>> NewJsonReader(std::shared_ptr<const ReadSpec> spec);

}  // namespace tarn::format
