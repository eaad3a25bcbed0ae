#pragma once

#include <memory>

#include "tarn/base/clock.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// A store in memory that never fails, for tests. Thread-safe.
std::unique_ptr<ObjectStore> NewMemoryStore(Clock& clock = SystemClock());

}  // namespace tarn::io
