// Several writers and readers of one Delta table over a disk that fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "naive_log.h"
#include "seeds.h"
#include "sim_parquet.h"
#include "tarn/base/random.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/delta/version_checksum.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/sub_store.h"

namespace tarn::sim {
namespace {

using delta::Version;

constexpr char kTableRoot[] = "/sim/table";
constexpr int kKeys = 3;
constexpr int kBlindKey = 3;  // whose rows are only appended
constexpr int kClients = 4;

/// What happened in all runs: a simulation in which nothing goes wrong proves nothing.
struct Happenings {
  int64_t committed = 0, rebased = 0, conflicted = 0, unknown = 0, checkpoints = 0, power_cuts = 0;
  int64_t checksums = 0, compacted = 0;
};
Happenings happenings;

class DeltaRun {
 public:
  explicit DeltaRun(uint64_t seed)
      : random_(seed * 2 + 1), ids_(seed), disk_(io::NewFaultyStore(seed, clock_)) {
    ctx_.clock = &clock_;
    // The table lies below the disk's root, so that its own folder's name has to be synced as well.
    store_ = io::NewSubStore(disk_, *io::ObjectPath::Parse("lake/table"));
    handlers_.log = delta::NewObjectLogStore(store_);
    handlers_.parquet = std::make_shared<SimParquet>(store_);
    handlers_.ids = &ids_;
  }

  void Run() {
    const auto scale = static_cast<uint32_t>(30 + random_.Below(400));
    const io::DiskFaultRates rates{scale, scale, scale, scale * 4};
    for (int step = 0; step < 60; ++step) {
      clock_.Advance(static_cast<int64_t>(random_.Below(3'000'000)));
      disk_->SetRates(rates);
      Step(clients_[random_.Below(kClients)]);
      disk_->SetRates({});
      if (random_.OneIn(40)) disk_->CutPower();
      if (!disk_->powered()) {
        ++happenings.power_cuts;
        disk_->Restart();
        for (Client& client : clients_) client = Client();
        Check();
      }
      if (testing::Test::HasFailure()) return;
    }
    Check();
  }

 private:
  /// A change that has read and written its files and hasn't been committed yet.
  struct Pending {
    delta::Transaction transaction;
    std::optional<int> key;   // whose counter it raises
    std::string application;  // "" for none
    int64_t application_version = 0;
  };
  /// A process: what it knows and is about to do.
  struct Client {
    std::shared_ptr<const delta::Snapshot> known;
    std::unique_ptr<Pending> pending;
  };
  /// A commit whose answer was Committed.
  struct Acknowledged {
    Version version;
    std::string txn_id;
  };

  delta::Table Table() const { return delta::Table(handlers_, kTableRoot); }

  void Step(Client& client) {
    if (client.pending && !random_.OneIn(4)) return Commit(client);
    switch (random_.Below(10)) {
      case 0:
        client = Client();  // killed and started again
        return;
      case 1:
        return TearLastCheckpoint();
      case 2:
        return WriteCheckpoint(client);
      default:
        Refresh(client);
        Prepare(client);
    }
  }

  void Refresh(Client& client) {
    const bool incremental = !random_.OneIn(3);
    auto latest = Table().Latest(ctx_, incremental ? client.known : nullptr);
    if (!latest.ok()) return;
    EXPECT_GE((*latest)->version(), acknowledged_version_) << "an acknowledged version is unseen";
    client.known = *std::move(latest);
  }

  void TearLastCheckpoint() {
    const std::string torn =
        random_.OneIn(2) ? R"({"version":7,"siz)" : R"({"version":999,"size":1})";
    (void)handlers_.log->Put(ctx_, "_delta_log/_last_checkpoint", torn);
  }

  void WriteCheckpoint(Client& client) {
    if (client.known) (void)delta::WriteCheckpoint(ctx_, handlers_, *client.known);
  }

  /// A data file as the engine writes one: in pieces, synced, then its directory.
  std::optional<delta::AddFile> WriteFile(int key, int64_t value) {
    delta::AddFile add;
    add.path = "k=" + std::to_string(key) + " %é/" + ids_.NewUuid() + ".parquet";
    const io::ObjectPath path = *io::ObjectPath::Parse(add.path);
    const std::string content = Content(key, value);
    auto file = store_->Create(ctx_, path);
    if (!file.ok()) return std::nullopt;
    const size_t half = content.size() / 2;
    if (!(*file)->Append(content.substr(0, half)).ok()) return std::nullopt;
    if (!(*file)->Append(content.substr(half)).ok()) return std::nullopt;
    if (!(*file)->Sync().ok() || !(*file)->Close().ok()) return std::nullopt;
    if (!store_->SyncDirectories(ctx_, path.Parent()).ok()) return std::nullopt;
    add.size = static_cast<int64_t>(content.size());
    add.modification_time_ms = clock_.NowMicros() / 1000;
    add.partition_values = {{"k", std::to_string(key)}};
    add.stats = R"({"numRecords":1})";
    return add;
  }

