#pragma once

#include "tarn/format/record_reader.h"
#include "tarn/format/schema_inference.h"

namespace tarn::format {

/// Object container files of Avro 1.12, with the types that Spark gives them. What a schema hasn't
/// or has with another type is rescued; without a column for that, another type fails the read.
Result<std::unique_ptr<RecordReader>> NewAvroReader(std::shared_ptr<const ReadSpec> spec);
Result<std::unique_ptr<SchemaInference>> NewAvroInference(std::shared_ptr<const ReadSpec> spec);

}  // namespace tarn::format
