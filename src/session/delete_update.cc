#include <functional>
#include <utility>

#include "assignment.h"
#include "history_parameters.h"
#include "row_change.h"
#include "statements.h"
#include "tarn/delta/change_feed.h"
#include "tarn/sql/parser.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

/// Which rows a statement picks out of its table; every row where it has no text.
struct RowCondition {
  const std::vector<sql::CommonTable>* with = nullptr;           ///< that the condition may name
  std::function<void(GeneratedQuery&)> add;                      ///< its text
  std::vector<std::pair<std::string, plan::Relation>> provided;  ///< see GeneratedQuery::Analyze
  SourceRange source;                                            ///< what the user wrote of it

  /// As the user wrote it; null: every row.
  static RowCondition Of(const sql::Expr* where,
                         const std::vector<sql::CommonTable>* with = nullptr) {
    if (where == nullptr) return {};
    return {with,
            [where](GeneratedQuery& query) { query.AddPiece(where->source).Add("\n"); },
            {},
            where->source};
  }
};

/// First pass: which files hold rows that the condition picks, and how many.
Result<plan::Query> TouchedQuery(StatementScope& scope, const RewriteTarget& target,
                                 const RowCondition& where) {
  GeneratedQuery find(scope);
  if (where.with != nullptr) find.AddCommonTables(*where.with);
  find.Add("SELECT __file_index, count(*) FROM " + target.name_sql + " AS " + target.alias_sql);
  if (!where.add) return find.Add(" GROUP BY __file_index").Analyze();
  find.Add(" WHERE ");
  where.add(find);
  find.Add("GROUP BY __file_index");
  TARN_ASSIGN(plan::Query query, find.Analyze(where.provided));
  TARN_TRY(RequireDeterministic(query, where.source, sql::Slice(scope.text(), where.source)));
  return query;
}

