#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/base/random.h"
#include "tarn/delta/transaction.h"

namespace tarn::delta {

/// A commit that waits in `_delta_log/_staged_commits` for the catalog's word.
struct StagedCommit {
  std::string table_id;  ///< by which the catalog knows the table
  Version version = 0;
  std::string file;  ///< its name without folder
};

/// The catalog in its part of arbiter over the commits of its tables. Thread-safe.
class CommitCoordinator {
 public:
  virtual ~CommitCoordinator() = default;
  /// Makes each of them its table's newest commit, all at once and durably, or none: kExists if one
  /// of the versions is taken.
  virtual Result<LogPut> Ratify(const RequestContext& ctx,
                                const std::vector<StagedCommit>& commits) = 0;
  /// The newest commit of a table that was ratified, published or not; nullopt if there is none.
  virtual Result<std::optional<StagedCommit>> Newest(const RequestContext& ctx,
                                                     const std::string& table_id) = 0;
};

/// Commits of a table whose protocol IsCatalogCommitted: a version is staged, ratified by the
/// catalog (the moment it counts from), and published in the log as `<version>.json` with the same
/// bytes. A version is only ratified once those before it are published, so at most the newest
/// isn't; whoever meets it so publishes it. Source: Delta protocol, "Catalog-managed tables";
/// `docs/decisions/0008-catalog-commits.md`.
class CatalogCommitter : public FileSystemCommitter {
 public:
  CatalogCommitter(std::shared_ptr<LogStore> store, IdSource& ids,
                   std::shared_ptr<CommitCoordinator> coordinator, std::string table_id)
      : FileSystemCommitter(store),
        store_(std::move(store)),
        ids_(ids),
        coordinator_(std::move(coordinator)),
        table_id_(std::move(table_id)) {}

  Result<LogPut> Put(const RequestContext& ctx, Version version, std::string_view bytes) override;
  Result<std::string> Read(const RequestContext& ctx, Version version) override;

  /// Writes the bytes where the catalog's word makes them the version.
  Result<StagedCommit> Stage(const RequestContext& ctx, Version version, std::string_view bytes);
  /// Puts a ratified commit in the log, unless it is there. DELTA_LOG_CORRUPT (LogCorrupt) if
  /// another commit stands there: some writer doesn't ask the catalog.
  Status Publish(const RequestContext& ctx, const StagedCommit& commit, std::string_view bytes);
  /// Removes a staged commit that won't be ratified; one that stays is removed with the old log.
  void Withdraw(const RequestContext& ctx, const StagedCommit& commit);
  /// Publishes the newest ratified commit if it is newer than `published`; tells whether it was.
  Result<bool> PublishNewest(const RequestContext& ctx, Version published);

 private:
  std::shared_ptr<LogStore> store_;
  IdSource& ids_;
  std::shared_ptr<CommitCoordinator> coordinator_;
  std::string table_id_;
};

/// A change of one of several tables that are committed at once.
struct CatalogCommit {
  Transaction* transaction = nullptr;
  CatalogCommitter* committer = nullptr;
};

/// What came of them: a version for each, or one answer for all. Of an unknown outcome, the
/// version is that of the first.
using CatalogCommitResult = std::variant<std::vector<Committed>, Conflicted, Unknown>;

/// Commits changes of several tables of one catalog: all of them or none. Nobody sees one before
/// all are decided. As Transaction::CommitOnly for each.
CatalogCommitResult CommitTogether(const RequestContext& ctx,
                                   const std::vector<CatalogCommit>& commits,
                                   CommitCoordinator& coordinator);

}  // namespace tarn::delta
