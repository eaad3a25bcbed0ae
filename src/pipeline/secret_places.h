#pragma once

#include "tarn/pipeline/definitions.h"

namespace tarn::pipeline {

/// UNSUPPORTED_FEATURE, with its position in the statement's text, for a secret that stands outside
/// of what flows read: all else is stored and shown as it is written.
Status CheckSecrets(const SourceStatement& statement);

}  // namespace tarn::pipeline
