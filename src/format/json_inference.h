#pragma once

#include <memory>

#include "tarn/format/schema_inference.h"

namespace tarn::format {

Result<std::unique_ptr<SchemaInference>> NewJsonInference(std::shared_ptr<const ReadSpec> spec);

}  // namespace tarn::format
