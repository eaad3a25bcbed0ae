#include "tarn/delta/change_feed.h"

#include <map>

#include "file_set.h"
#include "log_reader.h"
#include "log_segment.h"
#include "tarn/delta/deletion_vector.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {

namespace {

/// Appends a column of the feed.
void AppendColumn(Metadata& metadata, const char* name, TypeId type, bool partition) {
  AppendHiddenColumn(metadata, name, type);
  if (partition) metadata.partition_columns.push_back(name);
}

/// The metadata of a feed's snapshot. In `whole` files all rows have one type of change.
Metadata FeedMetadata(Metadata metadata, bool whole) {
  AppendColumn(metadata, kChangeTypeColumn, TypeId::kString, whole);
  AppendColumn(metadata, kCommitVersionColumn, TypeId::kLong, true);
  AppendColumn(metadata, kCommitTimestampColumn, TypeId::kTimestamp, true);
  return metadata;
}

/// What the feed tells of a commit, as partition values.
struct FeedCommit {
  std::string version;
  std::string timestamp;
};

FeedCommit FeedCommitOf(Version version, int64_t time_ms) {
  auto text = PartitionValueToText(Value::Of(TypeId::kTimestamp, time_ms * 1000));
  return {std::to_string(version), text.ok() && *text ? **text : std::string()};
}

/// `type` is nullptr for change files, which have it as a column.
AddFile FeedFile(AddFile file, const char* type, const FeedCommit& commit) {
  if (type != nullptr) file.partition_values.emplace_back(kChangeTypeColumn, type);
  file.partition_values.emplace_back(kCommitVersionColumn, commit.version);
  file.partition_values.emplace_back(kCommitTimestampColumn, commit.timestamp);
  file.data_change = true;
  return file;
}

class FeedReader {
 public:
  FeedReader(const RequestContext& ctx, const Table& table, std::shared_ptr<const Snapshot> at_last)
      : ctx_(ctx), table_(table), at_last_(std::move(at_last)) {}

  Result<ChangeFeed> Read(Version first, Version last) {
    TARN_TRY(RequireFeedAt(first));
    TARN_ASSIGN(const LogListing listing, ListLog(ctx_, *table_.handlers().log, 0));
    int64_t time = INT64_MIN;
    Version next = first;
    for (const LogFile& commit : listing.commits) {
      if (commit.version > last) break;
      time = std::max(commit.info.modified_ms, time + 1);
      if (commit.version < next) continue;
      if (commit.version > next) return Gone(next, commit.version, last);
      TARN_TRY(ReadVersion(next++, time));
    }
    if (next <= last) return Gone(next, last, last);
    return Finish();
  }

 private:
  Status RequireFeedAt(Version first) {
    // A table that gets its feed with its first version has none before.
    TARN_ASSIGN(const auto before, table_.AtVersion(ctx_, first));
    if (!before->properties().change_data_feed) return Missing(first);
    return {};
  }

  Error Gone(Version version, Version earliest, Version last) const {
    return Error(Condition("DELTA_VERSION_NOT_FOUND"), {{"userVersion", std::to_string(version)},
                                                        {"table", table_.root()},
                                                        {"earliest", std::to_string(earliest)},
                                                        {"latest", std::to_string(last)}});
  }

  Error Missing(Version version) const {
    return Error(Condition("DELTA_MISSING_CHANGE_DATA"),
                 {{"table", table_.root()}, {"version", std::to_string(version)}});
  }

  Status ReadVersion(Version version, int64_t time_ms) {
    TARN_TRY(ctx_.Check());
    const std::string path = CommitPath(version);
    TARN_ASSIGN(std::string bytes, table_.handlers().log->Read(ctx_, path, kLogFileBytesMax));
    auto added = std::make_shared<LogBlock>();
    auto removed = std::make_shared<LogBlock>();
    auto changed = std::make_shared<LogBlock>();
    ReadWants wants;
    wants.removed_files = removed.get();
    wants.change_files = changed.get();
    LogActions actions;
    TARN_TRY(ReadLogFile(std::move(bytes), table_.root(), path, wants, *added, actions));
    if (actions.metadata) {
      TARN_ASSIGN(const TableProperties properties, ReadTableProperties(*actions.metadata));
      if (!properties.change_data_feed) return Missing(version);
    }
    if (actions.commit_info && actions.commit_info->in_commit_timestamp_ms) {
      time_ms = *actions.commit_info->in_commit_timestamp_ms;
    }
    commit_ = FeedCommitOf(version, time_ms);
    if (changed->adds() > 0) {
      for (AddFile& file : FilesOf(changed)) Keep(std::move(file), nullptr, change_files_);
      return {};
    }
    return ReadWholeFiles(FilesOf(added), FilesOf(removed));
  }

