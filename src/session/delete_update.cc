#include "assignment.h"
#include "rewrite.h"
#include "statements.h"
#include "tarn/sql/parser.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

/// "WITH a AS (…), b AS (…) " as the user wrote it.
void AddCommonTables(GeneratedQuery& query, const std::vector<sql::CommonTable>& with) {
  for (size_t i = 0; i < with.size(); ++i) {
    query.Add(i == 0 ? "WITH " : ", ").AddPiece(with[i].source);
  }
  query.Add(" ");
}

/// First pass: which files hold rows that the condition picks, and how many.
Result<TouchedFiles> FindTouched(StatementScope& scope, const RewriteTarget& target,
                                 const std::vector<sql::CommonTable>& with,
                                 const sql::Expr* where) {
  GeneratedQuery find(scope);
  AddCommonTables(find, with);
  find.Add("SELECT __file_index, count(*) FROM " + target.name_sql + " AS " + target.alias_sql);
  if (where != nullptr) find.Add(" WHERE ").AddPiece(where->source);
  find.Add("\nGROUP BY __file_index");
  TARN_ASSIGN(plan::Query query, find.Analyze());
  if (where != nullptr) {
    TARN_TRY(RequireDeterministic(query, where->source, sql::Slice(scope.text(), where->source)));
  }
  return CollectTouched(scope, query);
}

int64_t Total(const TouchedFiles& touched) {
  int64_t total = 0;
  for (const auto& [file, count] : touched) total += count;
  return total;
}

/// Matches the table's columns with the first columns of a query that passes rows on unchanged.
ColumnMatch SameColumns(const delta::Snapshot& snapshot) {
  ColumnMatch match(snapshot.schema().fields.size());
  for (size_t i = 0; i < match.size(); ++i) match[i] = i;
  return match;
}

/// As SameColumns, but leaves generated columns to be computed anew.
ColumnMatch RewriteMatch(const delta::Snapshot& snapshot) {
  ColumnMatch match = SameColumns(snapshot);
  for (const delta::ColumnExpression& generated : snapshot.constraints().generated) {
    const int index = snapshot.schema().Find(generated.column);
    if (index >= 0) match[static_cast<size_t>(index)] = std::nullopt;
  }
  return match;
}

Result<Answer> DeleteAll(StatementScope& scope, const RewriteTarget& target,
                         std::string_view operation) {
  TARN_ASSIGN(TouchedFiles touched, FindTouched(scope, target, {}, nullptr));
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.RemoveAll();
  transaction.SetOperation(std::string(operation), {{"predicate", "[]"}});
  transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(target.snapshot->files().size()));
  transaction.SetMetric("numDeletedRows", Total(touched));
  TARN_TRY(CommitRewrite(scope, target, transaction, {}));
  return CountsAnswer({{"num_affected_rows", Total(touched)}});
}

/// Second pass of DELETE: the rows of the touched files that stay.
Status KeepRemainingRows(StatementScope& scope, const RewriteTarget& target,
                         const sql::Delete& statement, const std::vector<uint32_t>& files,
                         delta::Transaction& transaction, std::vector<delta::AddFile>& written,
                         int64_t* copied) {
  GeneratedQuery keep(scope);
  AddCommonTables(keep, statement.with);
  keep.Add("SELECT *, __file_index FROM " + target.name_sql + " AS " + target.alias_sql +
           " WHERE NOT coalesce((");
  keep.AddPiece(statement.where->source).Add("\n), false)");
  TARN_ASSIGN(plan::Query query, keep.Analyze());
  RestrictToFiles(query, files);
  const delta::Metadata& metadata = target.snapshot->metadata();
  // Rows that stay were checked when they were written.
  TARN_ASSIGN(plan::Query conformed,
              ConformToTable(scope, std::move(query), SameColumns(*target.snapshot), metadata, {},
                             target.target.display));
  return WriteInto(scope, target, conformed, transaction, written, copied);
}

}  // namespace

