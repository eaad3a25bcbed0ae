#include <algorithm>

#include "log_reader.h"
#include "log_segment.h"
#include "number_text.h"
#include "snapshot_state.h"
#include "table_switch.h"
#include "tarn/delta/snapshot.h"

namespace tarn::delta {
namespace {

struct CommitTime {
  Version version = 0;
  int64_t timestamp_ms = 0;
};

/// The commits that can be read, with times that rise strictly: a file time that isn't later than
/// its predecessor's counts as one millisecond more.
std::vector<CommitTime> FileTimes(const LogListing& listing) {
  std::vector<CommitTime> out;
  const Version earliest = EarliestOf(listing);
  for (const LogFile& commit : listing.commits) {
    int64_t time = commit.info.modified_ms;
    if (!out.empty()) time = std::max(time, out.back().timestamp_ms + 1);
    out.push_back({commit.version, time});
  }
  std::erase_if(out, [&](const CommitTime& time) { return time.version < earliest; });
  return out;
}

}  // namespace

Table::Table(Handlers handlers, std::string table_root)
    : handlers_(std::move(handlers)), root_(std::move(table_root)) {}

Result<bool> Table::Exists(const RequestContext& ctx) const {
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers_.log, 0));
  return !listing.empty();
}

Result<std::shared_ptr<const Snapshot>> Table::Latest(
    const RequestContext& ctx, const std::shared_ptr<const Snapshot>& known) const {
  return LoadSnapshot(ctx, handlers_, root_, std::nullopt, known);
}

Result<std::shared_ptr<const Snapshot>> Table::AtVersion(const RequestContext& ctx,
                                                         Version version) const {
  return LoadSnapshot(ctx, handlers_, root_, version, nullptr);
}

Result<Version> Table::VersionAtTimestamp(const RequestContext& ctx, int64_t timestamp_ms) const {
  TARN_ASSIGN(const auto latest, Latest(ctx));
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers_.log, 0));
  std::vector<CommitTime> times = FileTimes(listing);
  if (latest->properties().in_commit_timestamps) {
    // From the enabling version on, commits carry their time themselves.
    const Metadata& metadata = latest->metadata();
    const Version since = PropertyInt(metadata, "delta.inCommitTimestampEnablementVersion", 0);
    for (CommitTime& time : times) {
      if (time.version < since) continue;
      TARN_ASSIGN(const auto own, ReadInCommitTimestamp(ctx, handlers_, root_, time.version));
      if (own) time.timestamp_ms = *own;
    }
  }
  if (times.empty()) {
    return Error(Condition("DELTA_VERSION_NOT_FOUND"),
                 {{"userVersion", "at " + std::to_string(timestamp_ms) + " ms"},
                  {"table", root_},
                  {"earliest", std::to_string(latest->version())},
                  {"latest", std::to_string(latest->version())}});
  }
  if (timestamp_ms < times.front().timestamp_ms) {
    return Error(Condition("DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION"),
                 {{"userTimestamp", IsoTimestamp(timestamp_ms * 1000, 3)},
                  {"table", root_},
                  {"commitTs", IsoTimestamp(times.front().timestamp_ms * 1000, 3)}});
  }
  if (timestamp_ms > times.back().timestamp_ms) {
    return Error(Condition("DELTA_TIMESTAMP_GREATER_THAN_COMMIT"),
                 {{"userTimestamp", IsoTimestamp(timestamp_ms * 1000, 3)},
                  {"table", root_},
                  {"commitTs", IsoTimestamp(times.back().timestamp_ms * 1000, 3)}});
  }
  Version version = times.front().version;
  for (const CommitTime& time : times) {
    if (time.timestamp_ms <= timestamp_ms) version = time.version;
  }
  return version;
}

Result<std::shared_ptr<const Snapshot>> Table::AtTimestamp(const RequestContext& ctx,
                                                           int64_t timestamp_ms) const {
  TARN_ASSIGN(const Version version, VersionAtTimestamp(ctx, timestamp_ms));
  return AtVersion(ctx, version);
}

Result<Version> Table::FirstVersionAt(const RequestContext& ctx, int64_t timestamp_ms) const {
  auto before = VersionAtTimestamp(ctx, timestamp_ms);
  if (!before.ok()) {
    if (before.error().condition() == Condition("DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION")) {
      return EarliestVersion(ctx);
    }
    return std::move(before).error();
  }
  TARN_ASSIGN(const auto snapshot, AtVersion(ctx, *before));
  return snapshot->timestamp_ms() < timestamp_ms ? *before + 1 : *before;
}

Result<Version> Table::EarliestVersion(const RequestContext& ctx) const {
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers_.log, 0));
  const Version earliest = EarliestOf(listing);
  if (earliest < 0) return Error(Condition("DELTA_TABLE_NOT_FOUND"), {{"path", root_}});
  return earliest;
}

Result<std::vector<HistoryEntry>> Table::History(const RequestContext& ctx, size_t limit) const {
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers_.log, 0));
  if (listing.empty()) return Error(Condition("DELTA_TABLE_NOT_FOUND"), {{"path", root_}});
  const std::vector<CommitTime> times = FileTimes(listing);
  std::vector<HistoryEntry> out;
  for (auto time = times.rbegin(); time != times.rend(); ++time) {
    if (limit > 0 && out.size() == limit) break;
    TARN_TRY(ctx.Check());
    const std::string path = CommitPath(time->version);
    auto bytes = handlers_.log->Read(ctx, path, kLogFileBytesMax);
    if (!bytes.ok()) {
      // The oldest commits may be cleaned up while we read.
      if (bytes.error().condition() == Condition("PATH_NOT_FOUND")) break;
      return std::move(bytes).error();
    }
    LogBlock block;
    LogActions actions;
    ReadWants wants;
    wants.files = false;
    wants.others = false;
    TARN_TRY(ReadLogFile(std::move(*bytes), root_, path, wants, block, actions));
    HistoryEntry entry;
    entry.version = time->version;
    entry.timestamp_ms = time->timestamp_ms;
    if (actions.commit_info && actions.commit_info->in_commit_timestamp_ms) {
      entry.timestamp_ms = *actions.commit_info->in_commit_timestamp_ms;
    }
    entry.info = std::move(actions.commit_info);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace tarn::delta
