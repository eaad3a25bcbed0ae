#include "tarn/delta/transaction.h"

#include <algorithm>
#include <cstdlib>

#include "action_json.h"
#include "checksum_change.h"
#include "commit_attempt.h"
#include "log_compaction.h"
#include "log_reader.h"
#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/drop_feature.h"
#include "tarn/delta/iceberg_compat.h"
#include "tarn/delta/log_cleanup.h"
#include "tarn/delta/path.h"
#include "tarn/delta/statistics.h"
#include "transaction_state.h"

#ifndef TARN_VERSION
#define TARN_VERSION "0"
#endif

namespace tarn::delta {
namespace {

constexpr const char* kEnablementVersion = "delta.inCommitTimestampEnablementVersion";
constexpr const char* kEnablementTimestamp = "delta.inCommitTimestampEnablementTimestamp";

constexpr const char* kCompactionInterval = "tarn.logCompactionInterval";

}  // namespace

Result<LogPut> FileSystemCommitter::Put(const RequestContext& ctx, Version version,
                                        std::string_view bytes) {
  TARN_FAULT_POINT("delta.commit.before_put");
  TARN_ASSIGN(const LogPut put, store_->PutIfAbsent(ctx, CommitPath(version), bytes));
  // From here on an error would tell a lie: the commit may stand.
  if (!PassFaultPoint("delta.commit.after_put").ok()) return LogPut::kUnknown;
  return put;
}

Result<std::string> FileSystemCommitter::Read(const RequestContext& ctx, Version version) {
  return store_->Read(ctx, CommitPath(version), kLogFileBytesMax);
}

Status FileSystemCommitter::MakeDurable(const RequestContext& ctx, Version version) {
  return store_->Sync(ctx, kLogDirectory);
}

/// A log that was cleaned up beyond the version that was read has room for a version that nobody
/// would ever see.
Status Transaction::State::RequireLog(const RequestContext& ctx, int64_t now_ms) const {
  if (snapshot() == nullptr || now_ms - snapshot()->timestamp_ms() < kLogRetentionLeastMs / 2) {
    return {};
  }
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, *handlers.log, snapshot()->version()));
  const Version read = snapshot()->version();
  if (listing.latest() == read || listing.Commit(read + 1) != nullptr) return {};
  return Error(Condition("DELTA_TRUNCATED_TRANSACTION_LOG"),
               {{"table", reads.table_root}, {"version", std::to_string(snapshot()->version())}});
}

WriteKind Transaction::State::Kind() const {
  if (kind) return *kind;
  if (!removes.empty()) {
    const bool rearranges = std::none_of(removes.begin(), removes.end(),
                                         [](const Removed& r) { return r.data_change; });
    if (rearranges) return WriteKind::kAppend;
    return removes_all || adds.empty() ? WriteKind::kReplace : WriteKind::kRewrite;
  }
  return adds.empty() ? WriteKind::kMetadata : WriteKind::kAppend;
}

