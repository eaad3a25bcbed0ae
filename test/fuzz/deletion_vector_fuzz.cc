#include <cstdlib>

#include "driver.h"
#include "tarn/delta/deletion_vector.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/object_store.h"

using tarn::delta::DeletionVector;

/// A vector is refused, or it is a set: what it says fits together.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  auto vector = DeletionVector::Parse(bytes, "table", "file");
  if (vector.ok() && vector->cardinality() < 1'000'000) {
    const std::vector<uint64_t> rows = vector->Rows();
    if (rows.size() != vector->cardinality()) std::abort();
    if (!rows.empty() && !vector->Contains(rows.back())) std::abort();
    if (DeletionVector::FromRows(rows).Rows() != rows) std::abort();
    uint64_t bits[32];
    vector->FillRange(1000, 1000 + 2048, bits);
  }
  static const std::shared_ptr<tarn::io::ObjectStore> store = tarn::io::NewMemoryStore();
  static const auto log = tarn::delta::NewObjectLogStore(store);
  tarn::delta::DeletionVectorDescriptor descriptor;
  descriptor.storage_type = size % 3 == 0 ? 'i' : size % 3 == 1 ? 'u' : 'p';
  descriptor.path_or_inline = bytes;
  descriptor.size_in_bytes = static_cast<int32_t>(size * 4 / 5);
  (void)LoadDeletionVector(tarn::RequestContext(), *log, "/lake/t", descriptor);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  std::vector<uint64_t> rows;
  for (uint64_t row = 0; row < 100'000; row += row < 6000 ? 1 : 97) rows.push_back(row);
  seeds.push_back(DeletionVector::FromRows(rows).Serialize());
  seeds.push_back(DeletionVector::FromRows({1, 2, 70'000, uint64_t{1} << 40}).Serialize());
  seeds.push_back("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L");
  return seeds;
}
