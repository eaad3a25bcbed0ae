// Transfers between two tables over a disk that fails, forgets and lies, and a catalog that may not
// answer: the sum stays, what was acknowledged stays, and what was refused is in neither table.
// TARN_SIM_SEEDS sets how many seeds run.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <set>

#include "tarn/delta/catalog_committer.h"
#include "tarn/delta/pending_log.h"
#include "tarn/delta/transaction_fold.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/sub_store.h"
#include "test/memory_coordinator.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

constexpr int kSum = 100;

/// A catalog that decides durably, but may fail before or lose the answer afterwards.
class UncertainCoordinator : public test::MemoryCoordinator {
 public:
  explicit UncertainCoordinator(Random& random) : random_(random) {}
  Result<LogPut> Ratify(const RequestContext& ctx,
                        const std::vector<StagedCommit>& commits) override {
    refuses = faulty && random_.OneIn(10);
    silent_once = faulty && random_.OneIn(10);
    if (faulty && random_.OneIn(20)) return LogPut::kUnknown;
    return MemoryCoordinator::Ratify(ctx, commits);
  }
  bool faulty = false;

 private:
  Random& random_;
};

/// Each table has one file, whose name tells its number: "n70-12" is 70 since the 12th transfer.
class TransferSimulation {
 public:
  explicit TransferSimulation(uint64_t seed)
      : seed_(seed), random_(seed), ids_(seed ^ 0x7ab1e), coordinator_(random_) {
    ctx_.clock = &clock_;
    store_ = std::shared_ptr<io::FaultyObjectStore>(io::NewFaultyStore(seed, clock_));
    for (size_t i = 0; i < tables_.size(); ++i) {
      const std::string name = i == 0 ? "a" : "b";
      tables_[i].root = "/lake/" + name;
      tables_[i].log = NewObjectLogStore(io::NewSubStore(store_, io::ObjectPath() / name));
      tables_[i].committer = std::make_unique<CatalogCommitter>(
          tables_[i].log, ids_, std::shared_ptr<CommitCoordinator>(&coordinator_, [](auto*) {}),
          "table-" + name);
    }
  }

  void Run() {
    for (size_t i = 0; i < tables_.size(); ++i) Create(tables_[i], i == 0 ? kSum : 0);
    io::DiskFaultRates rates;
    rates.fail_one_in = static_cast<uint32_t>(20 + random_.Below(80));
    rates.lost_answer_one_in = static_cast<uint32_t>(20 + random_.Below(80));
    rates.torn_one_in = static_cast<uint32_t>(30 + random_.Below(80));
    rates.power_cut_one_in = static_cast<uint32_t>(50 + random_.Below(150));
    for (int step = 0; step < 30 && !testing::Test::HasFailure(); ++step) {
      clock_.Advance(1000);
      store_->SetRates(rates);
      coordinator_.faulty = true;
      Transfer(step);
      store_->SetRates(io::DiskFaultRates());
      coordinator_.faulty = false;
      if (!store_->powered()) {
        store_->Restart();
        for (One& one : tables_) one.known = nullptr;
      }
      if (random_.OneIn(3)) Check();
    }
    Check();
  }

 private:
  struct One {
    std::string root;
    std::shared_ptr<LogStore> log;
    std::unique_ptr<CatalogCommitter> committer;
    std::shared_ptr<const Snapshot> known;
  };

  static std::string NameOf(int number, int transfer) {
    return "n" + std::to_string(number) + "-" + std::to_string(transfer);
  }
  static int NumberOf(const Snapshot& snapshot) {
    return std::atoi(std::string(snapshot.files().path(0)).c_str() + 1);
  }
  static int TransferOf(const Snapshot& snapshot) {
    const std::string path(snapshot.files().path(0));
    return std::atoi(path.c_str() + path.find('-') + 1);
  }
  static AddFile File(const std::string& path) {
    AddFile add;
    add.path = path;
    add.size = 1;
    return add;
  }
  Handlers HandlersOf(One& one) { return {one.log, nullptr, &ids_}; }

