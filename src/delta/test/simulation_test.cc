// Seeds over a disk that fails, forgets and lies: whatever happens, acknowledged commits stay,
// versions are dense, and nothing is there twice. TARN_SIM_SEEDS sets how many seeds run.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/io/faulty_object_store.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : seed_(seed), random_(seed), ids_(seed ^ 0x5eed) {
    ctx_.clock = &clock_;
    auto faulty = io::NewFaultyStore(seed, clock_);
    store_ = std::shared_ptr<io::FaultyObjectStore>(std::move(faulty));
    log_ = NewObjectLogStore(store_);
  }

  void Run() {
    io::DiskFaultRates rates;
    rates.fail_one_in = static_cast<uint32_t>(10 + random_.Below(60));
    rates.lost_answer_one_in = static_cast<uint32_t>(10 + random_.Below(60));
    rates.torn_one_in = static_cast<uint32_t>(20 + random_.Below(60));
    rates.power_cut_one_in = static_cast<uint32_t>(30 + random_.Below(100));
    store_->SetRates(rates);
    for (int step = 0; step < 30; ++step) {
      clock_.Advance(1000);
      Step();
      if (!store_->powered()) Reboot();
      if (random_.OneIn(6)) {
        Quiet([&] { Check(); });
        store_->SetRates(rates);
      }
    }
    Quiet([&] { Check(); });
  }

 private:
  Handlers handlers() { return {log_, nullptr, &ids_}; }

  template <typename Body>
  void Quiet(Body body) {
    store_->SetRates(io::DiskFaultRates());
    if (!store_->powered()) Reboot();
    body();
  }

  void Reboot() {
    store_->Restart();
    // No process remembers what it saw before the cut.
    known_ = nullptr;
  }

  /// One writer does something, perhaps from a snapshot that is out of date.
  void Step() {
    const Table table(handlers(), "/lake/t");
    auto snapshot = table.Latest(ctx_, random_.OneIn(2) ? known_ : nullptr);
    if (!snapshot.ok() && snapshot.error().condition() == Condition("DELTA_TABLE_NOT_FOUND")) {
      return Create();
    }
    if (snapshot.ok() && !random_.OneIn(4)) known_ = *snapshot;
    if (known_ == nullptr) return;
    Transaction txn(handlers(), known_);
    AddFile add;
    add.path = "f" + std::to_string(next_file_++);
    add.size = 1;
    txn.Add(add);
    std::string removed;
    if (random_.OneIn(3) && known_->files().size() > 0) {
      const size_t victim = random_.Below(known_->files().size());
      removed = known_->files().path(victim);
      txn.ReadFile(victim);
      txn.Remove(victim);
    }
    FileSystemCommitter committer(log_);
    Note(txn.Commit(ctx_, committer), add.path, removed);
  }

  void Create() {
    Transaction txn(handlers(), "/lake/t");
    Metadata metadata;
    metadata.schema.fields = {{"x", TypeId::kInt}};
    ASSERT_TRUE(txn.SetMetadata(metadata).ok());
    FileSystemCommitter committer(log_);
    Note(txn.Commit(ctx_, committer), "", "");
  }

  void Note(const CommitResult& result, const std::string& added, const std::string& removed) {
    if (const auto* committed = std::get_if<Committed>(&result)) {
      EXPECT_TRUE(acknowledged_.emplace(committed->version, added).second)
          << "seed " << seed_ << ": version " << committed->version << " was acknowledged twice";
      if (!removed.empty()) removed_.insert(removed);
    } else if (std::holds_alternative<Unknown>(result)) {
      if (!added.empty()) unknown_.insert(added);
      if (!removed.empty()) maybe_removed_.insert(removed);
    } else if (!added.empty()) {
      refused_.insert(added);
    }
  }

  /// What must hold after any history.
  void Check() {
    const Table table(handlers(), "/lake/t");
    auto snapshot = table.Latest(ctx_);
    if (!snapshot.ok()) {
      EXPECT_EQ(snapshot.error().condition(), Condition("DELTA_TABLE_NOT_FOUND"))
          << "seed " << seed_ << ": " << snapshot.error().ToString();
      EXPECT_TRUE(acknowledged_.empty()) << "seed " << seed_ << ": the table was lost";
      known_ = nullptr;
      return;
    }
    known_ = *snapshot;
    if (!acknowledged_.empty()) {
      EXPECT_GE(known_->version(), acknowledged_.rbegin()->first)
          << "seed " << seed_ << ": an acknowledged version was lost";
    }
    std::set<std::string> live;
    for (size_t i = 0; i < known_->files().size(); ++i) {
      const std::string path(known_->files().path(i));
      EXPECT_TRUE(live.insert(path).second)
          << "seed " << seed_ << ": " << path << " is there twice";
      EXPECT_FALSE(refused_.contains(path)) << "seed " << seed_ << ": refused, but there: " << path;
      EXPECT_FALSE(removed_.contains(path)) << "seed " << seed_ << ": removed, but there: " << path;
    }
    for (const auto& [version, path] : acknowledged_) {
      if (path.empty() || removed_.contains(path) || maybe_removed_.contains(path)) continue;
      EXPECT_TRUE(live.contains(path)) << "seed " << seed_ << ": lost " << path;
    }
  }

  uint64_t seed_;
  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> store_;
  std::shared_ptr<LogStore> log_;
  std::shared_ptr<const Snapshot> known_;
  int next_file_ = 0;
  std::map<Version, std::string> acknowledged_;
  std::set<std::string> removed_;
  std::set<std::string> maybe_removed_;
  std::set<std::string> unknown_;
  std::set<std::string> refused_;
};

TEST(DeltaSimulation, NothingAcknowledgedIsLostOrDoubled) {
  const char* text = std::getenv("TARN_SIM_SEEDS");
  const int seeds = text == nullptr ? 300 : std::atoi(text);
  const char* first = std::getenv("TARN_SIM_FIRST");
  const uint64_t begin = first == nullptr ? 1 : std::strtoull(first, nullptr, 10);
  for (uint64_t seed = begin; seed < begin + static_cast<uint64_t>(seeds); ++seed) {
    Simulation(seed).Run();
    if (::testing::Test::HasFailure()) FAIL() << "rerun with TARN_SIM_FIRST=" << seed;
  }
}

}  // namespace
}  // namespace tarn::delta
