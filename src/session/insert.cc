#include <algorithm>

#include "column_default.h"
#include "generated_query.h"
#include "optimize.h"
#include "schema_evolution.h"
#include "statements.h"
#include "table_commit.h"
#include "tarn/sql/printer.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

bool IsReplace(sql::InsertMode mode) {
  return mode != sql::InsertMode::kInto && mode != sql::InsertMode::kOverwrite;
}

Status CheckSupported(const sql::Insert& statement) {
  const SourceRange& at = statement.table.source;
  if (statement.with_schema_evolution && IsReplace(statement.mode)) {
    return UnsupportedFeature("WITH SCHEMA EVOLUTION and REPLACE", at);
  }
  if (!statement.partition.empty()) return UnsupportedFeature("INSERT … PARTITION", at);
  return {};
}

/// The keyword DEFAULT as a value: where it stands, and in which place of its row.
struct DefaultCell {
  SourceRange source;
  size_t place = 0;
};

std::vector<DefaultCell> DefaultCells(const sql::InlineTable& table) {
  std::vector<DefaultCell> cells;
  for (const sql::ExprPtr& row : table.rows) {
    if (sql::IsDefaultKeyword(*row)) cells.push_back({row->source, 0});
    const auto* tuple = row->As<sql::StructConstructor>();
    for (size_t i = 0; tuple != nullptr && i < tuple->items.size(); ++i) {
      const sql::Expr& cell = *tuple->items[i].expr;
      if (sql::IsDefaultKeyword(cell)) cells.push_back({cell.source, i});
    }
  }
  return cells;
}

/// The column that the i-th value of each row is stored in; empty if there is none.
std::string_view ColumnOfCell(size_t i, const sql::Insert& statement, const Schema& schema) {
  if (!statement.columns.empty()) {
    return i < statement.columns.size() ? statement.columns[i].back().text : std::string_view();
  }
  return i < schema.fields.size() ? schema.fields[i].name : std::string_view();
}

/// The inserted query; in VALUES, DEFAULT stands for the columns' defaults.
Result<plan::Query> InsertedRows(StatementScope& scope, const sql::Insert& statement,
                                 const delta::Snapshot& snapshot) {
  const auto* table = statement.query->body->As<sql::InlineTable>();
  const auto defaults = table != nullptr ? DefaultCells(*table) : std::vector<DefaultCell>();
  if (defaults.empty()) {
    return analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query);
  }
  TARN_TRY(RefusePositionalParameters(scope, "INSERT with DEFAULT"));
  // Everything else of the query stays as it is written.
  GeneratedQuery query(scope);
  SourceRange rest = statement.query->source;
  for (const DefaultCell& cell : defaults) {
    SourceRange before = rest;
    before.end = cell.source.begin;
    TARN_ASSIGN(
        const std::string text,
        DefaultText(scope, snapshot, ColumnOfCell(cell.place, statement, snapshot.schema())));
    query.AddPiece(before).Add(text);
    rest.begin = cell.source.end;
    rest.line = cell.source.line;
    rest.column = cell.source.column + (cell.source.end - cell.source.begin);
  }
  query.AddPiece(rest);
  return query.Analyze();
}

/// A column for which every row of VALUES has DEFAULT is one that the statement doesn't give.
void LeaveDefaults(const sql::Insert& statement, const Schema& schema, ColumnMatch& match) {
  const auto* table = statement.query->body->As<sql::InlineTable>();
  if (table == nullptr) return;
  std::map<size_t, size_t> rows_by_place;
  for (const DefaultCell& cell : DefaultCells(*table)) ++rows_by_place[cell.place];
  for (const auto& [place, rows] : rows_by_place) {
    const int column = schema.Find(ColumnOfCell(place, statement, schema));
    if (rows == table->rows.size() && column >= 0) match[static_cast<size_t>(column)].reset();
  }
}

bool Reads(const plan::Query& query, const std::string& root) {
  return std::ranges::any_of(query.relations, [&](const plan::Relation& relation) {
    const auto* delta = std::get_if<plan::DeltaRelation>(&relation.source);
    return delta != nullptr && delta->root == root;
  });
}

}  // namespace

Result<Answer> RunInsert(StatementScope& scope, const sql::Insert& statement) {
  TARN_TRY(CheckSupported(statement));
  if (statement.mode == sql::InsertMode::kReplaceWhere) return RunReplaceWhere(scope, statement);
  if (IsReplace(statement.mode)) return RunReplaceMatching(scope, statement);
  TARN_ASSIGN(TableTarget target,
              scope.FindTable(statement.table, catalog::Purpose::kWrite, "INSERT"));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  TARN_ASSIGN(plan::Query query, InsertedRows(scope, statement, *snapshot));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  if (EvolvesSchema(scope.session(), statement.with_schema_evolution) &&
      statement.columns.empty()) {
    // By position, the columns behind the table's own are the new ones.
    const size_t own = statement.by_name ? 0 : snapshot->schema().fields.size();
    delta::Metadata merged =
        WithNewColumns(snapshot->metadata(), query.root->columns, FieldRule::kInsert, own);
    if (!(merged.schema == snapshot->schema())) {
      TARN_TRY(transaction.SetMetadata(std::move(merged)));
    }
  }
  const delta::Metadata& metadata = transaction.metadata();
  TARN_ASSIGN(ColumnMatch match,
              statement.by_name
                  ? MatchByName(query, metadata.schema, target.display, statement.query->source)
                  : MatchByPosition(query, metadata.schema, statement.columns, target.display,
                                    statement.query->source));
  LeaveDefaults(statement, metadata.schema, match);
  TARN_TRY(RefuseIdentityValues(match, metadata, snapshot->constraints(), statement.query->source));
  TARN_ASSIGN(plan::Query conformed, ConformToTable(scope, std::move(query), match, metadata,
                                                    snapshot->constraints(), target.display));
  if (Reads(conformed, target.root)) transaction.ReadWholeTable();
  const bool overwrite = statement.mode == sql::InsertMode::kOverwrite;
  if (overwrite) {
    transaction.RemoveAll();
    CountRemoved(transaction, snapshot->files());
  }
  transaction.SetOperation("WRITE",
                           {{"mode", overwrite ? "Overwrite" : "Append"}, {"partitionBy", "[]"}});
  return WriteAndCommit(scope, target, conformed, match, transaction);
}

Result<Answer> WriteAndCommit(StatementScope& scope, const TableTarget& target,
                              const plan::Query& query, const ColumnMatch& match,
                              delta::Transaction& transaction) {
  TARN_ASSIGN(engine::WriteResult written,
              scope.rooms().engine().Write(scope.request(), query,
                                           WriteTargetOf(target.root, transaction.metadata()),
                                           scope.EngineView()));
  const int64_t rows = written.rows;
  const engine::ExecutionStats stats = written.stats;
  const std::vector<delta::AddFile> files = written.files;
  AddFiles(transaction, std::move(written));
  TARN_TRY(AdvanceIdentity(transaction, match, rows));
  auto committed = CommitAndPublish(scope, target, transaction);
  if (!committed.ok()) {
    if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
      RemoveUnusedFiles(scope, target.root, files);
    }
    return std::move(committed).error();
  }
  CompactIfAsked(scope, target, transaction.metadata());
  auto answer =
      std::make_unique<RowsStream>(RowsStream::Columns{{"num_affected_rows", TypeId::kLong},
                                                       {"num_inserted_rows", TypeId::kLong}},
                                   RowsStream::Rows{{Value::Long(rows), Value::Long(rows)}});
  answer->SetStats(stats);
  return Answer(std::move(answer));
}

}  // namespace tarn::session
