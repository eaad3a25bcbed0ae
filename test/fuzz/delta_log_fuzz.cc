#include "driver.h"
#include "log_compaction.h"
#include "snapshot_walk.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/version_checksum.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/object_store.h"

namespace {

constexpr char kHead[] =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
    "\n"
    R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"x\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"p\",\"type\":\"date\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["p"],"configuration":{"delta.appendOnly":"false"},"createdTime":1}})"
    "\n";

constexpr char kActions[] =
    R"({"commitInfo":{"timestamp":5,"operation":"WRITE","operationParameters":{"mode":"Append","n":[1]},"readVersion":0,"isBlindAppend":true,"txnId":"t"}})"
    "\n"
    R"({"add":{"path":"p=2024-01-01/a%20b.parquet","partitionValues":{"p":"2024-01-01"},"size":10,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":3,\"minValues\":{\"x\":1},\"maxValues\":{\"x\":5},\"nullCount\":{\"x\":0}}","tags":{"k":"v"},"deletionVector":{"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L","sizeInBytes":40,"cardinality":6}}})"
    "\n"
    R"({"remove":{"path":"b","deletionTimestamp":1,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"p":null},"size":1}})"
    "\n"
    R"({"txn":{"appId":"a","version":1,"lastUpdated":2}})"
    "\n"
    R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})"
    "\n";

constexpr char kChecksum[] =
    R"({"txnId":"t","tableSizeBytes":0,"numFiles":0,"numDeletedRecordsOpt":0,"numDeletionVectorsOpt":0,"numMetadata":1,"numProtocol":1,"inCommitTimestampOpt":null,"setTransactions":[{"appId":"a","version":1}],"domainMetadata":[{"domain":"d","configuration":"{}","removed":false}],"metadata":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}},"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
    "\n";

/// What a snapshot says, in short.
std::string Describe(const tarn::delta::Snapshot& snapshot) {
  std::string out = snapshot.metadata().id + " " + std::to_string(snapshot.files().size()) + " " +
                    std::to_string(snapshot.files().total_size());
  for (const auto& [app, txn] : snapshot.transactions()) {
    out += "\n" + app + " " + std::to_string(txn.version);
  }
  for (const auto& [name, domain] : snapshot.domains()) out += "\n" + name + domain.configuration;
  return out;
}

/// The bytes are a checksum file, and a commit that is compacted with another: a version that can
/// be read says the same afterwards.
void ReadBesideCommits(const tarn::RequestContext& ctx, const std::string& bytes) {
  std::shared_ptr<tarn::io::ObjectStore> store = tarn::io::NewMemoryStore();
  std::shared_ptr<tarn::delta::LogStore> log = tarn::delta::NewObjectLogStore(store);
  const tarn::delta::Handlers handlers{log, nullptr, &tarn::SystemIds()};
  const tarn::delta::Table table(handlers, "/lake/t");
  (void)log->Put(ctx, "_delta_log/00000000000000000000.json", kHead);
  (void)log->Put(ctx, tarn::delta::ChecksumPath(0), bytes);
  (void)tarn::delta::CheckChecksum(ctx, handlers, **table.Latest(ctx));
  (void)log->Put(ctx, "_delta_log/00000000000000000001.json", bytes);
  const auto before = table.Latest(ctx);
  const auto compacted = tarn::delta::CompactLog(ctx, handlers, "/lake/t", 0, 1);
  if (!before.ok() || !compacted.ok() || !*compacted) return;
  const auto after = table.Latest(ctx);
  if (!after.ok() || Describe(**after) != Describe(**before)) __builtin_trap();
}

}  // namespace

/// The bytes are a commit, and a V2 checkpoint, of an otherwise good table.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const tarn::RequestContext ctx;
  for (const bool checkpoint : {false, true}) {
    std::shared_ptr<tarn::io::ObjectStore> store = tarn::io::NewMemoryStore();
    std::shared_ptr<tarn::delta::LogStore> log = tarn::delta::NewObjectLogStore(store);
    const std::string directory = "_delta_log/00000000000000000000";
    const char* name =
        checkpoint ? ".checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json" : ".json";
    (void)log->Put(ctx, directory + name, checkpoint ? bytes : kHead + bytes);
    (void)log->Put(ctx, "_delta_log/_last_checkpoint", bytes);
    const tarn::delta::Table table({log, nullptr, &tarn::SystemIds()}, "/lake/t");
    auto snapshot = table.Latest(ctx);
    if (snapshot.ok()) WalkSnapshot(*snapshot);
    (void)table.History(ctx);
  }
  ReadBesideCommits(ctx, bytes);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {kActions, std::string(kHead) + kActions, "{\"version\":3,\"size\":2}", kChecksum, ""};
}
