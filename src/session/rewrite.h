#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "generated_query.h"
#include "statement_scope.h"
#include "statements.h"
#include "table_commit.h"

namespace tarn::session {

/// The table that DELETE, UPDATE or MERGE changes.
struct RewriteTarget {
  TableTarget target;
  std::shared_ptr<const delta::Snapshot> snapshot;
  std::string name_sql;   ///< how the generated queries name it
  std::string alias_sql;  ///< its alias, or the last part of its name; quoted
};

/// Finds the table and pins its snapshot; refuses an append-only table and unsupported features at
/// once.
Result<RewriteTarget> FindRewriteTarget(StatementScope& scope, const sql::ObjectName& name,
                                        const sql::TableAlias& alias, std::string_view operation);

/// Touched files with the number of rows that the statement changes in each.
using TouchedFiles = std::map<uint32_t, int64_t>;

/// Runs a query of (file index, count) and collects it.
Result<TouchedFiles> CollectTouched(StatementScope& scope, const plan::Query& query);

/// Live rows of a file by its statistics and deletion vector, or -1 if unknown.
int64_t LiveRows(const delta::FileSet& files, size_t index);

/// The answer of a statement that changed rows: named counts.
Answer CountsAnswer(const std::vector<std::pair<std::string, int64_t>>& counts);

/// Writes a rewriting query and puts its files into the transaction; remembers them for removal if
/// the commit fails.
Status WriteInto(StatementScope& scope, const RewriteTarget& target, const plan::Query& query,
                 delta::Transaction& transaction, std::vector<delta::AddFile>& files,
                 int64_t* rows);

/// Commits; on a conflict the written files are removed.
Status CommitRewrite(StatementScope& scope, const RewriteTarget& target,
                     delta::Transaction& transaction, const std::vector<delta::AddFile>& files);

}  // namespace tarn::session
