#pragma once

#include <map>
#include <string>

#include "statement_scope.h"
#include "tarn/delta/transaction.h"
#include "tarn/engine/engine.h"

namespace tarn::session {

/// The application whose version in a table's log says which files COPY INTO has loaded
/// (`docs/formats/stream-checkpoint.md`). At -1: none.
inline constexpr const char* kCopyIntoApplication = "tarn.copyInto";

/// Where a table's rows are written, by its metadata.
engine::WriteTarget WriteTargetOf(const std::string& root, const delta::Metadata& metadata);

/// Starts a change of an existing table.
Result<delta::Transaction> BeginChange(StatementScope& scope, const std::string& root,
                                       std::shared_ptr<const delta::Snapshot> snapshot);
/// Starts the creation of the table at `root`.
Result<delta::Transaction> BeginCreation(StatementScope& scope, const std::string& root);

/// Commits; a conflict or an unknown outcome is an Error.
Result<delta::Committed> CommitChange(StatementScope& scope, const std::string& root,
                                      delta::Transaction& transaction);

/// What the catalog is to be told of a table after a commit.
catalog::TableChange TableContents(const delta::Metadata& metadata, delta::Version version);

/// Commits a change of `target` and tells the catalog of it.
Result<delta::Committed> CommitAndPublish(StatementScope& scope, const TableTarget& target,
                                          delta::Transaction& transaction);

/// Makes a version durable that was read: whoever put it may have died before it was. For what is
/// to be noted elsewhere as done.
Status MakeDurable(StatementScope& scope, const std::string& root, delta::Version version);

/// Names the rows of a live file: its path and its deletion vector.
std::string FileKey(const delta::FileSet& files, size_t index);

/// Which of these data files are gone.
Result<std::vector<uint32_t>> MissingFiles(StatementScope& scope, const std::string& root,
                                           const delta::FileSet& files,
                                           const std::vector<uint32_t>& indexes);

/// Adds written files to a transaction.
void AddFiles(delta::Transaction& transaction, engine::WriteResult&& written);

/// Removes data files that no commit refers to; failures leave them for the collector.
void RemoveUnusedFiles(StatementScope& scope, const std::string& root,
                       const std::vector<delta::AddFile>& files);

}  // namespace tarn::session
