#include "delta/delta_source.h"

#include <algorithm>
#include <numeric>

#include "files/file_source_options.h"
#include "tarn/base/parse_number.h"
#include "tarn/delta/change_feed.h"
#include "tarn/delta/transaction.h"
#include "tarn/format/read_options.h"
#include "tarn/session/files.h"

namespace tarn::source {

namespace {

Error BadOption(const std::string& name, const std::string& value, std::string detail) {
  return Error(Condition("INVALID_PARAMETER_VALUE"),
               {{"parameter", name}, {"value", value}, {"detail", std::move(detail)}});
}

}  // namespace

Result<std::unique_ptr<DeltaSource>> DeltaSource::Open(const RequestContext& context,
                                                       session::Session& session,
                                                       const analyze::StreamReference& reference) {
  TARN_ASSIGN(const Options options, ReadOptions(session, reference));
  TARN_ASSIGN(session::OpenedTable table,
              session::OpenTable(session, context,
                                 {reference.table[0], reference.table[1], reference.table[2]}));
  const delta::Snapshot& latest = *table.latest;
  if (reference.change_feed && !latest.properties().change_data_feed) {
    return Error(
        Condition("DELTA_MISSING_CHANGE_DATA"),
        {{"table", table.info->name.ToSql()}, {"version", std::to_string(latest.version())}});
  }
  return std::unique_ptr<DeltaSource>(
      new DeltaSource(std::move(table), reference.change_feed, options));
}

DeltaSource::DeltaSource(session::OpenedTable table, bool change_feed, Options options)
    : table_(std::move(table)), change_feed_(change_feed), options_(options) {
  if (change_feed_) feed_schema_ = delta::WithFeedColumns(table_.latest->schema());
}

Result<DeltaSource::Options> DeltaSource::ReadOptions(const session::Session& session,
                                                      const analyze::StreamReference& reference) {
  Options options;
  TARN_ASSIGN(const std::optional<int64_t> starting_us,
              session::InstantOf(format::ReadOptions(reference.options), "startingTimestamp",
                                 session.session_zone()));
  // Versions have milliseconds; one of the same millisecond isn't the first one after it.
  if (starting_us) options.starting_ms = (*starting_us + 999) / 1000;
  for (const auto& [name, value] : reference.options) {
    if (name == "skipchangecommits" || name == "ignorechanges" || name == "ignoredeletes") {
      if (name == "ignorechanges") return UnsupportedFeature("ignoreChanges of STREAM");
      if (name == "ignoredeletes") return UnsupportedFeature("ignoreDeletes of STREAM");
      options.skip_changes = SameName(value, "true");
    } else if (name == "startingversion") {
      options.start_latest = SameName(value, "latest");
      options.starting_version = ParseNumber<int64_t>(value);
      if (!options.start_latest && !options.starting_version.has_value()) {
        return BadOption(name, value, "it is a version or latest");
      }
    } else if (name == "startingtimestamp") {
      continue;
    } else if (name == "maxfilespertrigger") {
      const auto count = ParseNumber<int64_t>(value);
      if (!count || *count <= 0) return BadOption(name, value, "it is a number above 0");
      options.files_max = *count;
    } else if (name == "maxbytespertrigger") {
      options.bytes_max = ParseBytes(value);
      if (!options.bytes_max) return BadOption(name, value, "it is a size as 10g");
    } else {
      return UnsupportedFeature("The option " + name + " of STREAM over a table");
    }
  }
  if (options.starting_ms && (options.start_latest || options.starting_version)) {
    return BadOption("startingTimestamp", "with startingVersion", "only one of both can be given");
  }
  if (reference.change_feed && options.skip_changes) {
    return BadOption("skipChangeCommits", "true", "the change data feed consists of changes");
  }
  return options;
}

stream::Offset DeltaSource::ToOffset(const Place& place) {
  if (!place.in_snapshot) return {"v" + std::to_string(place.version)};
  return {"s" + std::to_string(place.version) + "/" + std::to_string(place.files)};
}

Result<DeltaSource::Place> DeltaSource::FromOffset(const stream::Offset& offset) const {
  Place place;
  std::string_view text = offset.text;
  place.in_snapshot = text.starts_with('s');
  if (!text.empty()) text.remove_prefix(1);
  const size_t slash = text.find('/');
  const auto version = ParseNumber<int64_t>(text.substr(0, slash));
  const auto files =
      slash == text.npos ? std::optional<int64_t>(0) : ParseNumber<int64_t>(text.substr(slash + 1));
  if (!version || !files) {
    return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                 {{"path", table_.info->name.ToSql()}, {"detail", "the offset " + offset.text}});
  }
  place.version = *version;
  place.files = *files;
  return place;
}