  std::vector<AddFile> FilesOf(const std::shared_ptr<LogBlock>& block) const {
    const FileSet set = FilesOfBlock(table_.root(), block, nullptr, at_last_->metadata(),
                                     at_last_->physical_schema());
    std::vector<AddFile> files;
    for (size_t i = 0; i < set.size(); ++i) {
      files.push_back(set.ToAdd(i));
      files.back().data_change = block->data_change[i] != 0;
    }
    return files;
  }

  /// Added files are inserts and removed ones deletes; of a file that only got another vector,
  /// deletes are the rows that the new one hides and the old one doesn't.
  Status ReadWholeFiles(std::vector<AddFile> added, std::vector<AddFile> removed) {
    std::erase_if(added, [](const AddFile& file) { return !file.data_change; });
    std::erase_if(removed, [](const AddFile& file) { return !file.data_change; });
    std::map<std::string, AddFile*> removed_by_path;
    for (AddFile& file : removed) removed_by_path[file.path] = &file;
    for (AddFile& file : added) {
      const auto old = removed_by_path.find(file.path);
      if (old == removed_by_path.end()) {
        Keep(std::move(file), "insert", whole_files_);
        continue;
      }
      TARN_TRY(KeepDifference(*old->second, file));
      removed_by_path.erase(old);
    }
    for (auto& [path, file] : removed_by_path) Keep(std::move(*file), "delete", whole_files_);
    return {};
  }

  Result<DeletionVector> VectorOf(const AddFile& file) {
    if (!file.deletion_vector) return DeletionVector();
    return LoadDeletionVector(ctx_, *table_.handlers().log, table_.root(), *file.deletion_vector);
  }

  Status KeepDifference(const AddFile& before, const AddFile& after) {
    const std::optional<int64_t> rows = NumRecordsOf(after.stats);
    if (!rows) {
      return LogCorrupt(table_.root(), after.path,
                        "a file with a deletion vector has no numRecords");
    }
    TARN_ASSIGN(const DeletionVector old_vector, VectorOf(before));
    TARN_ASSIGN(const DeletionVector new_vector, VectorOf(after));
    const auto count = static_cast<uint64_t>(*rows);
    KeepOnly(after, new_vector.Complement(count).Union(old_vector), "delete", count);
    // A RESTORE brings rows back.
    KeepOnly(after, old_vector.Complement(count).Union(new_vector), "insert", count);
    return {};
  }

  /// The rows of a file that `hidden` leaves.
  void KeepOnly(AddFile file, const DeletionVector& hidden, const char* type, uint64_t rows) {
    if (hidden.cardinality() >= rows) return;
    file.deletion_vector = InlineDeletionVector(hidden);
    file.stats = WithLooseBounds(file.stats);
    Keep(std::move(file), type, whole_files_);
  }

  void Keep(AddFile file, const char* type, std::vector<AddFile>& files) {
    files.push_back(FeedFile(std::move(file), type, commit_));
  }

  Result<ChangeFeed> Finish() {
    ChangeFeed feed;
    for (const bool whole : {true, false}) {
      const std::vector<AddFile>& files = whole ? whole_files_ : change_files_;
      if (files.empty() && !whole) continue;
      TARN_ASSIGN((whole ? feed.whole_files : feed.change_files),
                  at_last_->WithFiles(FeedMetadata(at_last_->metadata(), whole), files));
    }
    return feed;
  }

  const RequestContext& ctx_;
  const Table& table_;
  const std::shared_ptr<const Snapshot> at_last_;
  FeedCommit commit_;
  std::vector<AddFile> whole_files_;
  std::vector<AddFile> change_files_;
};

}  // namespace

Metadata WithChangeType(const Metadata& table) {
  Metadata metadata = table;
  AppendColumn(metadata, kChangeTypeColumn, TypeId::kString, false);
  return metadata;
}

Schema WithFeedColumns(Schema table) {
  Metadata metadata;
  metadata.schema = std::move(table);
  return FeedMetadata(std::move(metadata), true).schema;
}

Result<std::shared_ptr<const Snapshot>> AsInserted(const Snapshot& snapshot,
                                                   const std::vector<uint32_t>& indexes) {
  const FeedCommit commit = FeedCommitOf(snapshot.version(), snapshot.timestamp_ms());
  std::vector<AddFile> files;
  files.reserve(indexes.size());
  for (const uint32_t index : indexes) {
    files.push_back(FeedFile(snapshot.files().ToAdd(index), "insert", commit));
  }
  return snapshot.WithFiles(FeedMetadata(snapshot.metadata(), true), files);
}

Result<ChangeFeed> ReadChangeFeed(const RequestContext& ctx, const Table& table,
                                  const std::shared_ptr<const Snapshot>& at_last, Version first,
                                  Version last) {
  return FeedReader(ctx, table, at_last).Read(first, last);
}

}  // namespace tarn::delta
