#include <cmath>
#include <string>

#include "driver.h"
#include "snapshot_walk.h"
#include "tarn/delta/snapshot.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/object_store.h"

namespace {

using tarn::DataType;
using tarn::TypeId;
using tarn::delta::ParquetBatch;
using tarn::delta::ParquetColumn;

constexpr char kTransaction[] = R"({"txn":{"appId":"a","version":1}})"
                                "\n";
constexpr char kHead[] =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
    "\n"
    R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"x\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"p\",\"type\":\"date\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["p"],"configuration":{}}})"
    "\n";
constexpr const char* kTexts[] = {
    "a",
    "p=2024-01-01/a%20b",
    "../x",
    "/lake/t/y",
    "s3://b/k",
    "",
    "%2e%2e/x",
    "p",
    "2024-01-01",
    "parquet",
    "delta.columnMapping.mode",
    "name",
    "u",
    "i",
    "ab^-aqEH.-t@S}K{vb[*k^",
    "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
    "deletionVectors",
    R"({"numRecords":3,"minValues":{"x":1},"maxValues":{"x":5},"nullCount":{"x":0}})",
    R"({"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}},)"
    R"({"name":"p","type":"date","nullable":true,"metadata":{}}]})",
    "00000000-0000-0000-0000-000000000000.parquet",
    R"({"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[)"
    R"({"name":"d","type":"double","nullable":true,"metadata":{}},)"
    R"j({"name":"m","type":"decimal(10,2)","nullable":true,"metadata":{}},)j"
    R"({"name":"t","type":"string","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},)"
    R"({"name":"p","type":"timestamp","nullable":true,"metadata":{}},)"
    R"({"name":"x","type":"timestamp_ntz","nullable":true,"metadata":{}}]})",
    "-12345678.90"};
constexpr double kReals[] = {0, -0.0, 0.1, 1e300, -1e-300, INFINITY, -INFINITY, NAN};
constexpr int64_t kIntegers[] = {0, 1, 2, 3, 7, -1, 40, INT32_MAX, INT64_MAX, INT64_MIN};

/// Hands out the input, zeros after its end.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  uint8_t Next() { return at_ < size_ ? data_[at_++] : 0; }
  bool empty() const { return at_ >= size_; }

  std::string Text() {
    const uint8_t choice = Next();
    if (choice < 200) return kTexts[choice % std::size(kTexts)];
    std::string text;
    for (int length = choice - 200; length > 0 && !empty(); --length) {
      text += static_cast<char>(Next());
    }
    return text;
  }
  int64_t Integer() { return kIntegers[Next() % std::size(kIntegers)]; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

/// A column in the shape that handlers give, of any content.
ParquetColumn Column(const DataType& type, size_t rows, Bytes& bytes) {
  ParquetColumn column;
  column.type = type;
  // The lower half of a byte decides for a whole column: most columns are all there or all NULL.
  const uint8_t nulls = bytes.Next();
  for (size_t row = 0; row < rows; ++row) {
    const bool null = nulls % 4 == 3 ? bytes.Next() % 2 == 0 : nulls % 4 == 2;
    column.valid.push_back(null ? 0 : 1);
  }
  if (type.Is(TypeId::kStruct)) {
    for (const tarn::Field& field : type.fields()) {
      column.children.push_back(Column(field.type, rows, bytes));
    }
  } else if (type.Is(TypeId::kArray) || type.Is(TypeId::kMap)) {
    column.offsets.push_back(0);
    for (size_t row = 0; row < rows; ++row) {
      column.offsets.push_back(column.offsets.back() + (column.IsNull(row) ? 0 : bytes.Next() % 3));
    }
    const size_t elements = column.offsets.back();
    if (type.Is(TypeId::kArray)) {
      column.children.push_back(Column(type.element(), elements, bytes));
    } else {
      column.children.push_back(Column(type.key(), elements, bytes));
      column.children[0].valid.clear();
      column.children.push_back(Column(type.value(), elements, bytes));
    }
  } else if (type.IsFractional()) {
    for (size_t row = 0; row < rows; ++row) {
      column.reals.push_back(column.IsNull(row) ? 0 : kReals[bytes.Next() % std::size(kReals)]);
    }
  } else if (type.Is(TypeId::kString) || type.Is(TypeId::kDecimal)) {
    column.offsets.push_back(0);
    for (size_t row = 0; row < rows; ++row) {
      if (!column.IsNull(row)) column.bytes += bytes.Text();
      column.offsets.push_back(column.bytes.size());
    }
  } else {
    for (size_t row = 0; row < rows; ++row) {
      column.integers.push_back(column.IsNull(row) ? 0 : bytes.Integer());
    }
  }
  return column;
}

/// A reader of Parquet files, all of which hold what the input says.
class AnyParquet : public tarn::delta::ParquetHandler {
 public:
  explicit AnyParquet(Bytes& bytes) : bytes_(bytes) {}

  tarn::Status Read(const tarn::RequestContext&, std::string_view, const tarn::Schema& projection,
                    const tarn::delta::BatchSink& sink) override {
    for (int batches = 1 + bytes_.Next() % 2; batches > 0; --batches) {
      ParquetBatch batch;
      batch.rows = bytes_.Next() % 5;
      for (const tarn::Field& field : projection.fields) {
        batch.columns.push_back(Column(field.type, batch.rows, bytes_));
      }
      TARN_TRY(sink(batch));
    }
    return {};
  }
  tarn::Result<int64_t> Write(const tarn::RequestContext&, std::string_view, const tarn::Schema&,
                              const tarn::delta::BatchSource&) override {
    return tarn::InternalError("nothing is written here");
  }

 private:
  Bytes& bytes_;
};

}  // namespace

/// The input is the rows of a checkpoint, of a classic one, one in two parts, or a V2 one with
/// sidecars, of a table whose other commits were cleaned up.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const tarn::RequestContext ctx;
  std::shared_ptr<tarn::io::ObjectStore> store = tarn::io::NewMemoryStore();
  std::shared_ptr<tarn::delta::LogStore> log = tarn::delta::NewObjectLogStore(store);
  const std::string start = "_delta_log/00000000000000000003.checkpoint";
  const uint8_t kind = bytes.Next() % 3;
  if (kind == 1) {
    (void)log->Put(ctx, start + ".0000000001.0000000002.parquet", "PAR1");
    (void)log->Put(ctx, start + ".0000000002.0000000002.parquet", "PAR1");
  } else {
    (void)log->Put(ctx,
                   start + (kind == 0 ? "" : ".80a083e8-7026-4e79-81be-64bd76c43a11") + ".parquet",
                   "PAR1");
  }
  // Half of the inputs needn't find a whole table by themselves.
  (void)log->Put(ctx, "_delta_log/00000000000000000004.json",
                 bytes.Next() % 2 == 0 ? kHead : kTransaction);
  const tarn::delta::Table table({log, std::make_shared<AnyParquet>(bytes), &tarn::SystemIds()},
                                 "/lake/t");
  const auto snapshot = table.Latest(ctx);
  if (snapshot.ok()) WalkSnapshot(*snapshot);
  return 0;
}

/// Rows of all columns without a NULL, from a few different bytes.
std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  for (const char kind : {0, 1, 2}) {
    for (const char fill : {0, 1, 4, 8, 18}) {
      std::string seed(1, kind);
      seed += std::string(2, 0) + std::string(1, 2) + std::string(200, fill);
      seeds.push_back(seed);
    }
  }
  return seeds;
}
