#include "tarn/io/object_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tarn/io/faulty_object_store.h"
#include "tarn/io/local_object_store.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/sub_store.h"

namespace tarn::io {
namespace {

ObjectPath P(std::string_view text) { return *ObjectPath::Parse(text); }

// What every store promises, on each of them.
class StoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = NewMemoryStore();
    } else if (GetParam() == "faulty") {
      store_ = NewFaultyStore(1);
    } else {
      char name[] = "/tmp/tarn_io_test_XXXXXX";
      folder_ = mkdtemp(name);
      store_ = *OpenLocalStore(folder_);
      if (GetParam() == "sub") {
        store_ = NewSubStore(std::shared_ptr<ObjectStore>(std::move(store_)), P("below/here"));
      }
    }
  }
  void TearDown() override {
    if (folder_.empty()) return;
    ASSERT_TRUE((*OpenLocalStore(folder_))->DeleteTree(ctx_, {}).ok());
    rmdir(folder_.c_str());
  }

  std::vector<std::string> Names(std::string_view directory, ListOptions options = {}) {
    std::vector<std::string> names;
    const auto found = store_->ListAll(ctx_, P(directory), options);
    for (const ObjectInfo& info : *found) {
      names.push_back(info.path.str());
    }
    return names;
  }

  RequestContext ctx_;
  std::string folder_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_P(StoreTest, PutIfAbsentCreatesOnceAndNeverOverwrites) {
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("t/_delta_log/0.json"), "one"), PutOutcome::kCreated);
  EXPECT_EQ(*store_->PutIfAbsent(ctx_, P("t/_delta_log/0.json"), "two"), PutOutcome::kExists);
  EXPECT_EQ(*store_->ReadAll(ctx_, P("t/_delta_log/0.json"), 100), "one");
  EXPECT_EQ(Names("t/_delta_log"), std::vector<std::string>{"t/_delta_log/0.json"});
}

TEST_P(StoreTest, PutReplaces) {
  ASSERT_TRUE(store_->Put(ctx_, P("a"), "one").ok());
  ASSERT_TRUE(store_->Put(ctx_, P("a"), "second").ok());
  EXPECT_EQ(*store_->ReadAll(ctx_, P("a"), 100), "second");
  EXPECT_EQ(store_->Stat(ctx_, P("a"))->size, 6);
}

TEST_P(StoreTest, CreateAppendsAndRefusesAnExistingName) {
  auto file = *store_->Create(ctx_, P("x/y/data"));
  ASSERT_TRUE(file->Append("hello ").ok());
  ASSERT_TRUE(file->Append("world").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Close().ok());
  ASSERT_TRUE(file->Close().ok());
  ASSERT_TRUE(store_->SyncDirectories(ctx_, P("x/y")).ok());
  EXPECT_EQ(file->size(), 11);
  EXPECT_EQ(store_->Create(ctx_, P("x/y/data")).error().condition(),
            Condition("PATH_ALREADY_EXISTS"));
  auto reader = *store_->Open(ctx_, P("x/y/data"));
  char buffer[8];
  EXPECT_EQ(*reader->Read(6, buffer), 5u);
  EXPECT_EQ(std::string_view(buffer, 5), "world");
  EXPECT_EQ(*reader->Read(100, buffer), 0u);
  EXPECT_EQ(reader->info().size, 11);
}

TEST_P(StoreTest, WhatIsNotThereIsPathNotFound) {
  EXPECT_EQ(store_->Open(ctx_, P("no/such")).error().condition(), Condition("PATH_NOT_FOUND"));
  EXPECT_EQ(store_->Stat(ctx_, P("no")).error().condition(), Condition("PATH_NOT_FOUND"));
  EXPECT_FALSE(*store_->Exists(ctx_, P("no/such")));
  EXPECT_TRUE(Names("no").empty());
  EXPECT_FALSE(*store_->Delete(ctx_, P("no/such")));
  EXPECT_TRUE(store_->DeleteTree(ctx_, P("no")).ok());
}

