#include "tarn/session/known_files.h"

#include <gtest/gtest.h>

#include "tarn/io/faulty_object_store.h"
#include "tarn/io/memory_object_store.h"

namespace tarn::session {
namespace {

using Identity = KnownFiles::Identity;

TEST(KnownFiles, ManyAppendsStayFewSegmentsAndAreFoundAgain) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto known = KnownFiles::Load(context, state, Identity::kPath);
  ASSERT_TRUE(known.ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(known->Append(context, {{"/a\t%\n/" + std::to_string(i), i, i, 7}}).ok());
  }
  EXPECT_LE(state->ListAll(context, io::ObjectPath() / "files")->size(), 8u);
  auto again = KnownFiles::Load(context, state, Identity::kPath);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->count(), 100);
  EXPECT_TRUE(again->HasPath("/a\t%\n/42"));
  EXPECT_FALSE(again->HasPath("/a\t%\n/100"));
  const auto range = again->Range(context, 41, 43);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ((*range)[1].path, "/a\t%\n/42");
  EXPECT_EQ((*range)[1].size, 42);
  EXPECT_EQ((*range)[1].discovered_us, 7);
}

TEST(KnownFiles, OldFilesAreForgottenButKeepTheirNumbers) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto known = KnownFiles::Load(context, state, Identity::kPath);
  ASSERT_TRUE(known->Append(context, {{"/old", 1, 100, 0}, {"/new", 1, 200, 0}}).ok());
  const auto again = KnownFiles::Load(context, state, Identity::kPath, 150);
  EXPECT_EQ(again->count(), 2);
  EXPECT_FALSE(again->HasPath("/old"));
  EXPECT_TRUE(again->HasPath("/new"));
}

TEST(KnownFiles, AnOverwrittenFileIsKnownByItsTimeAndSize) {
  const RequestContext context;
  auto known = KnownFiles::Load(context, io::NewMemoryStore(), Identity::kPathAndTime);
  ASSERT_TRUE(known->Append(context, {{"/a", 1, 100, 0}}).ok());
  EXPECT_TRUE(known->Has({"/a", 1, 100, 5}));
  EXPECT_FALSE(known->Has({"/a", 1, 101, 0}));
  EXPECT_FALSE(known->Has({"/a", 2, 100, 0}));
}

/// A million files that a synthetic lister names: found again, and what is new told apart.
TEST(KnownFiles, AMillionFilesAndAThousandNewOnes) {
  constexpr int kKnown = 1'000'000;
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  const auto name = [](int i) {
    return "/landing/" + std::to_string(i % 97) + "/" + std::to_string(i);
  };
  {
    auto known = KnownFiles::Load(context, state, Identity::kPath);
    std::vector<KnownFile> files;
    for (int i = 0; i < kKnown; ++i) files.push_back({name(i), 1024, i, 0});
    ASSERT_TRUE(known->Append(context, files).ok());
  }
  const auto known = KnownFiles::Load(context, state, Identity::kPath);
  ASSERT_TRUE(known.ok());
  int fresh = 0;
  for (int i = 0; i < kKnown + 1000; ++i) fresh += known->HasPath(name(i)) ? 0 : 1;
  EXPECT_EQ(fresh, 1000);
}

TEST(KnownFiles, NoFileIsLostOrDoubledWhateverCallFails) {
  for (const io::DiskFault fault : {io::DiskFault::kFail, io::DiskFault::kLostAnswer,
                                    io::DiskFault::kTorn, io::DiskFault::kPowerCut}) {
    for (int k = 1; k < 80; ++k) {
      const RequestContext context;
      const std::shared_ptr<io::FaultyObjectStore> state = io::NewFaultyStore(31 * k + 7);
      state->FailCall(k, fault);
      // Each attempt adds what isn't known, as Discover does.
      std::vector<KnownFile> all;
      for (int i = 0; i < 6; ++i) {
        all.push_back({"/f" + std::to_string(i), i, i, 0});
        for (int attempt = 0;; ++attempt) {
          ASSERT_LT(attempt, 3);
          auto known = KnownFiles::Load(context, state, Identity::kPath);
          std::vector<KnownFile> fresh;
          for (const KnownFile& file : all) {
            if (known.ok() && !known->Has(file)) fresh.push_back(file);
          }
          if (known.ok() && known->Append(context, fresh).ok()) break;
          if (!state->powered()) state->Restart();
        }
      }
      auto known = KnownFiles::Load(context, state, Identity::kPath);
      ASSERT_TRUE(known.ok()) << known.error().ToString();
      const auto files = known->Range(context, 0, known->count());
      ASSERT_TRUE(files.ok());
      ASSERT_EQ(files->size(), 6u) << "fault " << static_cast<int>(fault) << " at call " << k;
      for (size_t i = 0; i < 6; ++i) ASSERT_EQ((*files)[i].path, all[i].path);
    }
  }
}

