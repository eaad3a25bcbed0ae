#include "log_compaction.h"

#include <gtest/gtest.h>

#include <map>

#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::AddLine;
using test::FieldJson;
using test::kProtocolLine;
using test::MetadataLine;
using test::RemoveLine;
using test::TestTable;

constexpr char kInfo[] = R"({"commitInfo":{"operation":"WRITE"}})";

std::string Lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string Vector(const std::string& name) {
  return R"(,"deletionVector":{"storageType":"i","pathOrInlineDv":")" + name +
         R"(","sizeInBytes":8,"cardinality":1})";
}

std::string Txn(const std::string& app, int version) {
  return R"({"txn":{"appId":")" + app + R"(","version":)" + std::to_string(version) + "}}";
}

std::string Domain(const std::string& name, const std::string& text, bool removed = false) {
  return R"({"domainMetadata":{"domain":")" + name + R"(","configuration":")" + text +
         R"(","removed":)" + (removed ? "true" : "false") + "}}";
}

TEST(ReconcileCommits, KeepsTheLastWordAboutEachThing) {
  const std::string first = Lines({kInfo, kProtocolLine, Txn("a", 1), Txn("b", 1),
                                   Domain("d", "old"), AddLine("x"), AddLine("y"), AddLine("z")});
  const std::string second = Lines(
      {kInfo, Txn("a", 2), Domain("d", "", true), RemoveLine("x"),
       RemoveLine("older than all of them"), RemoveLine("y"), AddLine("y", "{}", Vector("v")),
       R"({"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":false}})"});
  const std::string third =
      Lines({kInfo, "",
             R"({"add":{"path":"x","partitionValues":{},"size":7,)"
             R"("modificationTime":1,"dataChange":false,"unknown":[1,{}]}})"});
  const auto compacted = ReconcileCommits({first, second, third}, 4, "/t");
  ASSERT_TRUE(compacted.ok()) << compacted.error().ToString();
  EXPECT_EQ(**compacted, Lines({kProtocolLine, Txn("b", 1), AddLine("z"), Txn("a", 2),
                                Domain("d", "", true), RemoveLine("older than all of them"),
                                RemoveLine("y"), AddLine("y", "{}", Vector("v")),
                                R"({"add":{"path":"x","partitionValues":{},"size":7,)"
                                R"("modificationTime":1,"dataChange":false,"unknown":[1,{}]}})"}));
}

TEST(ReconcileCommits, LeavesWhatItDoesNotKnowAlone) {
  for (const char* line : {R"({"timeMachine":{}})", R"({})", R"({"add":null})",
                           R"({"checkpointMetadata":{"version":1}})"}) {
    const auto compacted = ReconcileCommits({Lines({AddLine("x"), line})}, 0, "/t");
    ASSERT_TRUE(compacted.ok()) << line;
    EXPECT_FALSE(compacted->has_value()) << line;
  }
  const auto two =
      ReconcileCommits({R"({"txn":{"appId":"a","version":1},"add":{"path":"x"}})"}, 0, "/t");
  ASSERT_TRUE(two.ok());
  EXPECT_FALSE(two->has_value());
  for (const char* line : {"{", "[]", R"({"add":{"path":"../x"}})", R"({"add":7})"}) {
    EXPECT_FALSE(ReconcileCommits({Lines({line})}, 0, "/t").ok()) << line;
  }
}

class LogCompactionTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Snapshot> At(Version version) {
    return *Table(t.handlers(), "/lake/t").AtVersion(t.ctx, version);
  }
  std::shared_ptr<const Snapshot> Latest() { return t.Latest(); }
  /// Adds a file, and removes the one three versions older.
  void Change(int i) {
    Transaction change(t.handlers(), Latest());
    AddFile add;
    add.path = "f" + std::to_string(i);
    add.size = i;
    change.Add(std::move(add));
    change.SetTransactionVersion("app" + std::to_string(i % 2), i);
    const auto old = Latest()->files().Find("f" + std::to_string(i - 3));
    if (old) change.Remove(*old);
    EXPECT_EQ(t.Commit(change), i);
  }
  std::vector<std::string> Compacted() {
    std::vector<std::string> names;
    const auto files = t.log->List(t.ctx, "_delta_log", "");
    for (const LogFileInfo& file : *files) {
      if (file.name.ends_with(".compacted.json")) names.push_back("_delta_log/" + file.name);
    }
    return names;
  }
  static std::string Describe(const Snapshot& snapshot) {
    std::string out;
    std::map<std::string, int64_t> files;
    for (size_t i = 0; i < snapshot.files().size(); ++i) {
      files[std::string(snapshot.files().path(i))] = snapshot.files().file_size(i);
    }
    for (const auto& [path, size] : files) out += path + ":" + std::to_string(size) + " ";
    for (const auto& [app, txn] : snapshot.transactions()) {
      out += app + "=" + std::to_string(txn.version) + " ";
    }
    return out;
  }

  TestTable t;
};