Result<TouchedFiles> FindTouched(StatementScope& scope, const RewriteTarget& target,
                                 const RowCondition& where) {
  TARN_ASSIGN(const plan::Query query, TouchedQuery(scope, target, where));
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

int64_t VectorCount(const delta::FileSet& files) {
  int64_t count = 0;
  for (size_t i = 0; i < files.size(); ++i) count += files.deletion_vector(i) != nullptr ? 1 : 0;
  return count;
}

Result<Answer> DeleteAll(StatementScope& scope, const RewriteTarget& target,
                         std::string_view operation) {
  TARN_ASSIGN(TouchedFiles touched, FindTouched(scope, target, RowCondition()));
  TARN_ASSIGN(delta::Transaction transaction,
              BeginChange(scope, target.target.root, target.snapshot));
  transaction.RemoveAll();
  std::map<std::string, std::string> parameters;
  if (operation == "DELETE") parameters["predicate"] = ConditionList("true");
  transaction.SetOperation(std::string(operation), std::move(parameters));
  CountRemoved(transaction, target.snapshot->files());
  transaction.SetMetric("numDeletedRows", Total(touched));
  for (const char* none : {"numAddedFiles", "numAddedBytes", "numAddedChangeFiles", "numCopiedRows",
                           "numDeletionVectorsAdded", "numDeletionVectorsUpdated"}) {
    transaction.SetMetric(none, 0);
  }
  transaction.SetMetric("numDeletionVectorsRemoved", VectorCount(target.snapshot->files()));
  SetTimes(scope, target, scope.request().clock->SteadyMicros(), transaction);
  TARN_TRY(CommitAndPublish(scope, target.target, transaction));
  return CountsAnswer({{"num_affected_rows", Total(touched)}});
}

/// Takes the rows that a condition picks out of a table; used by DELETE and by INSERT … REPLACE.
class RowDeletion {
 public:
  RowDeletion(StatementScope& scope, const RewriteTarget& target, const RowCondition& where)
      : scope_(scope), target_(target), where_(where) {}

  /// Answers how many rows were copied. `change_rows` tells whether the change has change rows: any
  /// other change of it must then have them, too.
  Result<int64_t> Run(const TouchedFiles& touched, RowChange& change, bool* change_rows) {
    const FileChoice& choice = change.Choose(touched, true);
    *change_rows = change.has_feed() && !choice.rewritten.empty();
    if (!choice.marked.empty()) {
      TARN_ASSIGN(const plan::Query positions, Picked("__file_index, __row_index", choice.marked));
      TARN_TRY(change.Mark(positions));
    }
    if (*change_rows) TARN_TRY(WriteDeletedRows(change));
    return choice.rewritten.empty() ? Result<int64_t>(0) : CopyRest(change, *change_rows);
  }

 private:
  /// The rows of some files that the condition picks.
  Result<plan::Query> Picked(const char* columns, const std::vector<uint32_t>& files) {
    GeneratedQuery picked(scope_);
    if (where_.with != nullptr) picked.AddCommonTables(*where_.with);
    picked.Add(std::string("SELECT ") + columns + " FROM " + target_.name_sql + " AS " +
               target_.alias_sql + " WHERE ");
    where_.add(picked);
    TARN_ASSIGN(plan::Query query, picked.Analyze(where_.provided));
    RestrictToFiles(query, files);
    return query;
  }

  /// The change rows of the files that aren't rewritten.
  Status WriteDeletedRows(RowChange& change) {
    std::vector<uint32_t> files = change.choice().removed;
    files.insert(files.end(), change.choice().marked.begin(), change.choice().marked.end());
    if (files.empty()) return {};
    TARN_ASSIGN(plan::Query query, Picked("*, 'delete' AS _change_type, __file_index", files));
    TARN_ASSIGN(const plan::Query conformed,
                change.Conform(std::move(query), SameColumns(*target_.snapshot), {}, true));
    TARN_TRY(change.Write(conformed, SameColumns(*target_.snapshot), true));
    return {};
  }

  /// The rows of the rewritten files that stay. They were checked when they were written.
  Result<int64_t> CopyRest(RowChange& change, bool change_rows) {
    GeneratedQuery rest(scope_);
    if (where_.with != nullptr) rest.AddCommonTables(*where_.with);
    rest.Add("SELECT *, __file_index");
    if (change.tracked()) rest.Add(KeptRowSql(target_.alias_sql));
    if (change_rows) {
      rest.Add(", CASE WHEN (");
      where_.add(rest);
      rest.Add(") THEN 'delete' END AS _change_type");
    }
    rest.Add(" FROM " + target_.name_sql + " AS " + target_.alias_sql);
    if (!change_rows) {
      rest.Add(" WHERE NOT coalesce((");
      where_.add(rest);
      rest.Add("), false)");
    }
    TARN_ASSIGN(plan::Query query, rest.Analyze(where_.provided));
    RestrictToFiles(query, change.choice().rewritten);
    TARN_ASSIGN(const plan::Query conformed,
                change.Conform(std::move(query), SameColumns(*target_.snapshot), {}, change_rows));
    return change.Write(conformed, SameColumns(*target_.snapshot), change_rows);
  }

  StatementScope& scope_;
  const RewriteTarget& target_;
  const RowCondition& where_;
};

}  // namespace

Result<plan::Query> PlanDelete(StatementScope& scope, const sql::Delete& statement) {
  TARN_ASSIGN(const RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "DELETE"));
  return TouchedQuery(scope, target, RowCondition::Of(statement.where.get(), &statement.with));
}

Result<Answer> RunDelete(StatementScope& scope, const sql::Delete& statement) {
  TARN_ASSIGN(RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "DELETE"));
  if (!statement.where) return DeleteAll(scope, target, "DELETE");
  const RowCondition condition = RowCondition::Of(statement.where.get(), &statement.with);
  TARN_ASSIGN(TouchedFiles touched, FindTouched(scope, target, condition));
  if (touched.empty()) return CountsAnswer({{"num_affected_rows", 0}});
  TARN_ASSIGN(RowChange change, RowChange::Begin(scope, target));
  bool change_rows = false;
  RowDeletion deletion(scope, target, condition);
  TARN_ASSIGN(const int64_t copied, deletion.Run(touched, change, &change_rows));
  delta::Transaction& transaction = change.transaction();
  transaction.SetOperation(
      "DELETE", {{"predicate", ConditionList(sql::Slice(scope.text(), statement.where->source))}});
  transaction.SetMetric("numDeletedRows", Total(touched));
  transaction.SetMetric("numCopiedRows", copied);
  TARN_TRY(change.Commit(""));
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