Status Transaction::State::Validate() const {
  if (committed) return InternalError("a transaction can be committed only once");
  if (snapshot() == nullptr && !new_metadata) return InternalError("a new table has no metadata");
  TARN_TRY(CheckWritable(protocol(), metadata(), Kind(), reads.table_root));
  if (snapshot() && new_protocol) {
    // The features a table had must be kept by the change itself, too.
    TARN_TRY(
        CheckWritable(snapshot()->protocol(), snapshot()->metadata(), Kind(), reads.table_root));
  }
  TARN_TRY(ValidateChange());
  TARN_ASSIGN(const PhysicalSchema physical, MakePhysicalSchema(metadata()));
  const auto& partitions = metadata().partition_columns;
  for (const AddFile& add : adds) {
    auto path = DecodeLogPath(EncodeLogPath(add.path), "");
    if (!path.ok() || *path != add.path) return InternalError("an added file's path: " + add.path);
    bool complete = add.partition_values.size() == partitions.size();
    for (const std::string& name : partitions) {
      const PhysicalField* field = physical.Find(name);
      complete = complete && field != nullptr &&
                 std::any_of(add.partition_values.begin(), add.partition_values.end(),
                             [&](const auto& v) { return v.first == field->physical_name; });
    }
    if (!complete) return InternalError("an added file has other partition columns than its table");
    TARN_TRY(CheckIcebergCompat(metadata(), add));
    // Statistics that couldn't be read count as unknown, but here they are needed.
    if (add.deletion_vector && !NumRecordsOf(add.stats)) {
      return LogCorrupt(reads.table_root, add.path,
                        "a file with a deletion vector has no numRecords");
    }
  }
  if (!domains.empty() && !SupportsFeature(protocol(), "domainMetadata")) {
    return Error(Condition("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE"),
                 {{"table", reads.table_root}, {"unsupported", "domainMetadata"}});
  }
  return ValidateRowIds();
}

Status Transaction::State::ValidateRowIds() const {
  if (!assigns_row_ids()) return {};
  for (const AddFile& add : adds) {
    if (add.base_row_id || NumRecordsOf(add.stats)) continue;
    return Error(Condition("DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS"),
                 {{"table", reads.table_root}, {"path", add.path}});
  }
  return {};
}

/// The highest row id given out up to the version that was read.
int64_t Transaction::State::RowIdMark() const {
  int64_t mark = -1;
  if (snapshot()) {
    const auto domain = snapshot()->domains().find(kRowTrackingDomain);
    if (domain != snapshot()->domains().end()) mark = RowIdHighWaterMark(domain->second);
  }
  return mark;
}

void Transaction::State::NoteChanges(bool backfills) {
  reads.changes_metadata = new_metadata.has_value();
  reads.changes_data =
      backfills ||
      std::any_of(adds.begin(), adds.end(), [](const auto& add) { return add.data_change; }) ||
      std::any_of(removes.begin(), removes.end(), [](const Removed& r) { return r.data_change; }) ||
      (adds.empty() && removes.empty());
}

/// Adds the files anew that have no row ids yet. Nobody may add others meanwhile.
Status Transaction::State::AddBackfill(const RequestContext& ctx) {
  reads.whole_table = true;
  const FileSet& files = snapshot()->files();
  TARN_TRY(files.LoadStatistics(ctx));
  for (size_t i = 0; i < files.size(); ++i) {
    if (files.base_row_id(i) && files.default_row_commit_version(i)) continue;
    if (reads.removed_paths.contains(files.path(i))) continue;
    AddFile add = files.ToAdd(i);
    add.data_change = false;
    adds.push_back(std::move(add));
  }
  return {};
}

/// What new metadata must leave alone as long as files of the old ones stay.
Status Transaction::State::ValidateChange() const {
  if (snapshot() == nullptr || !new_metadata) return {};
  if (removes.size() == snapshot()->files().size()) return {};
  const ColumnMappingMode before = snapshot()->physical_schema().mode;
  TARN_ASSIGN(const ColumnMappingMode after, MappingModeOf(*new_metadata));
  const bool turned_on = before == ColumnMappingMode::kNone && after == ColumnMappingMode::kName;
  if (before != after && !turned_on) {
    return UnsupportedFeature("this change of delta.columnMapping.mode of an existing table");
  }
  const auto& old_columns = snapshot()->metadata().partition_columns;
  const auto& new_columns = new_metadata->partition_columns;
  // Renaming a column under column mapping changes the name, not the physical name.
  if (old_columns.size() != new_columns.size()) {
    return UnsupportedFeature("changing the partition columns of a table without replacing it");
  }
  TARN_ASSIGN(const PhysicalSchema physical, MakePhysicalSchema(*new_metadata));
  for (size_t i = 0; i < new_columns.size(); ++i) {
    const PhysicalField* field = physical.Find(new_columns[i]);
    const PhysicalField* old_field = snapshot()->physical_schema().Find(old_columns[i]);
    if (field == nullptr || old_field == nullptr ||
        field->physical_name != old_field->physical_name) {
      return UnsupportedFeature("changing the partition columns of a table without replacing it");
    }
  }
  return {};
}

