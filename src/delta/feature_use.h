#pragma once

#include <string_view>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

/// Some reader features are known only as far as a table makes no use of them. Errors:
/// DELTA_UNSUPPORTED_FEATURES_FOR_READ naming each of them that the metadata uses.
Status CheckFeatureUse(const Protocol& protocol, const Metadata& metadata, std::string_view table);

}  // namespace tarn::delta