  static std::string Content(int key, int64_t value) {
    return "key " + std::to_string(key) + " value " + std::to_string(value) + " end";
  }

  void Prepare(Client& client) {
    client.pending.reset();
    if (!client.known) {
      if (random_.OneIn(3) && acknowledged_version_ < 0) PrepareCreation(client);
      return;
    }
    auto pending = std::make_unique<Pending>(
        Pending{delta::Transaction(handlers_, client.known), std::nullopt, "", 0});
    if (random_.OneIn(3)) {
      PrepareApplication(*client.known, *pending);
    }
    if (random_.OneIn(3)) {
      auto add = WriteFile(kBlindKey, 1);
      if (!add) return;
      pending->transaction.Add(*std::move(add));
      pending->key = kBlindKey;
      client.pending = std::move(pending);
      return;
    }
    const int key = static_cast<int>(random_.Below(kKeys));
    if (!PrepareIncrement(*client.known, key, *pending)) return;
    client.pending = std::move(pending);
  }

  void PrepareCreation(Client& client) {
    delta::Metadata metadata;
    metadata.schema.fields.push_back({"k", TypeId::kInt});
    metadata.schema.fields.push_back({"v", TypeId::kLong});
    metadata.partition_columns = {"k"};
    metadata.configuration["delta.checkpointInterval"] = std::to_string(2 + random_.Below(8));
    if (random_.OneIn(2)) {
      metadata.configuration["tarn.logCompactionInterval"] = std::to_string(2 + random_.Below(4));
    }
    if (random_.OneIn(4)) metadata.configuration["delta.isolationLevel"] = "Serializable";
    if (random_.OneIn(4)) metadata.configuration["delta.enableInCommitTimestamps"] = "true";
    auto pending = std::make_unique<Pending>(
        Pending{delta::Transaction(handlers_, std::string(kTableRoot)), std::nullopt, "", 0});
    const Status set = pending->transaction.SetMetadata(std::move(metadata));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
    client.pending = std::move(pending);
  }

  /// Exactly once: the batch after the last that the table has of this application.
  void PrepareApplication(const delta::Snapshot& snapshot, Pending& pending) {
    pending.application = "app" + std::to_string(random_.Below(2));
    pending.application_version = snapshot.TransactionVersion(pending.application).value_or(-1) + 1;
    pending.transaction.SetTransactionVersion(pending.application, pending.application_version);
  }

  /// Rewrites the one file of the key with a value one greater, or makes the first.
  bool PrepareIncrement(const delta::Snapshot& snapshot, int key, Pending& pending) {
    int64_t value = 0;
    const std::string prefix = "k=" + std::to_string(key) + " ";
    for (size_t i = 0; i < snapshot.files().size(); ++i) {
      if (!snapshot.files().path(i).starts_with(prefix)) continue;
      const io::ObjectPath path = *io::ObjectPath::Parse(snapshot.files().path(i));
      const auto content = store_->ReadAll(ctx_, path, 1000);
      if (!content.ok()) {
        // A file may be gone only for a disk error, never for the table's own reasons.
        EXPECT_NE(content.error().condition(), Condition("PATH_NOT_FOUND")) << path.str();
        return false;
      }
      if (sscanf(content->c_str(), "key %*d value %lld", reinterpret_cast<long long*>(&value)) !=
          1) {
        ADD_FAILURE() << "torn content in a committed file: " << *content;
        return false;
      }
      pending.transaction.ReadFile(i);
      pending.transaction.Remove(i);
    }
    if (random_.OneIn(3)) {
      pending.transaction.ReadWholeTable();
    } else {
      pending.transaction.ReadMatching(
          {delta::Predicate{delta::PredicateOp::kEqual, {"k"}, {Value::Int(key)}, {}}});
    }
    auto add = WriteFile(key, value + 1);
    if (!add) return false;
    pending.transaction.Add(*std::move(add));
    pending.key = key;
    return true;
  }

  void Commit(Client& client) {
    std::unique_ptr<Pending> pending = std::move(client.pending);
    delta::FileSystemCommitter committer(handlers_.log);
    const std::string txn_id = pending->transaction.txn_id();
    if (pending->key) increments_[txn_id] = *pending->key;
    const delta::CommitResult result = pending->transaction.Commit(ctx_, committer);
    if (const auto* committed = std::get_if<delta::Committed>(&result)) {
      acknowledged_.push_back({committed->version, txn_id});
      acknowledged_version_ = std::max(acknowledged_version_, committed->version);
      ++happenings.committed;
      happenings.rebased += committed->attempts > 1 ? 1 : 0;
      happenings.checkpoints += committed->checkpointed ? 1 : 0;
    } else if (std::holds_alternative<delta::Conflicted>(result)) {
      refused_.insert(txn_id);
      ++happenings.conflicted;
    } else {
      ++happenings.unknown;
    }
  }