/// Checks the assigned values' types without running anything.
Status CheckAssignments(StatementScope& scope, const RewriteTarget& target,
                        const sql::Update& statement,
                        const std::vector<ColumnAssignments>& by_column) {
  GeneratedQuery probe(scope);
  probe.AddCommonTables(statement.with);
  probe.Add("SELECT ");
  std::vector<const Field*> fields;
  for (const ColumnAssignments& column : by_column) {
    for (const ColumnAssignments::OfField& value : column.values) {
      if (sql::IsDefaultKeyword(*value.assignment->value)) continue;
      if (!fields.empty()) probe.Add(", ");
      probe.AddPiece(value.assignment->value->source);
      fields.push_back(value.field);
    }
  }
  if (fields.empty()) return {};
  probe.Add("\nFROM " + target.name_sql + " AS " + target.alias_sql);
  TARN_ASSIGN(plan::Query query, probe.Analyze());
  return CheckStorable(query, fields, FieldRule::kAssign);
}

/// The second pass of UPDATE, over some of the touched files.
class UpdatedRows {
 public:
  UpdatedRows(StatementScope& scope, const RewriteTarget& target, const sql::Update& statement,
              const std::vector<ColumnAssignments>& by_column)
      : scope_(scope), target_(target), statement_(statement), by_column_(by_column) {}

  /// Writes the files' rows with their new values: all rows, or those that change. Answers how
  /// many.
  Result<int64_t> Write(const std::vector<uint32_t>& files, bool all_rows, RowChange& change) {
    if (files.empty()) return 0;
    GeneratedQuery rows(scope_);
    rows.AddCommonTables(statement_.with);
    TARN_TRY(AddNewValues(rows, all_rows, change));
    if (change.has_feed()) {
      rows.Add("\nUNION ALL SELECT *, 'update_preimage', __file_index");
      if (change.tracked()) rows.Add(", NULL, NULL");
      AddFrom(rows, false);
    }
    TARN_ASSIGN(plan::Query query, rows.Analyze());
    RestrictToFiles(query, files);
    ColumnMatch match = RewriteMatch(*target_.snapshot);
    for (size_t i = 0; i < by_column_.size(); ++i) {
      if (by_column_[i].any()) match[i] = i;
    }
    TARN_ASSIGN(const plan::Query conformed,
                change.Conform(std::move(query), match, target_.snapshot->constraints(),
                               change.has_feed()));
    return change.Write(conformed, match, change.has_feed());
  }

  Status Mark(const std::vector<uint32_t>& files, RowChange& change) {
    if (files.empty()) return {};
    GeneratedQuery positions(scope_);
    positions.AddCommonTables(statement_.with);
    positions.Add("SELECT __file_index, __row_index");
    AddFrom(positions, false);
    TARN_ASSIGN(plan::Query query, positions.Analyze());
    RestrictToFiles(query, files);
    return change.Mark(query);
  }

