#include "tarn/io/faulty_object_store.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tarn::io {
namespace {

ObjectPath P(std::string_view text) { return *ObjectPath::Parse(text); }
const RequestContext kCtx;

TEST(FaultyStore, APowerCutKeepsWhatWasSyncedAndMayLoseTheRest) {
  std::set<std::string> unsynced_contents;
  bool lost_name = false, kept_name = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto store = NewFaultyStore(seed);
    ASSERT_TRUE(store->Put(kCtx, P("synced"), "safe").ok());
    auto file = *store->Create(kCtx, P("loose"));
    ASSERT_TRUE(file->Append("abcdef").ok());
    store->CutPower();
    EXPECT_EQ(store->Stat(kCtx, P("synced")).error().condition(), Condition("IO_ERROR"));
    store->Restart();
    EXPECT_EQ(*store->ReadAll(kCtx, P("synced"), 100), "safe");
    EXPECT_FALSE(file->Append("g").ok());
    if (*store->Exists(kCtx, P("loose"))) {
      kept_name = true;
      unsynced_contents.insert(*store->ReadAll(kCtx, P("loose"), 100));
    } else {
      lost_name = true;
    }
  }
  EXPECT_TRUE(lost_name);
  EXPECT_TRUE(kept_name);
  EXPECT_GT(unsynced_contents.size(), 5u);  // torn at several places, some with garbage
}

TEST(FaultyStore, ASyncedFileInAnUnsyncedDirectoryCanVanish) {
  bool lost = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto store = NewFaultyStore(seed);
    auto file = *store->Create(kCtx, P("new/dir/file"));
    ASSERT_TRUE(file->Append("x").ok());
    ASSERT_TRUE(file->Sync().ok());
    store->CutPower();
    store->Restart();
    lost |= !*store->Exists(kCtx, P("new/dir/file"));
  }
  EXPECT_TRUE(lost);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto store = NewFaultyStore(seed);
    auto file = *store->Create(kCtx, P("new/dir/file"));
    ASSERT_TRUE(file->Append("x").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(store->SyncDirectories(kCtx, P("new/dir")).ok());
    store->CutPower();
    store->Restart();
    EXPECT_EQ(*store->ReadAll(kCtx, P("new/dir/file"), 9), "x");
  }
}

TEST(FaultyStore, OneSeedRepeatsARun) {
  const auto run = [](uint64_t seed) {
    const auto store = NewFaultyStore(seed);
    store->SetRates({.fail_one_in = 5, .lost_answer_one_in = 7, .torn_one_in = 9});
    std::string trace;
    for (int i = 0; i < 50; ++i) {
      const auto outcome = store->PutIfAbsent(kCtx, P("d") / std::to_string(i % 20), "content");
      trace += outcome.ok() ? std::to_string(static_cast<int>(*outcome)) : "e";
    }
    return trace;
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

// Every disk call of a put is struck by every fault, and the answer must never be a lie.
TEST(FaultyStore, PutIfAbsentNeverLiesWhicheverCallFails) {
  int64_t calls = 0;
  {
    const auto store = NewFaultyStore(0);
    ASSERT_EQ(*store->PutIfAbsent(kCtx, P("log/00"), "mine"), PutOutcome::kCreated);
    calls = store->calls();
  }
  ASSERT_GT(calls, 5);
  std::map<std::string, int> answers;
  for (const DiskFault fault :
       {DiskFault::kFail, DiskFault::kLostAnswer, DiskFault::kTorn, DiskFault::kPowerCut}) {
    for (int64_t k = 1; k <= calls; ++k) {
      for (uint64_t seed = 0; seed < 40; ++seed) {
        const auto store = NewFaultyStore(seed);
        store->FailCall(k, fault);
        const auto outcome = store->PutIfAbsent(kCtx, P("log/00"), "mine");
        if (!store->powered()) store->Restart();
        const bool there = *store->Exists(kCtx, P("log/00"));
        if (there) {
          ASSERT_EQ(*store->ReadAll(kCtx, P("log/00"), 99), "mine") << k << " " << seed;
        }
        if (!outcome.ok()) {
          ASSERT_FALSE(there) << "an Error means that nothing was put: " << k << " " << seed;
          ++answers["error"];
          continue;
        }
        ASSERT_NE(*outcome, PutOutcome::kExists);
        ++answers[*outcome == PutOutcome::kCreated ? "created" : "unknown"];
        if (*outcome == PutOutcome::kCreated) {
          store->CutPower();
          store->Restart();
          ASSERT_EQ(*store->ReadAll(kCtx, P("log/00"), 99), "mine")
              << "acknowledged and lost: " << k << " " << seed;
        }
      }
    }
  }
  EXPECT_GT(answers["error"], 0);
  EXPECT_GT(answers["created"], 0);
  EXPECT_GT(answers["unknown"], 0);
}

TEST(FaultyStore, PutLeavesTheOldOrTheNewWhicheverCallFails) {
  const auto counted = NewFaultyStore(0);
  ASSERT_TRUE(counted->Put(kCtx, P("d/file"), "old").ok());
  const int64_t before = counted->calls();
  ASSERT_TRUE(counted->Put(kCtx, P("d/file"), "new").ok());
  const int64_t calls = counted->calls() - before;
  for (const DiskFault fault :
       {DiskFault::kFail, DiskFault::kLostAnswer, DiskFault::kTorn, DiskFault::kPowerCut}) {
    for (int64_t k = 1; k <= calls; ++k) {
      for (uint64_t seed = 0; seed < 40; ++seed) {
        const auto store = NewFaultyStore(seed);
        ASSERT_TRUE(store->Put(kCtx, P("d/file"), "old").ok());
        store->FailCall(k, fault);
        const bool done = store->Put(kCtx, P("d/file"), "new").ok();
        if (done && store->powered()) store->CutPower();
        if (!store->powered()) store->Restart();
        const std::string content = *store->ReadAll(kCtx, P("d/file"), 99);
        ASSERT_TRUE(content == "new" || (!done && content == "old")) << content << k << " " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace tarn::io
