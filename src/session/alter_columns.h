#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "statement_scope.h"
#include "tarn/delta/clustering.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// A change of a Delta table's metadata in the making.
struct TableChange {
  StatementScope& scope;
  TableTarget target;
  std::shared_ptr<const delta::Snapshot> snapshot;
  delta::Metadata metadata;
  std::string operation;
  std::map<std::string, std::string> parameters;
  std::optional<std::vector<delta::ColumnPath>> clustering;  ///< if it changes
};

/// An aggregate over the rows of the table that a condition picks.
Result<Value> OnlyValue(TableChange& change, const std::string& aggregate,
                        const std::string& condition);

// Changes of columns and of fields inside of them: `a.b` is a field of a struct, `a.element` what
// an array holds, `a.key` and `a.value` what a map holds.
Status Apply(TableChange& change, const sql::AddColumns& action);
Status Apply(TableChange& change, const sql::DropColumns& action);
Status Apply(TableChange& change, const sql::RenameColumn& action);
Status Apply(TableChange& change, const sql::AlterColumns& action);

}  // namespace tarn::session
