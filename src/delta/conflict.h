#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/error.h"
#include "tarn/base/result.h"
#include "tarn/delta/pruning.h"
#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// What a transaction read and changes, as far as others' commits can clash with it.
struct TransactionReads {
  std::shared_ptr<const Snapshot> snapshot;  ///< nullptr for a creation
  std::string table_root;
  std::vector<Conjunction> predicates;
  bool whole_table = false;
  std::set<std::string, std::less<>> read_paths;
  std::set<std::string, std::less<>> removed_paths;
  std::set<std::string, std::less<>> app_ids;  ///< read or set
  std::set<std::string, std::less<>> domains;
  bool changes_metadata = false;
  bool changes_data = true;  ///< false: only rearranges
  bool alone = false;        ///< no commit may come between, whatever it did
  IsolationLevel isolation = IsolationLevel::kWriteSerializable;
};

/// What came of looking at a commit that won the race for a version.
struct Winner {
  std::string txn_id;
  std::optional<int64_t> in_commit_timestamp_ms;
  int64_t row_id_high_water_mark = -1;  ///< if it gave out row ids
  /// Why the transaction can't go on top of it.
  std::optional<Error> conflict;
};

/// Checks a transaction against one commit it didn't see. Errors: DELTA_LOG_CORRUPT,
/// DELTA_PATH_OUTSIDE_TABLE. Source: the conflict rules of Delta for WriteSerializable and
/// Serializable.
Result<Winner> CheckWinner(const TransactionReads& reads, Version version, std::string bytes);

}  // namespace tarn::delta
