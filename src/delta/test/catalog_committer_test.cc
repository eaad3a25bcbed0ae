#include "tarn/delta/catalog_committer.h"

#include <gtest/gtest.h>

#include "test/memory_coordinator.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::MemoryCoordinator;
using test::TestTable;

constexpr const char* kFirst = "_delta_log/00000000000000000001.json";

class CatalogCommitterTest : public ::testing::Test {
 protected:
  void SetUp() override { Create("catalogManaged"); }
  void Create(const std::string& feature) { t.Create({{"delta.feature." + feature, "supported"}}); }
  std::shared_ptr<const Snapshot> Published() {
    return *Table(t.handlers(), "/lake/t").Latest(t.ctx);
  }
  Transaction Append(const std::string& path, const std::shared_ptr<const Snapshot>& snapshot) {
    Transaction append(t.handlers(), snapshot);
    AddFile add;
    add.path = path;
    add.size = 10;
    add.stats = R"({"numRecords":1})";
    append.Add(std::move(add));
    return append;
  }
  Version Commit(Transaction transaction) {
    const CommitResult result = transaction.Commit(t.ctx, committer);
    const auto* committed = std::get_if<Committed>(&result);
    return committed == nullptr ? kNoVersion : committed->version;
  }
  /// Stages and ratifies a commit as a process does that is killed before it publishes.
  StagedCommit RatifyOnly(Version version) {
    // What it would have put, taken from a twin of the table.
    TestTable twin;
    twin.Put("_delta_log/00000000000000000000.json", t.Get("_delta_log/00000000000000000000.json"));
    Transaction append = [&] {
      Transaction one(twin.handlers(), *Table(twin.handlers(), "/lake/t").Latest(twin.ctx));
      AddFile add;
      add.path = "ratified";
      add.size = 10;
      add.stats = R"({"numRecords":1})";
      one.Add(std::move(add));
      return one;
    }();
    FileSystemCommitter plain(twin.log);
    EXPECT_TRUE(std::holds_alternative<Committed>(append.Commit(twin.ctx, plain)));
    bytes = twin.Get(kFirst);
    const auto staged = committer.Stage(t.ctx, version, bytes);
    EXPECT_TRUE(staged.ok());
    const auto ratified = coordinator->Ratify(t.ctx, {*staged});
    EXPECT_TRUE(ratified.ok() && *ratified == LogPut::kCreated);
    return *staged;
  }
  size_t Staged() { return t.log->List(t.ctx, "_delta_log/_staged_commits", "")->size(); }

  TestTable t;
  std::string bytes;
  std::shared_ptr<MemoryCoordinator> coordinator = std::make_shared<MemoryCoordinator>();
  CatalogCommitter committer{t.log, SystemIds(), coordinator, "the-table"};
};

TEST_F(CatalogCommitterTest, ThePublishedLogIsAnOrdinaryOne) {
  EXPECT_EQ(Commit(Append("a", Published())), 1);
  EXPECT_EQ(Commit(Append("b", Published())), 2);
  EXPECT_EQ(Published()->version(), 2);
  EXPECT_EQ(Published()->files().size(), 2u);
  EXPECT_EQ(Staged(), 0u);
  EXPECT_EQ((*coordinator->Newest(t.ctx, "the-table"))->version, 2);
}

TEST_F(CatalogCommitterTest, AStaleVersionGoesOnToTheNextFreeOne) {
  const auto stale = Published();
  EXPECT_EQ(Commit(Append("a", stale)), 1);
  EXPECT_EQ(Commit(Append("b", stale)), 2);
  EXPECT_EQ(Published()->files().size(), 2u);
  EXPECT_EQ(Staged(), 0u);
}

TEST_F(CatalogCommitterTest, ADeadWritersStagedCommitIsInNobodysWay) {
  ASSERT_TRUE(committer.Stage(t.ctx, 1, "never ratified").ok());
  EXPECT_EQ(Commit(Append("a", Published())), 1);
  EXPECT_EQ(Staged(), 1u);
  EXPECT_EQ(*committer.PublishNewest(t.ctx, 1), false);
}