/// Writes what the metadata says of the version it comes with.
void Transaction::State::NoteVersion(Version version, std::optional<int64_t> in_commit_timestamp) {
  if (!new_metadata) return;
  for (const std::string& key : version_properties) {
    new_metadata->configuration[key] = std::to_string(version);
  }
  if (!starts_in_commit_timestamps()) return;
  new_metadata->configuration[kEnablementVersion] = std::to_string(version);
  new_metadata->configuration[kEnablementTimestamp] =
      std::to_string(in_commit_timestamp.value_or(0));
}

/// All actions but commitInfo. Row ids are those behind `row_id_mark`, which differs from attempt
/// to attempt.
std::string Transaction::State::Body(int64_t now_ms, Version version, int64_t row_id_mark) {
  std::string out;
  if (new_protocol) AppendAction(*new_protocol, out);
  if (new_metadata) AppendAction(*new_metadata, out);
  for (SetTransaction& txn : transactions) {
    txn.last_updated_ms = now_ms;
    AppendAction(txn, out);
  }
  for (const DomainMetadata& domain : domains) AppendAction(domain, out);
  for (const Removed& removed : removes) {
    RemoveFile remove = snapshot()->files().ToRemove(removed.index);
    remove.deletion_timestamp_ms = now_ms;
    remove.data_change = removed.data_change;
    AppendAction(remove, out);
  }
  const bool tracks = assigns_row_ids();
  int64_t mark = std::max(row_id_mark, row_id_floor);
  for (const AddFile& add : adds) {
    if (!tracks) {
      AppendAction(add, out);
      continue;
    }
    AddFile tracked = add;
    AssignRowIds(tracked, row_version.value_or(version), mark);
    AppendAction(tracked, out);
  }
  row_id_domain.reset();
  if (tracks && mark != row_id_mark) {
    row_id_domain = RowTrackingDomain(mark);
    AppendAction(*row_id_domain, out);
  }
  for (const AddFile& file : change_files) AppendChangeFile(file, out);
  return out;
}

bool Transaction::State::OnlyRearranges() const {
  const auto keeps_data = [](const auto& file) { return !file.data_change; };
  return !new_metadata && !new_protocol && domains.empty() && transactions.empty() &&
         change_files.empty() && std::ranges::all_of(adds, keeps_data) &&
         std::ranges::all_of(removes, keeps_data);
}

std::string Transaction::State::InfoLine(int64_t now_ms,
                                         std::optional<int64_t> in_commit_timestamp) {
  info.timestamp_ms = now_ms;
  info.in_commit_timestamp_ms = in_commit_timestamp;
  if (snapshot()) info.read_version = snapshot()->version();
  info.isolation_level = OnlyRearranges()                                   ? "SnapshotIsolation"
                         : reads.isolation == IsolationLevel::kSerializable ? "Serializable"
                                                                            : "WriteSerializable";
  info.is_blind_append = removes.empty() && reads_nothing();
  info.txn_id = txn_id;
  // Whatever copies or updates rows takes their ids along.
  if (TrackedColumns(metadata())) info.tags["delta.rowTracking.preserved"] = "true";
  std::string out;
  AppendAction(info, out);
  return out;
}

Transaction::Transaction(Handlers handlers, std::shared_ptr<const Snapshot> snapshot)
    : state_(std::make_unique<State>()) {
  state_->handlers = std::move(handlers);
  state_->reads.table_root = snapshot->table_root();
  state_->reads.isolation = snapshot->properties().isolation;
  state_->reads.snapshot = std::move(snapshot);
  state_->txn_id = state_->handlers.ids->NewUuid();
  state_->info.operation = "WRITE";
  state_->info.engine_info = "Tarn/" TARN_VERSION;
}

