// DDL by intent over a metastore and a storage that fail together: after any crash each folder has
// its table, each table its files, and what was acknowledged is there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "lake_catalog.h"
#include "lake_state.h"
#include "securable_rows.h"
#include "seeds.h"
#include "simulated_vfs.h"
#include "tarn/base/random.h"
#include "tarn/io/faulty_object_store.h"

namespace tarn::sim {
namespace {

using catalog::LakeCatalog;
using catalog::LakeState;
using catalog::ObjectName;

constexpr int64_t kDayMicros = 24LL * 3600 * 1'000'000;

class CatalogRun {
 public:
  CatalogRun(uint64_t seed, std::string home)
      : random_(seed * 2 + 1),
        ids_(seed),
        home_(std::move(home)),
        store_(io::NewFaultyStore(seed + 1, clock_)),
        database_(seed + 2) {
    ctx_.principal = "sim";
    database_.SharePower([this] { return store_->powered(); },
                         [this] {
                           if (store_->powered()) store_->CutPower();
                         });
  }

  void Run() {
    for (const char* folder : {"tables", "volumes"}) {
      ASSERT_TRUE(store_->CreateDirectories(ctx_, io::ObjectPath() / folder).ok());
      ASSERT_TRUE(store_->SyncDirectories(ctx_, io::ObjectPath() / folder).ok());
    }
    Boot(false);
    database_.SyncNames();
    const auto scale = static_cast<uint32_t>(20 + random_.Below(200));
    for (int step = 0; step < 20 && !testing::Test::HasFatalFailure(); ++step) {
      SetFaults(scale);
      Step();
      SetFaults(0);
      if (random_.OneIn(15)) store_->CutPower();
      if (!store_->powered() || !database_.powered() || random_.OneIn(8)) {
        Reboot(scale);
        Check();
      }
    }
  }

 private:
  void SetFaults(uint32_t scale) {
    store_->SetRates({scale, scale, scale, scale * 3});
    database_.SetRates({scale * 2, scale * 2, scale * 4});
  }

  void Boot(bool faulty) {
    state_ = std::make_unique<LakeState>();
    state_->home = home_;
    state_->clock = &clock_;
    state_->ids = &ids_;
    state_->store = store_;
    auto metastore = meta::Metastore::Open("/metastore.db", {.busy_timeout_ms = 0});
    if (!metastore.ok() && faulty) return;
    ASSERT_TRUE(metastore.ok()) << metastore.error().ToString();
    state_->metastore = *std::move(metastore);
    const Status bootstrapped = catalog::BootstrapMetastore(*state_, ctx_);
    if (!bootstrapped.ok() && faulty) return;
    ASSERT_TRUE(bootstrapped.ok()) << bootstrapped.error().ToString();
    const Status recovered = catalog::RecoverLake(*state_, ctx_);
    ASSERT_TRUE(faulty || recovered.ok()) << recovered.error().ToString();
    catalog_ = std::make_unique<LakeCatalog>(*state_);
  }

  // The power comes back; perhaps it goes again during the recovery.
  void Reboot(uint32_t scale) {
    for (const bool faulty : {true, false}) {
      if (faulty && !random_.OneIn(3)) continue;
      catalog_.reset();
      state_.reset();
      if (!store_->powered()) store_->Restart();
      if (!database_.powered()) database_.Restart();
      SetFaults(faulty ? scale : 0);
      Boot(faulty);
      SetFaults(0);
    }
  }

  static ObjectName Name(const std::string& name) { return {"main", "default", name}; }

  void Step() {
    const std::string name = "t" + std::to_string(random_.Below(4));
    clock_.Advance(static_cast<int64_t>(random_.Below(kDayMicros)));
    switch (random_.Below(8)) {
      case 0:
      case 1:
      case 2:
        return Create(name);
      case 3:
        return Drop(name);
      case 4:
        return Undrop(name);
      case 5:
        clock_.Advance(8 * kDayMicros);
        (void)catalog::CollectDropped(*state_, ctx_);
        return;
      case 6: {
        catalog::VolumeInfo volume;
        volume.name = Name(name);
        if (catalog_->CreateVolume(ctx_, volume, catalog::IfTaken::kFail).ok()) Settle();
        return;
      }
      default:
        (void)catalog_->DropVolume(ctx_, Name(name), true);
    }
  }

