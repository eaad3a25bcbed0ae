#include "tarn/delta/catalog_committer.h"

#include "log_reader.h"
#include "log_segment.h"
#include "tarn/base/fault_point.h"

namespace tarn::delta {
namespace {

std::string StagedPath(std::string_view file) {
  return std::string(kStagedDirectory) + "/" + std::string(file);
}

bool IsMissing(const Error& error) { return error.condition() == Condition("PATH_NOT_FOUND"); }

}  // namespace

Result<StagedCommit> CatalogCommitter::Stage(const RequestContext& ctx, Version version,
                                             std::string_view bytes) {
  StagedCommit commit{table_id_, version, VersionPrefix(version) + "." + ids_.NewUuid() + ".json"};
  TARN_TRY(store_->Put(ctx, StagedPath(commit.file), bytes));
  return commit;
}

Status CatalogCommitter::Publish(const RequestContext& ctx, const StagedCommit& commit,
                                 std::string_view bytes) {
  TARN_ASSIGN(const LogPut put, store_->PutIfAbsent(ctx, CommitPath(commit.version), bytes));
  if (put != LogPut::kCreated) {
    TARN_ASSIGN(const std::string found, FileSystemCommitter::Read(ctx, commit.version));
    if (found != bytes) {
      return LogCorrupt(store_->Display(""), CommitPath(commit.version),
                        "another commit stands where the catalog ratified " + commit.file +
                            "; some writer doesn't ask the catalog");
    }
    TARN_TRY(MakeDurable(ctx, commit.version));
  }
  Withdraw(ctx, commit);
  return {};
}

void CatalogCommitter::Withdraw(const RequestContext& ctx, const StagedCommit& commit) {
  (void)store_->Delete(ctx, StagedPath(commit.file));
}

Result<bool> CatalogCommitter::PublishNewest(const RequestContext& ctx, Version published) {
  TARN_ASSIGN(const auto newest, coordinator_->Newest(ctx, table_id_));
  if (!newest || newest->version <= published) return false;
  auto bytes = store_->Read(ctx, StagedPath(newest->file), kLogFileBytesMax);
  if (!bytes.ok()) {
    if (!IsMissing(bytes.error())) return std::move(bytes).error();
    // Gone, because somebody has published it meanwhile?
    TARN_ASSIGN(const auto there, store_->Stat(ctx, CommitPath(newest->version)));
    if (there) return true;
    return LogCorrupt(store_->Display(""), StagedPath(newest->file),
                      "the catalog ratified this commit, but its file is gone");
  }
  TARN_TRY(Publish(ctx, *newest, *bytes));
  return true;
}

Result<LogPut> CatalogCommitter::Put(const RequestContext& ctx, Version version,
                                     std::string_view bytes) {
  TARN_FAULT_POINT("delta.commit.before_put");
  // The metastore may be older than the log, after a backup of it was put back.
  TARN_ASSIGN(const auto there, store_->Stat(ctx, CommitPath(version)));
  if (there) return LogPut::kExists;
  TARN_ASSIGN(const StagedCommit commit, Stage(ctx, version, bytes));
  TARN_FAULT_POINT("delta.catalog_commit.after_stage");
  TARN_ASSIGN(const LogPut ratified, coordinator_->Ratify(ctx, {commit}));
  if (ratified == LogPut::kExists) Withdraw(ctx, commit);
  if (ratified != LogPut::kCreated) return ratified;
  // From here on an error would tell a lie: the commit stands.
  if (!PassFaultPoint("delta.catalog_commit.after_ratify").ok()) return LogPut::kUnknown;
  // Whoever opens the table next makes up for a failure.
  (void)Publish(ctx, commit, bytes);
  if (!PassFaultPoint("delta.commit.after_put").ok()) return LogPut::kUnknown;
  return LogPut::kCreated;
}

Result<std::string> CatalogCommitter::Read(const RequestContext& ctx, Version version) {
  auto published = FileSystemCommitter::Read(ctx, version);
  if (published.ok() || !IsMissing(published.error())) return published;
  TARN_ASSIGN(const bool more, PublishNewest(ctx, version - 1));
  if (!more) return published;
  return FileSystemCommitter::Read(ctx, version);
}

}  // namespace tarn::delta
