#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

/// "_delta_log/<first>.<last>.compacted.json"
std::string CompactedPath(Version first, Version last);

/// One log file that says what these commits say together (oldest first): the last protocol and
/// metadata, the last `txn` of each application and `domainMetadata` of each domain, and of each
/// file (by path and deletion vector) the last `add` or `remove`, each line as its writer wrote it.
/// Removed files stay, however long ago that was: they may have been added before. nullopt if a
/// commit has an action that isn't known, and so can't be reconciled. Errors: those of reading a
/// log. Source: Delta protocol, "Log Compaction Files".
Result<std::optional<std::string>> ReconcileCommits(const std::vector<std::string>& commits,
                                                    Version first, const std::string& table_root);

/// Writes the compacted file of these versions, unless it is there, or they are so large that their
/// number doesn't matter to a reader. Answers whether it was written.
Result<bool> CompactLog(const RequestContext& ctx, const Handlers& handlers,
                        const std::string& table_root, Version first, Version last);

}  // namespace tarn::delta