 private:
  Status AddNewValues(GeneratedQuery& rows, bool all_rows, const RowChange& change) {
    const Schema& schema = target_.snapshot->schema();
    const bool choose = all_rows && statement_.where != nullptr;
    rows.Add("SELECT ");
    for (size_t i = 0; i < schema.fields.size(); ++i) {
      const std::string column = target_.alias_sql + "." + QuoteIdentifier(schema.fields[i].name);
      if (!by_column_[i].any()) {
        rows.Add(column);
      } else {
        if (choose) rows.Add("CASE WHEN ").AddPiece(statement_.where->source).Add("\nTHEN ");
        TARN_TRY(
            AddNewValue(scope_, rows, by_column_[i], column, schema.fields[i], *target_.snapshot));
        if (choose) rows.Add(" ELSE " + column + " END");
      }
      rows.Add(" AS " + QuoteIdentifier(schema.fields[i].name) + ",\n");
    }
    if (change.has_feed()) {
      if (choose) rows.Add("CASE WHEN ").AddPiece(statement_.where->source).Add("\nTHEN ");
      rows.Add("'update_postimage'").Add(choose ? " END" : "").Add(" AS _change_type,\n");
    }
    rows.Add("__file_index");
    if (change.tracked()) AddRowIds(rows, choose);
    AddFrom(rows, all_rows);
    return {};
  }

  /// Rows that change get a new version.
  void AddRowIds(GeneratedQuery& rows, bool choose) {
    rows.Add(RowIdSql(target_.alias_sql));
    if (!choose) {
      rows.Add(", CAST(NULL AS BIGINT)");
    } else {
      rows.Add(", CASE WHEN ").AddPiece(statement_.where->source);
      rows.Add("\nTHEN NULL ELSE " + RowCommitVersionSql(target_.alias_sql) + " END");
    }
    rows.Add(std::string(" AS ") + kRowCommitVersionColumn);
  }

  void AddFrom(GeneratedQuery& rows, bool all_rows) {
    rows.Add(" FROM " + target_.name_sql + " AS " + target_.alias_sql);
    if (!all_rows && statement_.where) rows.Add(" WHERE ").AddPiece(statement_.where->source);
  }

  StatementScope& scope_;
  const RewriteTarget& target_;
  const sql::Update& statement_;
  const std::vector<ColumnAssignments>& by_column_;
};

}  // namespace

Result<plan::Query> PlanUpdate(StatementScope& scope, const sql::Update& statement) {
  TARN_ASSIGN(const RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "UPDATE"));
  TARN_ASSIGN(const auto by_column,
              AssignmentsByColumn(statement.assignments, target.snapshot->schema()));
  TARN_TRY(CheckAssignments(scope, target, statement, by_column));
  return TouchedQuery(scope, target, RowCondition::Of(statement.where.get(), &statement.with));
}

Result<Answer> RunUpdate(StatementScope& scope, const sql::Update& statement) {
  TARN_ASSIGN(RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "UPDATE"));
  TARN_ASSIGN(const auto by_column,
              AssignmentsByColumn(statement.assignments, target.snapshot->schema()));
  TARN_TRY(CheckAssignments(scope, target, statement, by_column));
  const RowCondition condition = RowCondition::Of(statement.where.get(), &statement.with);
  TARN_ASSIGN(TouchedFiles touched, FindTouched(scope, target, condition));
  if (touched.empty()) return CountsAnswer({{"num_affected_rows", 0}});
  TARN_ASSIGN(RowChange change, RowChange::Begin(scope, target));
  const FileChoice& choice = change.Choose(touched, false);
  UpdatedRows updated(scope, target, statement, by_column);
  TARN_TRY(updated.Mark(choice.marked, change));
  TARN_ASSIGN(int64_t rows, updated.Write(choice.rewritten, true, change));
  TARN_ASSIGN(const int64_t moved, updated.Write(choice.marked, false, change));
  rows += moved;
  delta::Transaction& transaction = change.transaction();
  transaction.SetOperation(
      "UPDATE", {{"predicate",
                  statement.where ? ConditionList(sql::Slice(scope.text(), statement.where->source))
                                  : "[]"}});
  transaction.SetMetric("numUpdatedRows", Total(touched));
  transaction.SetMetric("numCopiedRows", rows - Total(touched));
  TARN_TRY(change.Commit(""));
  return CountsAnswer({{"num_affected_rows", Total(touched)}});
}