Result<Answer> RunDelete(StatementScope& scope, const sql::Delete& statement) {
  TARN_ASSIGN(RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "DELETE"));
  if (!statement.where) return DeleteAll(scope, target, "DELETE");
  TARN_ASSIGN(TouchedFiles touched,
              FindTouched(scope, target, statement.with, statement.where.get()));
  if (touched.empty()) return CountsAnswer({{"num_affected_rows", 0}});
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.ReadWholeTable();
  std::vector<uint32_t> partly;
  for (const auto& [file, count] : touched) {
    transaction.Remove(file);
    if (count != LiveRows(target.snapshot->files(), file)) partly.push_back(file);
  }
  std::vector<delta::AddFile> written;
  int64_t copied = 0;
  if (!partly.empty()) {
    TARN_TRY(KeepRemainingRows(scope, target, statement, partly, transaction, written, &copied));
  }
  transaction.SetOperation(
      "DELETE", {{"predicate", std::string(sql::Slice(scope.text(), statement.where->source))}});
  transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(touched.size()));
  transaction.SetMetric("numAddedFiles", static_cast<int64_t>(written.size()));
  transaction.SetMetric("numDeletedRows", Total(touched));
  transaction.SetMetric("numCopiedRows", copied);
  TARN_TRY(CommitRewrite(scope, target, transaction, written));
  return CountsAnswer({{"num_affected_rows", Total(touched)}});
}

Result<Answer> RunTruncate(StatementScope& scope, const sql::Truncate& statement) {
  if (!statement.partition.empty()) {
    return UnsupportedFeature("TRUNCATE TABLE … PARTITION", statement.table.source);
  }
  TARN_ASSIGN(RewriteTarget target,
              FindRewriteTarget(scope, statement.table, {}, "TRUNCATE TABLE"));
  TARN_TRY(DeleteAll(scope, target, "TRUNCATE"));
  return NothingToShow();
}

namespace {

/// Which assignment gives each column its new value; refuses a column assigned twice.
Result<std::vector<const sql::Assignment*>> AssignmentsByColumn(const sql::Update& statement,
                                                                const Schema& schema) {
  std::vector<const sql::Assignment*> by_column(schema.fields.size(), nullptr);
  for (const sql::Assignment& assignment : statement.assignments) {
    TARN_ASSIGN(size_t index, AssignedColumn(assignment.column, schema));
    if (by_column[index] != nullptr) {
      return Error(Condition("DELTA_CONFLICT_SET_COLUMN"),
                   {{"columnList", QuoteIdentifier(schema.fields[index].name)}})
          .WithPosition(assignment.source);
    }
    by_column[index] = &assignment;
  }
  return by_column;
}

/// Checks the assigned values' types without running anything.
Status CheckAssignments(StatementScope& scope, const RewriteTarget& target,
                        const sql::Update& statement,
                        const std::vector<const sql::Assignment*>& by_column) {
  GeneratedQuery probe(scope);
  AddCommonTables(probe, statement.with);
  probe.Add("SELECT ");
  std::vector<const Field*> fields;
  for (size_t i = 0; i < by_column.size(); ++i) {
    if (by_column[i] == nullptr || sql::IsDefaultKeyword(*by_column[i]->value)) continue;
    if (!fields.empty()) probe.Add(", ");
    probe.AddPiece(by_column[i]->value->source);
    fields.push_back(&target.snapshot->schema().fields[i]);
  }
  if (fields.empty()) return {};
  probe.Add("\nFROM " + target.name_sql + " AS " + target.alias_sql);
  TARN_ASSIGN(plan::Query query, probe.Analyze());
  return CheckStorable(query, fields);
}

Result<plan::Query> UpdatedRows(StatementScope& scope, const RewriteTarget& target,
                                const sql::Update& statement,
                                const std::vector<const sql::Assignment*>& by_column) {
  const Schema& schema = target.snapshot->schema();
  GeneratedQuery rows(scope);
  AddCommonTables(rows, statement.with);
  rows.Add("SELECT ");
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const std::string column = target.alias_sql + "." + QuoteIdentifier(schema.fields[i].name);
    if (by_column[i] == nullptr) {
      rows.Add(column);
    } else {
      if (statement.where) rows.Add("CASE WHEN ").AddPiece(statement.where->source).Add("\nTHEN ");
      TARN_TRY(AddAssigned(scope, rows, *by_column[i]->value, schema.fields[i], *target.snapshot));
      if (statement.where) rows.Add(" ELSE " + column + " END");
    }
    rows.Add(" AS " + QuoteIdentifier(schema.fields[i].name) + ",\n");
  }
  rows.Add("__file_index FROM " + target.name_sql + " AS " + target.alias_sql);
  return rows.Analyze();
}

}  // namespace

