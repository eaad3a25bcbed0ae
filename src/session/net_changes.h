#pragma once

#include <string>
#include <vector>

#include "statement_scope.h"
#include "tarn/delta/action.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

/// Whether NetChanges can compare rows of these columns.
bool CanNetChanges(const Schema& schema);

/// Writes the change rows of versions `first` … `last->version()` of the table at `root` as if they
/// were one version: a row that one of them made and another took away again isn't told of. A
/// version of which nothing vanishes so keeps its pairs of update_preimage and update_postimage; of
/// the others, what is left are inserts and deletes. The files' paths are relative to the root.
Result<std::vector<delta::AddFile>> WriteNetChanges(
    StatementScope& scope, const delta::Table& table, const std::string& root,
    const std::shared_ptr<const delta::Snapshot>& last, delta::Version first);

}  // namespace tarn::session
