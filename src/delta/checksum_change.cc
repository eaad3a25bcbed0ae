#include "checksum_change.h"

#include <array>
#include <unordered_map>
#include <unordered_set>

#include "file_set.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/table_properties.h"

namespace tarn::delta {
namespace {

/// Adds a file to the counts, or takes it away (`sign` -1).
bool CountFile(int64_t bytes, const DeletionVectorDescriptor* vector, int64_t sign,
               VersionChecksum& checksum) {
  checksum.num_files += sign;
  if (__builtin_add_overflow(checksum.table_size_bytes, sign * bytes, &checksum.table_size_bytes)) {
    return false;
  }
  if (vector == nullptr || !checksum.num_deletion_vectors) return true;
  *checksum.num_deletion_vectors += sign;
  return !__builtin_add_overflow(*checksum.num_deleted_records, sign * vector->cardinality,
                                 &*checksum.num_deleted_records);
}

const DeletionVectorDescriptor* VectorOf(const AddFile& add) {
  return add.deletion_vector ? &*add.deletion_vector : nullptr;
}

/// The live files among those that are added, by one pass over the hashes.
std::vector<size_t> LiveAmong(const FileSet& files, const std::vector<AddFile>& adds) {
  constexpr size_t kBits = 4096;
  std::array<bool, kBits> maybe{};
  std::unordered_multimap<uint64_t, const AddFile*> by_hash;
  for (const AddFile& add : adds) {
    const uint64_t hash = FileKeyHash(add.path, VectorOf(add));
    maybe[hash % kBits] = true;
    by_hash.emplace(hash, &add);
  }
  std::vector<size_t> live;
  size_t before = 0;
  for (const FileSegment& segment : files.rep().segments) {
    const LogBlock& block = *segment.block;
    for (size_t i = 0; i < segment.size; ++i) {
      const size_t row = segment.RowOf(i);
      if (!maybe[block.hash[row] % kBits]) continue;
      const auto [begin, end] = by_hash.equal_range(block.hash[row]);
      for (auto found = begin; found != end; ++found) {
        if (found->second->path != block.path[row]) continue;
        if (!SameDeletionVector(VectorOf(*found->second), block.DeletionVectorOf(row))) continue;
        live.push_back(before + i);
        break;
      }
    }
    before += segment.size;
  }
  return live;
}

}  // namespace

bool CountChange(const FileSet* files, const std::vector<size_t>& removed,
                 const std::vector<AddFile>& adds, VersionChecksum& checksum) {
  std::unordered_set<size_t> gone(removed.begin(), removed.end());
  if (files != nullptr && !adds.empty()) {
    for (const size_t i : LiveAmong(*files, adds)) gone.insert(i);
  }
  for (const size_t i : gone) {
    if (!CountFile(files->file_size(i), files->deletion_vector(i), -1, checksum)) return false;
  }
  for (const AddFile& add : adds) {
    if (!CountFile(add.size, VectorOf(add), 1, checksum)) return false;
  }
  return true;
}

void NoteActions(const std::vector<SetTransaction>& transactions,
                 const std::vector<DomainMetadata>& domains, VersionChecksum& checksum) {
  if (checksum.transactions) {
    for (const SetTransaction& txn : transactions) (*checksum.transactions)[txn.app_id] = txn;
    const auto properties = ReadTableProperties(*checksum.metadata);
    const bool for_ever = properties.ok() && properties->set_transaction_retention_ms < 0;
    const bool few = checksum.transactions->size() <= kChecksumTransactionsMax;
    if (!for_ever || !few) checksum.transactions.reset();
  }
  if (checksum.domains) {
    for (const DomainMetadata& domain : domains) (*checksum.domains)[domain.domain] = domain;
    std::erase_if(*checksum.domains, [](const auto& entry) { return entry.second.removed; });
    if (checksum.domains->size() > kChecksumDomainsMax) checksum.domains.reset();
  }
  const bool may_have_vectors = SupportsFeature(*checksum.protocol, "deletionVectors");
  if (!may_have_vectors) {
    checksum.num_deleted_records.reset();
    checksum.num_deletion_vectors.reset();
  } else if (!checksum.num_deletion_vectors) {
    // Before it had the feature it had no vectors.
    checksum.num_deleted_records = checksum.num_deletion_vectors = 0;
  }
}

}  // namespace tarn::delta
