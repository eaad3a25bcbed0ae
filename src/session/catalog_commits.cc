#include "catalog_commits.h"

namespace tarn::session {

namespace {

/// The lake's catalog, as the arbiter that the log's format asks for.
class LakeCoordinator : public delta::CommitCoordinator {
 public:
  explicit LakeCoordinator(catalog::TableCommits& commits) : commits_(commits) {}

  Result<delta::LogPut> Ratify(const RequestContext& context,
                               const std::vector<delta::StagedCommit>& staged) override {
    std::vector<catalog::TableCommit> commits;
    for (const delta::StagedCommit& one : staged) {
      commits.push_back({one.table_id, one.version, one.file});
    }
    TARN_ASSIGN(const catalog::Ratification outcome, commits_.Ratify(context, commits));
    switch (outcome) {
      case catalog::Ratification::kRatified:
        return delta::LogPut::kCreated;
      case catalog::Ratification::kTaken:
        return delta::LogPut::kExists;
      case catalog::Ratification::kUnknown:
        break;
    }
    return delta::LogPut::kUnknown;
  }

  Result<std::optional<delta::StagedCommit>> Newest(const RequestContext& context,
                                                    const std::string& table_id) override {
    TARN_ASSIGN(const auto newest, commits_.Newest(context, table_id));
    if (!newest) return std::optional<delta::StagedCommit>();
    return std::optional(
        delta::StagedCommit{newest->table_id, newest->version, newest->staged_file});
  }

 private:
  catalog::TableCommits& commits_;
};

}  // namespace

std::shared_ptr<delta::CommitCoordinator> CoordinatorOf(catalog::Lake& lake) {
  return std::make_shared<LakeCoordinator>(lake.table_commits());
}

Result<std::unique_ptr<delta::CatalogCommitter>> CatalogCommitterOf(catalog::Lake& lake,
                                                                    const delta::Table& table) {
  std::optional<std::string> id = lake.table_commits().TableAt(table.root());
  if (!id) {
    return Error(Condition("DELTA_PATH_BASED_ACCESS_TO_CATALOG_MANAGED_TABLE_BLOCKED"),
                 {{"path", table.root()}});
  }
  return std::make_unique<delta::CatalogCommitter>(table.handlers().log, *table.handlers().ids,
                                                   CoordinatorOf(lake), *std::move(id));
}

Result<bool> PublishRatified(const RequestContext& context, catalog::Lake& lake,
                             const delta::Table& table, const delta::Snapshot& snapshot) {
  if (!delta::IsCatalogCommitted(snapshot.protocol())) return false;
  auto committer = CatalogCommitterOf(lake, table);
  if (!committer.ok()) {
    // What other engines may read of the published log, so may we.
    if (!delta::SupportsFeature(snapshot.protocol(), "catalogManaged")) return false;
    return std::move(committer).error();
  }
  return (*committer)->PublishNewest(context, snapshot.version());
}

}  // namespace tarn::session