Transaction::Transaction(Handlers handlers, std::string table_root)
    : state_(std::make_unique<State>()) {
  state_->handlers = std::move(handlers);
  state_->reads.table_root = std::move(table_root);
  state_->txn_id = state_->handlers.ids->NewUuid();
  state_->info.operation = "CREATE TABLE";
  state_->info.engine_info = "Tarn/" TARN_VERSION;
}

Transaction::~Transaction() = default;
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;

Version Transaction::read_version() const { return state_->read_version(); }
const std::shared_ptr<const Snapshot>& Transaction::snapshot() const { return state_->snapshot(); }
const std::string& Transaction::txn_id() const { return state_->txn_id; }
const Metadata& Transaction::metadata() const { return state_->metadata(); }
const Protocol& Transaction::protocol() const { return state_->protocol(); }

void Transaction::ReadMatching(Conjunction predicates) {
  state_->reads.predicates.push_back(std::move(predicates));
}

void Transaction::ReadWholeTable() { state_->reads.whole_table = true; }

void Transaction::ReadFile(size_t index) {
  state_->reads.read_paths.emplace(state_->snapshot()->files().path(index));
}

void Transaction::ReadTransaction(std::string app_id) {
  state_->reads.app_ids.insert(std::move(app_id));
}

void Transaction::Add(AddFile file) { state_->adds.push_back(std::move(file)); }

void Transaction::Remove(size_t index, bool data_change) {
  const bool is_new =
      state_->reads.removed_paths.emplace(state_->snapshot()->files().path(index)).second;
  if (is_new) state_->removes.push_back({index, data_change});
}

void Transaction::SetDeletionVector(size_t index, DeletionVectorDescriptor vector) {
  const FileSet& files = state_->snapshot()->files();
  Remove(index);
  AddFile add = files.ToAdd(index);
  add.stats = WithLooseBounds(add.stats);
  add.deletion_vector = std::move(vector);
  add.data_change = true;
  Add(std::move(add));
}

void Transaction::AddChangeFile(AddFile file) { state_->change_files.push_back(std::move(file)); }

void Transaction::RemoveAll() {
  state_->removes_all = true;
  if (state_->snapshot() == nullptr) return;
  ReadMatching({});
  for (size_t i = 0; i < state_->snapshot()->files().size(); ++i) Remove(i);
}

namespace {

/// Since when a table has in-commit timestamps stays as it was; that of a table that begins to have
/// them is noted when it is committed. `before`: the metadata of a table that has them.
void KeepEnablement(const Metadata* before, Metadata& metadata) {
  for (const char* key : {kEnablementVersion, kEnablementTimestamp}) {
    metadata.configuration.erase(key);
    if (before == nullptr || !IsSwitchedOn(metadata, kInCommitTimestamps)) continue;
    if (const std::string* known = before->Property(key)) metadata.configuration[key] = *known;
  }
}

/// Versions that must not be read on their own stay protected, whatever the metadata becomes.
void KeepProtection(const Snapshot& snapshot, Metadata& metadata) {
  const std::string* before = snapshot.metadata().Property(kProtectionProperty);
  if (before == nullptr || !SupportsFeature(snapshot.protocol(), "checkpointProtection")) return;
  metadata.configuration[kProtectionProperty] = *before;
}

}  // namespace

