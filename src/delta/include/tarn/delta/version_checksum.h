#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"
#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// More transactions and domains aren't repeated in each version, as Spark has it.
inline constexpr size_t kChecksumTransactionsMax = 100;
inline constexpr size_t kChecksumDomainsMax = 10;

/// What the checksum file of a version (`<version>.crc`) tells of it. The log stays the truth: a
/// checksum that says otherwise shows that one of both was changed. Source: Delta protocol,
/// "Version Checksum File".
struct VersionChecksum {
  Version version = kNoVersion;
  std::string txn_id;
  int64_t table_size_bytes = 0;
  int64_t num_files = 0;
  /// Absent in a checksum of another writer that doesn't tell, and where the table can't have any.
  std::optional<int64_t> num_deleted_records;
  std::optional<int64_t> num_deletion_vectors;
  std::optional<int64_t> in_commit_timestamp_ms;
  std::shared_ptr<const Protocol> protocol;
  std::shared_ptr<const Metadata> metadata;
  /// Live ones; absent where there are too many to repeat.
  std::optional<std::map<std::string, SetTransaction, std::less<>>> transactions;
  std::optional<std::map<std::string, DomainMetadata, std::less<>>> domains;
};

/// Of a snapshot, but for its transaction id. nullopt if its sizes add up to more than there can
/// be.
std::optional<VersionChecksum> ChecksumOf(const Snapshot& snapshot);

/// "_delta_log/00000000000000000007.crc"
std::string ChecksumPath(Version version);
std::string ChecksumToJson(const VersionChecksum& checksum);
/// Errors: DELTA_LOG_CORRUPT.
Result<VersionChecksum> ParseChecksum(const std::string& bytes, Version version,
                                      const std::string& table_root);

/// Writes the checksum file unless the version has one, without making it durable.
Status WriteChecksum(const RequestContext& ctx, const Handlers& handlers,
                     const VersionChecksum& checksum);
/// What the checksum file of the snapshot's version says otherwise than the snapshot, one sentence
/// each ("numFiles is 3, but the log has 2"), or why it can't be read. Empty if there is none.
Result<std::vector<std::string>> CheckChecksum(const RequestContext& ctx, const Handlers& handlers,
                                               const Snapshot& snapshot);

}  // namespace tarn::delta