Result<Answer> RunUpdate(StatementScope& scope, const sql::Update& statement) {
  TARN_ASSIGN(RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "UPDATE"));
  const delta::Snapshot& snapshot = *target.snapshot;
  TARN_ASSIGN(auto by_column, AssignmentsByColumn(statement, snapshot.schema()));
  TARN_TRY(CheckAssignments(scope, target, statement, by_column));
  TARN_ASSIGN(TouchedFiles touched,
              FindTouched(scope, target, statement.with, statement.where.get()));
  if (touched.empty()) return CountsAnswer({{"num_affected_rows", 0}});
  TARN_ASSIGN(plan::Query query, UpdatedRows(scope, target, statement, by_column));
  std::vector<uint32_t> files;
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.ReadWholeTable();
  for (const auto& [file, count] : touched) {
    files.push_back(file);
    transaction.Remove(file);
  }
  RestrictToFiles(query, files);
  ColumnMatch match = RewriteMatch(snapshot);
  for (size_t i = 0; i < by_column.size(); ++i) {
    if (by_column[i] != nullptr) match[i] = i;
  }
  TARN_ASSIGN(plan::Query conformed,
              ConformToTable(scope, std::move(query), match, snapshot.metadata(),
                             snapshot.constraints(), target.target.display));
  std::vector<delta::AddFile> written;
  int64_t rows = 0;
  TARN_TRY(WriteInto(scope, target, conformed, transaction, written, &rows));
  transaction.SetOperation(
      "UPDATE",
      {{"predicate",
        statement.where ? std::string(sql::Slice(scope.text(), statement.where->source)) : "[]"}});
  transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(touched.size()));
  transaction.SetMetric("numAddedFiles", static_cast<int64_t>(written.size()));
  transaction.SetMetric("numUpdatedRows", Total(touched));
  transaction.SetMetric("numCopiedRows", rows - Total(touched));
  TARN_TRY(CommitRewrite(scope, target, transaction, written));
  return CountsAnswer({{"num_affected_rows", Total(touched)}});
}

Result<Answer> RunReplaceWhere(StatementScope& scope, const sql::Insert& statement) {
  TARN_ASSIGN(RewriteTarget target, FindRewriteTarget(scope, statement.table, {}, "INSERT"));
  const delta::Snapshot& snapshot = *target.snapshot;
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  TARN_ASSIGN(ColumnMatch match,
              statement.by_name ? MatchByName(query, snapshot.schema(), target.target.display,
                                              statement.query->source)
                                : MatchByPosition(query, snapshot.schema(), statement.columns,
                                                  target.target.display, statement.query->source));
  const std::string condition(sql::Slice(scope.text(), statement.replace_condition->source));
  TARN_ASSIGN(plan::Query conformed,
              ConformToTable(scope, std::move(query), match, snapshot.metadata(),
                             snapshot.constraints(), target.target.display));
  TARN_ASSIGN(conformed, EnforceReplaceWhere(scope, std::move(conformed), condition));
  TARN_ASSIGN(TouchedFiles touched,
              FindTouched(scope, target, {}, statement.replace_condition.get()));
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.ReadWholeTable();
  std::vector<uint32_t> partly;
  for (const auto& [file, count] : touched) {
    transaction.Remove(file);
    if (count != LiveRows(snapshot.files(), file)) partly.push_back(file);
  }
  std::vector<delta::AddFile> written;
  if (!partly.empty()) {
    GeneratedQuery keep(scope);
    keep.Add("SELECT *, __file_index FROM " + target.name_sql + " AS " + target.alias_sql +
             " WHERE NOT coalesce((");
    keep.AddPiece(statement.replace_condition->source).Add("\n), false)");
    TARN_ASSIGN(plan::Query rest, keep.Analyze());
    RestrictToFiles(rest, partly);
    TARN_ASSIGN(plan::Query kept, ConformToTable(scope, std::move(rest), SameColumns(snapshot),
                                                 snapshot.metadata(), {}, target.target.display));
    TARN_TRY(WriteInto(scope, target, kept, transaction, written, nullptr));
  }
  int64_t rows = 0;
  TARN_TRY(WriteInto(scope, target, conformed, transaction, written, &rows));
  transaction.SetOperation("WRITE", {{"mode", "Overwrite"}, {"predicate", condition}});
  transaction.SetMetric("numOutputRows", rows);
  transaction.SetMetric("numFiles", static_cast<int64_t>(written.size()));
  TARN_TRY(CommitRewrite(scope, target, transaction, written));
  return CountsAnswer({{"num_affected_rows", rows}, {"num_inserted_rows", rows}});
}

}  // namespace tarn::session
