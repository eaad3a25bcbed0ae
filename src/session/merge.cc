#include <algorithm>
#include <set>

#include "assignment.h"
#include "history_parameters.h"
#include "nested_fields.h"
#include "row_change.h"
#include "schema_evolution.h"
#include "statements.h"
#include "tarn/base/json_string.h"
#include "tarn/delta/change_feed.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

/// MERGE in three passes. The first joins target and source once and keeps, for each pair and each
/// lonely row that a clause applies to, the file and row of the target, the source's columns, and
/// the number of the clause. The second writes the changed rows of the touched files (and the rest
/// of those that are rewritten), the third the inserted rows; both read what was kept. Where the
/// updated rows are made of the source alone, only files that are rewritten are read again.
class MergeRun {
 public:
  MergeRun(StatementScope& scope, const sql::Merge& statement)
      : scope_(scope), statement_(statement) {}
  ~MergeRun() {
    if (pairs_) scope_.rooms().engine().Discard(*pairs_);
  }

  /// The query of the first pass.
  Result<plan::Query> Plan() {
    TARN_TRY(Prepare());
    return PairsQuery();
  }

  Result<Answer> Run() {
    TARN_TRY(Prepare());
    TARN_TRY(KeepPairs());
    TARN_TRY(CheckUniqueMatches());
    TARN_ASSIGN(const TouchedFiles touched, CountActions());
    TARN_ASSIGN(RowChange change, RowChange::Begin(scope_, target_));
    if (!(schema() == target_.snapshot->schema())) {
      TARN_TRY(change.transaction().SetMetadata(metadata_));
    }
    change_rows_ = change.has_feed() && !touched.empty();
    tracked_ = change.tracked().has_value();
    TARN_ASSIGN(const bool of_source, UpdatesComeFromSource());
    const bool rows_leave = !change_rows_ && (updated_ == 0 || of_source);
    const FileChoice& choice = change.Choose(touched, rows_leave);
    TARN_TRY(MarkChanged(choice.marked, change));
    TARN_TRY(WriteChanged(choice.rewritten, true, change));
    if (rows_leave) {
      TARN_TRY(WriteFromSource(choice, change));
    } else {
      TARN_TRY(WriteChanged(choice.marked, false, change));
    }
    TARN_TRY(InsertRows(change));
    return Commit(change);
  }

 private:
  Status Prepare() {
    TARN_TRY(CheckConditions());
    TARN_ASSIGN(target_, FindRewriteTarget(scope_, statement_.table, statement_.alias, "MERGE"));
    metadata_ = target_.snapshot->metadata();
    TARN_TRY(FindSource());
    evolves_ = EvolvesSchema(scope_.session(), statement_.with_schema_evolution);
    if (evolves_) AddNewColumns();
    return CheckClauses();
  }

  /// The table's columns, and behind them those that the statement gives it.
  const Schema& schema() const { return metadata_.schema; }
  bool IsNew(size_t column) const { return column >= target_.snapshot->schema().fields.size(); }
  /// What a row of the target has in a column.
  std::string OldValue(size_t column) const {
    const Field& field = schema().fields[column];
    if (IsNew(column)) return "CAST(NULL AS " + field.type.ToSql() + ")";
    const std::string value = target_.alias_sql + "." + QuoteIdentifier(field.name);
    const bool grew = !(field.type == target_.snapshot->schema().fields[column].type);
    return grew ? StoredSql(value, field.type) : value;
  }
  const sql::MergeClause& clause(size_t i) const { return statement_.clauses[i]; }