  void Create(const std::string& name) {
    const auto pending = catalog_->BeginCreateTable(ctx_, {.name = Name(name)});
    if (!pending.ok()) return;
    Settle();
    const auto log =
        io::ObjectPath() / "tables" / pending->id / "_delta_log/00000000000000000000.json";
    const auto put = store_->PutIfAbsent(ctx_, log, pending->id);
    if (put.ok() && *put == io::PutOutcome::kCreated &&
        catalog_->PublishTable(ctx_, *pending, {}).ok()) {
      return Acknowledged(name, pending->id);
    }
    if (!catalog_->AbortTable(ctx_, *pending).ok()) InDoubt(name, {pending->id});
    ever_[name].insert(pending->id);
  }

  void Drop(const std::string& name) {
    const Status dropped =
        catalog_->DropRelation(ctx_, Name(name), catalog::SecurableKind::kTable, false);
    const std::set<std::string> before = possible_[name];
    if (dropped.ok()) {
      Acknowledged(name, "");
    } else {
      InDoubt(name, {""});
    }
    ever_[name].insert(before.begin(), before.end());
  }

  void Undrop(const std::string& name) {
    const auto table = catalog_->UndropTable(ctx_, Name(name));
    if (table.ok()) {
      Acknowledged(name, (*table)->id);
    } else {
      InDoubt(name, ever_[name]);
    }
  }

  void Acknowledged(const std::string& name, const std::string& id) {
    possible_[name] = {id};
    Settle();
  }

  // A failed transaction may also come to light after a restart that didn't show it: the log that
  // holds it was removed then, and comes back with the next power cut. One that is acknowledged
  // later takes its place in the log.
  void InDoubt(const std::string& name, const std::set<std::string>& ids) {
    possible_[name].insert(ids.begin(), ids.end());
    unsettled_.insert(name);
  }
  void Settle() { unsettled_.clear(); }

  void Check() {
    auto tx = state_->metastore->Begin(ctx_, meta::TransactionKind::kRead);
    ASSERT_TRUE(tx.ok()) << tx.error().ToString();
    const auto rows = tx->ListLocated();
    const auto intents = tx->ListIntents();
    ASSERT_TRUE(rows.ok() && intents.ok());
    EXPECT_TRUE(intents->empty()) << "an intent outlived the recovery";
    std::set<std::string> known;
    for (const meta::SecurableRow& row : *rows) {
      known.insert(*row.location);
      if (row.kind != "table") continue;
      const auto log = io::ObjectPath() / *row.location / "_delta_log/00000000000000000000.json";
      const auto content = store_->ReadAll(ctx_, log, 1000);
      ASSERT_TRUE(content.ok()) << "a table without files: " << row.name << " " << row.id;
      EXPECT_EQ(*content, row.id);
    }
    for (const char* parent : {"tables", "volumes"}) {
      const auto folders = store_->ListAll(ctx_, io::ObjectPath() / parent, {.directories = true});
      ASSERT_TRUE(folders.ok());
      for (const io::ObjectInfo& folder : *folders) {
        EXPECT_TRUE(known.contains(folder.path.str()))
            << "files without a table: " << folder.path.str();
      }
    }
    ASSERT_TRUE(tx->Commit().ok());
    for (auto& [name, possible] : possible_) {
      const auto table =
          catalog_->LookupTable(ctx_, Name(name), catalog::Purpose::kRead, "simulation");
      const std::string id = table.ok() ? (*table)->id : "";
      EXPECT_TRUE(possible.contains(id)) << name << " is " << (id.empty() ? "missing" : id);
      if (!unsettled_.contains(name)) possible = {id};
    }
  }

  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  const std::string home_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> store_;
  SimulatedVfs database_;
  std::unique_ptr<LakeState> state_;
  std::unique_ptr<LakeCatalog> catalog_;
  // By name: what may stand under it ("" is nothing), and what ever may have.
  std::map<std::string, std::set<std::string>> possible_{
      {"t0", {""}}, {"t1", {""}}, {"t2", {""}}, {"t3", {""}}};
  std::map<std::string, std::set<std::string>> ever_;
  std::set<std::string> unsettled_;  // names whose last failure no acknowledged change followed
};

TEST(CatalogSim, NoTableWithoutFilesAndNoFilesWithoutATable) {
  char name[] = "/tmp/tarn_sim_XXXXXX";
  const std::string home = mkdtemp(name);
  std::filesystem::create_directory(home + "/leases");
  RunSeeds("catalog", 10'000, [&](uint64_t seed) { CatalogRun(seed, home).Run(); });
  std::filesystem::remove_all(home);
}

}  // namespace
}  // namespace tarn::sim
