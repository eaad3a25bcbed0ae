// The tables of scans over files.

#include "duck/delta_source.h"
#include "duck/statement.h"

namespace tarn::engine::duck {

DuckTable Statement::DeltaTable(const plan::Node& node, const plan::Scan& scan,
                                const plan::Relation& relation, const plan::DeltaRelation& delta) {
  Result<std::shared_ptr<io::ObjectStore>> store = core_->OpenStore(delta.root, false);
  if (!store.ok()) throw LoweringFailure{store.error()};
  auto binding = std::make_unique<ScanBinding>();
  binding->relation = relation.name;
  auto parquet =
      MakeDeltaScan(node, scan, delta, files_, *store, binding->counters, settings_.session_zone);
  if (!parquet.ok()) throw LoweringFailure{parquet.error()};
  binding->parquet = *std::move(parquet);
  return FunctionTable(kParquetScanFunction, std::move(binding));
}

DuckTable Statement::FilesTable(const plan::Node& node, const plan::Scan& scan,
                                const plan::Relation& relation, const plan::FileRelation& files) {
  throw LoweringFailure{UnsupportedFeature("Reading files")};
}

}  // namespace tarn::engine::duck
