// The rows of one Delta table, through appends, deletion vectors, rewrites, checkpoints, vacuum and
// log clean-up by several processes, over a disk that fails and a clock that jumps.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "seeds.h"
#include "sim_parquet.h"
#include "tarn/base/random.h"
#include "tarn/delta/change_feed.h"
#include "tarn/delta/deletion_vector.h"
#include "tarn/delta/log_cleanup.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/sub_store.h"

namespace tarn::sim {
namespace {

using delta::Version;
using RowSet = std::multiset<int64_t>;

constexpr char kTableRoot[] = "/sim/table";
constexpr int kClients = 4;
constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;

struct Happenings {
  int64_t commits = 0, conflicts = 0, unknown = 0, vectors = 0, rewrites = 0, vacuumed = 0,
          logs_cut = 0, power_cuts = 0, feeds = 0, tracked = 0;
};
Happenings happenings;

/// What a transaction does to the table's rows.
struct Change {
  RowSet added;
  RowSet removed;
};

class RowsRun {
 public:
  explicit RowsRun(uint64_t seed)
      : random_(seed * 2 + 1), ids_(seed), disk_(io::NewFaultyStore(seed, clock_)) {
    ctx_.clock = &clock_;
    clock_.Advance(int64_t{20'000} * 24 * kHourUs);
    store_ = io::NewSubStore(disk_, *io::ObjectPath::Parse("lake/table"));
    handlers_.log = delta::NewObjectLogStore(store_);
    handlers_.parquet = std::make_shared<SimParquet>(store_);
    handlers_.ids = &ids_;
  }

  void Run() {
    const auto scale = static_cast<uint32_t>(60 + random_.Below(600));
    const io::DiskFaultRates rates{scale, scale, scale, scale * 4};
    for (int step = 0; step < 80; ++step) {
      Tick();
      disk_->SetRates(rates);
      Step(clients_[random_.Below(kClients)]);
      disk_->SetRates({});
      if (disk_->powered()) Observe();
      if (random_.OneIn(60)) disk_->CutPower();
      if (!disk_->powered()) {
        ++happenings.power_cuts;
        disk_->Restart();
        for (Client& client : clients_) client = Client();
        Check();
      }
      if (random_.OneIn(20)) Check();
      if (testing::Test::HasFailure()) return;
    }
    Check();
  }

 private:
  struct Pending {
    delta::Transaction transaction;
    Change change;
    int64_t since_ms = 0;
  };
  struct Client {
    std::shared_ptr<const delta::Snapshot> known;
    std::unique_ptr<Pending> pending;
  };

  delta::Table Table() const { return delta::Table(handlers_, kTableRoot); }

  /// Time passes; now and then a day or more at once.
  void Tick() {
    clock_.Advance(random_.OneIn(12) ? static_cast<int64_t>(random_.Below(5 * 24)) * kHourUs
                                     : static_cast<int64_t>(random_.Below(3'000'000)));
  }

  void Step(Client& client) {
    if (client.pending && !random_.OneIn(3)) return Commit(client);
    switch (random_.Below(12)) {
      case 0:
        client = Client();
        return;
      case 1:
        return Vacuum(client);
      case 2:
        if (client.known) (void)delta::WriteCheckpoint(ctx_, handlers_, *client.known);
        return;
      case 3:
        return CleanUp(client);
      default:
        Refresh(client);
        Prepare(client);
    }
  }

  void Refresh(Client& client) {
    auto latest = Table().Latest(ctx_, random_.OneIn(3) ? nullptr : client.known);
    if (latest.ok()) client.known = *std::move(latest);
  }

  void CleanUp(Client& client) {
    if (!client.known) return;
    const auto removed = delta::CleanUpLog(ctx_, handlers_, *client.known);
    if (removed.ok() && *removed > 0) ++happenings.logs_cut;
  }

  /// What VACUUM does: nothing that is needed, and nothing newer than the retention, goes.
  void Vacuum(Client& client) {
    const auto latest = Table().Latest(ctx_, client.known);
    if (!latest.ok()) return;
    const int64_t oldest_ms =
        clock_.NowMicros() / 1000 - (*latest)->properties().deleted_file_retention_ms;
    const auto needed = delta::NeededFiles(ctx_, handlers_, **latest, oldest_ms);
    if (!needed.ok()) return;
    // The retention must be longer than any transaction: that is what VACUUM's own check is for.
    for (Client& other : clients_) {
      if (other.pending && other.pending->since_ms <= oldest_ms) other.pending.reset();
    }
    const auto files = store_->ListAll(ctx_, io::ObjectPath(), {});
    if (!files.ok()) return;
    for (const io::ObjectInfo& file : *files) {
      if (file.is_directory || file.path.Name().starts_with("_")) continue;
      if (file.modified_us / 1000 > oldest_ms || needed->contains(file.path.str())) continue;
      if (store_->Delete(ctx_, file.path).ok()) ++happenings.vacuumed;
    }
  }

  std::optional<delta::AddFile> WriteFile(const std::vector<int64_t>& rows) {
    delta::AddFile add;
    add.path = ids_.NewUuid() + ".parquet";
    std::string content;
    for (const int64_t row : rows) content += std::to_string(row) + "\n";
    const io::ObjectPath path = *io::ObjectPath::Parse(add.path);
    auto file = store_->Create(ctx_, path);
    if (!file.ok() || !(*file)->Append(content).ok() || !(*file)->Sync().ok() ||
        !(*file)->Close().ok()) {
      return std::nullopt;
    }
    if (!store_->SyncDirectories(ctx_, io::ObjectPath()).ok()) return std::nullopt;
    add.size = static_cast<int64_t>(content.size());
    add.modification_time_ms = clock_.NowMicros() / 1000;
    add.stats = R"({"numRecords":)" + std::to_string(rows.size()) + "}";
    return add;
  }

  /// All rows of a file by position; a live file's must be there.
  std::optional<std::vector<int64_t>> ReadFile(const delta::FileSet& files, size_t index,
                                               bool must) {
    const auto content = store_->ReadAll(ctx_, *io::ObjectPath::Parse(files.path(index)), 1 << 20);
    if (!content.ok()) {
      if (must) ADD_FAILURE() << "a live file: " << content.error().ToString();
      return std::nullopt;
    }
    std::vector<int64_t> rows;
    for (size_t at = 0; at < content->size(); at = content->find('\n', at) + 1) {
      rows.push_back(std::atoll(content->c_str() + at));
    }
    return rows;
  }

  std::optional<delta::DeletionVector> VectorOf(const delta::FileSet& files, size_t index,
                                                bool must) {
    const auto* descriptor = files.deletion_vector(index);
    if (descriptor == nullptr) return delta::DeletionVector();
    auto vector = delta::LoadDeletionVector(ctx_, *handlers_.log, kTableRoot, *descriptor);
    if (vector.ok()) return *std::move(vector);
    if (must) ADD_FAILURE() << "a live vector: " << vector.error().ToString();
    return std::nullopt;
  }

  void Prepare(Client& client) {
    client.pending.reset();
    if (!client.known) {
      if (random_.OneIn(3) && acknowledged_.empty()) PrepareCreation(client);
      return;
    }
    auto pending =
        std::make_unique<Pending>(Pending{delta::Transaction(handlers_, client.known), {}});
    const size_t files = client.known->files().size();
    bool ready = false;
    if (files == 0 || random_.OneIn(3)) {
      ready = PrepareAppend(*pending);
    } else if (random_.OneIn(3)) {
      ready = PrepareRewrite(*client.known, *pending);
    } else {
      ready = PrepareDelete(*client.known, *pending);
    }
    if (!ready) return;
    pending->since_ms = clock_.NowMicros() / 1000;
    client.pending = std::move(pending);
  }

  void PrepareCreation(Client& client) {
    delta::Metadata metadata;
    metadata.schema.fields.push_back({"v", TypeId::kLong});
    metadata.configuration["delta.checkpointInterval"] = std::to_string(2 + random_.Below(8));
    metadata.configuration["delta.enableDeletionVectors"] = "true";
    metadata.configuration["delta.enableChangeDataFeed"] = "true";
    metadata.configuration["delta.logRetentionDuration"] =
        "interval " + std::to_string(random_.Below(3)) + " days";
    metadata.configuration["delta.deletedFileRetentionDuration"] =
        "interval " + std::to_string(1 + random_.Below(100)) + " hours";
    if (random_.OneIn(4)) metadata.configuration["delta.enableInCommitTimestamps"] = "true";
    if (random_.OneIn(2)) metadata.configuration["delta.enableRowTracking"] = "true";
    if (random_.OneIn(3)) metadata.configuration["delta.checkpointPolicy"] = "v2";
    auto pending = std::make_unique<Pending>(
        Pending{delta::Transaction(handlers_, std::string(kTableRoot)), {}});
    ASSERT_TRUE(pending->transaction.SetMetadata(std::move(metadata)).ok());
    client.pending = std::move(pending);
  }

  bool PrepareAppend(Pending& pending) {
    std::vector<int64_t> rows;
    for (uint64_t i = 1 + random_.Below(40); i > 0; --i) rows.push_back(next_row_++);
    auto add = WriteFile(rows);
    if (!add) return false;
    pending.transaction.Add(*std::move(add));
    pending.change.added.insert(rows.begin(), rows.end());
    return true;
  }

  /// Some rows of some files go: by vectors, or with their whole file.
  bool PrepareDelete(const delta::Snapshot& snapshot, Pending& pending) {
    const delta::FileSet& files = snapshot.files();
    std::vector<size_t> indexes;
    std::vector<delta::DeletionVector> vectors;
    for (size_t i = 0; i < files.size(); ++i) {
      if (!random_.OneIn(2)) continue;
      const auto rows = ReadFile(files, i, false);
      const auto before = VectorOf(files, i, false);
      if (!rows || !before) return false;
      std::vector<uint64_t> gone;
      for (uint64_t at = 0; at < rows->size(); ++at) {
        if (before->Contains(at) || !random_.OneIn(4)) continue;
        gone.push_back(at);
        pending.change.removed.insert((*rows)[at]);
      }
      if (gone.empty()) continue;
      pending.transaction.ReadFile(i);
      const delta::DeletionVector vector = before->Union(delta::DeletionVector::FromRows(gone));
      if (vector.cardinality() == rows->size()) {
        pending.transaction.Remove(i);
        continue;
      }
      indexes.push_back(i);
      vectors.push_back(vector);
    }
    if (pending.change.removed.empty()) return false;
    pending.transaction.ReadWholeTable();
    if (vectors.empty()) return true;
    std::string written;
    const auto stored = delta::StoreDeletionVectors(ctx_, handlers_, vectors, &written);
    if (!stored.ok()) return false;
    for (size_t k = 0; k < indexes.size(); ++k)
      pending.transaction.SetDeletionVector(indexes[k], (*stored)[k]);
    happenings.vectors += static_cast<int64_t>(vectors.size());
    return true;
  }

  /// The live rows of some files in a new one.
  bool PrepareRewrite(const delta::Snapshot& snapshot, Pending& pending) {
    const delta::FileSet& files = snapshot.files();
    std::vector<int64_t> kept;
    for (size_t i = 0; i < files.size(); ++i) {
      if (random_.OneIn(3)) continue;
      const auto rows = ReadFile(files, i, false);
      const auto vector = VectorOf(files, i, false);
      if (!rows || !vector) return false;
      for (uint64_t at = 0; at < rows->size(); ++at) {
        if (!vector->Contains(at)) kept.push_back((*rows)[at]);
      }
      pending.transaction.ReadFile(i);
      pending.transaction.Remove(i, false);
    }
    if (pending.transaction.removes() == 0) return false;
    auto add = WriteFile(kept);
    if (!add) return false;
    add->data_change = false;
    pending.transaction.Add(*std::move(add));
    ++happenings.rewrites;
    return true;
  }

  void Commit(Client& client) {
    std::unique_ptr<Pending> pending = std::move(client.pending);
    delta::FileSystemCommitter committer(handlers_.log);
    const std::string txn_id = pending->transaction.txn_id();
    changes_[txn_id] = pending->change;
    const delta::CommitResult result = pending->transaction.Commit(ctx_, committer);
    if (const auto* committed = std::get_if<delta::Committed>(&result)) {
      acknowledged_[committed->version] = txn_id;
      ++happenings.commits;
    } else if (std::holds_alternative<delta::Conflicted>(result)) {
      refused_.insert(txn_id);
      ++happenings.conflicts;
    } else {
      ++happenings.unknown;
    }
  }

  /// Notes which transactions have landed, before a clean-up takes their commits.
  void Observe() {
    const auto history = Table().History(ctx_, 5);
    if (!history.ok()) return;
    for (const delta::HistoryEntry& entry : *history) {
      landed_[entry.version] = entry.info ? entry.info->txn_id : "";
    }
  }

  /// The history from the version on that was checked last; clean-up may have taken older ones.
  void Check() {
    auto latest = Table().Latest(ctx_);
    if (!latest.ok()) {
      ASSERT_EQ(latest.error().condition(), Condition("DELTA_TABLE_NOT_FOUND"))
          << latest.error().ToString();
      ASSERT_TRUE(acknowledged_.empty()) << "the table was lost";
      return;
    }
    const delta::Snapshot& snapshot = **latest;
    if (!acknowledged_.empty()) {
      ASSERT_GE(snapshot.version(), acknowledged_.rbegin()->first) << "acknowledged and lost";
    }
    Forget(snapshot.version());
    const auto history = Table().History(ctx_);
    ASSERT_TRUE(history.ok()) << history.error().ToString();
    Version expected = snapshot.version();
    for (const delta::HistoryEntry& entry : *history) {
      ASSERT_EQ(entry.version, expected--) << "versions aren't dense";
      if (entry.version > checked_) landed_[entry.version] = entry.info ? entry.info->txn_id : "";
    }
    for (Version v = checked_ + 1; v <= expected; ++v) {
      ASSERT_TRUE(landed_.contains(v)) << "version " << v << " went that nobody had seen";
    }
    for (const auto& [version, txn_id] : acknowledged_) {
      ASSERT_TRUE(landed_.contains(version)) << "acknowledged and lost: version " << version;
      ASSERT_EQ(landed_[version], txn_id) << "another commit took version " << version;
    }
    Replay(snapshot.version());
    CheckRows(snapshot);
    CheckRowIds(snapshot);
    const Version past =
        expected + 1 +
        static_cast<Version>(random_.Below(static_cast<uint64_t>(snapshot.version() - expected)));
    if (const auto old = Table().AtVersion(ctx_, past); old.ok()) {
      CheckRowsIfThere(**old);
    }
    CheckFeed(*latest, expected + 1);
  }

  /// A version of which nobody was told may be seen, and go with the power.
  void Forget(Version newest) {
    for (auto version = landed_.upper_bound(newest); version != landed_.end();) {
      seen_.erase(version->second);
      version = landed_.erase(version);
    }
    if (newest >= checked_) return;
    states_.erase(states_.upper_bound(newest), states_.end());
    state_ = states_[newest];
    checked_ = newest;
  }

  void Replay(Version newest) {
    for (Version v = checked_ + 1; v <= newest; ++v) {
      const std::string& txn_id = landed_[v];
      ASSERT_FALSE(refused_.contains(txn_id)) << "refused, yet in the table: version " << v;
      ASSERT_TRUE(seen_.insert(txn_id).second) << "doubled: version " << v;
      const Change& change = changes_[txn_id];
      for (const int64_t row : change.removed) {
        const auto found = state_.find(row);
        ASSERT_TRUE(found != state_.end())
            << "version " << v << " removed a row that wasn't there: " << row;
        state_.erase(found);
      }
      state_.insert(change.added.begin(), change.added.end());
      states_[v] = state_;
    }
    checked_ = newest;
  }

  std::optional<RowSet> RowsOf(const delta::Snapshot& snapshot, bool must) {
    RowSet rows;
    for (size_t i = 0; i < snapshot.files().size(); ++i) {
      const auto all = ReadFile(snapshot.files(), i, must);
      const auto vector = VectorOf(snapshot.files(), i, must);
      if (!all || !vector) return std::nullopt;
      for (uint64_t at = 0; at < all->size(); ++at) {
        if (!vector->Contains(at)) rows.insert((*all)[at]);
      }
    }
    return rows;
  }

  void CheckRows(const delta::Snapshot& snapshot) {
    const auto rows = RowsOf(snapshot, true);
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(*rows, states_[snapshot.version()]) << "the rows of version " << snapshot.version();
  }

  /// With row tracking each file has its ids from its first version on, and shares none with any
  /// other file that there ever was.
  void CheckRowIds(const delta::Snapshot& snapshot) {
    if (!delta::TrackedColumns(snapshot.metadata())) return;
    const delta::FileSet& files = snapshot.files();
    for (size_t i = 0; i < files.size(); ++i) {
      const auto base = files.base_row_id(i);
      ASSERT_TRUE(base && files.default_row_commit_version(i)) << files.path(i);
      const auto [known, fresh] = row_ids_.emplace(std::string(files.path(i)), *base);
      ASSERT_EQ(known->second, *base) << "other ids for " << files.path(i);
      if (!fresh) continue;
      ++happenings.tracked;
      for (int64_t id = *base; id < *base + *files.num_records(i); ++id) {
        ASSERT_TRUE(taken_ids_.insert(id).second) << "row id " << id << " was given out twice";
      }
    }
    const auto domain = snapshot.domains().find(delta::kRowTrackingDomain);
    const int64_t mark =
        domain == snapshot.domains().end() ? -1 : delta::RowIdHighWaterMark(domain->second);
    ASSERT_GE(mark, taken_ids_.empty() ? -1 : *taken_ids_.rbegin());
  }

  /// An old version's files may be vacuumed, but what is there is right.
  void CheckRowsIfThere(const delta::Snapshot& snapshot) {
    const auto rows = RowsOf(snapshot, false);
    if (!rows) return;
    ASSERT_EQ(*rows, states_[snapshot.version()]) << "the rows of version " << snapshot.version();
  }

  /// The feed of some versions is the difference between their ends.
  void CheckFeed(const std::shared_ptr<const delta::Snapshot>& latest, Version earliest) {
    const Version newest = latest->version();
    const Version first = std::max<Version>(1, earliest + 1);
    if (newest < first || !states_.contains(first - 1)) return;
    const auto feed = delta::ReadChangeFeed(ctx_, Table(), latest, first, newest);
    if (!feed.ok() && feed.error().condition() == Condition("PATH_NOT_FOUND")) return;  // vacuumed
    ASSERT_TRUE(feed.ok()) << feed.error().ToString();
    ASSERT_EQ(feed->change_files, nullptr);
    RowSet rows = states_[first - 1];
    // Of one version all deletes come before its inserts, so that order doesn't matter here.
    const delta::FileSet& files = feed->whole_files->files();
    std::map<std::pair<Version, bool>, RowSet> changes;
    for (size_t i = 0; i < files.size(); ++i) {
      const auto all = ReadFile(files, i, false);
      const auto vector = VectorOf(files, i, false);
      if (!all || !vector) return;  // vacuumed
      const bool insert = files.partition_text(i, 0) == "insert";
      const Version version = std::atoll(std::string(*files.partition_text(i, 1)).c_str());
      for (uint64_t at = 0; at < all->size(); ++at) {
        if (!vector->Contains(at)) changes[{version, insert}].insert((*all)[at]);
      }
    }
    for (const auto& [key, changed] : changes) {
      for (const int64_t row : changed) {
        if (key.second) {
          rows.insert(row);
        } else {
          const auto found = rows.find(row);
          ASSERT_TRUE(found != rows.end()) << "the feed deletes a row that isn't there: " << row;
          rows.erase(found);
        }
      }
    }
    ASSERT_EQ(rows, states_[newest]) << "the feed of versions " << first << " to " << newest;
    ++happenings.feeds;
  }

  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> disk_;
  std::shared_ptr<io::ObjectStore> store_;
  delta::Handlers handlers_;
  Client clients_[kClients];

  int64_t next_row_ = 0;
  std::map<std::string, Change> changes_;  // by transaction
  std::map<Version, std::string> acknowledged_;
  std::set<std::string> refused_;
  std::map<Version, std::string> landed_;  // transactions, once seen
  std::set<std::string> seen_;
  RowSet state_;
  std::map<Version, RowSet> states_;
  Version checked_ = -1;
  std::map<std::string, int64_t> row_ids_;  // base row id by path
  std::set<int64_t> taken_ids_;
};

TEST(RowsSim, EveryVersionHasTheRowsOfItsChanges) {
  RunSeeds("rows", 10'000, [](uint64_t seed) { RowsRun(seed).Run(); });
  std::printf(
      "rows: %lld commits, %lld conflicts, %lld without an answer, %lld vectors, %lld rewrites, "
      "%lld files vacuumed, "
      "%lld logs cut, %lld power cuts, %lld feeds, %lld files with row ids\n",
      static_cast<long long>(happenings.commits), static_cast<long long>(happenings.conflicts),
      static_cast<long long>(happenings.unknown), static_cast<long long>(happenings.vectors),
      static_cast<long long>(happenings.rewrites), static_cast<long long>(happenings.vacuumed),
      static_cast<long long>(happenings.logs_cut), static_cast<long long>(happenings.power_cuts),
      static_cast<long long>(happenings.feeds), static_cast<long long>(happenings.tracked));
}

}  // namespace
}  // namespace tarn::sim
