#pragma once

#include "tarn/io/storage.h"

namespace tarn::cli {

/// This machine's files, and buckets by what the environment says about AWS.
io::Storage EnvironmentStorage();

}  // namespace tarn::cli