  void Check() {
    const NaiveLog log = ReadNaively(ctx_, *store_, {});
    const auto newest = static_cast<Version>(log.commits.size()) - 1;
    std::map<std::string, Version> landed;
    for (Version v = 0; v <= newest; ++v) {
      const std::string& txn_id = log.commits[static_cast<size_t>(v)].txn_id;
      EXPECT_TRUE(landed.emplace(txn_id, v).second) << "doubled: " << txn_id;
      EXPECT_FALSE(refused_.contains(txn_id)) << "refused, yet in the table: version " << v;
    }
    for (const Acknowledged& commit : acknowledged_) {
      const auto found = landed.find(commit.txn_id);
      ASSERT_TRUE(found != landed.end()) << "acknowledged and lost: version " << commit.version;
      EXPECT_EQ(found->second, commit.version);
    }
    if (newest < 0) return;
    const auto snapshot = Table().Latest(ctx_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    CheckAgainst(log, newest, **snapshot);
    CheckContents(log.LiveAt(newest), landed);
    // Time travel sees what a replay sees, whichever checkpoint it starts from.
    const auto past = static_cast<Version>(random_.Below(static_cast<uint64_t>(newest) + 1));
    const auto old = Table().AtVersion(ctx_, past);
    ASSERT_TRUE(old.ok()) << old.error().ToString();
    CheckAgainst(log, past, **old);
    const auto names = handlers_.log->List(ctx_, "_delta_log", "");
    ASSERT_TRUE(names.ok());
    happenings.compacted += std::ranges::count_if(
        *names, [](const auto& file) { return file.name.ends_with(".compacted.json"); });
  }

  void CheckAgainst(const NaiveLog& log, Version version, const delta::Snapshot& snapshot) {
    ASSERT_EQ(snapshot.version(), version);
    std::map<std::string, int64_t> files;
    for (size_t i = 0; i < snapshot.files().size(); ++i) {
      files[std::string(snapshot.files().path(i))] = snapshot.files().file_size(i);
    }
    EXPECT_EQ(files, log.LiveAt(version)) << "a snapshot and a replay differ";
    std::map<std::string, int64_t> transactions;
    for (const auto& [app, txn] : snapshot.transactions()) transactions[app] = txn.version;
    EXPECT_EQ(transactions, log.TransactionsAt(version));
    CheckChecksum(snapshot);
  }

  /// A checksum file says what the log says, unless a power cut or a failing disk has torn it.
  void CheckChecksum(const delta::Snapshot& snapshot) {
    const auto bytes =
        handlers_.log->Read(ctx_, delta::ChecksumPath(snapshot.version()), 1'000'000);
    if (!bytes.ok() || !bytes->ends_with("}\n")) return;
    const auto mismatches = delta::CheckChecksum(ctx_, handlers_, snapshot);
    ASSERT_TRUE(mismatches.ok()) << mismatches.error().ToString();
    EXPECT_EQ(*mismatches, std::vector<std::string>()) << *bytes;
    ++happenings.checksums;
  }

  /// Every live file is whole, and each key's value counts the increments that landed.
  void CheckContents(const std::map<std::string, int64_t>& live,
                     const std::map<std::string, Version>& landed) {
    std::map<int, int64_t> expected, found;
    for (const auto& [txn_id, version] : landed) {
      if (increments_.contains(txn_id)) ++expected[increments_[txn_id]];
    }
    for (const auto& [path, size] : live) {
      const auto content = store_->ReadAll(ctx_, *io::ObjectPath::Parse(path), 1000);
      ASSERT_TRUE(content.ok()) << "a live file is missing: " << path;
      EXPECT_EQ(static_cast<int64_t>(content->size()), size) << path;
      int key = -1;
      long long value = -1;
      ASSERT_EQ(sscanf(content->c_str(), "key %d value %lld", &key, &value), 2) << *content;
      EXPECT_EQ(*content, Content(key, value));
      EXPECT_TRUE(key == kBlindKey || !found.contains(key)) << "two files of key " << key;
      found[key] += value;
    }
    EXPECT_EQ(found, expected) << "an update was lost or done twice";
  }

  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> disk_;
  std::shared_ptr<io::ObjectStore> store_;
  delta::Handlers handlers_;
  Client clients_[kClients];

  std::vector<Acknowledged> acknowledged_;
  Version acknowledged_version_ = -1;
  std::set<std::string> refused_;
  std::map<std::string, int> increments_;  // key by transaction
};

TEST(DeltaSim, NothingAcknowledgedIsLostAndNothingIsDoubled) {
  RunSeeds("delta", 10'000, [](uint64_t seed) { DeltaRun(seed).Run(); });
  std::printf(
      "delta: %lld commits (%lld on top of others'), %lld conflicts, %lld without an answer, "
      "%lld checkpoints, %lld power cuts, %lld checksums compared, %lld compacted log files\n",
      static_cast<long long>(happenings.committed), static_cast<long long>(happenings.rebased),
      static_cast<long long>(happenings.conflicted), static_cast<long long>(happenings.unknown),
      static_cast<long long>(happenings.checkpoints), static_cast<long long>(happenings.power_cuts),
      static_cast<long long>(happenings.checksums), static_cast<long long>(happenings.compacted));
}

}  // namespace
}  // namespace tarn::sim
