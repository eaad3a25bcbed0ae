#pragma once

#include <memory>

#include "duck/statement.h"

namespace tarn::engine::duck {

/// The scan of a Delta table's files at one version. `store` is the table's folder. Errors: those
/// of the snapshot's partition values.
Result<std::shared_ptr<const ParquetScan>> MakeDeltaScan(
    const plan::Node& node, const plan::Scan& scan, const plan::DeltaRelation& relation,
    std::shared_ptr<StatementFiles> files, std::shared_ptr<io::ObjectStore> store,
    std::shared_ptr<ScanCounters> counters, const std::string& session_zone);

}  // namespace tarn::engine::duck
