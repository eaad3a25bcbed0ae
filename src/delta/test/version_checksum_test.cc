#include "tarn/delta/version_checksum.h"

#include <gtest/gtest.h>

#include <thread>

#include "tarn/delta/commit_queue.h"
#include "test/memory_handlers.h"

namespace tarn::delta {
namespace {

using test::TestTable;

class VersionChecksumTest : public ::testing::Test {
 protected:
  Table table() { return Table(t.handlers(), "/lake/t"); }
  std::shared_ptr<const Snapshot> Latest() { return *table().Latest(t.ctx); }

  static AddFile File(const std::string& path, int64_t size = 10) {
    AddFile add;
    add.path = path;
    add.size = size;
    add.stats = R"({"numRecords":5})";
    return add;
  }
  Transaction Append(const std::string& path, int64_t size = 10) {
    Transaction append(t.handlers(), Latest());
    append.Add(File(path, size));
    return append;
  }
  std::vector<std::string> Mismatches(Version version) {
    auto found = CheckChecksum(t.ctx, t.handlers(), **table().AtVersion(t.ctx, version));
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : std::vector<std::string>{"error"};
  }
  /// Every version has a checksum file, which agrees with a replay of the log.
  void ExpectAllAgree() {
    for (Version version = 0; version <= Latest()->version(); ++version) {
      ASSERT_TRUE(t.Has(ChecksumPath(version))) << version;
      EXPECT_EQ(Mismatches(version), std::vector<std::string>()) << t.Get(ChecksumPath(version));
    }
  }

  TestTable t;
};

TEST_F(VersionChecksumTest, TellsTheStateAfterEachKindOfChange) {
  t.Create({{"delta.enableDeletionVectors", "true"},
            {"delta.enableRowTracking", "true"},
            {"delta.enableInCommitTimestamps", "true"}});
  Transaction first = Append("a", 10);
  first.Add(File("b", 20));
  first.SetTransactionVersion("app", 7);
  t.Commit(first);
  Transaction marked(t.handlers(), Latest());
  DeletionVectorDescriptor vector;
  vector.path_or_inline = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";
  vector.size_in_bytes = 40;
  vector.cardinality = 3;
  marked.SetDeletionVector(*Latest()->files().Find("a"), vector);
  t.Commit(marked);
  // Told anew with other statistics: no other file.
  Transaction told(t.handlers(), Latest());
  AddFile again = Latest()->files().ToAdd(*Latest()->files().Find("b"));
  again.stats = R"({"numRecords":5,"nullCount":{"x":0}})";
  again.data_change = false;
  told.Add(again);
  t.Commit(told);
  Transaction removed(t.handlers(), Latest());
  removed.Remove(*Latest()->files().Find("b"));
  removed.SetDomainMetadata({"mine", "{}", false});
  t.Commit(removed);
  Transaction evolved(t.handlers(), Latest());
  Metadata metadata = Latest()->metadata();
  metadata.schema.fields.push_back({"y", TypeId::kLong});
  ASSERT_TRUE(evolved.SetMetadata(std::move(metadata)).ok());
  evolved.SetDomainMetadata({"mine", "", true});
  t.Commit(evolved);
  ExpectAllAgree();
  const auto last = ParseChecksum(t.Get(ChecksumPath(5)), 5, "/lake/t");
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->num_files, 1);
  EXPECT_EQ(last->table_size_bytes, 10);
  EXPECT_EQ(last->num_deletion_vectors, 1);
  EXPECT_EQ(last->num_deleted_records, 3);
  EXPECT_EQ(last->transactions->at("app").version, 7);
  EXPECT_EQ(last->domains->size(), 1u);  // row tracking's own
  EXPECT_EQ(last->metadata->schema.fields.size(), 2u);
  EXPECT_EQ(last->txn_id, evolved.txn_id());
  EXPECT_TRUE(last->in_commit_timestamp_ms.has_value());
}

TEST_F(VersionChecksumTest, IsWrittenAsTheProtocolHasIt) {
  t.Create({});
  Transaction append = Append("a", 10);
  append.SetTransactionVersion("app", 7);
  t.Commit(append);
  std::string text = t.Get(ChecksumPath(1));
  const std::string begin = R"({"txnId":")" + append.txn_id() +
                            R"(","tableSizeBytes":10,"numFiles":1,"numMetadata":1,"numProtocol":1,)"
                            R"("setTransactions":[{"appId":"app","version":7,"lastUpdated":)";
  EXPECT_TRUE(text.starts_with(begin)) << text;
  EXPECT_NE(text.find(R"("domainMetadata":[],"metadata":{"id":")"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(R"("protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
                             "\n"))
      << text;
}

TEST_F(VersionChecksumTest, VersionsThatAppendsShareHaveOne) {
  t.Create({});
  CommitQueue queue;
  FileSystemCommitter committer(t.log);
  std::vector<Transaction> appends;
  for (int i = 0; i < 20; ++i) appends.push_back(Append("f" + std::to_string(i)));
  std::vector<std::jthread> threads;
  for (Transaction& append : appends) {
    threads.emplace_back([&] {
      const CommitResult result = queue.Commit(t.ctx, committer, append);
      EXPECT_TRUE(std::holds_alternative<Committed>(result));
    });
  }
  threads.clear();
  // All were based on version 0: those after the first go on from each other.
  ExpectAllAgree();
}