Result<DeltaSource::Place> DeltaSource::Start(const RequestContext& context,
                                              const std::optional<stream::Offset>& from) const {
  if (from) return FromOffset(*from);
  if (options_.start_latest) return Place{false, table_.latest->version(), 0};
  if (options_.starting_version) return Place{false, *options_.starting_version - 1, 0};
  if (options_.starting_ms) {
    TARN_ASSIGN(const auto first, table_.table->FirstVersionAt(context, *options_.starting_ms));
    return Place{false, first - 1, 0};
  }
  return Place{true, table_.latest->version(), 0};
}

Status DeltaSource::Discover(const RequestContext& context,
                             const std::optional<stream::Offset>& from) {
  TARN_ASSIGN(table_.latest, table_.table->Latest(context, table_.latest));
  return {};
}

Result<std::optional<stream::Offset>> DeltaSource::Plan(const RequestContext& context,
                                                        const std::optional<stream::Offset>& from) {
  TARN_ASSIGN(Place place, Start(context, from));
  if (!from && starts_anywhere()) return std::optional(ToOffset(place));
  if (place.in_snapshot) {
    TARN_ASSIGN(std::optional<stream::Offset> planned, PlanSnapshot(context, place));
    if (planned) return planned;
  }
  return change_feed_ ? PlanFeed(context, place.version) : PlanCommits(context, place.version);
}

Result<std::optional<stream::Offset>> DeltaSource::PlanSnapshot(const RequestContext& context,
                                                                Place place) {
  TARN_ASSIGN(const auto snapshot, table_.table->AtVersion(context, place.version));
  const auto count = static_cast<int64_t>(snapshot->files().size());
  if (place.files >= count) return std::optional<stream::Offset>();
  int64_t bytes = 0;
  int64_t files = place.files;
  while (files < count && files - place.files < options_.files_max) {
    bytes += snapshot->files().file_size(static_cast<size_t>(files));
    if (options_.bytes_max && files > place.files && bytes > *options_.bytes_max) break;
    ++files;
  }
  place.files = files;
  return Planned(context, place);
}

Result<std::optional<stream::Offset>> DeltaSource::Planned(const RequestContext& context,
                                                           const Place& end) const {
  // What was read must not vanish: whoever committed it may have died before it was durable.
  TARN_TRY(
      delta::FileSystemCommitter(table_.table->handlers().log).MakeDurable(context, end.version));
  return std::optional(ToOffset(end));
}

Result<delta::CommitChanges> DeltaSource::ChangesOf(const RequestContext& context,
                                                    int64_t version) const {
  TARN_ASSIGN(delta::CommitChanges changes,
              delta::ReadCommitChanges(context, *table_.table, version));
  if (!changes.removed_rows) return changes;
  if (options_.skip_changes) {
    changes.added.clear();
    return changes;
  }
  return Error(Condition("DELTA_SOURCE_TABLE_IGNORE_CHANGES"),
               {{"table", table_.info->name.ToSql()},
                {"version", std::to_string(version)},
                {"operation", changes.operation}});
}