Status Transaction::SetMetadata(Metadata metadata) {
  const auto& snapshot = state_->snapshot();
  const bool had_mapping =
      snapshot != nullptr && snapshot->physical_schema().mode != ColumnMappingMode::kNone;
  if (snapshot != nullptr) {
    const TableProperties& before = snapshot->properties();
    metadata.id = snapshot->metadata().id;
    metadata.created_time_ms = snapshot->metadata().created_time_ms;
    // Ids of columns are never used again, not even after a replacement of the schema.
    constexpr char kMaxColumnId[] = "delta.columnMapping.maxColumnId";
    TARN_ASSIGN(const ColumnMappingMode mode, MappingModeOf(metadata));
    const std::string* max_id = snapshot->metadata().Property(kMaxColumnId);
    if (max_id != nullptr && (mode != ColumnMappingMode::kNone || !had_mapping)) {
      metadata.configuration.emplace(kMaxColumnId, *max_id);
    }
    KeepProtection(*snapshot, metadata);
    KeepEnablement(before.in_commit_timestamps ? &snapshot->metadata() : nullptr, metadata);
  } else if (metadata.id.empty()) {
    metadata.id = state_->handlers.ids->NewUuid();
  }
  TARN_TRY(NameRowTrackingColumns(metadata, snapshot ? &snapshot->metadata() : nullptr,
                                  *state_->handlers.ids));
  TARN_TRY(ValidateTableProperties(metadata));
  if (snapshot == nullptr || state_->removes_all) CompleteForIcebergCompat(metadata);
  TARN_TRY(CheckIcebergCompat(snapshot.get(), metadata, state_->replaces_files()));
  TARN_TRY(ValidateMetadata(metadata));
  TARN_TRY(AssignColumnMapping(metadata, *state_->handlers.ids,
                               /*keep_names=*/snapshot != nullptr && !had_mapping));
  std::optional<Protocol> current;
  if (snapshot != nullptr) current = snapshot->protocol();
  TARN_ASSIGN(Protocol protocol, ProtocolFor(metadata, current, state_->reads.table_root));
  if (!current || protocol != *current) {
    state_->new_protocol = std::move(protocol);
  } else {
    state_->new_protocol.reset();
  }
  TARN_ASSIGN(const TableProperties properties, ReadTableProperties(metadata));
  state_->reads.isolation = properties.isolation;
  state_->new_metadata = std::move(metadata);
  return {};
}

void Transaction::SetProtocol(Protocol protocol) {
  if (state_->new_metadata && !SupportsFeature(protocol, "checkpointProtection")) {
    state_->new_metadata->configuration.erase(kProtectionProperty);
  }
  state_->new_protocol = std::move(protocol);
}

void Transaction::SetVersionProperty(std::string key) {
  state_->version_properties.push_back(std::move(key));
}

void Transaction::SetTransactionVersion(std::string app_id, int64_t version) {
  state_->reads.app_ids.insert(app_id);
  state_->transactions.push_back({std::move(app_id), version, std::nullopt});
}

void Transaction::SetDomainMetadata(DomainMetadata domain) {
  state_->reads.domains.insert(domain.domain);
  state_->domains.push_back(std::move(domain));
}

void Transaction::SetRowVersion(Version version) { state_->row_version = version; }

void Transaction::ReserveRowIds(int64_t last) {
  state_->row_id_floor = std::max(state_->row_id_floor, last);
}

void Transaction::SetWriteKind(WriteKind kind) { state_->kind = kind; }

void Transaction::SetOperation(std::string name, std::map<std::string, std::string> parameters) {
  state_->info.operation = std::move(name);
  state_->info.operation_parameters = std::move(parameters);
}

void Transaction::SetMetric(std::string name, int64_t value) {
  state_->info.operation_metrics[std::move(name)] = std::to_string(value);
}

void Transaction::SetUser(std::string user_id, std::string user_name) {
  state_->info.user_id = std::move(user_id);
  state_->info.user_name = std::move(user_name);
}

void Transaction::SetUserMetadata(std::string text) {
  state_->info.user_metadata = std::move(text);
}

