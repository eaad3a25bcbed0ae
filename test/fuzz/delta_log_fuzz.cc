#include "driver.h"
#include "snapshot_walk.h"
#include "tarn/delta/snapshot.h"
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
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {kActions, std::string(kHead) + kActions, "{\"version\":3,\"size\":2}", ""};
}
