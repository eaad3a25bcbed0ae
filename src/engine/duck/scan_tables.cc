// The tables of scans over files.

#include "duck/errors.h"
#include "duck/statement.h"

namespace tarn::engine::duck {

DuckTable Statement::DeltaTable(const plan::Node& node, const plan::Scan& scan,
                                const plan::Relation& relation, const plan::DeltaRelation& delta) {
  throw LoweringFailure{UnsupportedFeature("Reading Delta tables")};
}

DuckTable Statement::FilesTable(const plan::Node& node, const plan::Scan& scan,
                                const plan::Relation& relation, const plan::FileRelation& files) {
  throw LoweringFailure{UnsupportedFeature("Reading files")};
}

}  // namespace tarn::engine::duck
