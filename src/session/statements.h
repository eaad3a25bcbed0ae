#pragma once

#include "statement_scope.h"
#include "tarn/delta/transaction.h"
#include "tarn/session/rows_stream.h"
#include "tarn/session/session.h"
#include "tarn/sql/ast.h"
#include "write_plan.h"

namespace tarn::session {

/// A statement's answer: its rows, empty for most commands.
using Answer = std::unique_ptr<engine::ResultStream>;

/// No rows, no columns.
Answer NothingToShow();
/// Rows of strings under the given column names.
Answer StringRows(const std::vector<std::string>& columns,
                  const std::vector<std::vector<std::string>>& rows);

/// One row of named counts.
Answer CountsAnswer(const std::vector<std::pair<std::string, int64_t>>& counts);

// One function per kind of statement; each file holds a family.
Result<Answer> RunQuery(StatementScope& scope, const sql::QueryStatement& statement);
Result<Answer> RunExplain(StatementScope& scope, const sql::Explain& statement);

Result<Answer> RunUse(StatementScope& scope, const sql::Use& statement);
/// What SET key = value does.
Status ApplySetting(SessionState& session, const std::string& key, const std::string& value);
Result<Answer> RunSet(StatementScope& scope, const sql::SetConfiguration& statement);
Result<Answer> RunReset(StatementScope& scope, const sql::ResetConfiguration& statement);
Result<Answer> RunSetTimeZone(StatementScope& scope, const sql::SetTimeZone& statement);
Result<Answer> RunDeclareVariable(StatementScope& scope, const sql::DeclareVariable& statement);
Result<Answer> RunSetVariable(StatementScope& scope, const sql::SetVariable& statement);
Result<Answer> RunExecuteImmediate(StatementScope& scope, const sql::ExecuteImmediate& statement);

Result<Answer> RunCreateCatalog(StatementScope& scope, const sql::CreateCatalog& statement);
Result<Answer> RunCreateSchema(StatementScope& scope, const sql::CreateSchema& statement);
Result<Answer> RunCreateVolume(StatementScope& scope, const sql::CreateVolume& statement);
/// Puts a view into the catalog under `name`, which completes the statement's.
Status StoreView(StatementScope& scope, const sql::CreateView& statement,
                 const catalog::ObjectName& name, catalog::IfTaken taken);
Result<Answer> RunCreateView(StatementScope& scope, const sql::CreateView& statement);
Result<Answer> RunCreateFunction(StatementScope& scope, const sql::CreateFunction& statement);
Result<Answer> RunDrop(StatementScope& scope, const sql::Drop& statement);
Result<Answer> RunUndrop(StatementScope& scope, const sql::Undrop& statement);
Result<Answer> RunCommentOn(StatementScope& scope, const sql::CommentOn& statement);

Result<Answer> RunCreateTable(StatementScope& scope, const sql::CreateTable& statement);
Result<Answer> RunAlter(StatementScope& scope, const sql::Alter& statement);

Result<Answer> RunShow(StatementScope& scope, const sql::Show& statement);
Result<Answer> RunDescribe(StatementScope& scope, const sql::Describe& statement);

Result<Answer> RunInsert(StatementScope& scope, const sql::Insert& statement);
/// INSERT INTO t REPLACE WHERE condition query.
Result<Answer> RunReplaceWhere(StatementScope& scope, const sql::Insert& statement);
/// INSERT INTO t REPLACE USING (columns) query and INSERT INTO t REPLACE ON condition query: rows
/// of the table that a row of the query matches go, and all rows of the query come.
Result<Answer> RunReplaceMatching(StatementScope& scope, const sql::Insert& statement);
/// Writes a query whose columns are the table's, commits, and answers the number of rows. `match`
/// is what the query was conformed by.
Result<Answer> WriteAndCommit(StatementScope& scope, const TableTarget& target,
                              const plan::Query& query, const ColumnMatch& match,
                              delta::Transaction& transaction);
Result<Answer> RunCopyInto(StatementScope& scope, const sql::CopyInto& statement);
Result<Answer> RunDelete(StatementScope& scope, const sql::Delete& statement);
Result<Answer> RunUpdate(StatementScope& scope, const sql::Update& statement);
Result<Answer> RunMerge(StatementScope& scope, const sql::Merge& statement);
/// The queries by which these find the rows that they are to change, for EXPLAIN.
Result<plan::Query> PlanDelete(StatementScope& scope, const sql::Delete& statement);
Result<plan::Query> PlanUpdate(StatementScope& scope, const sql::Update& statement);
Result<plan::Query> PlanMerge(StatementScope& scope, const sql::Merge& statement);
Result<Answer> RunOptimize(StatementScope& scope, const sql::Optimize& statement);
Result<Answer> RunReorg(StatementScope& scope, const sql::Reorg& statement);
Result<Answer> RunVacuum(StatementScope& scope, const sql::Vacuum& statement);
Result<Answer> RunRestore(StatementScope& scope, const sql::Restore& statement);
Result<Answer> RunFsck(StatementScope& scope, const sql::Fsck& statement);
Result<Answer> RunAnalyze(StatementScope& scope, const sql::Analyze& statement);
Result<Answer> RunConvert(StatementScope& scope, const sql::ConvertToDelta& statement);
Result<Answer> RunTruncate(StatementScope& scope, const sql::Truncate& statement);

Result<Answer> RunBeginTransaction(StatementScope& scope, const sql::BeginTransaction& statement);
Result<Answer> RunEndTransaction(StatementScope& scope, const sql::EndTransaction& statement);
/// BEGIN ATOMIC … END
Result<Answer> RunCompound(StatementScope& scope, const sql::CompoundStatement& statement);

/// An answer with all its rows read, which needs its scope no longer.
Result<Answer> ReadToEnd(StatementScope& scope, Answer answer);

/// Runs any statement; UNSUPPORTED_FEATURE with its name for one that isn't executed.
Result<Answer> RunStatement(StatementScope& scope, const sql::Statement& statement);
/// The same for a statement that the program itself wrote.
Result<Answer> RunStatementText(StatementScope& scope, const std::string& text);

}  // namespace tarn::session
