#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/plan/node.h"
#include "tarn/sql/ast_name.h"

namespace tarn::analyze {

/// A column that names may refer to.
struct ScopeColumn {
  plan::ColumnId id{};
  std::string name;
  DataType type;
  bool nullable = true;
  int relation = -1;            ///< index into Scope::relations; -1: has no qualifier
  bool qualified_only = false;  ///< the side of a USING join that the merged column replaced
  bool hidden = false;          ///< found by its name, no part of *
  /// Set: the name stands for this expression instead of a column (parameters of SQL functions).
  const plan::Expr* value = nullptr;
};

/// A relation of FROM under the name that qualifies its columns.
struct ScopeRelation {
  std::vector<std::string> qualifier;  ///< alias, or catalog, schema and table
  /// A Scan of files that has _metadata, or the Project that fills up its char(n); else null.
  plan::Node* scan = nullptr;
};

/// The columns that a clause sees. Those of the enclosing query stand in `outer`.
struct Scope {
  const Scope* outer = nullptr;
  std::vector<ScopeRelation> relations;
  std::vector<ScopeColumn> columns;

  /// Appends another scope's relations and columns (the right side of a join).
  void Append(Scope&& other);
  /// Puts all columns under one new qualifier, as an alias does.
  void Requalify(std::vector<std::string> qualifier);
  bool Produces(plan::ColumnId id) const;
  /// Whether `qualifier`, as written, names relation number `relation`.
  bool Qualifies(std::span<const sql::Identifier> qualifier, int relation) const;
};

/// The columns that `parts` may mean in one scope: with how many parts the column itself was named
/// (the rest are fields).
struct ScopeMatch {
  std::vector<const ScopeColumn*> columns;
  size_t parts_used = 0;
};
ScopeMatch FindInScope(const Scope& scope, std::span<const sql::Identifier> parts);

/// The names nearest to `name`, best first, quoted as Spark suggests them; at most five.
std::vector<std::string> NearestColumns(const Scope& scope, std::span<const sql::Identifier> parts);

}  // namespace tarn::analyze