TEST_P(StoreTest, ListIsSortedAndStartsAfter) {
  for (const char* name : {"l/b", "l/a", "l/c/d", "l/B", "l/c.x"}) {
    ASSERT_TRUE(store_->Put(ctx_, P(name), "").ok());
  }
  EXPECT_EQ(Names("l"), (std::vector<std::string>{"l/B", "l/a", "l/b", "l/c.x"}));
  EXPECT_EQ(Names("l", {.start_after = "a"}), (std::vector<std::string>{"l/b", "l/c.x"}));
  EXPECT_EQ(Names("l", {.recursive = true}),
            (std::vector<std::string>{"l/B", "l/a", "l/b", "l/c/d", "l/c.x"}));
  EXPECT_EQ(Names("l", {.directories = true}),
            (std::vector<std::string>{"l/B", "l/a", "l/b", "l/c", "l/c.x"}));
  const auto is_c = [](const ObjectPath& path) { return path.Name() == "c"; };
  EXPECT_EQ(Names("l", {.recursive = true, .directories = true, .stay_out = is_c}),
            (std::vector<std::string>{"l/B", "l/a", "l/b", "l/c", "l/c.x"}));
}

TEST_P(StoreTest, RenameMovesTreesToFreeNamesOnly) {
  ASSERT_TRUE(store_->Put(ctx_, P("from/a/b"), "x").ok());
  ASSERT_TRUE(store_->Put(ctx_, P("taken"), "y").ok());
  EXPECT_EQ(store_->Rename(ctx_, P("from"), P("taken")).error().condition(),
            Condition("PATH_ALREADY_EXISTS"));
  ASSERT_TRUE(store_->Rename(ctx_, P("from"), P("deep/to")).ok());
  EXPECT_EQ(*store_->ReadAll(ctx_, P("deep/to/a/b"), 10), "x");
  EXPECT_FALSE(*store_->Exists(ctx_, P("from")));
}

TEST_P(StoreTest, DeleteTreeRemovesAll) {
  ASSERT_TRUE(store_->Put(ctx_, P("d/e/f"), "x").ok());
  ASSERT_TRUE(store_->CreateDirectories(ctx_, P("d/g")).ok());
  ASSERT_TRUE(store_->DeleteTree(ctx_, P("d")).ok());
  EXPECT_FALSE(*store_->Exists(ctx_, P("d")));
}

TEST_P(StoreTest, ReadAllRefusesMoreThanItsLimit) {
  ASSERT_TRUE(store_->Put(ctx_, P("big"), "0123456789").ok());
  EXPECT_EQ(store_->ReadAll(ctx_, P("big"), 9).error().condition(), Condition("IO_ERROR"));
}

TEST_P(StoreTest, ACancelledRequestDoesNothing) {
  ctx_.cancellation->Cancel();
  EXPECT_EQ(store_->PutIfAbsent(ctx_, P("a"), "x").error().condition(),
            Condition("OPERATION_CANCELED"));
  ctx_.cancellation->Reset();
  EXPECT_FALSE(*store_->Exists(ctx_, P("a")));
}

TEST_P(StoreTest, OfManyWritersOfOneVersionExactlyOneWins) {
  std::vector<std::thread> writers;
  std::atomic<int> won{0};
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int version = 0; version < 10; ++version) {
        const auto outcome =
            store_->PutIfAbsent(ctx_, P("log") / std::to_string(version), std::to_string(writer));
        if (outcome.ok() && *outcome == PutOutcome::kCreated) ++won;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(won, 10);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::Values("memory", "faulty", "local", "sub"),
                         [](const auto& info) { return info.param; });

class LocalStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tarn_io_test_XXXXXX";
    folder_ = mkdtemp(name);
    store_ = *OpenLocalStore(folder_ + "/root", LinkPolicy::kBeneath, true);
    all_ = *OpenRootlessStore();
    ASSERT_TRUE(all_->Put(ctx_, *ObjectPath::FromAbsolute(folder_ + "/secret"), "s").ok());
  }
  void TearDown() override {
    ASSERT_TRUE(all_->DeleteTree(ctx_, *ObjectPath::FromAbsolute(folder_)).ok());
  }
  RequestContext ctx_;
  std::string folder_;
  std::unique_ptr<ObjectStore> store_, all_;
};

