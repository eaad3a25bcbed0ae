#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

/// A boolean SQL expression that every row must satisfy.
struct CheckConstraint {
  std::string name;
  std::string sql;
};

/// The bounds of an identity column (delta.identity.*).
struct IdentityColumn {
  std::string column;
  int64_t start = 1;
  int64_t step = 1;
  std::optional<int64_t> high_water_mark;
  bool allow_explicit_insert = false;

  /// The number before the next row's; wraps around where the numbers have run out.
  int64_t Last() const {
    return high_water_mark
               ? *high_water_mark
               : static_cast<int64_t>(static_cast<uint64_t>(start) - static_cast<uint64_t>(step));
  }
};

/// Whether a column is GENERATED … AS IDENTITY.
bool IsIdentityColumn(const Field& field);

/// A top-level column with a SQL text that belongs to it.
struct ColumnExpression {
  std::string column;
  std::string sql;
};

/// What rows written to the table must satisfy, as texts in Spark's SQL over the table's columns.
/// Source: Delta protocol, "Column Invariants", "CHECK Constraints", "Generated Columns",
/// "Default Columns", "Identity Columns".
struct TableConstraints {
  std::vector<CheckConstraint> checks;  ///< delta.constraints.<name>, by name
  /// Columns that are NOT NULL, as paths of logical names; a nested one counts where its parents
  /// aren't NULL.
  std::vector<std::vector<std::string>> not_null;
  std::vector<ColumnExpression> invariants;  ///< delta.invariants; NULL violates them
  std::vector<ColumnExpression> generated;   ///< delta.generationExpression
  std::vector<ColumnExpression> defaults;    ///< CURRENT_DEFAULT
  std::vector<IdentityColumn> identity;
};

/// Errors: DELTA_LOG_CORRUPT for malformed column metadata.
Result<TableConstraints> ConstraintsOf(const Metadata& metadata);

}  // namespace tarn::delta
