#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/constraints.h"
#include "tarn/delta/data_file.h"
#include "tarn/delta/handlers.h"
#include "tarn/delta/table_properties.h"

namespace tarn::delta {

struct SnapshotState;

/// The state of a table at one version. Immutable, thread-safe; holds what it needs in memory.
/// Source: Delta protocol, "Action Reconciliation".
class Snapshot {
 public:
  /// The root as given to Table: for messages and for paths in the log that are absolute.
  const std::string& table_root() const;
  Version version() const;
  /// Of the commit: its in-commit timestamp if the table has them, else the log file's time.
  int64_t timestamp_ms() const;
  const Protocol& protocol() const;
  const Metadata& metadata() const;
  const Schema& schema() const { return metadata().schema; }
  const TableProperties& properties() const;
  const PhysicalSchema& physical_schema() const;
  const TableConstraints& constraints() const;
  const FileSet& files() const;

  /// The last `txn` version of an application.
  std::optional<int64_t> TransactionVersion(std::string_view app_id) const;
  const std::map<std::string, SetTransaction, std::less<>>& transactions() const;
  /// Live domain metadata by domain.
  const std::map<std::string, DomainMetadata, std::less<>>& domains() const;

  /// A snapshot that isn't in any log: this one's version, protocol and, with other metadata, its
  /// files. A path may occur more than once. Errors: those of reading a log.
  Result<std::shared_ptr<const Snapshot>> WithFiles(Metadata metadata,
                                                    const std::vector<AddFile>& files) const;

  /// Newest checkpoint this snapshot was built on, or kNoVersion.
  Version checkpoint_version() const;

  /// Used by this room only.
  explicit Snapshot(std::shared_ptr<const SnapshotState> state);
  ~Snapshot();
  const SnapshotState& state() const { return *state_; }

 private:
  std::shared_ptr<const SnapshotState> state_;
};

/// One version in the history of a table.
struct HistoryEntry {
  Version version = 0;
  int64_t timestamp_ms = 0;        ///< as time travel sees it
  std::optional<CommitInfo> info;  ///< nullopt if the commit has none
};

/// A Delta table by its storage: makes snapshots. Cheap to create; thread-safe.
class Table {
 public:
  /// `table_root` is what absolute paths in the log are compared with and what messages show; the
  /// handlers' paths are relative to it.
  Table(Handlers handlers, std::string table_root);

  const Handlers& handlers() const { return handlers_; }
  const std::string& root() const { return root_; }

  /// Whether there is a log with at least one version or checkpoint.
  Result<bool> Exists(const RequestContext& ctx) const;

  /// The newest version. Given a `known` snapshot of this table, reads only what is newer (and
  /// answers `known` itself if nothing is). Errors: DELTA_TABLE_NOT_FOUND, DELTA_LOG_CORRUPT,
  /// DELTA_UNSUPPORTED_FEATURES_FOR_READ, DELTA_PATH_OUTSIDE_TABLE, those of the handlers.
  Result<std::shared_ptr<const Snapshot>> Latest(
      const RequestContext& ctx, const std::shared_ptr<const Snapshot>& known = nullptr) const;
  /// VERSION AS OF. Errors: as Latest, and DELTA_VERSION_NOT_FOUND.
  Result<std::shared_ptr<const Snapshot>> AtVersion(const RequestContext& ctx,
                                                    Version version) const;
  /// The last version not later than the instant (TIMESTAMP AS OF). Errors:
  /// DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION, DELTA_TIMESTAMP_GREATER_THAN_COMMIT.
  Result<Version> VersionAtTimestamp(const RequestContext& ctx, int64_t timestamp_ms) const;
  Result<std::shared_ptr<const Snapshot>> AtTimestamp(const RequestContext& ctx,
                                                      int64_t timestamp_ms) const;
  /// The first version not earlier than the instant, of those that are kept. Errors:
  /// DELTA_TIMESTAMP_GREATER_THAN_COMMIT.
  Result<Version> FirstVersionAt(const RequestContext& ctx, int64_t timestamp_ms) const;

  /// The oldest version that can be read.
  Result<Version> EarliestVersion(const RequestContext& ctx) const;
  /// Newest first, at most `limit` entries (0: all).
  Result<std::vector<HistoryEntry>> History(const RequestContext& ctx, size_t limit = 0) const;

 private:
  Handlers handlers_;
  std::string root_;
};

}  // namespace tarn::delta
