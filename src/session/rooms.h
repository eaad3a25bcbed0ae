#pragma once

#include <memory>

#include "snapshot_cache.h"
#include "tarn/catalog/lake.h"
#include "tarn/engine/engine.h"
#include "tarn/session/session.h"

namespace tarn::session {

/// What an instance is made of. Constant after construction; its parts are thread-safe.
class Instance::Rooms {
 public:
  Rooms(std::unique_ptr<catalog::Lake> lake, std::unique_ptr<engine::Engine> engine)
      : lake_(std::move(lake)), engine_(std::move(engine)), snapshots_(*lake_, *engine_) {}

  catalog::Lake& lake() { return *lake_; }
  catalog::Catalog& catalog() { return lake_->catalog(); }
  engine::Engine& engine() { return *engine_; }
  SnapshotCache& snapshots() { return snapshots_; }

 private:
  std::unique_ptr<catalog::Lake> lake_;
  std::unique_ptr<engine::Engine> engine_;
  SnapshotCache snapshots_;
};

}  // namespace tarn::session