TEST_F(LocalStoreTest, LinksOutOfTheRootAreRefusedWhereverTheyStand) {
  ASSERT_EQ(symlink("../secret", (folder_ + "/root/file").c_str()), 0);
  ASSERT_EQ(symlink((folder_ + "/secret").c_str(), (folder_ + "/root/absolute").c_str()), 0);
  ASSERT_EQ(symlink("..", (folder_ + "/root/up").c_str()), 0);
  for (const char* name : {"file", "absolute", "up/secret"}) {
    EXPECT_EQ(store_->Open(ctx_, P(name)).error().condition(), Condition("PATH_NOT_ALLOWED"))
        << name;
    EXPECT_EQ(store_->Stat(ctx_, P(name)).error().condition(), Condition("PATH_NOT_ALLOWED"))
        << name;
  }
  EXPECT_FALSE(store_->Put(ctx_, P("up/planted"), "x").ok());
  EXPECT_FALSE(store_->PutIfAbsent(ctx_, P("up/planted"), "x").ok());
  EXPECT_FALSE(store_->Create(ctx_, P("up/planted")).ok());
  EXPECT_FALSE(store_->Delete(ctx_, P("up/secret")).ok());
  EXPECT_TRUE(store_->ListAll(ctx_, {})->empty());
  EXPECT_EQ(*all_->ReadAll(ctx_, *ObjectPath::FromAbsolute(folder_ + "/root/file"), 9), "s");
}

TEST_F(LocalStoreTest, LinksThatStayBelowTheRootAreFollowed) {
  ASSERT_TRUE(store_->Put(ctx_, P("real/data"), "x").ok());
  ASSERT_EQ(symlink("real", (folder_ + "/root/alias").c_str()), 0);
  EXPECT_EQ(*store_->ReadAll(ctx_, P("alias/data"), 9), "x");
}

TEST_F(LocalStoreTest, DeleteTreeDoesNotFollowLinks) {
  ASSERT_TRUE(store_->CreateDirectories(ctx_, P("t")).ok());
  ASSERT_EQ(symlink(folder_.c_str(), (folder_ + "/root/t/out").c_str()), 0);
  ASSERT_TRUE(store_->DeleteTree(ctx_, P("t")).ok());
  EXPECT_TRUE(*all_->Exists(ctx_, *ObjectPath::FromAbsolute(folder_ + "/secret")));
}

TEST_F(LocalStoreTest, ADirectoryIsNoObjectAndAMissingRootIsNotMade) {
  ASSERT_TRUE(store_->CreateDirectories(ctx_, P("d")).ok());
  EXPECT_FALSE(store_->Open(ctx_, P("d")).ok());
  EXPECT_EQ(OpenLocalStore(folder_ + "/none").error().condition(), Condition("PATH_NOT_FOUND"));
  EXPECT_EQ(store_->Display(P("a/b")), folder_ + "/root/a/b");
}

TEST_F(LocalStoreTest, TheStoreFollowsItsFolderWhenThatIsMoved) {
  ASSERT_EQ(rename((folder_ + "/root").c_str(), (folder_ + "/moved").c_str()), 0);
  ASSERT_TRUE(store_->Put(ctx_, P("a"), "x").ok());
  EXPECT_TRUE(*all_->Exists(ctx_, *ObjectPath::FromAbsolute(folder_ + "/moved/a")));
}

class SharedFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tarn_io_test_XXXXXX";
    folder_ = mkdtemp(name);
    from_ = *OpenLocalStore(folder_ + "/from", LinkPolicy::kBeneath, true);
    to_ = *OpenLocalStore(folder_ + "/to", LinkPolicy::kBeneath, true);
    ASSERT_TRUE(from_->Put(ctx_, P("p/a"), "content").ok());
    ASSERT_TRUE(to_->CreateDirectories(ctx_, P("p")).ok());
    shared_ = *OpenSharedFiles(folder_ + "/from", folder_ + "/to");
  }
  void TearDown() override {
    ASSERT_TRUE((*OpenLocalStore(folder_))->DeleteTree(ctx_, {}).ok());
    rmdir(folder_.c_str());
  }
  Condition ConditionOf(const std::string& path) {
    const auto shared = shared_->Share(ctx_, P(path));
    EXPECT_FALSE(shared.ok());
    return shared.error().condition();
  }

  RequestContext ctx_;
  std::string folder_;
  std::unique_ptr<ObjectStore> from_, to_;
  std::unique_ptr<SharedFiles> shared_;
};

TEST_F(SharedFilesTest, EitherFolderCanLoseTheFileWithoutTheOther) {
  EXPECT_EQ(SharedSinceMicros(folder_ + "/from/p/a"), std::nullopt);
  EXPECT_TRUE(*shared_->Share(ctx_, P("p/a")));
  EXPECT_FALSE(*shared_->Sync(ctx_));  // its directory is left to be synced
  EXPECT_EQ(*to_->ReadAll(ctx_, P("p/a"), 100), "content");
  EXPECT_GE(*SharedSinceMicros(folder_ + "/to/p/a"), from_->Stat(ctx_, P("p/a"))->modified_us);
  EXPECT_TRUE(*from_->Delete(ctx_, P("p/a")));
  EXPECT_EQ(*to_->ReadAll(ctx_, P("p/a"), 100), "content");
  EXPECT_EQ(SharedSinceMicros(folder_ + "/to/p/a"), std::nullopt);
}

TEST_F(SharedFilesTest, ManyAreSyncedAtOnce) {
  for (int i = 0; i < 40; ++i) {
    const ObjectPath path = P("p/many" + std::to_string(i));
    ASSERT_TRUE(from_->Put(ctx_, path, "content").ok());
    ASSERT_TRUE(*shared_->Share(ctx_, path));
  }
  EXPECT_TRUE(*shared_->Sync(ctx_));
}

TEST_F(SharedFilesTest, OnlyTheFoldersOwnFilesAreShared) {
  EXPECT_EQ(ConditionOf("p/none"), Condition("PATH_NOT_FOUND"));
  EXPECT_EQ(ConditionOf("p"), Condition("PATH_NOT_ALLOWED"));
  ASSERT_TRUE((*OpenLocalStore(folder_))->Put(ctx_, P("secret"), "s").ok());
  ASSERT_EQ(symlink("../../secret", (folder_ + "/from/p/out").c_str()), 0);
  ASSERT_EQ(symlink("a", (folder_ + "/from/p/in").c_str()), 0);
  ASSERT_EQ(mkfifo((folder_ + "/from/p/pipe").c_str(), 0600), 0);
  for (const char* path : {"p/out", "p/in", "p/pipe"}) {
    EXPECT_EQ(ConditionOf(path), Condition("PATH_NOT_ALLOWED")) << path;
    EXPECT_FALSE(*to_->Exists(ctx_, P(path))) << path;
  }
  // Nor does the other folder's place lead anywhere else.
  ASSERT_EQ(symlink(folder_.c_str(), (folder_ + "/to/out").c_str()), 0);
  ASSERT_TRUE(from_->Put(ctx_, P("out/b"), "content").ok());
  EXPECT_EQ(ConditionOf("out/b"), Condition("PATH_NOT_ALLOWED"));
  ASSERT_TRUE(to_->Put(ctx_, P("p/a"), "another").ok());
  EXPECT_EQ(ConditionOf("p/a"), Condition("PATH_ALREADY_EXISTS"));
  EXPECT_EQ(*to_->ReadAll(ctx_, P("p/a"), 100), "another");
}

}  // namespace
}  // namespace tarn::io
