#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/plan/expr.h"
#include "tarn/plan/relation.h"

namespace tarn::plan {

/// A column that a node produces.
struct OutputColumn {
  ColumnId id{};
  std::string name;
  DataType type;
  bool nullable = true;
};

/// A column computed by an expression under a new id.
struct NamedExpr {
  ColumnId id{};
  std::string name;
  ExprPtr expr;
};

/// What a scan can produce besides a relation's own columns.
enum class VirtualColumn : uint8_t {
  kNone,
  kFilePath,  ///< string: as `_metadata.file_path`
  kFileName,
  kFileSize,              ///< bigint
  kFileModificationTime,  ///< timestamp
  kFileBlockStart,        ///< bigint: files are one block
  kFileBlockLength,       ///< bigint
  kFileIndex,             ///< int: index into Snapshot::files(), Delta only
  kRowIndex,              ///< bigint: position of the row in its data file, Delta only
  // Of Delta tables with row tracking; bigint, NULL where there is none.
  kBaseRowId,                     ///< of the file: its first row's fresh id
  kDefaultRowCommitVersion,       ///< of the file: the version that added it
  kMaterializedRowId,             ///< of the row, as it is stored in the file
  kMaterializedRowCommitVersion,  ///< likewise
};

/// Reads a relation of the plan. Only the listed columns are read.
struct Scan {
  struct Column {
    ColumnId id{};
    int field = -1;  ///< index in the relation's schema; -1 for a virtual column
    VirtualColumn virtual_column = VirtualColumn::kNone;
  };
  RelationId relation{};
  std::vector<Column> columns;
  /// Delta only: read just these of Snapshot::files() (DML's second pass); nullopt = all.
  std::optional<std::vector<uint32_t>> file_subset;
  /// Delta only: rows of deletion vectors are produced too (never for users).
  bool include_deleted = false;
};

/// Literal rows; zero columns and one row is the FROM-less SELECT.
struct Values {
  std::vector<std::vector<ExprPtr>> rows;
};

struct Project {
  NodePtr input;
  std::vector<NamedExpr> items;
};

struct Filter {
  NodePtr input;
  ExprPtr condition;
};

enum class JoinKind : uint8_t { kInner, kCross, kLeft, kRight, kFull, kLeftSemi, kLeftAnti };

/// `condition` is null for a cross join. With `lateral`, right refers to left's columns.
struct Join {
  JoinKind kind = JoinKind::kInner;
  NodePtr left;
  NodePtr right;
  ExprPtr condition;
  bool lateral = false;
};

/// Groups and aggregates. Without groups and grouping sets: one row always.
struct Aggregate {
  NodePtr input;
  std::vector<NamedExpr> groups;
  /// Empty: one set of all groups. Else each set lists indexes of `groups`; others are NULL there.
  std::vector<std::vector<int>> grouping_sets;
  /// With grouping sets: the column that holds Spark's grouping_id (bigint, bit set = not in the
  /// set).
  std::optional<ColumnId> grouping_id;
  std::vector<NamedExpr> aggregates;  ///< each expr is a Call of an aggregate
};

/// Adds window columns to its input's columns.
struct Window {
  NodePtr input;
  std::vector<NamedExpr> calls;  ///< each expr is a WindowCall
};

struct Sort {
  NodePtr input;
  std::vector<SortKey> keys;
};

struct Limit {
  NodePtr input;
  ExprPtr count;   ///< null: no limit
  ExprPtr offset;  ///< null: 0
};

struct Distinct {
  NodePtr input;
};

enum class SetOperationKind : uint8_t { kUnion, kIntersect, kExcept };

/// Inputs have equally many columns of equal types, matched by position.
struct SetOperation {
  SetOperationKind kind = SetOperationKind::kUnion;
  bool all = false;
  NodePtr left;
  NodePtr right;
};

/// Adds the columns of a generator (explode…) to its input's columns; `outer` keeps rows without
/// any.
struct Generate {
  NodePtr input;
  ExprPtr generator;  ///< a Call of a kGenerator function
  std::vector<OutputColumn> produced;
  bool outer = false;
};

struct Sample {
  NodePtr input;
  double fraction = 0;          ///< of rows, 0…1; unused with `rows`
  std::optional<int64_t> rows;  ///< exactly so many, where there are
  std::optional<int64_t> seed;
};

/// What becomes of a row that fails a check.
enum class OnViolation : uint8_t { kKeepRow, kDropRow, kFail };

/// A condition that rows of a dataset should meet. A row passes if it is true; NULL fails.
struct RowCheck {
  std::string name;
  std::string condition;  ///< its text, for messages
  OnViolation on_violation = OnViolation::kKeepRow;
  std::string dataset = {};  ///< that it belongs to; empty: the one that is written
};

/// Passes its input's rows on and counts what conditions say of each; a row that a check drops goes
/// no further, one that fails the query is EXPECTATION_VIOLATION. All rows of the input come here:
/// nothing that is asked above changes what is counted, but a LIMIT, which may end it early.
struct Check {
  NodePtr input;
  std::vector<RowCheck> checks;
  std::vector<ExprPtr> conditions;  ///< boolean, one per check
};

enum class CteId : uint32_t {};

/// Defines queries used by several CteScans below `input`.
struct With {
  struct Definition {
    CteId id{};
    std::string name;
    NodePtr query;
    /// The recursive part (refers to its own id by CteScan); null if not recursive. Its columns
    /// match by position.
    NodePtr recursive_part;
    bool union_all = true;
    int64_t recursion_limit = 100;
  };
  std::vector<Definition> definitions;
  NodePtr input;
};

/// The result of a definition, under this node's own column ids (by position).
struct CteScan {
  CteId cte{};
};

/// An operator with the columns it produces, in order. Owned by its parent; immutable once built.
struct Node {
  using Kind = std::variant<Scan, Values, Project, Filter, Join, Aggregate, Window, Sort, Limit,
                            Distinct, SetOperation, Generate, Sample, Check, With, CteScan>;
  std::vector<OutputColumn> columns;
  Kind kind;

  template <typename T>
  T* As() {
    return std::get_if<T>(&kind);
  }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&kind);
  }
};

/// Where a result column's values come from: table columns by qualified name ("main.default.t.a").
struct ColumnLineage {
  std::vector<std::string> sources;
};

/// A whole query: what an engine runs.
struct Query {
  NodePtr root;                        ///< its columns are the result's, with their final names
  std::vector<Relation> relations;     ///< by RelationId
  std::vector<ColumnLineage> lineage;  ///< per result column

  const Relation& relation(RelationId id) const { return relations[static_cast<size_t>(id)]; }
};

/// A readable tree, as EXPLAIN prints it.
std::string Render(const Query& query);
std::string Render(const Expr& expr);

}  // namespace tarn::plan
