#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tarn/delta/commit_changes.h"
#include "tarn/session/flow.h"
#include "tarn/stream/source.h"

namespace tarn::source {

/// The rows that are appended to a Delta table. An offset is "s<version>/<n>": n files of the first
/// snapshot are read; or "v<version>": all versions up to it are. Commits that change or remove
/// rows stop the stream unless they are skipped. Source: Spark's Delta source.
class DeltaSource final : public stream::Source {
 public:
  static Result<std::unique_ptr<DeltaSource>> Open(const RequestContext& context,
                                                   session::Session& session,
                                                   const analyze::StreamReference& reference);

  std::string description() const override { return "table " + table_.info->id; }
  const Schema& schema() const override { return latest_->schema(); }
  Status Discover(const RequestContext& context,
                  const std::optional<stream::Offset>& from) override;
  /// DELTA_SOURCE_TABLE_IGNORE_CHANGES for a commit that changes or removes rows;
  /// DELTA_VERSION_NOT_FOUND if the log has lost versions that weren't read.
  Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                             const std::optional<stream::Offset>& from) override;
  Result<plan::Relation> Rows(const RequestContext& context,
                              const std::optional<stream::Offset>& from,
                              const stream::Offset& to) override;

 private:
  struct Options {
    int64_t files_max = 1000;
    std::optional<int64_t> bytes_max;
    std::optional<int64_t> starting_version;
    bool start_latest = false;
    bool skip_changes = false;
  };
  /// A place in the table: within its first snapshot, or behind a version.
  struct Place {
    bool in_snapshot = false;
    int64_t version = 0;
    int64_t files = 0;
  };

  DeltaSource(session::OpenedTable table, Options options)
      : table_(std::move(table)), options_(options) {}
  static Result<Options> ReadOptions(const analyze::StreamReference& reference);
  static stream::Offset ToOffset(const Place& place);
  Result<Place> FromOffset(const stream::Offset& offset) const;
  Result<Place> Start(const std::optional<stream::Offset>& from) const;
  Result<std::optional<stream::Offset>> PlanSnapshot(const RequestContext& context, Place place);
  Result<std::optional<stream::Offset>> PlanCommits(const RequestContext& context, int64_t version);
  Result<delta::CommitChanges> ChangesOf(const RequestContext& context, int64_t version) const;
  plan::Relation RelationOf(std::shared_ptr<const delta::Snapshot> snapshot,
                            std::vector<uint32_t> files) const;

  session::OpenedTable table_;
  Options options_;
  std::shared_ptr<const delta::Snapshot> latest_;
};

}  // namespace tarn::source
