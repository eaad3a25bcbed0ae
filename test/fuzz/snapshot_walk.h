#pragma once

#include <memory>

#include "tarn/delta/snapshot.h"

/// Touches everything a snapshot shows: its files, also through a filter by statistics of the
/// column x. Aborts if a path leads out of the table.
void WalkSnapshot(const std::shared_ptr<const tarn::delta::Snapshot>& snapshot);
