#include "shared_sync.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <thread>
#include <vector>

namespace tarn::io {
namespace {

constexpr SharedSync::Identity kPlace{1, 2};

TEST(SharedSync, SyncsForOneCaller) {
  SharedSync shared;
  int syncs = 0;
  EXPECT_EQ(shared.Run(kPlace, [&] { return ++syncs, 0; }), 0);
  EXPECT_EQ(shared.Run(kPlace, [&] { return ++syncs, 0; }), 0);
  EXPECT_EQ(syncs, 2);
}

/// A first sync that runs until it is let go, and callers that come while it does.
struct Crowd {
  /// `others` callers whose syncs answer `answer`; what all of them were answered, the first first.
  std::vector<int> Run(int others, int answer) {
    std::promise<void> begun;
    std::promise<void> go;
    std::future<int> first = std::async(std::launch::async, [&] {
      return shared.Run(kPlace, [&] {
        begun.set_value();
        go.get_future().wait();
        return 0;
      });
    });
    begun.get_future().wait();
    std::vector<std::future<int>> waiting;
    for (int i = 0; i < others; ++i) {
      waiting.push_back(std::async(std::launch::async, [&, answer] {
        ++arrived;
        return shared.Run(kPlace, [&, answer] { return ++syncs, answer; });
      }));
    }
    while (arrived < others) std::this_thread::yield();
    go.set_value();
    std::vector<int> answers{first.get()};
    for (auto& one : waiting) answers.push_back(one.get());
    return answers;
  }

  SharedSync shared;
  std::atomic<int> arrived{0};
  std::atomic<int> syncs{0};
};

TEST(SharedSync, NobodyIsAnsweredByASyncThatBeganBefore) {
  Crowd crowd;
  EXPECT_EQ(crowd.Run(1, 0), (std::vector<int>{0, 0}));
  EXPECT_EQ(crowd.syncs, 1);
}

TEST(SharedSync, AFailureIsToldToAllWhoReliedOnIt) {
  Crowd crowd;
  EXPECT_EQ(crowd.Run(8, EIO), (std::vector<int>{0, EIO, EIO, EIO, EIO, EIO, EIO, EIO, EIO}));
  EXPECT_GE(crowd.syncs, 1);
  EXPECT_LE(crowd.syncs, 8);
  EXPECT_EQ(crowd.shared.Run(kPlace, [] { return 0; }), 0);
}

TEST(SharedSync, PlacesDoNotWaitForEachOther) {
  SharedSync shared;
  EXPECT_EQ(shared.Run(kPlace, [&] { return shared.Run({1, 3}, [] { return 0; }); }), 0);
}

}  // namespace
}  // namespace tarn::io
