#include <iterator>

#include "open_transaction.h"
#include "statements.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

/// Sends each kind of statement to the function that runs it.
struct Dispatch {
  StatementScope& scope;
  const sql::Statement& statement;

  Result<Answer> operator()(const sql::QueryStatement& x) const { return RunQuery(scope, x); }
  Result<Answer> operator()(const sql::Explain& x) const { return RunExplain(scope, x); }
  Result<Answer> operator()(const sql::Use& x) const { return RunUse(scope, x); }
  Result<Answer> operator()(const sql::SetConfiguration& x) const { return RunSet(scope, x); }
  Result<Answer> operator()(const sql::ResetConfiguration& x) const { return RunReset(scope, x); }
  Result<Answer> operator()(const sql::SetTimeZone& x) const { return RunSetTimeZone(scope, x); }
  Result<Answer> operator()(const sql::DeclareVariable& x) const {
    return RunDeclareVariable(scope, x);
  }
  Result<Answer> operator()(const sql::SetVariable& x) const { return RunSetVariable(scope, x); }
  Result<Answer> operator()(const sql::ExecuteImmediate& x) const {
    return RunExecuteImmediate(scope, x);
  }
  Result<Answer> operator()(const sql::CreateCatalog& x) const {
    return RunCreateCatalog(scope, x);
  }
  Result<Answer> operator()(const sql::CreateSchema& x) const { return RunCreateSchema(scope, x); }
  Result<Answer> operator()(const sql::CreateVolume& x) const { return RunCreateVolume(scope, x); }
  Result<Answer> operator()(const sql::CreateView& x) const { return RunCreateView(scope, x); }
  Result<Answer> operator()(const sql::CreateFunction& x) const {
    return RunCreateFunction(scope, x);
  }
  Result<Answer> operator()(const sql::CreateTable& x) const { return RunCreateTable(scope, x); }
  Result<Answer> operator()(const sql::Drop& x) const { return RunDrop(scope, x); }
  Result<Answer> operator()(const sql::Undrop& x) const { return RunUndrop(scope, x); }
  Result<Answer> operator()(const sql::Alter& x) const { return RunAlter(scope, x); }
  Result<Answer> operator()(const sql::CommentOn& x) const { return RunCommentOn(scope, x); }
  Result<Answer> operator()(const sql::Show& x) const { return RunShow(scope, x); }
  Result<Answer> operator()(const sql::Describe& x) const { return RunDescribe(scope, x); }
  Result<Answer> operator()(const sql::Insert& x) const { return RunInsert(scope, x); }
  Result<Answer> operator()(const sql::CopyInto& x) const { return RunCopyInto(scope, x); }
  Result<Answer> operator()(const sql::Delete& x) const { return RunDelete(scope, x); }
  Result<Answer> operator()(const sql::Update& x) const { return RunUpdate(scope, x); }
  Result<Answer> operator()(const sql::Merge& x) const { return RunMerge(scope, x); }
  Result<Answer> operator()(const sql::Truncate& x) const { return RunTruncate(scope, x); }
  Result<Answer> operator()(const sql::Optimize& x) const { return RunOptimize(scope, x); }
  Result<Answer> operator()(const sql::Reorg& x) const { return RunReorg(scope, x); }
  Result<Answer> operator()(const sql::Vacuum& x) const { return RunVacuum(scope, x); }
  Result<Answer> operator()(const sql::Restore& x) const { return RunRestore(scope, x); }
  Result<Answer> operator()(const sql::Fsck& x) const { return RunFsck(scope, x); }
  Result<Answer> operator()(const sql::Analyze& x) const { return RunAnalyze(scope, x); }
  Result<Answer> operator()(const sql::ConvertToDelta& x) const { return RunConvert(scope, x); }
  Result<Answer> operator()(const sql::BeginTransaction& x) const {
    return RunBeginTransaction(scope, x);
  }
  Result<Answer> operator()(const sql::EndTransaction& x) const {
    return RunEndTransaction(scope, x);
  }
  Result<Answer> operator()(const sql::CompoundStatement& x) const {
    if (x.atomic) return RunCompound(scope, x);
    return UnsupportedFeature(sql::StatementName(statement), statement.source);
  }
  // Nothing is cached between statements but snapshots, which are always checked for newer ones.
  Result<Answer> operator()(const sql::Refresh& x) const {
    if (x.kind == sql::ObjectKind::kTable && !x.foreign) return NothingToShow();
    return UnsupportedFeature(sql::StatementName(statement), statement.source);
  }
  Result<Answer> operator()(const sql::ClearCache&) const { return NothingToShow(); }
  template <typename T>
  Result<Answer> operator()(const T&) const {
    return UnsupportedFeature(sql::StatementName(statement), statement.source);
  }
};

}  // namespace

Answer NothingToShow() { return std::make_unique<RowsStream>(); }

Answer StringRows(const std::vector<std::string>& columns,
                  const std::vector<std::vector<std::string>>& rows) {
  RowsStream::Columns typed;
  for (const std::string& name : columns) typed.emplace_back(name, TypeId::kString);
  RowsStream::Rows values;
  for (const std::vector<std::string>& row : rows) {
    auto& cells = values.emplace_back();
    for (const std::string& cell : row) cells.push_back(Value::String(cell));
  }
  return std::make_unique<RowsStream>(std::move(typed), std::move(values));
}

Answer CountsAnswer(const std::vector<std::pair<std::string, int64_t>>& counts) {
  RowsStream::Columns columns;
  std::vector<Value> row;
  for (const auto& [name, count] : counts) {
    columns.emplace_back(name, TypeId::kLong);
    row.push_back(Value::Long(count));
  }
  return std::make_unique<RowsStream>(std::move(columns), RowsStream::Rows{std::move(row)});
}

Result<Answer> ReadToEnd(StatementScope& scope, Answer answer) {
  RowsStream::Columns columns;
  for (const plan::OutputColumn& column : answer->columns()) {
    columns.emplace_back(column.name, column.type);
  }
  RowsStream::Rows rows;
  while (true) {
    TARN_ASSIGN(auto batch, answer->Next());
    if (batch.empty()) break;
    rows.insert(rows.end(), std::make_move_iterator(batch.begin()),
                std::make_move_iterator(batch.end()));
  }
  auto read = std::make_unique<RowsStream>(std::move(columns), std::move(rows),
                                           scope.session().session_zone);
  read->SetStats(answer->Stats());
  return Answer(std::move(read));
}

Result<Answer> RunStatement(StatementScope& scope, const sql::Statement& statement) {
  if (scope.session().transaction != nullptr) {
    TARN_TRY(scope.session().transaction->Allow(statement));
  }
  TARN_ASSIGN(Answer answer, std::visit(Dispatch{scope, statement}, statement.node));
  const bool describes =
      statement.As<sql::Describe>() || statement.As<sql::Show>() || statement.As<sql::Explain>();
  if (!describes) scope.NoteReads();
  return answer;
}

Result<Answer> RunStatementText(StatementScope& scope, const std::string& text) {
  TARN_ASSIGN(sql::Statement statement, sql::ParseStatement(text));
  return RunStatement(scope, statement);
}

}  // namespace tarn::session