TEST(KnownFiles, WhatNoHeadTookOverCountsForNothing) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto first = KnownFiles::LoadTo(context, state, {});
  const auto head = first->Propose(context, {{"/a", 1, 1, 0}, {"/b", 1, 1, 0}});
  ASSERT_TRUE(head.ok());
  // Another attempt from the same place, which isn't committed.
  auto other = KnownFiles::LoadTo(context, state, {});
  EXPECT_FALSE(other->HasPath("/a"));
  ASSERT_TRUE(other->Propose(context, {{"/c", 1, 1, 0}, {"/d", 1, 1, 0}}).ok());
  auto next = KnownFiles::LoadTo(context, state, KnownFiles::Head::OfVersion(head->ToVersion()));
  ASSERT_TRUE(next.ok());
  EXPECT_TRUE(next->HasPath("/a"));
  EXPECT_FALSE(next->HasPath("/c"));
  const auto second = next->Propose(context, {{"/e", 1, 1, 0}, {"/f", 1, 1, 0}, {"/g", 1, 1, 0}});
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(next->Merge(context).ok());
  const auto merged = KnownFiles::LoadTo(context, state, *second);
  ASSERT_TRUE(merged.ok()) << merged.error().ToString();
  EXPECT_EQ(merged->count(), 5);
  EXPECT_TRUE(merged->HasPath("/a"));
  EXPECT_TRUE(merged->HasPath("/g"));
  EXPECT_FALSE(merged->HasPath("/d"));
  EXPECT_EQ(KnownFiles::LoadTo(context, state, {6, 9}).error().name(), "STREAM_CHECKPOINT_CORRUPT");
}

TEST(FileMarks, AFileBelongsToTheFirstMarkAboveItsNumber) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto marks = FileMarks::Load(context, state, CommittedMarks());
  ASSERT_TRUE(marks.ok());
  marks->Add({2, 100, ""});
  marks->Add({2, 150, ""});
  marks->Add({5, 200, "MOVE /there"});
  ASSERT_TRUE(marks->Save(context).ok());
  const auto again = FileMarks::Load(context, state, CommittedMarks());
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(again->marks().size(), 2u);
  EXPECT_EQ(again->Find(1)->at_us, 100);
  EXPECT_EQ(again->Find(2)->at_us, 200);
  EXPECT_EQ(again->Find(4)->note, "MOVE /there");
  EXPECT_EQ(again->Find(5), nullptr);
}

TEST(FileMarks, OldOnesAreThinnedOutAndNeverShowAnEarlierTime) {
  const RequestContext context;
  const std::shared_ptr<io::ObjectStore> state = io::NewMemoryStore();
  auto marks = FileMarks::Load(context, state, CommittedMarks());
  constexpr int kMany = static_cast<int>(FileMarks::kMarksMax) + 1;
  for (int i = 1; i <= kMany; ++i) marks->Add({i, i, ""});
  ASSERT_TRUE(marks->Save(context).ok());
  EXPECT_LT(marks->marks().size(), FileMarks::kMarksMax * 2 / 3);
  for (int i = 0; i < kMany; ++i) EXPECT_GE(marks->Find(i)->at_us, i + 1);
}

}  // namespace
}  // namespace tarn::session
