#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "generated_query.h"
#include "row_ids.h"
#include "statement_scope.h"
#include "statements.h"
#include "table_commit.h"
#include "write_plan.h"

namespace tarn::session {

/// The table that DELETE, UPDATE or MERGE changes.
struct RewriteTarget {
  TableTarget target;
  std::shared_ptr<const delta::Snapshot> snapshot;
  std::string name_sql;    ///< how the generated queries name it
  std::string alias_sql;   ///< its alias, or the last part of its name; quoted
  int64_t started_us = 0;  ///< of a steady clock: when the statement began
};

/// Finds the table and pins its snapshot; refuses an append-only table and unsupported features at
/// once.
Result<RewriteTarget> FindRewriteTarget(StatementScope& scope, const sql::ObjectName& name,
                                        const sql::TableAlias& alias, std::string_view operation);

/// Live rows of a file by its statistics and deletion vector, or -1 if unknown.
int64_t LiveRows(const delta::FileSet& files, size_t index);

/// The metrics of a statement's times: until `scanned_us` it looked for the rows, since then it
/// changes them.
void SetTimes(const StatementScope& scope, const RewriteTarget& target, int64_t scanned_us,
              delta::Transaction& transaction);

/// Touched files with the number of rows that the statement changes in each.
using TouchedFiles = std::map<uint32_t, int64_t>;

/// Runs a query of (file index, count) and collects it.
Result<TouchedFiles> CollectTouched(StatementScope& scope, const plan::Query& query);

/// How the touched rows leave their files.
struct FileChoice {
  std::vector<uint32_t> removed;    ///< with all of their rows
  std::vector<uint32_t> marked;     ///< by a deletion vector
  std::vector<uint32_t> rewritten;  ///< by another file with the rest
};

/// What a statement does to the rows of a table: positions that are no more, new rows, change rows.
/// Files that were written are removed again unless they were committed.
/// Source: docs/decisions/0006-row-changes.md.
class RowChange {
 public:
  static Result<RowChange> Begin(StatementScope& scope, const RewriteTarget& target);
  RowChange(RowChange&&) = default;
  ~RowChange();

  delta::Transaction& transaction() { return transaction_; }
  /// Whether the table has a change data feed.
  bool has_feed() const { return has_feed_; }
  const FileChoice& choice() const { return choice_; }

  /// Decides for each touched file, and removes those that go. `rows_leave`: none of the touched
  /// rows comes back (DELETE), so a file of which all are touched needs no reading.
  const FileChoice& Choose(const TouchedFiles& touched, bool rows_leave);

  /// Deletes rows of marked files: a query of (file index, row index); other files' are ignored.
  Status Mark(const plan::Query& positions);

  /// Of a table with row tracking: the columns in which rewritten rows keep their ids (row_ids.h).
  const std::optional<delta::RowTrackingColumns>& tracked() const { return tracked_; }

  /// Conforms a query to the table (write_plan.h). With `change_rows`, it has a column
  /// `_change_type` (see engine::WriteTarget::change_rows), which is kept. Of a tracked table, rows
  /// keep what the columns of row_ids.h say; those of a query without them are new.
  Result<plan::Query> Conform(plan::Query query, ColumnMatch match,
                              const delta::TableConstraints& constraints, bool change_rows);
  /// Writes the rows of a conformed query and answers how many of them are data. `match` is what it
  /// was conformed by.
  Result<int64_t> Write(const plan::Query& conformed, const ColumnMatch& match, bool change_rows);

  int64_t data_files() const { return data_files_; }
  int64_t data_bytes() const { return data_bytes_; }

  /// Commits. The metrics of files, vectors and change files are set with these names' prefix
  /// ("" or "Target").
  Status Commit(std::string_view prefix);

 private:
  RowChange(StatementScope& scope, const RewriteTarget& target, delta::Transaction transaction);
  Status StoreVectors();
  void SetMetrics(std::string_view prefix);

  StatementScope* scope_;
  const RewriteTarget* target_;
  delta::Transaction transaction_;
  bool has_feed_ = false;
  std::optional<delta::RowTrackingColumns> tracked_;
  FileChoice choice_;
  std::map<uint32_t, std::vector<uint64_t>> marked_rows_;  ///< of the marked files
  std::vector<delta::AddFile> written_;  ///< all files, to be removed if nothing comes of it
  int64_t began_us_ = 0;                 ///< of a steady clock: when what is touched was known
  int64_t data_files_ = 0;
  int64_t data_bytes_ = 0;
  int64_t removed_bytes_ = 0;
  int64_t change_files_ = 0;
  int64_t vectors_added_ = 0;
  int64_t vectors_updated_ = 0;
  int64_t vectors_removed_ = 0;
};

}  // namespace tarn::session