namespace {

/// Answers by name or by position which column of the query goes into which of the table.
Result<ColumnMatch> MatchInserted(const sql::Insert& statement, const plan::Query& query,
                                  const RewriteTarget& target) {
  const delta::Snapshot& snapshot = *target.snapshot;
  TARN_ASSIGN(ColumnMatch match,
              statement.by_name ? MatchByName(query, snapshot.schema(), target.target.display,
                                              statement.query->source)
                                : MatchByPosition(query, snapshot.schema(), statement.columns,
                                                  target.target.display, statement.query->source));
  TARN_TRY(RefuseIdentityValues(match, snapshot.metadata(), snapshot.constraints(),
                                statement.query->source));
  return match;
}

/// Deletes the rows that the condition picks and inserts the query's in one version. `enforced`:
/// the condition that the new rows must hold, too, if any. `parameter` stands in the history.
Result<Answer> ReplaceRows(StatementScope& scope, const RewriteTarget& target,
                           const RowCondition& condition, plan::Query query,
                           const ColumnMatch& match, const std::string* enforced,
                           const std::pair<std::string, std::string>& parameter) {
  TARN_ASSIGN(TouchedFiles touched, FindTouched(scope, target, condition));
  TARN_ASSIGN(RowChange change, RowChange::Begin(scope, target));
  bool change_rows = false;
  RowDeletion deletion(scope, target, condition);
  TARN_ASSIGN(const int64_t copied, deletion.Run(touched, change, &change_rows));
  if (change_rows) query = WithTextColumn(std::move(query), delta::kChangeTypeColumn, "insert");
  TARN_ASSIGN(plan::Query conformed,
              change.Conform(std::move(query), match, target.snapshot->constraints(), change_rows));
  if (enforced != nullptr) {
    TARN_ASSIGN(conformed, EnforceReplaceWhere(scope, std::move(conformed), *enforced));
  }
  TARN_ASSIGN(const int64_t rows, change.Write(conformed, match, change_rows));
  delta::Transaction& transaction = change.transaction();
  transaction.SetOperation("WRITE", {{"mode", "Overwrite"}, {"partitionBy", "[]"}, parameter});
  transaction.SetMetric("numFiles", change.data_files());
  transaction.SetMetric("numOutputRows", rows);
  transaction.SetMetric("numOutputBytes", change.data_bytes());
  transaction.SetMetric("numDeletedRows", Total(touched));
  transaction.SetMetric("numCopiedRows", copied);
  TARN_TRY(change.Commit(""));
  return CountsAnswer({{"num_affected_rows", rows}, {"num_inserted_rows", rows}});
}

/// The rows of a query, computed once.
class KeptRows {
 public:
  static Result<KeptRows> Of(StatementScope& scope, plan::Query query) {
    KeptRows kept(scope);
    for (size_t i = 0; i < query.root->columns.size(); ++i) {
      kept.names_.push_back(QuoteIdentifier(query.root->columns[i].name));
      query.root->columns[i].name = "__s" + std::to_string(i);
    }
    TARN_ASSIGN(kept.rows_,
                scope.rooms().engine().Materialize(scope.request(), query, scope.EngineView()));
    return kept;
  }
  KeptRows(KeptRows&& other) noexcept
      : scope_(other.scope_),
        names_(std::move(other.names_)),
        rows_(std::exchange(other.rows_, std::nullopt)) {}
  KeptRows& operator=(KeptRows&&) = delete;
  ~KeptRows() {
    if (rows_) scope_.rooms().engine().Discard(*rows_);
  }

  std::vector<std::pair<std::string, plan::Relation>> Provided() const {
    return {{"__tarn_source", *rows_}};
  }
  /// "SELECT __s0 AS `a`, … FROM __tarn_source"
  std::string Sql() const {
    std::string columns;
    for (size_t i = 0; i < names_.size(); ++i) {
      columns += (i > 0 ? ", __s" : "__s") + std::to_string(i) + " AS " + names_[i];
    }
    return "SELECT " + columns + " FROM __tarn_source";
  }

 private:
  explicit KeptRows(StatementScope& scope) : scope_(scope) {}

