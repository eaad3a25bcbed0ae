// The metastore over a disk that fails: what was acknowledged stays, a transaction is there as a
// whole or not at all, and the file stays sound.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "seeds.h"
#include "simulated_vfs.h"
#include "tarn/base/random.h"
#include "tarn/meta/metastore.h"

namespace tarn::sim {
namespace {

constexpr char kPath[] = "/metastore.db";

class MetastoreRun {
 public:
  explicit MetastoreRun(uint64_t seed) : random_(seed * 2 + 1), disk_(seed) {}

  void Run() {
    ASSERT_TRUE(Open());
    disk_.SyncNames();  // as Lake::Open does before it says that a lake is there
    const uint32_t scale = static_cast<uint32_t>(20 + random_.Below(300));
    const VfsFaultRates rates{scale, scale, scale * 2};
    for (int step = 0; step < 25; ++step) {
      disk_.SetRates(rates);
      if (store_) Step();
      disk_.SetRates({});
      if (random_.OneIn(12) && disk_.powered()) disk_.CutPower();
      if (!disk_.powered() || !store_ || random_.OneIn(10)) {
        store_.reset();
        disk_.Restart();
        ASSERT_TRUE(Open());
        Check();
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }

 private:
  bool Open() {
    auto opened = meta::Metastore::Open(kPath, {.busy_timeout_ms = 0});
    if (!opened.ok()) {
      ADD_FAILURE() << opened.error().ToString();
      return false;
    }
    store_ = *std::move(opened);
    return true;
  }

  static meta::SecurableRow Row(const std::string& id, const std::string& comment) {
    meta::SecurableRow row;
    row.id = id;
    row.kind = "metastore";
    row.space = "sim";
    row.name = row.folded_name = id;
    row.comment = comment;
    return row;
  }

  // One transaction writes the same new value to two rows; they must never differ.
  void Step() {
    const std::string pair = std::to_string(random_.Below(4));
    // Of very different sizes, so that pages split and the WAL grows.
    const std::string value =
        std::to_string(++counter_) + std::string(random_.Below(3) * 3000, 'x');
    bool acknowledged = false;
    const auto write = [&]() -> Status {
      TARN_ASSIGN(auto tx, store_->Begin(ctx_, meta::TransactionKind::kWrite));
      for (const char* side : {"a", "b"}) {
        TARN_ASSIGN(const auto present, tx.FindById(side + pair));
        const meta::SecurableRow row = Row(side + pair, value);
        TARN_TRY(present ? tx.Update(row) : tx.Insert(row));
      }
      return tx.Commit();
    };
    acknowledged = write().ok();
    Model& model = model_[pair];
    if (acknowledged) {
      model.acknowledged = value;
      model.possible.clear();
      for (auto& [other, its] : model_) its.Settle();
    } else {
      // It may come to light later, also after others that failed likewise.
      model.possible.push_back({value});
    }
  }

  void Check() {
    auto integrity = store_->CheckIntegrity();
    ASSERT_TRUE(integrity.ok()) << integrity.error().ToString();
    ASSERT_EQ(*integrity, "ok");
    auto tx = store_->Begin(ctx_, meta::TransactionKind::kRead);
    ASSERT_TRUE(tx.ok());
    for (auto& [pair, model] : model_) {
      const auto a = tx->FindById("a" + pair);
      const auto b = tx->FindById("b" + pair);
      ASSERT_TRUE(a.ok() && b.ok());
      ASSERT_EQ(a->has_value(), b->has_value()) << "half a transaction";
      std::optional<std::string> found;
      if (*a) {
        ASSERT_EQ((*a)->comment, (*b)->comment) << "half a transaction";
        found = (*a)->comment;
      }
      bool allowed = found == model.acknowledged;
      for (const Possible& one : model.possible) allowed |= found == one.value;
      ASSERT_TRUE(allowed) << "pair " << pair << " holds " << found.value_or("nothing").substr(0, 9)
                           << ", acknowledged was "
                           << model.acknowledged.value_or("nothing").substr(0, 9);
      model.acknowledged = found;
      std::erase_if(model.possible, [](const Possible& one) { return one.settled; });
    }
  }

  // A value whose transaction failed. The log that holds it may have been removed and come back
  // with the next power cut; what is settled by a later transaction that was acknowledged stays as
  // it is.
  struct Possible {
    std::string value;
    bool settled = false;
  };
  struct Model {
    std::optional<std::string> acknowledged;
    std::vector<Possible> possible;
    void Settle() {
      for (Possible& one : possible) one.settled = true;
    }
  };

  Random random_;
  SimulatedVfs disk_;
  RequestContext ctx_;
  std::unique_ptr<meta::Metastore> store_;
  std::map<std::string, Model> model_;
  int counter_ = 0;
};

TEST(MetastoreSim, AcknowledgedTransactionsSurviveAndNoneIsTorn) {
  RunSeeds("metastore", 10'000, [](uint64_t seed) { MetastoreRun(seed).Run(); });
}

}  // namespace
}  // namespace tarn::sim
