#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/snapshot.h"
#include "tarn/types/datetime.h"
#include "tarn/types/value.h"

namespace tarn::delta {

enum class PredicateOp : uint8_t {
  kEqual,
  kNullSafeEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kIsNull,
  kIsNotNull,
  kStartsWith,
  kAny,    ///< at least one of `alternatives` holds
  kFalse,  ///< no row qualifies
};

struct Predicate;

/// All of them must hold.
using Conjunction = std::vector<Predicate>;

/// A condition on one column in Spark's meaning (a NULL outcome doesn't select). What can't be
/// expressed is left out by its maker: a predicate may select too much, never too little.
struct Predicate {
  PredicateOp op = PredicateOp::kEqual;
  std::vector<std::string> column;  ///< logical names through structs
  /// Of the column's type; one value, for kIn several. A value of another type makes the predicate
  /// void (everything qualifies) unless both are integral or both decimal of any precision.
  std::vector<Value> values;
  std::vector<Conjunction> alternatives;  ///< kAny
};

/// Why a file needn't be read.
enum class PruneReason : uint8_t { kKept, kPartition, kStatistics };

struct PruneResult {
  std::vector<uint32_t> kept;  ///< indexes into the snapshot's files, ascending
  size_t total = 0;
  size_t pruned_by_partition = 0;
  size_t pruned_by_statistics = 0;
  int64_t kept_bytes = 0;
};

/// Decides which files of a snapshot may hold rows that satisfy a conjunction. Bound to the
/// snapshot; thread-safe after construction.
class FilePruner {
 public:
  /// `zone` reads partition timestamps written without one, and must outlive the pruner.
  FilePruner(std::shared_ptr<const Snapshot> snapshot, Conjunction predicates,
             std::shared_ptr<const TimeZone> zone);
  ~FilePruner();

  /// For one file.
  PruneReason Check(size_t file) const;
  /// For all files.
  PruneResult Run() const;
  /// For some files (a second round with run-time filters).
  PruneResult Run(const std::vector<uint32_t>& files) const;
  /// Whether only partition columns are named, so that a kept file qualifies with all its rows or
  /// is unknown for a reason of its own.
  bool partition_only() const;
  /// Whether every row of the file satisfies the conjunction, as its partition values tell (for
  /// DELETE of whole files). False where in doubt.
  bool AllRowsMatch(size_t file) const;

 private:
  struct Rep;
  std::unique_ptr<const Rep> rep_;
};

}  // namespace tarn::delta