TEST_F(LogCompactionTest, VersionsAreTheSameWithAndWithoutThem) {
  t.Create({{"tarn.logCompactionInterval", "5"}, {"delta.checkpointInterval", "1000"}});
  for (int i = 1; i <= 23; ++i) Change(i);
  EXPECT_EQ(Compacted(), (std::vector<std::string>{CompactedPath(1, 5), CompactedPath(6, 10),
                                                   CompactedPath(11, 15), CompactedPath(16, 20)}));
  std::vector<std::string> with;
  for (Version version = 0; version <= 23; ++version) with.push_back(Describe(*At(version)));
  // They are read: without these commits the table is still whole.
  const auto path = [](Version version) {
    const std::string digits = std::to_string(version);
    return "_delta_log/" + std::string(20 - digits.size(), '0') + digits + ".json";
  };
  std::map<Version, std::string> commits;
  for (const Version version : {2, 7, 13}) {
    commits[version] = t.Get(path(version));
    t.Delete(path(version));
  }
  const auto whole = Table(t.handlers(), "/lake/t").AtVersion(t.ctx, 23);
  ASSERT_TRUE(whole.ok()) << whole.error().ToString();
  EXPECT_EQ(Describe(**whole), with[23]);
  for (const auto& [version, bytes] : commits) t.Put(path(version), bytes);
  for (const std::string& name : Compacted()) t.Delete(name);
  for (Version version = 0; version <= 23; ++version) {
    EXPECT_EQ(Describe(*At(version)), with[static_cast<size_t>(version)]) << version;
  }
}

TEST_F(LogCompactionTest, AreWrittenWhereNoCheckpointIs) {
  t.Create({{"tarn.logCompactionInterval", "5"}, {"delta.checkpointInterval", "10"}});
  for (int i = 1; i <= 15; ++i) Change(i);
  EXPECT_EQ(Compacted(), (std::vector<std::string>{CompactedPath(1, 5), CompactedPath(11, 15)}));
  EXPECT_TRUE(t.Has("_delta_log/00000000000000000010.checkpoint.parquet"));
}

TEST_F(LogCompactionTest, NoneWithoutTheProperty) {
  t.Create({{"delta.checkpointInterval", "1000"}});
  for (int i = 1; i <= 20; ++i) Change(i);
  EXPECT_TRUE(Compacted().empty());
}

TEST_F(LogCompactionTest, LargeCommitsAreLeftAlone) {
  t.Create({{"delta.checkpointInterval", "1000"}});
  t.Commit(1, {AddLine("a", "{}", R"(,"tags":{"t":")" + std::string(9 << 20, 'x') + R"("})")});
  const auto written = CompactLog(t.ctx, t.handlers(), "/lake/t", 0, 1);
  ASSERT_TRUE(written.ok());
  EXPECT_FALSE(*written);
  EXPECT_FALSE(CompactLog(t.ctx, t.handlers(), "/lake/t", 2, 3).ok());  // not there
}

TEST_F(LogCompactionTest, OneThatIsThereStays) {
  t.Create({});
  Change(1);
  t.Put(CompactedPath(0, 1), "somebody's");
  const auto written = CompactLog(t.ctx, t.handlers(), "/lake/t", 0, 1);
  ASSERT_TRUE(written.ok());
  EXPECT_FALSE(*written);
  EXPECT_EQ(t.Get(CompactedPath(0, 1)), "somebody's");
}

}  // namespace
}  // namespace tarn::delta