void Transaction::SetEngineInfo(std::string text) { state_->info.engine_info = std::move(text); }
void Transaction::SetAttemptsMax(int attempts) { state_->attempts_max = std::max(1, attempts); }
void Transaction::SetCheckpoints(bool enabled) { state_->checkpoints = enabled; }
void Transaction::SetChecksum(bool enabled) { state_->writes_checksum = enabled; }
void Transaction::SetDurableVersion(Version version) { state_->durable = version; }
bool Transaction::changes_metadata() const { return state_->new_metadata.has_value(); }
size_t Transaction::adds() const { return state_->adds.size(); }
size_t Transaction::removes() const { return state_->removes.size(); }

namespace {

/// Without the property a checkpoint is written when it spares its readers more than it costs: each
/// one holds all files, and the tombstones that are kept, anew. A file takes about a fifth of its
/// bytes in JSON there, so a checkpoint is due when a twentieth of what the last one holds came
/// since.
bool WorthCheckpoint(const RequestContext& ctx, LogStore& store, Version version) {
  constexpr Version kVersionsMax = 100;
  constexpr int64_t kBytesShare = 4;
  const auto last = ReadLastCheckpoint(ctx, store);
  if (!last || !last->bytes || last->version > version) return true;
  if (version - last->version >= kVersionsMax) return true;
  const auto since = CommitBytes(ctx, store, last->version + 1, version);
  return !since.ok() || *since >= *last->bytes / kBytesShare;
}

}  // namespace

bool Transaction::MayShareVersion(const Transaction& other) const {
  const State& a = *state_;
  const State& b = *other.state_;
  if (!a.only_adds() || !b.only_adds()) return false;
  const CommitInfo& mine = a.info;
  const CommitInfo& theirs = b.info;
  if (mine.operation != theirs.operation ||
      mine.operation_parameters != theirs.operation_parameters || mine.user_id != theirs.user_id ||
      mine.user_metadata != theirs.user_metadata || mine.engine_info != theirs.engine_info) {
    return false;
  }
  if (a.snapshot() == b.snapshot()) return true;
  return a.metadata().id == b.metadata().id && a.metadata().schema == b.metadata().schema &&
         a.metadata().configuration == b.metadata().configuration && a.protocol() == b.protocol();
}

Transaction Transaction::Together(const std::vector<Transaction*>& transactions) {
  const Transaction* oldest = *std::ranges::min_element(
      transactions, {}, [](const Transaction* one) { return one->read_version(); });
  const State& first = *transactions.front()->state_;
  Transaction all(first.handlers, oldest->snapshot());
  all.state_->info = first.info;
  all.state_->attempts_max = first.attempts_max;
  all.state_->checkpoints = first.checkpoints;
  all.state_->writes_checksum = first.writes_checksum;
  std::map<std::string, int64_t> metrics;
  for (const Transaction* one : transactions) {
    const State& state = *one->state_;
    all.state_->adds.insert(all.state_->adds.end(), state.adds.begin(), state.adds.end());
    for (const auto& [name, value] : state.info.operation_metrics) {
      metrics[name] += std::strtoll(value.c_str(), nullptr, 10);
    }
  }
  for (const auto& [name, value] : metrics) all.SetMetric(name, value);
  all.SetMetric("numSharedTransactions", static_cast<int64_t>(transactions.size()));
  return all;
}