  void Create(One& one, int number) {
    Transaction txn(HandlersOf(one), one.root);
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}};
    metadata.configuration["delta.feature.tarn.catalogCommits"] = "supported";
    ASSERT_TRUE(txn.SetMetadata(metadata).ok());
    txn.Add(File(NameOf(number, -1)));
    FileSystemCommitter committer(one.log);
    ASSERT_TRUE(std::holds_alternative<Committed>(txn.Commit(ctx_, committer)));
  }

  /// As a session opens a table.
  Result<std::shared_ptr<const Snapshot>> Open(One& one) {
    const Table table(HandlersOf(one), one.root);
    TARN_ASSIGN(auto snapshot, table.Latest(ctx_, one.known));
    TARN_ASSIGN(const bool more, one.committer->PublishNewest(ctx_, snapshot->version()));
    if (more) {
      TARN_ASSIGN(snapshot, table.Latest(ctx_, snapshot));
    }
    return snapshot;
  }

  /// Changes a table in two steps, the first of which comes to nothing.
  Result<Transaction> Change(One& one, int difference, int transfer) {
    auto snapshot = one.known;
    // Sometimes from what was seen before.
    if (snapshot == nullptr || !random_.OneIn(4)) {
      TARN_ASSIGN(snapshot, Open(one));
    }
    one.known = snapshot;
    auto pending = std::make_shared<PendingLog>(one.log, snapshot->version());
    Handlers handlers = HandlersOf(one);
    handlers.log = pending;
    TransactionFold fold(HandlersOf(one), snapshot, "transfer-" + std::to_string(transfer));
    FileSystemCommitter committer(pending);
    const int number = NumberOf(*snapshot);
    for (const std::string& name :
         {NameOf(number + 1000, transfer), NameOf(number + difference, transfer)}) {
      Transaction step(handlers, snapshot);
      step.ReadFile(0);
      step.Remove(0);
      step.Add(File(name));
      const CommitResult result = step.CommitOnly(ctx_, committer);
      if (const auto* conflicted = std::get_if<Conflicted>(&result)) return conflicted->error;
      fold.Add(step);
      TARN_ASSIGN(snapshot, Table(handlers, one.root).Latest(ctx_, snapshot));
    }
    return fold.Finish(*snapshot);
  }

  void Transfer(int transfer) {
    auto first = Change(tables_[0], -1, transfer);
    if (!first.ok()) return;
    auto second = Change(tables_[1], 1, transfer);
    if (!second.ok()) return;
    const auto result = CommitTogether(
        ctx_, {{&*first, tables_[0].committer.get()}, {&*second, tables_[1].committer.get()}},
        coordinator_);
    if (std::holds_alternative<std::vector<Committed>>(result)) acknowledged_.insert(transfer);
    if (std::holds_alternative<Conflicted>(result)) refused_.insert(transfer);
  }

  void Check() {
    std::array<std::shared_ptr<const Snapshot>, 2> now;
    for (size_t i = 0; i < now.size(); ++i) {
      auto snapshot = Open(tables_[i]);
      ASSERT_TRUE(snapshot.ok()) << "seed " << seed_ << ": " << snapshot.error().ToString();
      now[i] = *snapshot;
      ASSERT_EQ(now[i]->files().size(), 1u) << "seed " << seed_;
    }
    EXPECT_EQ(NumberOf(*now[0]) + NumberOf(*now[1]), kSum) << "seed " << seed_;
    EXPECT_EQ(now[0]->version(), now[1]->version()) << "seed " << seed_;
    const int last = TransferOf(*now[0]);
    EXPECT_EQ(TransferOf(*now[1]), last) << "seed " << seed_;
    EXPECT_FALSE(refused_.contains(last)) << "seed " << seed_ << ": refused, but there: " << last;
    if (!acknowledged_.empty()) {
      EXPECT_GE(last, *acknowledged_.rbegin()) << "seed " << seed_ << ": lost what was told";
    }
    EXPECT_GE(NumberOf(*now[1]), static_cast<int>(acknowledged_.size())) << "seed " << seed_;
    // Each version moved one; so there are as many as moved.
    EXPECT_EQ(NumberOf(*now[1]), now[1]->version()) << "seed " << seed_;
  }

  uint64_t seed_;
  Random random_;
  SeededIds ids_;
  UncertainCoordinator coordinator_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> store_;
  std::array<One, 2> tables_;
  std::set<int> acknowledged_;
  std::set<int> refused_;
};

TEST(TransferSimulation, TheSumStays) {
  const char* text = std::getenv("TARN_SIM_SEEDS");
  const int seeds = text == nullptr ? 200 : std::atoi(text);
  const char* first = std::getenv("TARN_SIM_FIRST");
  const uint64_t begin = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  for (uint64_t seed = begin; seed < begin + static_cast<uint64_t>(seeds); ++seed) {
    TransferSimulation(seed).Run();
    if (::testing::Test::HasFailure()) FAIL() << "rerun with TARN_SIM_FIRST=" << seed;
  }
}

}  // namespace
}  // namespace tarn::delta
