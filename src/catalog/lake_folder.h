#pragma once

#include <memory>
#include <string>

#include "lake_catalog.h"
#include "lake_state.h"
#include "statement_log.h"
#include "tarn/catalog/lake.h"

namespace tarn::catalog {

/// The lake in a local folder. Thread-safe.
class LakeFolder : public Lake {
 public:
  static Result<std::unique_ptr<Lake>> Open(const RequestContext& ctx, const std::string& home,
                                            const LakeOptions& options);
  ~LakeFolder() override;

  Catalog& catalog() override { return *catalog_; }
  StatementHistory& history() override { return *history_; }
  const Pipelines& pipelines() const override { return *pipelines_; }
  const Secrets& secrets() const override { return *secrets_; }
  TableCommits& table_commits() override { return *table_commits_; }
  const std::string& home() const override { return state_.home; }
  Result<std::string> SpillFolder(const RequestContext& ctx) override;
  Result<std::shared_ptr<io::ObjectStore>> OpenStore(const RequestContext& ctx,
                                                     const std::string& location) override;
  const io::Storage& storage() const override { return state_.storage; }
  Result<int64_t> CollectDropped(const RequestContext& ctx) override;
  Result<BackupReport> Backup(const RequestContext& ctx, const std::string& target) override;
  Result<std::vector<LakeFinding>> CheckUp(const RequestContext& ctx) override;

  /// The version of the folder's layout, in the file VERSION.
  static constexpr int64_t kLayoutVersion = 1;

 private:
  LakeFolder() = default;
  Status CheckVersion(const RequestContext& ctx, bool* found);
  /// METASTORE_ERROR if a lake that was made has lost its metastore: a new one would forget all.
  Status CheckMetastoreIsThere(const RequestContext& ctx);
  Status MakeLayout(const RequestContext& ctx);

  LakeState state_;
  std::unique_ptr<LakeCatalog> catalog_;
  std::unique_ptr<TableCommits> table_commits_;
  std::unique_ptr<StatementLog> history_;
  std::unique_ptr<Pipelines> pipelines_;
  std::unique_ptr<Secrets> secrets_;
};

/// The content of VERSION.
std::string VersionText();

}  // namespace tarn::catalog
