#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tarn/delta/commit_changes.h"
#include "tarn/session/flow.h"
#include "tarn/stream/source.h"

namespace tarn::source {

/// What is new in a Delta table. An offset is "s<version>/<n>": n files of the first snapshot are
/// read; or "v<version>": all versions up to it are. Either the rows that are appended: commits
/// that change or remove rows stop the stream unless they are skipped. Or the change data feed: the
/// first snapshot's rows count as inserted, commits are never divided among batches. Source:
/// Spark's Delta source.
class DeltaSource final : public stream::Source {
 public:
  static Result<std::unique_ptr<DeltaSource>> Open(const RequestContext& context,
                                                   session::Session& session,
                                                   const analyze::StreamReference& reference);

  std::string description() const override {
    return (change_feed_ ? "changes of table " : "table ") + table_.info->id;
  }
  const Schema& schema() const override {
    return change_feed_ ? feed_schema_ : table_.latest->schema();
  }
  Status Discover(const RequestContext& context,
                  const std::optional<stream::Offset>& from) override;
  /// DELTA_SOURCE_TABLE_IGNORE_CHANGES for a commit that changes or removes rows;
  /// DELTA_VERSION_NOT_FOUND if the log has lost versions that weren't read;
  /// DELTA_MISSING_CHANGE_DATA for a version without a feed.
  Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                             const std::optional<stream::Offset>& from) override;
  Result<std::vector<plan::Relation>> Rows(const RequestContext& context,
                                           const std::optional<stream::Offset>& from,
                                           const stream::Offset& to) override;

 private:
  struct Options {
    int64_t files_max = 1000;
    std::optional<int64_t> bytes_max;
    std::optional<int64_t> starting_version;
    std::optional<int64_t> starting_ms;
    bool start_latest = false;
    bool skip_changes = false;
  };
  /// A place in the table: within its first snapshot, or behind a version.
  struct Place {
    bool in_snapshot = false;
    int64_t version = 0;
    int64_t files = 0;
  };

  DeltaSource(session::OpenedTable table, bool change_feed, Options options);
  static Result<Options> ReadOptions(const session::Session& session,
                                     const analyze::StreamReference& reference);
  static stream::Offset ToOffset(const Place& place);
  Result<Place> FromOffset(const stream::Offset& offset) const;
  /// Whether the options name a place that moves: it is planned as a batch without rows first.
  bool starts_anywhere() const { return options_.start_latest || options_.starting_ms; }
  Result<Place> Start(const RequestContext& context,
                      const std::optional<stream::Offset>& from) const;
  Result<std::optional<stream::Offset>> PlanSnapshot(const RequestContext& context, Place place);
  Result<std::optional<stream::Offset>> PlanCommits(const RequestContext& context, int64_t version);
  /// The end of a batch, made durable.
  Result<std::optional<stream::Offset>> Planned(const RequestContext& context,
                                                const Place& end) const;
  Result<std::optional<stream::Offset>> PlanFeed(const RequestContext& context, int64_t version);
  Result<delta::CommitChanges> ChangesOf(const RequestContext& context, int64_t version) const;
  Result<std::vector<plan::Relation>> FeedRows(const RequestContext& context, int64_t first,
                                               int64_t last) const;
  /// Some files of a snapshot, with the columns of the stream.
  Result<plan::Relation> SnapshotRows(std::shared_ptr<const delta::Snapshot> snapshot,
                                      std::vector<uint32_t> files) const;
  /// The rows of a snapshot, or of some of its files.
  plan::Relation RelationOf(std::shared_ptr<const delta::Snapshot> snapshot,
                            std::optional<std::vector<uint32_t>> files = {}) const;

  session::OpenedTable table_;
  const bool change_feed_;
  const Options options_;
  Schema feed_schema_;
};

}  // namespace tarn::source
