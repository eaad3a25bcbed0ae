#pragma once

#include <memory>

#include "tarn/io/object_store.h"

namespace tarn::io {

/// The part of `store` below `root` as a store of its own (SyncDirectories and durable puts still
/// reach up to the root of `store`). For a foreign table prefer OpenLocalStore on its own
/// directory, which refuses links out of the table.
std::unique_ptr<ObjectStore> NewSubStore(std::shared_ptr<ObjectStore> store, ObjectPath root);

}  // namespace tarn::io