  /// Of the clauses for one kind of rows, all but the last need a condition.
  Status CheckConditions() const {
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      if (clause(i).condition) continue;
      for (size_t later = i + 1; later < statement_.clauses.size(); ++later) {
        if (clause(later).when != clause(i).when) continue;
        return Error(OmittedCondition(clause(i).when)).WithPosition(clause(i).source);
      }
    }
    return {};
  }

  static Condition OmittedCondition(sql::MergeWhen when) {
    switch (when) {
      case sql::MergeWhen::kMatched:
        return Condition("NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION");
      case sql::MergeWhen::kNotMatched:
        return Condition("NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION");
      case sql::MergeWhen::kNotMatchedBySource:
        return Condition("NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION");
    }
    TARN_UNREACHABLE();
  }

  /// The source's columns and the name by which the clauses mean it.
  Status FindSource() {
    const sql::Relation& from = *statement_.from;
    if (!from.alias.empty()) {
      source_alias_ = QuoteIdentifier(from.alias.name.text);
    } else if (const auto* table = from.As<sql::TableRelation>();
               table && !table->name.parts.empty()) {
      source_alias_ = QuoteIdentifier(table->name.last().text);
    } else {
      source_alias_ = "`__source`";
    }
    GeneratedQuery probe(scope_);
    probe.AddCommonTables(statement_.with);
    probe.Add("SELECT * FROM ").AddPiece(from.source);
    TARN_ASSIGN(plan::Query query, probe.Analyze());
    for (const plan::OutputColumn& column : query.root->columns) {
      if (column.name == "__file_index" || column.name == "__row_index") continue;
      source_columns_.push_back({column.name, column.type, column.nullable, {}});
    }
    CountSource(query);
    return {};
  }

  /// How many rows the source has, if it is a table whose log tells it: to count those of a query
  /// would mean to run it twice.
  void CountSource(const plan::Query& source) {
    const plan::Node* node = source.root.get();
    while (const auto* project = node->As<plan::Project>()) node = project->input.get();
    const auto* scan = node->As<plan::Scan>();
    if (scan == nullptr) return;
    const auto* table = std::get_if<plan::DeltaRelation>(&source.relation(scan->relation).source);
    if (table == nullptr || table->file_subset) return;
    const delta::FileSet& files = table->snapshot->files();
    int64_t rows = 0;
    for (size_t i = 0; i < files.size(); ++i) {
      const int64_t live = LiveRows(files, i);
      if (live < 0 || __builtin_add_overflow(rows, live, &rows)) return;
    }
    source_rows_ = rows;
  }

  /// WITH SCHEMA EVOLUTION: the source's columns and fields that the target hasn't, if a clause
  /// takes all columns or names them.
  void AddNewColumns() {
    bool all = false;
    std::set<std::string> named;
    for (const sql::MergeClause& clause : statement_.clauses) {
      all |= clause.action == sql::MergeActionKind::kUpdateStar ||
             clause.action == sql::MergeActionKind::kInsertStar;
      for (const sql::Assignment& assignment : clause.assignments) {
        if (!AddNewFields(assignment.column)) {
          named.insert(FoldName(assignment.column.back().text));
        }
      }
      for (const auto& column : clause.insert_columns) named.insert(FoldName(column.back().text));
    }
    std::vector<plan::OutputColumn> columns;
    for (const Field& field : source_columns_) {
      if (all || named.contains(FoldName(field.name))) {
        columns.push_back({{}, field.name, field.type, true});
      }
    }
    metadata_ = WithNewColumns(metadata_, columns, FieldRule::kEvolve);
  }

  /// The same for a field that a clause assigns, and what is within it. False for a whole column.
  bool AddNewFields(const std::vector<sql::Identifier>& name) {
    const auto column = std::ranges::find_if(name, [&](const sql::Identifier& part) {
      return target_.snapshot->schema().Find(part.text) >= 0;
    });
    if (column == name.end() || std::next(column) == name.end()) return false;
    const std::vector<sql::Identifier> path(std::next(column), name.end());
    for (const Field& field : source_columns_) {
      if (!SameName(field.name, column->text)) continue;
      const std::optional<DataType> part = OnlyPath(field.type, path, 0);
      if (part) {
        metadata_ = WithNewColumns(metadata_, {{{}, field.name, *part, true}}, FieldRule::kEvolve);
      }
    }
    return true;
  }

  /// A struct type with that field alone.
  static std::optional<DataType> OnlyPath(const DataType& type,
                                          const std::vector<sql::Identifier>& path, size_t depth) {
    if (depth == path.size()) return type;
    if (!type.Is(TypeId::kStruct)) return std::nullopt;
    const Field* const field = FieldNamed(type.fields(), path[depth].text);
    if (field == nullptr) return std::nullopt;
    const std::optional<DataType> within = OnlyPath(field->type, path, depth + 1);
    if (!within) return std::nullopt;
    return DataType::Struct({{field->name, *within, true, {}}});
  }

  /// The clauses' assignments in full: one value per table column, or none where the old value
  /// stays.
  struct Assigned {
    const sql::Expr* value = nullptr;  ///< the user's expression
    int source_column = -1;   ///< or the source's column of the same name (SET *, INSERT *)
    ColumnAssignments parts;  ///< or values for some of its fields
    bool set() const { return value != nullptr || source_column >= 0 || parts.any(); }
  };

  /// The columns that `* EXCEPT (…)` leaves out.
  Result<std::set<size_t>> LeftOut(const sql::MergeClause& clause) const {
    std::set<size_t> columns;
    for (const auto& name : clause.star_except) {
      TARN_ASSIGN(const size_t index, AssignedColumn(name, schema()));
      columns.insert(index);
    }
    return columns;
  }

  Result<std::vector<Assigned>> AssignmentsOf(const sql::MergeClause& clause) {
    std::vector<Assigned> by_column(schema().fields.size());
    switch (clause.action) {
      case sql::MergeActionKind::kUpdate: {
        TARN_ASSIGN(std::vector<ColumnAssignments> updates,
                    AssignmentsByColumn(clause.assignments, schema()));
        for (size_t i = 0; i < updates.size(); ++i) {
          if (updates[i].whole()) {
            by_column[i].value = updates[i].values[0].assignment->value.get();
          } else {
            by_column[i].parts = std::move(updates[i]);
          }
        }
        break;
      }
      case sql::MergeActionKind::kInsert:
        for (size_t i = 0; i < clause.insert_columns.size(); ++i) {
          TARN_ASSIGN(size_t index, AssignedColumn(clause.insert_columns[i], schema()));
          if (i >= clause.insert_values.size()) break;
          if (by_column[index].set()) {
            return Error(Condition("DELTA_CONFLICT_SET_COLUMN"),
                         {{"columnList", QuoteIdentifier(schema().fields[index].name)}})
                .WithPosition(clause.source);
          }
          by_column[index].value = clause.insert_values[i].get();
        }
        if (clause.insert_columns.size() != clause.insert_values.size()) {
          return Error(Condition("MERGE_INSERT_VALUE_COUNT_MISMATCH"),
                       {{"columns", std::to_string(clause.insert_columns.size())},
                        {"values", std::to_string(clause.insert_values.size())}})
              .WithPosition(clause.source);
        }
        break;
      case sql::MergeActionKind::kUpdateStar:
      case sql::MergeActionKind::kInsertStar: {
        TARN_ASSIGN(const std::set<size_t> left_out, LeftOut(clause));
        for (size_t i = 0; i < by_column.size(); ++i) {
          if (left_out.contains(i)) continue;
          for (size_t s = 0; s < source_columns_.size(); ++s) {
            if (SameName(source_columns_[s].name, schema().fields[i].name)) {
              if (clause.action == sql::MergeActionKind::kUpdateStar) {
                TARN_TRY(RefuseIdentityUpdate(schema().fields[i], clause.source));
              }
              by_column[i].source_column = static_cast<int>(s);
            }
          }
          if (!by_column[i].set() && !evolves_ && !IsGenerated(schema().fields[i].name)) {
            return Error(Condition("DELTA_MERGE_UNRESOLVED_EXPRESSION"),
                         {{"sqlExpr", QuoteIdentifier(schema().fields[i].name)},
                          {"clause", clause.action == sql::MergeActionKind::kUpdateStar
                                         ? "UPDATE *"
                                         : "INSERT *"}})
                .WithPosition(clause.source);
          }
        }
        break;
      }
      case sql::MergeActionKind::kDelete:
        break;
    }
    return by_column;
  }

  /// Whether the table itself gives the column's values.
  bool IsGenerated(std::string_view column) const {
    for (const delta::IdentityColumn& identity : target_.snapshot->constraints().identity) {
      if (SameName(identity.column, column)) return true;
    }
    return IsComputed(column);
  }

  /// Whether the column is computed from others.
  bool IsComputed(std::string_view column) const {
    for (const delta::ColumnExpression& generated : target_.snapshot->constraints().generated) {
      if (SameName(generated.column, column)) return true;
    }
    return false;
  }

  /// Types of all assigned values, by analysing them over target and source.
  Status CheckClauses() {
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      TARN_ASSIGN(std::vector<Assigned> assigned, AssignmentsOf(clause(i)));
      GeneratedQuery probe(scope_);
      probe.AddCommonTables(statement_.with);
      probe.Add("SELECT ");
      std::vector<const Field*> fields;
      const auto comma = [&] { return fields.empty() ? "" : ", "; };
      const auto add = [&](const sql::Expr& value, const Field& field) {
        if (sql::IsDefaultKeyword(value)) return;
        probe.Add(comma()).AddPiece(value.source);
        fields.push_back(&field);
      };
      for (size_t c = 0; c < assigned.size(); ++c) {
        const Field& field = schema().fields[c];
        if (assigned[c].value) add(*assigned[c].value, field);
        for (const auto& part : assigned[c].parts.values) add(*part.assignment->value, *part.field);
        if (assigned[c].source_column < 0) continue;
        probe.Add(comma()).Add(SourceColumn(static_cast<size_t>(assigned[c].source_column)));
        fields.push_back(&field);
      }
      assigned_.push_back(std::move(assigned));
      if (fields.empty()) continue;
      probe.Add("\nFROM ");
      const bool with_target = clause(i).when != sql::MergeWhen::kNotMatched;
      const bool with_source = clause(i).when != sql::MergeWhen::kNotMatchedBySource;
      if (with_target) probe.Add(TargetSql());
      if (with_target && with_source) probe.Add(" CROSS JOIN ");
      if (with_source) AddSource(probe);
      TARN_ASSIGN(plan::Query query, probe.Analyze());
      TARN_TRY(CheckStorable(query, fields, evolves_ ? FieldRule::kEvolve : FieldRule::kAssign));
    }
    return {};
  }

  std::string TargetSql() const { return target_.name_sql + " AS " + target_.alias_sql; }
  std::string SourceColumn(size_t index) const {
    return source_alias_ + "." + QuoteIdentifier(source_columns_[index].name);
  }
  void AddSource(GeneratedQuery& query) {
    query.AddPiece(statement_.from->source);
    if (statement_.from->alias.empty() && source_alias_ == "`__source`")
      query.Add(" AS `__source`");
  }

  bool Has(sql::MergeWhen when) const {
    for (const sql::MergeClause& clause : statement_.clauses) {
      if (clause.when == when) return true;
    }
    return false;
  }

  /// First pass. The number of the clause that applies counts from 1; 0 is none.
  Result<plan::Query> PairsQuery() {
    const bool inserts = Has(sql::MergeWhen::kNotMatched);
    const bool lonely_targets = Has(sql::MergeWhen::kNotMatchedBySource);
    GeneratedQuery pairs(scope_);
    pairs.AddCommonTables(statement_.with);
    pairs.Add("SELECT * FROM (SELECT " + target_.alias_sql + ".__file_index AS __fi, " +
              target_.alias_sql + ".__row_index AS __ri");
    for (size_t s = 0; s < source_columns_.size(); ++s) {
      pairs.Add(", " + SourceColumn(s) + " AS __s" + std::to_string(s));
    }
    pairs.Add(", CASE");
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      pairs.Add(" WHEN " + StateSql(clause(i).when));
      if (clause(i).condition) pairs.Add(" AND (").AddPiece(clause(i).condition->source).Add("\n)");
      pairs.Add(" THEN " + std::to_string(i + 1));
    }
    pairs.Add(" ELSE 0 END AS __action, " + HereSql() + " AS __here FROM " + TargetSql());
    pairs.Add(lonely_targets && inserts ? " FULL JOIN "
              : lonely_targets          ? " LEFT JOIN "
              : inserts                 ? " RIGHT JOIN "
                                        : " JOIN ");
    pairs.Add("(SELECT *, true AS __here FROM ");
    AddSource(pairs);
    pairs.Add(") AS " + source_alias_ + " ON ").AddPiece(statement_.on->source);
    pairs.Add("\n) WHERE __action > 0");
    return pairs.Analyze();
  }

  Status KeepPairs() {
    TARN_ASSIGN(const plan::Query query, PairsQuery());
    TARN_ASSIGN(pairs_,
                scope_.rooms().engine().Materialize(scope_.request(), query, scope_.EngineView()));
    return {};
  }

  std::string HereSql() const { return source_alias_ + ".__here"; }
  std::string StateSql(sql::MergeWhen when) const {
    switch (when) {
      case sql::MergeWhen::kMatched:
        return target_.alias_sql + ".__file_index IS NOT NULL AND " + HereSql();
      case sql::MergeWhen::kNotMatched:
        return target_.alias_sql + ".__file_index IS NULL";
      case sql::MergeWhen::kNotMatchedBySource:
        return HereSql() + " IS NULL";
    }
    TARN_UNREACHABLE();
  }

  std::vector<std::pair<std::string, plan::Relation>> Provided() const {
    return {{"__tarn_pairs", *pairs_}};
  }

  Result<std::vector<std::vector<Value>>> AllRows(const GeneratedQuery& text) {
    TARN_ASSIGN(plan::Query query, text.Analyze(Provided()));
    TARN_ASSIGN(auto stream,
                scope_.rooms().engine().Execute(scope_.request(), query, scope_.EngineView()));
    std::vector<std::vector<Value>> rows;
    while (true) {
      TARN_ASSIGN(auto batch, stream->Next());
      if (batch.empty()) return rows;
      rows.insert(rows.end(), std::make_move_iterator(batch.begin()),
                  std::make_move_iterator(batch.end()));
    }
  }

  /// Two source rows that change one target row leave the result to chance, unless all they do is
  /// delete it. As in Databricks since runtime 16, only those count that a WHEN MATCHED clause
  /// takes.
  Status CheckUniqueMatches() {
    if (!Has(sql::MergeWhen::kMatched) || MatchesOnlyDelete()) return {};
    GeneratedQuery twice(scope_);
    // A bit for each row, 64 rows a group: a row that is there twice is one bit of two.
    twice.Add(
        "SELECT 1 FROM __tarn_pairs WHERE __fi IS NOT NULL AND __here "
        "GROUP BY __fi, shiftright(__ri, 6) "
        "HAVING count(*) > bit_count(bit_or(shiftleft(1L, CAST(__ri & 63 AS INT)))) LIMIT 1");
    TARN_ASSIGN(auto rows, AllRows(twice));
    if (rows.empty()) return {};
    return Error(Condition("DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE"),
                 {{"table", target_.target.display}})
        .WithPosition(statement_.on->source);
  }

  /// Whether all that matches do is to delete, so that more than one of a row doesn't matter.
  bool MatchesOnlyDelete() const {
    size_t matched_clauses = 0;
    bool deletes_always = false;
    for (const sql::MergeClause& clause : statement_.clauses) {
      if (clause.when != sql::MergeWhen::kMatched) continue;
      ++matched_clauses;
      deletes_always = clause.action == sql::MergeActionKind::kDelete && !clause.condition;
    }
    return matched_clauses == 1 && deletes_always;
  }

  /// Counts what the clauses do, and answers the files of the target that they touch.
  Result<TouchedFiles> CountActions() {
    GeneratedQuery count(scope_);
    count.Add("SELECT __fi, __action, count(*) FROM ")
        .Add(MatchesOnlyDelete() ? "(SELECT DISTINCT __fi, __ri, __action FROM __tarn_pairs WHERE "
                                   "__fi IS NOT NULL UNION ALL SELECT __fi, __ri, __action FROM "
                                   "__tarn_pairs WHERE __fi IS NULL)"
                                 : "__tarn_pairs")
        .Add(" GROUP BY __fi, __action");
    TARN_ASSIGN(auto rows, AllRows(count));
    TouchedFiles touched;
    for (const std::vector<Value>& row : rows) {
      const size_t i = static_cast<size_t>(row[1].integer()) - 1;
      const int64_t n = row[2].integer();
      if (!row[0].is_null()) touched[static_cast<uint32_t>(row[0].integer())] += n;
      const bool lonely = clause(i).when == sql::MergeWhen::kNotMatchedBySource;
      switch (clause(i).action) {
        case sql::MergeActionKind::kDelete:
          deleted_ += n;
          lonely_deleted_ += lonely ? n : 0;
          break;
        case sql::MergeActionKind::kUpdate:
        case sql::MergeActionKind::kUpdateStar:
          updated_ += n;
          lonely_updated_ += lonely ? n : 0;
          break;
        default:
          inserted_ += n;
      }
    }
    return touched;
  }

  bool Updates(size_t i) const {
    return clause(i).action == sql::MergeActionKind::kUpdate ||
           clause(i).action == sql::MergeActionKind::kUpdateStar;
  }

  /// Whether all that is to be written of updated rows is told by the source's row alone.
  Result<bool> UpdatesComeFromSource() {
    // The ids of updated rows are the target's to tell.
    if (updated_ == 0 || change_rows_ || tracked_) return false;
    for (const Field& column : source_columns_) {
      // `t.c` could mean a field of the source's column t.
      if (SameName(QuoteIdentifier(column.name), target_.alias_sql)) return false;
    }
    GeneratedQuery probe(scope_);
    probe.AddCommonTables(statement_.with);
    probe.Add("SELECT 1");
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      if (!Updates(i)) continue;
      if (clause(i).when != sql::MergeWhen::kMatched) return false;
      for (size_t c = 0; c < schema().fields.size(); ++c) {
        const Assigned& assigned = assigned_[i][c];
        if (!assigned.set() && !IsComputed(schema().fields[c].name)) return false;
        if (assigned.parts.any() || KeepsFields(i, c)) return false;
        if (assigned.value == nullptr || sql::IsDefaultKeyword(*assigned.value)) continue;
        probe.Add(", ").AddPiece(assigned.value->source);
      }
    }
    probe.Add("\nFROM ");
    AddSource(probe);
    return probe.Analyze().ok();
  }

  /// "(SELECT __fi, __ri, __action, __s0 AS a, … FROM __tarn_pairs) AS source"
  std::string KeptSource(const std::string& where) const {
    std::string text = "(SELECT __fi, __ri, __action";
    for (size_t s = 0; s < source_columns_.size(); ++s) {
      text += ", __s" + std::to_string(s) + " AS " + QuoteIdentifier(source_columns_[s].name);
    }
    return text + " FROM __tarn_pairs WHERE " + where + ") AS " + source_alias_;
  }

  /// What clause `i` gives column `c`.
  Status AddValue(GeneratedQuery& query, size_t i, size_t c) {
    const Assigned& assigned = assigned_[i][c];
    const Field& field = schema().fields[c];
    if (assigned.parts.any()) {
      return AddNewValue(scope_, query, assigned.parts, OldValue(c), field, *target_.snapshot);
    }
    if (assigned.value)
      return AddAssigned(scope_, query, *assigned.value, field, *target_.snapshot);
    const auto column = static_cast<size_t>(assigned.source_column);
    std::string value = SourceColumn(column);
    if (KeepsFields(i, c)) {
      value = WithOldFields(value, source_columns_[column].type, OldValue(c), field.type);
    }
    query.Add(StoredSql(value, field.type));
    return {};
  }

  /// Whether UPDATE * leaves fields of the column that the source's structs lack as they are.
  bool KeepsFields(size_t i, size_t c) const {
    const Assigned& assigned = assigned_[i][c];
    if (clause(i).action != sql::MergeActionKind::kUpdateStar || assigned.source_column < 0) {
      return false;
    }
    const DataType& from = source_columns_[static_cast<size_t>(assigned.source_column)].type;
    return Lacks(from, schema().fields[c].type);
  }

  /// Whether a struct of the source, reached through structs alone, lacks fields.
  static bool Lacks(const DataType& from, const DataType& to) {
    if (!from.Is(TypeId::kStruct) || !to.Is(TypeId::kStruct)) return false;
    return std::ranges::any_of(to.fields(), [&](const Field& field) {
      const Field* const given = FieldNamed(from.fields(), field.name);
      return given == nullptr || Lacks(given->type, field.type);
    });
  }

  /// A struct's fields, and those of the old one that it lacks.
  static std::string WithOldFields(const std::string& value, const DataType& from,
                                   const std::string& old, const DataType& to) {
    if (!Lacks(from, to)) return value;
    std::string fields;
    for (const Field& field : to.fields()) {
      const std::string part = "." + QuoteIdentifier(field.name);
      const Field* const given = FieldNamed(from.fields(), field.name);
      fields +=
          (fields.empty() ? "" : ", ") + sql::QuoteString(field.name) + ", " +
          (given == nullptr ? old + part
                            : WithOldFields(value + part, given->type, old + part, field.type));
    }
    return "CASE WHEN " + value + " IS NOT NULL OR " + old + " IS NOT NULL THEN named_struct(" +
           fields + ") END";
  }

  /// The numbers of the clauses that do this to rows of the target, as a list for IN; 0 is none of
  /// them.
  std::string ClausesThat(bool remove) const {
    std::string list = "(-1";
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      if (clause(i).when == sql::MergeWhen::kNotMatched) continue;
      if ((clause(i).action == sql::MergeActionKind::kDelete) == remove) {
        list += ", " + std::to_string(i + 1);
      }
    }
    return list + ")";
  }
  std::string Action() const { return source_alias_ + ".__action"; }

  /// "<target> [LEFT] JOIN <kept pairs> ON <same row>"
  std::string TargetWithPairs(bool all_rows) const {
    const auto same = [&](const char* of_target, const char* of_pair) {
      return target_.alias_sql + "." + of_target + " = " + source_alias_ + "." + of_pair;
    };
    return TargetSql() + (all_rows ? " LEFT" : "") + " JOIN " +
           KeptSource("__fi IS NOT NULL AND __action > 0") + " ON " + same("__file_index", "__fi") +
           " AND " + same("__row_index", "__ri");
  }

  Status MarkChanged(const std::vector<uint32_t>& files, RowChange& change) {
    if (files.empty()) return {};
    GeneratedQuery positions(scope_);
    positions.Add("SELECT __fi, __ri FROM __tarn_pairs WHERE __fi IS NOT NULL AND __action > 0");
    TARN_ASSIGN(const plan::Query query, positions.Analyze(Provided()));
    return change.Mark(query);
  }

  /// Second pass, for the files that lose their touched rows: the updated rows, of which the target
  /// needn't tell anything.
  Status WriteFromSource(const FileChoice& choice, RowChange& change) {
    if (updated_ == 0) return {};
    std::string where = "__fi IS NOT NULL AND __action IN " + ClausesThat(false);
    if (!choice.rewritten.empty()) {
      where += " AND __fi NOT IN (";
      for (const uint32_t file : choice.rewritten) where += std::to_string(file) + ", ";
      where += "-1)";
    }
    GeneratedQuery rows(scope_);
    TARN_TRY(AddNewValues(rows, false));
    rows.Add(source_alias_ + ".__fi FROM " + KeptSource(where));
    TARN_ASSIGN(plan::Query query, rows.Analyze(Provided()));
    return WriteRows(std::move(query), change);
  }

  /// Second pass, for some of the touched files: the rows that clauses change, without the deleted
  /// ones, and with `all_rows` those that stay as they are.
  Status WriteChanged(const std::vector<uint32_t>& files, bool all_rows, RowChange& change) {
    if (files.empty() || (!all_rows && updated_ == 0 && !change_rows_)) return {};
    GeneratedQuery rows(scope_);
    TARN_TRY(AddNewValues(rows, true));
    if (change_rows_) {
      rows.Add("CASE WHEN " + Action() + " IN " + ClausesThat(true) + " THEN 'delete' WHEN " +
               Action() + " IN " + ClausesThat(false) +
               " THEN 'update_postimage' END AS _change_type,\n");
    }
    rows.Add(target_.alias_sql + ".__file_index");
    if (tracked_) {
      rows.Add(RowIdSql(target_.alias_sql) + ", CASE WHEN " + Action() + " IN " +
               ClausesThat(false) + " THEN NULL ELSE " + RowCommitVersionSql(target_.alias_sql) +
               " END AS " + kRowCommitVersionColumn);
    }
    rows.Add(" FROM " + TargetWithPairs(all_rows));
    if (!change_rows_) {
      rows.Add(all_rows ? " WHERE coalesce(" + Action() + ", 0) NOT IN " + ClausesThat(true)
                        : " WHERE " + Action() + " IN " + ClausesThat(false));
    } else {
      AddPreImages(rows);
    }
    TARN_ASSIGN(plan::Query query, rows.Analyze(Provided()));
    RestrictToFiles(query, files);
    return WriteRows(std::move(query), change);
  }

  Status WriteRows(plan::Query query, RowChange& change) {
    ColumnMatch match(schema().fields.size());
    for (size_t c = 0; c < match.size(); ++c) {
      if (!IsComputed(schema().fields[c].name)) match[c] = c;
    }
    TARN_ASSIGN(const int64_t written, Write(std::move(query), match, change));
    rewritten_ += written;
    return {};
  }

  /// The new rows' columns; those that no clause sets are the target's, if that is at hand.
  Status AddNewValues(GeneratedQuery& rows, bool with_target) {
    rows.Add("SELECT ");
    for (size_t c = 0; c < schema().fields.size(); ++c) {
      const Field& field = schema().fields[c];
      const std::string column = with_target ? OldValue(c) : "NULL";
      rows.Add("CASE");
      bool changed = false;
      for (size_t i = 0; i < statement_.clauses.size(); ++i) {
        if (clause(i).when == sql::MergeWhen::kNotMatched || !assigned_[i][c].set()) continue;
        rows.Add(" WHEN " + Action() + " = " + std::to_string(i + 1) + " THEN ");
        TARN_TRY(AddValue(rows, i, c));
        changed = true;
      }
      if (!changed) rows.Add(" WHEN false THEN " + column);
      rows.Add(" ELSE " + column + " END AS " + QuoteIdentifier(field.name) + ",\n");
    }
    return {};
  }

  void AddPreImages(GeneratedQuery& rows) const {
    if (updated_ == 0) return;
    rows.Add("\nUNION ALL SELECT ");
    for (size_t c = 0; c < schema().fields.size(); ++c) rows.Add(OldValue(c) + ", ");
    rows.Add("'update_preimage', " + target_.alias_sql + ".__file_index" +
             (tracked_ ? ", NULL, NULL" : "") + " FROM " + TargetWithPairs(false) + " WHERE " +
             Action() + " IN " + ClausesThat(false));
  }

  /// DEFAULT for a column that the table itself gives the values of.
  bool IsDefaultOfTable(const Assigned& assigned, size_t column) const {
    return assigned.value != nullptr && sql::IsDefaultKeyword(*assigned.value) &&
           IsGenerated(schema().fields[column].name);
  }

  /// Third pass, one clause after the other.
  Status InsertRows(RowChange& change) {
    if (inserted_ == 0) return {};
    for (size_t i = 0; i < statement_.clauses.size(); ++i) {
      if (clause(i).when != sql::MergeWhen::kNotMatched) continue;
      GeneratedQuery rows(scope_);
      rows.Add("SELECT ");
      ColumnMatch match(schema().fields.size());
      size_t given = 0;
      for (size_t c = 0; c < schema().fields.size(); ++c) {
        if (!assigned_[i][c].set() || IsDefaultOfTable(assigned_[i][c], c)) continue;
        if (given > 0) rows.Add(", ");
        TARN_TRY(AddValue(rows, i, c));
        match[c] = given++;
      }
      TARN_TRY(RefuseIdentityValues(match, target_.snapshot->metadata(),
                                    target_.snapshot->constraints(), clause(i).source));
      rows.Add(" FROM " + KeptSource("__fi IS NULL AND __action = " + std::to_string(i + 1)));
      TARN_ASSIGN(plan::Query query, rows.Analyze(Provided()));
      if (change_rows_) {
        query = WithTextColumn(std::move(query), delta::kChangeTypeColumn, "insert");
      }
      TARN_TRY(Write(std::move(query), match, change));
    }
    return {};
  }

  Result<int64_t> Write(plan::Query query, const ColumnMatch& match, RowChange& change) {
    TARN_ASSIGN(
        const plan::Query conformed,
        change.Conform(std::move(query), match, target_.snapshot->constraints(), change_rows_));
    return change.Write(conformed, match, change_rows_);
  }

  /// The clauses for one kind of rows as the history tells them.
  std::string ClauseList(sql::MergeWhen when) const {
    std::string json;
    for (const sql::MergeClause& clause : statement_.clauses) {
      if (clause.when != when) continue;
      json += json.empty() ? "{" : ",{";
      if (clause.condition) {
        json += "\"predicate\":" + JsonString(sql::Slice(scope_.text(), clause.condition->source)) +
                ",";
      }
      json += std::string("\"actionType\":\"") + ActionName(clause.action) + "\"}";
    }
    return "[" + json + "]";
  }

  static const char* ActionName(sql::MergeActionKind action) {
    switch (action) {
      case sql::MergeActionKind::kDelete:
        return "delete";
      case sql::MergeActionKind::kUpdate:
      case sql::MergeActionKind::kUpdateStar:
        return "update";
      case sql::MergeActionKind::kInsert:
      case sql::MergeActionKind::kInsertStar:
        return "insert";
    }
    TARN_UNREACHABLE();
  }

  void SetMetrics(delta::Transaction& transaction) const {
    const int64_t copied = rewritten_ - updated_;
    transaction.SetMetric("numTargetRowsUpdated", updated_);
    transaction.SetMetric("numTargetRowsMatchedUpdated", updated_ - lonely_updated_);
    transaction.SetMetric("numTargetRowsNotMatchedBySourceUpdated", lonely_updated_);
    transaction.SetMetric("numTargetRowsDeleted", deleted_);
    transaction.SetMetric("numTargetRowsMatchedDeleted", deleted_ - lonely_deleted_);
    transaction.SetMetric("numTargetRowsNotMatchedBySourceDeleted", lonely_deleted_);
    transaction.SetMetric("numTargetRowsInserted", inserted_);
    transaction.SetMetric("numTargetRowsCopied", copied);
    transaction.SetMetric("numOutputRows", updated_ + inserted_ + copied);
    if (source_rows_) transaction.SetMetric("numSourceRows", *source_rows_);
  }

  Result<Answer> Commit(RowChange& change) {
    const int64_t affected = updated_ + deleted_ + inserted_;
    if (affected > 0) {
      delta::Transaction& transaction = change.transaction();
      transaction.SetOperation(
          "MERGE",
          {{"predicate", ConditionList(sql::Slice(scope_.text(), statement_.on->source))},
           {"matchedPredicates", ClauseList(sql::MergeWhen::kMatched)},
           {"notMatchedPredicates", ClauseList(sql::MergeWhen::kNotMatched)},
           {"notMatchedBySourcePredicates", ClauseList(sql::MergeWhen::kNotMatchedBySource)}});
      SetMetrics(transaction);
      TARN_TRY(change.Commit("Target"));
    }
    return CountsAnswer({{"num_affected_rows", affected},
                         {"num_updated_rows", updated_},
                         {"num_deleted_rows", deleted_},
                         {"num_inserted_rows", inserted_}});
  }

  StatementScope& scope_;
  const sql::Merge& statement_;
  RewriteTarget target_;
  delta::Metadata metadata_;  ///< as it will be
  bool evolves_ = false;
  std::string source_alias_;
  std::vector<Field> source_columns_;
  std::vector<std::vector<Assigned>> assigned_;
  std::optional<plan::Relation> pairs_;
  bool change_rows_ = false;
  bool tracked_ = false;                ///< rows keep ids
  std::optional<int64_t> source_rows_;  ///< where its files tell it
  int64_t updated_ = 0;
  int64_t lonely_updated_ = 0;  ///< of them, not matched by the source
  int64_t deleted_ = 0;
  int64_t lonely_deleted_ = 0;
  int64_t inserted_ = 0;
  int64_t rewritten_ = 0;
};

}  // namespace

Result<plan::Query> PlanMerge(StatementScope& scope, const sql::Merge& statement) {
  return MergeRun(scope, statement).Plan();
}

Result<Answer> RunMerge(StatementScope& scope, const sql::Merge& statement) {
  return MergeRun(scope, statement).Run();
}

}  // namespace tarn::session
