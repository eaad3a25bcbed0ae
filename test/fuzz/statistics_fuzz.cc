#include <cstdlib>
#include <string>

#include "driver.h"
#include "tarn/delta/pruning.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/statistics.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/object_store.h"

namespace {

using tarn::Value;
using tarn::delta::Predicate;
using tarn::delta::PredicateOp;

constexpr const char* kTypes[] = {"byte",   "integer", "long",          "float",
                                  "double", "date",    "decimal(10,2)", "boolean",
                                  "string", "binary",  "timestamp",     "timestamp_ntz"};

/// A table with a column of each type, once more in a struct, as the first lines of its log.
std::string Head() {
  std::string fields;
  for (const char* type : kTypes) {
    if (!fields.empty()) fields += ",";
    fields += std::string(R"({\"name\":\"c_)") + type + R"(\",\"type\":\")" + type +
              R"(\",\"nullable\":true,\"metadata\":{}})";
  }
  const std::string inner = R"({\"type\":\"struct\",\"fields\":[)" + fields + "]}";
  fields += R"(,{\"name\":\"s\",\"type\":)" + inner + R"(,\"nullable\":true,\"metadata\":{}})";
  return R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz",)"
         R"("typeWidening"],"writerFeatures":["timestampNtz","typeWidening"]}})"
         "\n"
         R"({"metaData":{"id":"x","format":{"provider":"parquet","options":{}},)"
         R"("schemaString":"{\"type\":\"struct\",\"fields\":[)" +
         fields + R"(]}","partitionColumns":[],"configuration":{}}})" + "\n";
}

/// The bytes as the content of a JSON string.
std::string Escaped(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
    } else {
      out += c;
    }
  }
  return out;
}

/// Something to compare a column of this type with.
Value Literal(const tarn::DataType& type) {
  switch (type.id()) {
    case tarn::TypeId::kString:
    case tarn::TypeId::kBinary:
      return Value::Of(type, std::string("m"));
    case tarn::TypeId::kFloat:
    case tarn::TypeId::kDouble:
      return Value::Of(type, 1.5);
    case tarn::TypeId::kBoolean:
      return Value::Boolean(true);
    case tarn::TypeId::kDecimal:
      return Value::Of(type, tarn::Int128{150});
    default:
      return Value::Of(type, int64_t{3});
  }
}

void Prune(const std::shared_ptr<const tarn::delta::Snapshot>& snapshot) {
  static const auto utc = *tarn::FindTimeZone("UTC");
  Predicate predicate;
  for (const tarn::Field& field : snapshot->schema().fields) {
    if (field.type.Is(tarn::TypeId::kStruct)) continue;
    predicate.values = {Literal(field.type)};
    for (const bool nested : {false, true}) {
      predicate.column = {field.name};
      if (nested) predicate.column.insert(predicate.column.begin(), "s");
      for (const PredicateOp op : {PredicateOp::kEqual, PredicateOp::kLess, PredicateOp::kIsNull,
                                   PredicateOp::kGreaterOrEqual, PredicateOp::kIsNotNull}) {
        predicate.op = op;
        const auto result = tarn::delta::FilePruner(snapshot, {predicate}, utc).Run();
        if (result.total != 1 || result.kept.size() > 1) std::abort();
      }
    }
  }
}

}  // namespace

/// The bytes are the `stats` of a file: they exclude it, or they don't, and loosening their bounds
/// keeps what they say of the number of rows.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto records = tarn::delta::NumRecordsOf(bytes);
  const std::string loose = tarn::delta::WithLooseBounds(bytes);
  if (tarn::delta::NumRecordsOf(loose) != records) std::abort();

  static const std::string head = Head();
  std::shared_ptr<tarn::io::ObjectStore> store = tarn::io::NewMemoryStore();
  std::shared_ptr<tarn::delta::LogStore> log = tarn::delta::NewObjectLogStore(store);
  const tarn::RequestContext ctx;
  (void)log->Put(ctx, "_delta_log/00000000000000000000.json",
                 head +
                     R"({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":1,)"
                     R"("dataChange":true,"stats":")" +
                     Escaped(bytes) + "\"}}\n");
  const auto snapshot = tarn::delta::Table({log, nullptr, &tarn::SystemIds()}, "/t").Latest(ctx);
  if (snapshot.ok()) Prune(*snapshot);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {R"j({"numRecords":3,"minValues":{"c_long":1,"c_string":"a","c_date":"2024-01-01",)j"
          R"j("c_timestamp":"2024-01-01T00:00:00.000Z","s":{"c_double":-0.5}},"maxValues":)j"
          R"j({"c_long":5,"c_string":"zz","c_date":"9999-12-31","s":{"c_double":1e300}},)j"
          R"j("nullCount":{"c_long":0,"s":{"c_double":1}},"tightBounds":true})j",
          R"j({"numRecords":9223372036854775807,"minValues":{"c_decimal(10,2)":-99999999.99,)j"
          R"j("c_float":"NaN","c_double":"-Infinity","c_byte":-128,"c_boolean":true,)j"
          R"j("c_timestamp_ntz":"0001-01-01T00:00:00.000"},"maxValues":{"c_decimal(10,2)":1.10,)j"
          R"j("c_timestamp_ntz":"9999-12-31T23:59:59.999999"},"nullCount":{"c_integer":-1}})j",
          R"j({"numRecords":1.5,"minValues":{"c_string":"\u00e9\ud83d\ude00"},"nullCount":null})j",
          ""};
}
