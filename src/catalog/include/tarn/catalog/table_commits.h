#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"

namespace tarn::catalog {

struct LakeState;

/// A version of a table that its writer has staged in the table's log.
struct TableCommit {
  std::string table_id;
  int64_t version = 0;
  std::string staged_file;  ///< its name without folder
};

/// What became of commits that were to be ratified.
enum class Ratification : uint8_t {
  kRatified,
  kTaken,    ///< a version isn't above its table's newest; nothing was ratified
  kUnknown,  ///< the metastore didn't tell whether they were
};

/// The newest commit of each table whose commits the catalog arbitrates
/// (`docs/decisions/0008-catalog-commits.md`). Thread-safe.
class TableCommits {
 public:
  explicit TableCommits(LakeState& state) : state_(state) {}

  /// Makes each of them its table's newest commit: all at once and durably, or none. The commits
  /// before them must be published. TABLE_OR_VIEW_NOT_FOUND for a table that was dropped.
  Result<Ratification> Ratify(const RequestContext& ctx, const std::vector<TableCommit>& commits);
  /// nullopt for a table of which nothing was ratified yet.
  Result<std::optional<TableCommit>> Newest(const RequestContext& ctx,
                                            const std::string& table_id) const;
  /// The id of the managed table whose folder has this absolute path; nullopt for any other path.
  std::optional<std::string> TableAt(const std::string& root) const;

 private:
  LakeState& state_;
};

}  // namespace tarn::catalog
