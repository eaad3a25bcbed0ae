#include <atomic>
#include <thread>

#include "lake_test_fixture.h"

namespace tarn::catalog {
namespace {

TEST_F(LakeTest, ThreadsLookUpAndChangeAtOnce) {
  ASSERT_TRUE(CreateTable(Name("steady")).ok());
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto table = catalog().LookupTable(ctx_, Name("steady"), Purpose::kRead, "");
        if (!table.ok() || (*table)->name.object != "steady") ++failures;
        const auto missing = catalog().LookupRelation(ctx_, Name("stead"), Purpose::kRead);
        if (missing.ok()) ++failures;
        if (!catalog().ListTables(ctx_, "main", "default").ok()) ++failures;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const ObjectName name = Name("t" + std::to_string(i));
    EXPECT_TRUE(CreateTable(name).ok());
    // What this thread changed, it sees at once.
    EXPECT_TRUE(catalog().LookupRelation(ctx_, name, Purpose::kRead).ok());
    EXPECT_TRUE(catalog().DropRelation(ctx_, name, SecurableKind::kTable, false).ok());
    EXPECT_FALSE(catalog().LookupRelation(ctx_, name, Purpose::kRead).ok());
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
  ExpectSound();
}

}  // namespace
}  // namespace tarn::catalog