TEST_F(CatalogCommitterTest, WhatADeadWriterRatifiedIsPublishedByTheNextReader) {
  RatifyOnly(1);
  EXPECT_EQ(Published()->version(), 0);
  EXPECT_EQ(*committer.PublishNewest(t.ctx, 0), true);
  EXPECT_EQ(t.Get(kFirst), bytes);
  EXPECT_EQ(Staged(), 0u);
  // Again, as after a crash between publishing and removing: nothing happens.
  EXPECT_EQ(*committer.PublishNewest(t.ctx, 1), false);
  EXPECT_EQ(*committer.PublishNewest(t.ctx, 0), true);
  EXPECT_EQ(Published()->version(), 1);
}

TEST_F(CatalogCommitterTest, WhatADeadWriterRatifiedIsPublishedByTheNextWriter) {
  RatifyOnly(1);
  EXPECT_EQ(Commit(Append("b", Published())), 2);
  EXPECT_EQ(t.Get(kFirst), bytes);
  EXPECT_EQ(Published()->files().size(), 2u);
}

TEST_F(CatalogCommitterTest, PublishingTwiceIsPublishingOnce) {
  const StagedCommit staged = RatifyOnly(1);
  EXPECT_TRUE(committer.Publish(t.ctx, staged, bytes).ok());
  EXPECT_TRUE(committer.Publish(t.ctx, staged, bytes).ok());
}

TEST_F(CatalogCommitterTest, AWriterThatDoesntAskTheCatalogIsNoticed) {
  RatifyOnly(1);
  t.Put(kFirst, "{}");
  const auto published = committer.PublishNewest(t.ctx, 0);
  ASSERT_FALSE(published.ok());
  EXPECT_EQ(t.Get(kFirst), "{}");
}

TEST_F(CatalogCommitterTest, ALostAnswerIsResolvedByTheTransactionId) {
  coordinator->silent_once = true;
  EXPECT_EQ(Commit(Append("a", Published())), 1);
  EXPECT_EQ(Published()->files().size(), 1u);
}

TEST_F(CatalogCommitterTest, ACatalogThatRefusesLeavesTheTableAsItWas) {
  coordinator->refuses = true;
  Transaction append = Append("a", Published());
  const CommitResult result = append.Commit(t.ctx, committer);
  const auto* conflicted = std::get_if<Conflicted>(&result);
  ASSERT_NE(conflicted, nullptr);
  EXPECT_EQ(conflicted->error.condition(), Condition("METASTORE_BUSY"));
  EXPECT_EQ(Published()->version(), 0);
}

TEST_F(CatalogCommitterTest, AMetastoreOlderThanTheLogPutsNothingOverIt) {
  FileSystemCommitter plain(t.log);
  Transaction other = Append("other", Published());
  const auto stale = Published();
  ASSERT_TRUE(std::holds_alternative<Committed>(other.Commit(t.ctx, plain)));
  EXPECT_EQ(Commit(Append("a", stale)), 2);
}

TEST_F(CatalogCommitterTest, CatalogManagedBringsWhatItNeeds) {
  const Protocol protocol = Published()->protocol();
  EXPECT_TRUE(IsCatalogCommitted(protocol));
  for (const char* name : {"catalogManaged", "inCommitTimestamp", "vacuumProtocolCheck"}) {
    EXPECT_TRUE(SupportsFeature(protocol, name)) << name;
  }
  EXPECT_EQ(protocol.reader_version, 3);
  EXPECT_TRUE(Published()->properties().in_commit_timestamps);
  // It can't do without.
  Metadata without = Published()->metadata();
  without.configuration["delta.enableInCommitTimestamps"] = "false";
  Transaction change(t.handlers(), Published());
  const Status set = change.SetMetadata(std::move(without));
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().condition(), Condition("INVALID_PARAMETER_VALUE"));
}

TEST(CatalogCommitsFeature, ReadersNeedntKnowTarnsOwn) {
  Metadata metadata;
  metadata.schema.fields = {{"x", TypeId::kInt}};
  metadata.configuration["delta.feature.tarn.catalogCommits"] = "supported";
  const auto protocol = ProtocolFor(metadata, std::nullopt, "t");
  ASSERT_TRUE(protocol.ok());
  EXPECT_TRUE(IsCatalogCommitted(*protocol));
  EXPECT_EQ(protocol->reader_version, 1);
  EXPECT_EQ(protocol->writer_version, 7);
}

}  // namespace
}  // namespace tarn::delta