std::optional<VersionChecksum> Transaction::ChecksumOf(const CommitResult& result,
                                                       const VersionChecksum* before) const {
  const State& state = *state_;
  const auto* committed = std::get_if<Committed>(&result);
  if (committed == nullptr || !state.writes_checksum) return std::nullopt;
  const Version previous = committed->version - 1;
  std::optional<VersionChecksum> next;
  if (state.snapshot() == nullptr) {
    next.emplace();
    next->transactions.emplace();
    next->domains.emplace();
  } else if (state.read_version() == previous) {
    next = delta::ChecksumOf(*state.snapshot());
  } else if (before != nullptr && before->version == previous &&
             before->metadata->id == state.metadata().id) {
    next = *before;
  }
  if (!next) return std::nullopt;
  next->version = committed->version;
  next->txn_id = state.txn_id;
  next->in_commit_timestamp_ms = state.info.in_commit_timestamp_ms;
  if (state.new_protocol) next->protocol = std::make_shared<const Protocol>(*state.new_protocol);
  if (state.new_metadata) next->metadata = std::make_shared<const Metadata>(*state.new_metadata);
  std::vector<DomainMetadata> domains = state.domains;
  if (state.row_id_domain) domains.push_back(*state.row_id_domain);
  NoteActions(state.transactions, domains, *next);
  std::vector<size_t> removed;
  for (const Removed& remove : state.removes) removed.push_back(remove.index);
  // The rows that a blind append adds are in new files.
  const bool all_new = state.only_adds() && std::ranges::all_of(state.adds, &AddFile::data_change);
  const FileSet* files =
      all_new || state.snapshot() == nullptr ? nullptr : &state.snapshot()->files();
  if (!CountChange(files, removed, state.adds, *next)) return std::nullopt;
  return next;
}

CommitResult Transaction::Commit(const RequestContext& ctx, Committer& committer) {
  CommitResult result = CommitOnly(ctx, committer);
  // The table is whole without it.
  if (const auto checksum = ChecksumOf(result)) (void)WriteChecksum(ctx, *checksum);
  CheckpointIfDue(ctx, result);
  return result;
}

Status Transaction::WriteChecksum(const RequestContext& ctx,
                                  const VersionChecksum& checksum) const {
  return delta::WriteChecksum(ctx, state_->handlers, checksum);
}

void Transaction::CheckpointIfDue(const RequestContext& ctx, CommitResult& result) {
  const State& state = *state_;
  auto* committed = std::get_if<Committed>(&result);
  if (committed == nullptr || !state.checkpoints) return;
  state.WriteCheckpoint(ctx, *committed);
  if (committed->checkpointed) return;
  if (const auto first = state.CompactionDue(committed->version)) {
    // Readers do without.
    (void)CompactLog(ctx, state.handlers, state.reads.table_root, *first, committed->version);
  }
}

void Transaction::State::WriteCheckpoint(const RequestContext& ctx, Committed& committed) const {
  const auto properties = ReadTableProperties(metadata());
  const bool due = handlers.parquet != nullptr && properties.ok() && committed.version > 0 &&
                   committed.version % properties->checkpoint_interval == 0;
  if (!due) return;
  const bool asked = metadata().Property("delta.checkpointInterval") != nullptr;
  if (!asked && !WorthCheckpoint(ctx, *handlers.log, committed.version)) return;
  auto newest = LoadSnapshot(ctx, handlers, reads.table_root, std::nullopt, snapshot());
  Status written = newest.ok() ? CheckpointAndCleanUp(ctx, handlers, **newest)
                               : Status(std::move(newest).error());
  committed.checkpointed = written.ok();
  if (!written.ok()) committed.checkpoint_error = std::move(written).error();
}

/// The first of the versions that are to be compacted after version `last`. They end where a
/// checkpoint may be due, so that those of a checkpoint and those after it are kept apart.
std::optional<Version> Transaction::State::CompactionDue(Version last) const {
  const Version interval = PropertyInt(metadata(), kCompactionInterval, 0);
  if (interval < 2 || last < interval || last % interval != 0) return std::nullopt;
  const Version first = last - interval + 1;
  if (snapshot() && snapshot()->checkpoint_version() >= first) return std::nullopt;
  return first;
}

CommitResult Transaction::CommitOnly(const RequestContext& ctx, Committer& committer) {
  auto attempt = CommitAttempt::Prepare(ctx, *this);
  if (!attempt.ok()) return Conflicted{std::move(attempt).error()};
  return attempt->Run(ctx, committer);
}

}  // namespace tarn::delta