  StatementScope& scope_;
  std::vector<std::string> names_;
  std::optional<plan::Relation> rows_;
};

/// REPLACE USING: the columns of the table that are to be equal, each with the kept rows' column
/// that goes into it, as a condition.
Result<std::string> SameValuesSql(const sql::Insert& statement, const RewriteTarget& target,
                                  const ColumnMatch& match) {
  const Schema& schema = target.snapshot->schema();
  std::string sql;
  for (const sql::Identifier& name : statement.replace_columns) {
    TARN_ASSIGN(const size_t column, AssignedColumn({name}, schema));
    if (!match[column]) {
      return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"),
                   {{"objectName", QuoteIdentifier(name.text)}})
          .WithPosition(statement.query->source);
    }
    const Field& field = schema.fields[column];
    sql += (sql.empty() ? "" : " AND ") + target.alias_sql + "." + QuoteIdentifier(field.name) +
           " = " + StoredSql("__tarn_source.__s" + std::to_string(*match[column]), field.type);
  }
  return sql;
}

std::string ColumnList(const std::vector<sql::Identifier>& names) {
  std::string list;
  for (const sql::Identifier& name : names) list += (list.empty() ? "" : ", ") + name.text;
  return "[" + list + "]";
}

}  // namespace

Result<Answer> RunReplaceWhere(StatementScope& scope, const sql::Insert& statement) {
  TARN_ASSIGN(const RewriteTarget target, FindRewriteTarget(scope, statement.table, {}, "INSERT"));
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  TARN_ASSIGN(const ColumnMatch match, MatchInserted(statement, query, target));
  const std::string condition(sql::Slice(scope.text(), statement.replace_condition->source));
  return ReplaceRows(scope, target, RowCondition::Of(statement.replace_condition.get()),
                     std::move(query), match, &condition, {"predicate", condition});
}

Result<Answer> RunReplaceMatching(StatementScope& scope, const sql::Insert& statement) {
  TARN_ASSIGN(const RewriteTarget target,
              FindRewriteTarget(scope, statement.table, statement.alias, "INSERT"));
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  TARN_ASSIGN(const ColumnMatch match, MatchInserted(statement, query, target));
  RowCondition condition;
  std::pair<std::string, std::string> parameter;
  std::string source;
  if (statement.mode == sql::InsertMode::kReplaceUsing) {
    TARN_ASSIGN(const std::string same, SameValuesSql(statement, target, match));
    condition.source = statement.query->source;
    condition.add = [same](GeneratedQuery& text) {
      text.Add("EXISTS (SELECT 1 FROM __tarn_source WHERE " + same + ") ");
    };
    parameter = {"replaceUsing", ColumnList(statement.replace_columns)};
  } else {
    condition.source = statement.replace_condition->source;
    const sql::TableAlias& alias = statement.query_alias;
    source = alias.empty() ? "`__source`" : QuoteIdentifier(alias.name.text);
    for (size_t i = 0; i < alias.columns.size(); ++i) {
      source += (i == 0 ? "(" : ", ") + QuoteIdentifier(alias.columns[i].text);
    }
    if (!alias.columns.empty()) source += ")";
    parameter = {"replaceOn",
                 std::string(sql::Slice(scope.text(), statement.replace_condition->source))};
  }
  TARN_ASSIGN(const KeptRows kept, KeptRows::Of(scope, std::move(query)));
  if (!source.empty()) {
    condition.add = [&](GeneratedQuery& text) {
      text.Add("EXISTS (SELECT 1 FROM (" + kept.Sql() + ") AS " + source + " WHERE ");
      text.AddPiece(statement.replace_condition->source).Add("\n) ");
    };
  }
  condition.provided = kept.Provided();
  GeneratedQuery rows(scope);
  rows.Add(kept.Sql());
  TARN_ASSIGN(query, rows.Analyze(kept.Provided()));
  return ReplaceRows(scope, target, condition, std::move(query), match, nullptr, parameter);
}

}  // namespace tarn::session