Result<std::optional<stream::Offset>> DeltaSource::PlanCommits(const RequestContext& context,
                                                               int64_t version) {
  // A batch is read from the snapshot of its last version, so it ends before a commit that might
  // have rearranged its files.
  int64_t files = 0;
  int64_t end = version;
  while (end < table_.latest->version() && files < options_.files_max) {
    TARN_ASSIGN(const delta::CommitChanges changes, ChangesOf(context, end + 1));
    const bool rearranges = changes.added.empty();
    if (rearranges && files > 0) break;
    files += static_cast<int64_t>(changes.added.size());
    ++end;
  }
  if (end == version) return std::optional<stream::Offset>();
  // Versions without rows alone are no news: they are passed with the next ones.
  if (files == 0) return std::optional<stream::Offset>();
  return Planned(context, {false, end, 0});
}

Result<std::optional<stream::Offset>> DeltaSource::PlanFeed(const RequestContext& context,
                                                            int64_t version) {
  // One commit at least, and none in part.
  int64_t files = 0;
  int64_t end = version;
  while (end < table_.latest->version()) {
    TARN_ASSIGN(const delta::CommitChanges changes,
                delta::ReadCommitChanges(context, *table_.table, end + 1));
    const auto more = static_cast<int64_t>(changes.feed_files);
    if (files > 0 && files + more > options_.files_max) break;
    files += more;
    ++end;
  }
  if (files == 0) return std::optional<stream::Offset>();
  return Planned(context, {false, end, 0});
}

plan::Relation DeltaSource::RelationOf(std::shared_ptr<const delta::Snapshot> snapshot,
                                       std::optional<std::vector<uint32_t>> files) const {
  plan::Relation relation;
  relation.name = table_.info->name.ToString();
  relation.schema = snapshot->schema();
  relation.source =
      plan::DeltaRelation{std::move(snapshot), table_.table->root(), std::move(files)};
  return relation;
}

Result<plan::Relation> DeltaSource::SnapshotRows(std::shared_ptr<const delta::Snapshot> snapshot,
                                                 std::vector<uint32_t> files) const {
  if (!change_feed_) return RelationOf(std::move(snapshot), std::move(files));
  TARN_ASSIGN(auto inserted, delta::AsInserted(*snapshot, files));
  return RelationOf(std::move(inserted));
}

Result<std::vector<plan::Relation>> DeltaSource::FeedRows(const RequestContext& context,
                                                          int64_t first, int64_t last) const {
  // The columns are those of the newest version, whichever versions a batch holds.
  TARN_ASSIGN(const delta::ChangeFeed feed,
              delta::ReadChangeFeed(context, *table_.table, table_.latest, first, last));
  std::vector<plan::Relation> relations = {RelationOf(feed.whole_files)};
  if (feed.change_files) relations.push_back(RelationOf(feed.change_files));
  return relations;
}

Result<std::vector<plan::Relation>> DeltaSource::Rows(const RequestContext& context,
                                                      const std::optional<stream::Offset>& from,
                                                      const stream::Offset& to) {
  if (!from && starts_anywhere()) {
    TARN_ASSIGN(plan::Relation nothing, SnapshotRows(table_.latest, {}));
    return std::vector{std::move(nothing)};
  }
  TARN_ASSIGN(const Place end, FromOffset(to));
  TARN_ASSIGN(const Place begin, Start(context, from));
  if (change_feed_ && !end.in_snapshot) return FeedRows(context, begin.version + 1, end.version);
  TARN_ASSIGN(auto snapshot, table_.table->AtVersion(context, end.version));
  std::vector<uint32_t> files;
  if (end.in_snapshot) {
    const int64_t first = from ? begin.files : 0;
    files.resize(static_cast<size_t>(end.files - first));
    std::iota(files.begin(), files.end(), static_cast<uint32_t>(first));
  } else {
    for (int64_t version = begin.version + 1; version <= end.version; ++version) {
      TARN_ASSIGN(const delta::CommitChanges changes, ChangesOf(context, version));
      for (const delta::CommitChanges::File& file : changes.added) {
        const auto index = snapshot->files().Find(file.path);
        if (!index) return InternalError("the file " + file.path + " left its batch");
        files.push_back(static_cast<uint32_t>(*index));
      }
    }
  }
  TARN_ASSIGN(plan::Relation rows, SnapshotRows(std::move(snapshot), std::move(files)));
  return std::vector{std::move(rows)};
}

}  // namespace tarn::source
