#pragma once

#include <map>
#include <set>
#include <string>

#include "statement_scope.h"
#include "tarn/delta/transaction.h"
#include "tarn/engine/engine.h"

namespace tarn::session {

/// The application whose version in a table's log says which files COPY INTO has loaded
/// (`docs/formats/stream-checkpoint.md`). At -1: none.
inline constexpr const char* kCopyIntoApplication = "tarn.copyInto";

/// The setting whose value stands in the history of what the session changes.
inline constexpr const char* kUserMetadataSetting =
    "spark.databricks.delta.commitInfo.userMetadata";

/// The setting by which a session writes no checksum files.
inline constexpr const char* kWriteChecksumSetting =
    "spark.databricks.delta.writeChecksumFile.enabled";

/// Where a table's rows are written, by its metadata.
engine::WriteTarget WriteTargetOf(const std::string& root, const delta::Metadata& metadata);

/// Starts a change of an existing table.
Result<delta::Transaction> BeginChange(StatementScope& scope, const std::string& root,
                                       std::shared_ptr<const delta::Snapshot> snapshot);
/// Starts the creation of the table at `root`.
Result<delta::Transaction> BeginCreation(StatementScope& scope, const std::string& root);

/// Commits, or leaves it to the session's open transaction; a conflict or an unknown outcome is an
/// Error.
Result<delta::Committed> CommitChange(StatementScope& scope, const std::string& root,
                                      delta::Transaction& transaction);

/// Commits at once, whatever transaction the session has open.
Result<delta::Committed> CommitNow(const RequestContext& context, Instance::Rooms& rooms,
                                   const std::string& root, delta::Transaction& transaction);

/// The error of a commit whose outcome isn't known.
Error OutcomeUnknown(const std::string& root, delta::Unknown unknown);

/// What the catalog is to be told of a table after a commit.
catalog::TableChange TableContents(const delta::Metadata& metadata, delta::Version version);

/// Commits a change of `target` and tells the catalog of it.
Result<delta::Committed> CommitAndPublish(StatementScope& scope, const TableTarget& target,
                                          delta::Transaction& transaction);

/// Makes a version durable that was read: whoever put it may have died before it was. For what is
/// to be noted elsewhere as done.
Status MakeDurable(StatementScope& scope, const std::string& root, delta::Version version);

/// Which of these data files are gone.
Result<std::vector<uint32_t>> MissingFiles(StatementScope& scope, const std::string& root,
                                           const delta::FileSet& files,
                                           const std::vector<uint32_t>& indexes);

/// Adds written files to a transaction.
void AddFiles(delta::Transaction& transaction, engine::WriteResult&& written);

/// The metrics of a change that removes all of these files.
void CountRemoved(delta::Transaction& transaction, const delta::FileSet& files);

/// Tells the catalog of a change of `table` that was committed, if there is news for it.
void TellCatalog(const RequestContext& context, Instance::Rooms& rooms,
                 const catalog::TablePtr& table, const delta::Transaction& transaction,
                 delta::Version version);

/// Removes data files that no commit refers to; failures leave them for the collector.
void RemoveUnusedFiles(StatementScope& scope, const std::string& root,
                       const std::vector<delta::AddFile>& files);
/// The same of paths below the root.
void RemoveUnusedPaths(const RequestContext& context, Instance::Rooms& rooms,
                       const std::string& root, const std::set<std::string>& paths);

}  // namespace tarn::session