TEST_F(VersionChecksumTest, IsLeftOutWhereTheVersionBeforeIsNotKnown) {
  t.Create({});
  Transaction late = Append("late");
  Transaction early = Append("early");
  EXPECT_EQ(t.Commit(early), 1);
  EXPECT_EQ(t.Commit(late), 2);
  EXPECT_TRUE(t.Has(ChecksumPath(1)));
  EXPECT_FALSE(t.Has(ChecksumPath(2)));
  Transaction quiet = Append("quiet");
  quiet.SetChecksum(false);
  t.Commit(quiet);
  EXPECT_FALSE(t.Has(ChecksumPath(3)));
  EXPECT_EQ(Mismatches(3), std::vector<std::string>());
}

TEST_F(VersionChecksumTest, ForgetsTransactionsThatExpire) {
  t.Create({{"delta.setTransactionRetentionDuration", "interval 1 day"}});
  Transaction append = Append("a");
  append.SetTransactionVersion("app", 7);
  t.Commit(append);
  EXPECT_EQ(t.Get(ChecksumPath(1)).find("setTransactions"), std::string::npos);
}

TEST_F(VersionChecksumTest, OneThatIsThereStaysAndTheCommitStands) {
  t.Create({});
  t.Put(ChecksumPath(1), "somebody's");
  Transaction append = Append("a");
  EXPECT_EQ(t.Commit(append), 1);
  EXPECT_EQ(t.Get(ChecksumPath(1)), "somebody's");
}

TEST_F(VersionChecksumTest, SaysWhatDisagrees) {
  t.Create({{"delta.enableDeletionVectors", "true"}});
  Transaction append = Append("a", 10);
  append.SetTransactionVersion("app", 7);
  t.Commit(append);
  VersionChecksum checksum = *ParseChecksum(t.Get(ChecksumPath(1)), 1, "/lake/t");
  checksum.num_files = 3;
  checksum.table_size_bytes = 11;
  checksum.num_deletion_vectors = 1;
  checksum.num_deleted_records.reset();
  checksum.transactions->at("app").version = 8;
  checksum.domains->emplace("mine", DomainMetadata{"mine", "{}", false});
  Metadata metadata = *checksum.metadata;
  metadata.id = "another";
  checksum.metadata = std::make_shared<const Metadata>(metadata);
  t.Put(ChecksumPath(1), ChecksumToJson(checksum));
  EXPECT_EQ(Mismatches(1),
            (std::vector<std::string>{"numFiles is 3, but the log has 1",
                                      "tableSizeBytes is 11, but the log has 10",
                                      "numDeletionVectorsOpt is 1, but the log has 0",
                                      "metadata is another than that of the log",
                                      "setTransactions is another than that of the log",
                                      "domainMetadata is another than that of the log"}));
}

TEST_F(VersionChecksumTest, HostileBytesAreToldOfAndHarmNothing) {
  t.Create({});
  const std::string good = t.Get(ChecksumPath(0));
  std::vector<std::string> hostile{
      "",
      "{",
      "[]",
      "null",
      "{}",
      R"({"numFiles":1})",
      R"({"numFiles":"1","tableSizeBytes":2})",
      R"({"numFiles":1e300,"tableSizeBytes":2})",
      R"({"numFiles":1,"tableSizeBytes":99999999999999999999})",
      R"({"numFiles":0,"tableSizeBytes":0,"protocol":7})",
      R"({"numFiles":0,"tableSizeBytes":0,"metadata":{"id":3}})",
      R"({"numFiles":0,"tableSizeBytes":0,"setTransactions":{}})",
      R"({"numFiles":0,"tableSizeBytes":0,"setTransactions":[1]})",
      R"({"numFiles":0,"tableSizeBytes":0,"setTransactions":true})",
      R"({"numFiles":0,"tableSizeBytes":0,"txnId":tru})",
      R"({"numFiles":0,"tableSizeBytes":0,"inCommitTimestampOpt":nul1})",
      R"({"numFiles":0,"tableSizeBytes":0,"domainMetadata":n})"};
  for (size_t length = 1; length + 1 < good.size(); length += 7) {
    hostile.push_back(good.substr(0, length));
  }
  for (const std::string& bytes : hostile) {
    t.Put(ChecksumPath(0), bytes);
    EXPECT_EQ(Mismatches(0).size(), 1u) << bytes;
    EXPECT_EQ(Latest()->files().size(), 0u);
  }
  // What isn't a checksum's field is passed over.
  t.Put(ChecksumPath(0), R"({"numFiles":0,"tableSizeBytes":0,"txn":{"add":{"path":"../x"}}})");
  EXPECT_EQ(Mismatches(0), std::vector<std::string>());
}

}  // namespace
}  // namespace tarn::delta
