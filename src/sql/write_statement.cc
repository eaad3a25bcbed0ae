#include <utility>

#include "sql_writer.h"
#include "tarn/sql/printer.h"

namespace tarn::sql {

namespace {

std::string_view Upper(bool value, std::string_view word) {
  return value ? word : std::string_view();
}

}  // namespace

void SqlWriter::Assignments(const std::vector<Assignment>& assignments) {
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (i > 0) Put(", ");
    for (size_t k = 0; k < assignments[i].column.size(); ++k) {
      if (k > 0) Put(".");
      PutName(assignments[i].column[k]);
    }
    Put(" = ");
    Write(*assignments[i].value);
  }
}

void SqlWriter::Partition(const PartitionSpec& spec) {
  if (spec.empty()) return;
  Put(" PARTITION (");
  for (size_t i = 0; i < spec.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(spec[i].column);
    if (!spec[i].value) continue;
    Put(" = ");
    Operand(*spec[i].value, 5);
  }
  Put(")");
}

void SqlWriter::Merging(const MergeClause& clause) {
  static constexpr const char* kWhen[] = {" WHEN MATCHED", " WHEN NOT MATCHED",
                                          " WHEN NOT MATCHED BY SOURCE"};
  Put(kWhen[static_cast<size_t>(clause.when)]);
  if (clause.condition) {
    Put(" AND ");
    Write(*clause.condition);
  }
  Put(" THEN ");
  switch (clause.action) {
    case MergeActionKind::kDelete:
      return Put("DELETE");
    case MergeActionKind::kUpdateStar:
      Put("UPDATE SET *");
      break;
    case MergeActionKind::kUpdate:
      Put("UPDATE SET ");
      return Assignments(clause.assignments);
    case MergeActionKind::kInsertStar:
      Put("INSERT *");
      break;
    case MergeActionKind::kInsert:
      Put("INSERT ");
      if (!clause.insert_columns.empty()) {
        PutPartsList(clause.insert_columns);
        Put(" ");
      }
      Put("VALUES (");
      Exprs(clause.insert_values);
      return Put(")");
  }
  if (clause.star_except.empty()) return;
  Put(" EXCEPT ");
  PutPartsList(clause.star_except);
}

void SqlWriter::Block(const StatementBlock& block) {
  for (const StatementPtr& statement : block) {
    Put(" ");
    Write(*statement);
    Put(";");
  }
}

void SqlWriter::Cdc(const AutoCdc& cdc) {
  Put(cdc.once ? "AUTO CDC ONCE" : "AUTO CDC");
  if (!cdc.target.empty()) {
    Put(" INTO ");
    PutObject(cdc.target);
  }
  Put(cdc.from_snapshot ? " FROM SNAPSHOT " : " FROM ");
  Write(*cdc.from);
  if (!cdc.keys.empty()) {
    Put(" KEYS ");
    PutPartsList(cdc.keys);
  }
  if (cdc.ignore_null_updates) Put(" IGNORE NULL UPDATES");
  const auto when = [&](const char* words, const ExprPtr& expr) {
    if (!expr) return;
    Put(words);
    Write(*expr);
  };
  when(" APPLY AS DELETE WHEN ", cdc.apply_as_delete_when);
  when(" APPLY AS TRUNCATE WHEN ", cdc.apply_as_truncate_when);
  when(" SEQUENCE BY ", cdc.sequence_by);
  if (!cdc.columns.empty()) {
    Put(cdc.columns_all_except ? " COLUMNS * EXCEPT " : " COLUMNS ");
    PutPartsList(cdc.columns);
  }
  Put(" STORED AS SCD TYPE " + std::to_string(cdc.stored_as_scd_type));
  if (cdc.track_history_columns.empty()) return;
  Put(cdc.track_history_all_except ? " TRACK HISTORY ON * EXCEPT " : " TRACK HISTORY ON ");
  PutPartsList(cdc.track_history_columns);
}

struct StatementPrinter {
  SqlWriter& w;

  void Label(const Identifier& label) const {
    if (label.empty()) return;
    w.PutName(label);
    w.Put(": ");
  }
  void Branches(const std::vector<IfBranch>& branches, const char* first, const char* next) const {
    for (size_t i = 0; i < branches.size(); ++i) {
      w.Put(i == 0 ? first : next);
      w.Write(*branches[i].condition);
      w.Put(" THEN");
      w.Block(branches[i].body);
    }
  }
  void Otherwise(const StatementBlock& block) const {
    if (block.empty()) return;
    w.Put(" ELSE");
    w.Block(block);
  }
  void Text(std::string_view word, const std::optional<std::string>& text) const {
    if (!text) return;
    w.Put(word);
    w.PutString(*text);
  }

  void operator()(const QueryStatement& n) const { w.Write(*n.query); }
  void operator()(const Explain& n) const {
    static constexpr const char* kModes[] = {"",      "EXTENDED ", "FORMATTED ", "CODEGEN ",
                                             "COST ", "LOGICAL ",  "ANALYZE "};
    w.Put("EXPLAIN ");
    w.Put(kModes[static_cast<size_t>(n.mode)]);
    w.Write(*n.statement);
  }
  void operator()(const Insert& n) const {
    w.Put(n.with_schema_evolution ? "INSERT WITH SCHEMA EVOLUTION " : "INSERT ");
    w.Put(n.mode == InsertMode::kOverwrite ? "OVERWRITE " : "INTO ");
    if (n.once) w.Put("ONCE ");
    w.PutObject(n.table);
    w.Partition(n.partition);
    if (n.if_not_exists) w.Put(" IF NOT EXISTS");
    w.Alias(n.alias);
    if (!n.columns.empty()) {
      w.Put(" ");
      w.PutPartsList(n.columns);
    }
    if (n.by_name) w.Put(" BY NAME");
    if (n.mode == InsertMode::kReplaceWhere || n.mode == InsertMode::kReplaceOn) {
      w.Put(n.mode == InsertMode::kReplaceWhere ? " REPLACE WHERE " : " REPLACE ON ");
      w.Write(*n.replace_condition);
    }
    if (n.mode == InsertMode::kReplaceUsing) {
      w.Put(" REPLACE USING ");
      w.PutNames(n.replace_columns);
    }
    w.Put(" ");
    w.Write(*n.query);
    w.Alias(n.query_alias);
  }
  void operator()(const Delete& n) const {
    w.With(n.with, false);
    w.Put("DELETE FROM ");
    w.PutObject(n.table);
    w.Alias(n.alias);
    Where(n.where);
  }
  void Where(const ExprPtr& where) const {
    if (!where) return;
    w.Put(" WHERE ");
    w.Write(*where);
  }
  void operator()(const Update& n) const {
    w.With(n.with, false);
    w.Put("UPDATE ");
    w.PutObject(n.table);
    w.Alias(n.alias);
    w.Put(" SET ");
    w.Assignments(n.assignments);
    Where(n.where);
  }
  void operator()(const Merge& n) const {
    w.With(n.with, false);
    w.Put(n.with_schema_evolution ? "MERGE WITH SCHEMA EVOLUTION INTO " : "MERGE INTO ");
    w.PutObject(n.table);
    w.Alias(n.alias);
    w.Put(" USING ");
    w.Write(*n.from);
    w.Put(" ON ");
    w.Write(*n.on);
    for (const MergeClause& clause : n.clauses) w.Merging(clause);
  }
  void CopySource(const CopyInto& n) const {
    w.PutString(n.path);
    if (n.credential.empty() && n.encryption.empty()) return;
    w.Put(" WITH (");
    if (!n.credential.empty()) {
      w.Put("CREDENTIAL ");
      w.PutProperties(n.credential);
    }
    if (!n.encryption.empty()) {
      w.Put(" ENCRYPTION ");
      w.PutProperties(n.encryption);
    }
    w.Put(")");
  }
  void operator()(const CopyInto& n) const {
    w.Put("COPY INTO ");
    w.PutObject(n.table);
    w.Alias(n.alias);
    if (n.by_position) w.Put(" BY POSITION");
    if (!n.columns.empty()) {
      w.Put(" ");
      w.PutPartsList(n.columns);
    }
    w.Put(" FROM ");
    if (n.select.empty()) {
      CopySource(n);
    } else {
      w.Put("(SELECT ");
      w.NamedList(n.select);
      w.Put(" FROM ");
      CopySource(n);
      w.Put(")");
    }
    if (!n.file_format.empty()) w.Put(" FILEFORMAT = " + n.file_format);
    if (n.validate) w.Put(" VALIDATE " + *n.validate);
    for (size_t i = 0; i < n.files.size(); ++i) {
      w.Put(i == 0 ? " FILES = (" : ", ");
      w.PutString(n.files[i]);
    }
    if (!n.files.empty()) w.Put(")");
    if (!n.pattern.empty()) Text(" PATTERN = ", n.pattern);
    if (!n.format_options.empty()) {
      w.Put(" FORMAT_OPTIONS ");
      w.PutProperties(n.format_options);
    }
    if (!n.copy_options.empty()) {
      w.Put(" COPY_OPTIONS ");
      w.PutProperties(n.copy_options);
    }
  }
  void operator()(const CreateTable& n) const {
    std::string modifiers;
    if (n.is_private) modifiers += "PRIVATE ";
    if (n.temporary) modifiers += "TEMPORARY ";
    if (n.external) modifiers += "EXTERNAL ";
    w.Mode(n.mode, modifiers, ToSql(n.kind));
    w.PutObject(n.name);
    if (n.has_columns) w.Columns(n.columns, n.constraints);
    if (!n.like.empty()) {
      w.Put(" LIKE ");
      w.PutObject(n.like);
    }
    if (n.clone) {
      w.Put(n.clone->shallow ? " SHALLOW CLONE " : " DEEP CLONE ");
      w.PutObject(n.clone->table);
      if (n.clone->time_travel) w.Travel(*n.clone->time_travel);
    }
    w.Clauses(n.clauses);
    if (n.flow) {
      w.Put(" FLOW ");
      w.Write(*n.flow);
    }
    if (!n.query) return;
    w.Put(" AS ");
    w.Write(*n.query);
  }
  void operator()(const CreateView& n) const {
    static constexpr const char* kBindings[] = {
        "", " WITH SCHEMA BINDING", " WITH SCHEMA COMPENSATION", " WITH SCHEMA EVOLUTION",
        " WITH SCHEMA TYPE EVOLUTION"};
    std::string modifiers;
    if (n.is_private) modifiers += "PRIVATE ";
    if (n.global) modifiers += "GLOBAL ";
    if (n.temporary) modifiers += "TEMPORARY ";
    w.Mode(n.mode, modifiers, ToSql(n.kind));
    w.PutObject(n.name);
    if (n.has_columns) w.Columns(n.columns, n.constraints);
    if (n.metric) w.Put(" WITH METRICS LANGUAGE YAML");
    w.Put(kBindings[static_cast<size_t>(n.binding)]);
    w.Clauses(n.clauses);
    if (n.metric) w.Put(" AS $$" + n.yaml + "$$");
    if (!n.query) return;
    w.Put(" AS ");
    w.Write(*n.query);
  }
  void operator()(const CreateCatalog& n) const {
    w.Mode(n.mode, Upper(n.foreign, "FOREIGN "), "CATALOG");
    w.PutObject(n.name);
    if (!n.using_kind.empty()) {
      w.Put(" USING " + n.using_kind + " ");
      w.PutObject(n.using_object);
    }
    Text(" MANAGED LOCATION ", n.managed_location);
    w.PutComment(n.comment);
    if (n.default_collation) w.Put(" DEFAULT COLLATION " + *n.default_collation);
    if (n.options.empty()) return;
    w.Put(" OPTIONS ");
    w.PutProperties(n.options);
  }
  void operator()(const CreateSchema& n) const {
    w.Mode(n.mode, "", "SCHEMA");
    w.PutObject(n.name);
    w.PutComment(n.comment);
    Text(" MANAGED LOCATION ", n.managed_location);
    Text(" LOCATION ", n.location);
    if (n.default_collation) w.Put(" DEFAULT COLLATION " + *n.default_collation);
    if (n.properties.empty()) return;
    w.Put(" WITH DBPROPERTIES ");
    w.PutProperties(n.properties);
  }
  void operator()(const CreateVolume& n) const {
    w.Mode(n.mode, Upper(n.external, "EXTERNAL "), "VOLUME");
    w.PutObject(n.name);
    Text(" LOCATION ", n.location);
    w.PutComment(n.comment);
  }
  void operator()(const CreateFunction& n) const { w.Routine(n); }
  void operator()(const Drop& n) const {
    w.Put(n.temporary ? "DROP TEMPORARY " : "DROP ");
    w.Put(ToSql(n.kind));
    w.Put(n.if_exists ? " IF EXISTS " : " ");
    w.PutObject(n.name);
    if (n.cascade) w.Put(" CASCADE");
    if (n.purge) w.Put(" PURGE");
  }
  void operator()(const Undrop& n) const {
    w.Put("UNDROP ");
    w.Put(ToSql(n.kind));
    w.Put(" ");
    if (n.id.empty()) return w.PutObject(n.name);
    w.Put("WITH ID ");
    w.PutString(n.id);
  }
  void operator()(const Alter& n) const;
  void operator()(const Show& n) const;
  void operator()(const Describe& n) const;
  void operator()(const Use& n) const {
    w.Put("USE ");
    if (n.kind != ObjectKind::kUnspecified) {
      w.Put(ToSql(n.kind));
      w.Put(" ");
    }
    w.PutObject(n.name);
  }
  void operator()(const SetConfiguration& n) const {
    w.Put("SET");
    if (n.verbose) return w.Put(" -v");
    if (n.key.empty()) return;
    w.Put(" " + n.key);
    if (!n.value) return;
    w.Put(" = ");
    w.PutString(*n.value);
  }
  void operator()(const SetTimeZone& n) const {
    w.Put("SET TIME ZONE ");
    if (n.local) return w.Put("LOCAL");
    w.Write(*n.zone);
  }
  void operator()(const SetVariable& n) const {
    w.Put("SET VARIABLE ");
    if (!n.query) return w.Assignments(n.assignments);
    for (size_t i = 0; i < n.targets.size(); ++i) {
      w.Put(i == 0 ? "(" : ", ");
      w.PutObject(n.targets[i]);
    }
    w.Put(") = (");
    w.Write(*n.query);
    w.Put(")");
  }
  void operator()(const ResetConfiguration& n) const {
    w.Put(n.key.empty() ? "RESET" : "RESET " + n.key);
  }
  void operator()(const DeclareVariable& n) const {
    w.Put(n.or_replace ? "DECLARE OR REPLACE VARIABLE " : "DECLARE VARIABLE ");
    for (size_t i = 0; i < n.names.size(); ++i) {
      if (i > 0) w.Put(", ");
      w.PutObject(n.names[i]);
    }
    if (n.type) {
      w.Put(" ");
      w.PutType(*n.type);
    }
    if (!n.default_value) return;
    w.Put(" DEFAULT ");
    w.Write(*n.default_value);
  }
  void operator()(const ExecuteImmediate& n) const {
    w.Put("EXECUTE IMMEDIATE ");
    w.Write(*n.statement);
    for (size_t i = 0; i < n.into.size(); ++i) {
      w.Put(i == 0 ? " INTO " : ", ");
      w.PutObject(n.into[i]);
    }
    if (n.using_args.empty()) return;
    w.Put(" USING ");
    w.NamedList(n.using_args);
  }
  void operator()(const Optimize& n) const {
    w.Put("OPTIMIZE ");
    w.PutObject(n.table);
    if (n.full) w.Put(" FULL");
    Where(n.where);
    if (n.zorder_by.empty()) return;
    w.Put(" ZORDER BY ");
    w.PutPartsList(n.zorder_by);
  }
  void operator()(const Vacuum& n) const {
    w.Put("VACUUM ");
    w.PutObject(n.table);
    if (n.full) w.Put(" FULL");
    if (n.lite) w.Put(" LITE");
    if (n.retain_hours) {
      w.Put(" RETAIN ");
      w.Primary(*n.retain_hours);
      w.Put(" HOURS");
    }
    if (n.dry_run) w.Put(" DRY RUN");
  }
  void operator()(const Restore& n) const {
    w.Put("RESTORE TABLE ");
    w.PutObject(n.table);
    if (!n.to.at_syntax) w.Put(" TO");
    w.Travel(n.to);
  }
  void operator()(const Analyze& n) const {
    w.Put(n.all_tables ? "ANALYZE TABLES" : "ANALYZE TABLE ");
    if (n.all_tables && !n.table.empty()) w.Put(" IN ");
    if (!n.table.empty()) w.PutObject(n.table);
    w.Partition(n.partition);
    w.Put(n.delta_statistics ? " COMPUTE DELTA STATISTICS" : " COMPUTE STATISTICS");
    if (n.no_scan) w.Put(" NOSCAN");
    if (n.all_columns) w.Put(" FOR ALL COLUMNS");
    if (n.columns.empty()) return;
    w.Put(" FOR COLUMNS ");
    w.PutPartsList(n.columns);
  }
  void operator()(const Reorg& n) const {
    w.Put("REORG TABLE ");
    w.PutObject(n.table);
    Where(n.where);
    w.Put(" APPLY (" + n.apply + ")");
  }
  void operator()(const Fsck& n) const {
    w.Put("FSCK REPAIR TABLE ");
    w.PutObject(n.table);
    if (n.metadata_only) w.Put(" METADATA ONLY");
    if (n.dry_run) w.Put(" DRY RUN");
  }
  void operator()(const ConvertToDelta& n) const {
    w.Put("CONVERT TO DELTA ");
    w.PutObject(n.table);
    if (n.no_statistics) w.Put(" NO STATISTICS");
    if (n.partitioned_by.empty()) return;
    w.Put(" PARTITIONED BY ");
    w.PartitionFields(n.partitioned_by);
  }
  void operator()(const Refresh& n) const {
    w.Put("REFRESH ");
    if (!n.path.empty()) return w.PutString(n.path);
    if (n.foreign) w.Put("FOREIGN ");
    w.Put(ToSql(n.kind));
    w.Put(" ");
    w.PutObject(n.name);
    if (n.full) w.Put(" FULL");
    if (n.async) w.Put(" ASYNC");
  }
  void operator()(const CacheTable& n) const {
    w.Put(n.lazy ? "CACHE LAZY TABLE " : "CACHE TABLE ");
    w.PutObject(n.name);
    if (!n.options.empty()) {
      w.Put(" OPTIONS ");
      w.PutProperties(n.options);
    }
    if (!n.query) return;
    w.Put(" AS ");
    w.Write(*n.query);
  }
  void operator()(const CacheSelect& n) const {
    w.Put("CACHE ");
    w.Write(*n.query);
  }
  void operator()(const UncacheTable& n) const {
    w.Put(n.if_exists ? "UNCACHE TABLE IF EXISTS " : "UNCACHE TABLE ");
    w.PutObject(n.name);
  }
  void operator()(const ClearCache&) const { w.Put("CLEAR CACHE"); }
  void operator()(const Truncate& n) const {
    w.Put("TRUNCATE TABLE ");
    w.PutObject(n.table);
    w.Partition(n.partition);
  }
  void operator()(const RepairTable& n) const {
    w.Put("MSCK REPAIR TABLE ");
    w.PutObject(n.table);
    if (!n.mode.empty()) w.Put(" " + n.mode);
  }
  void operator()(const CommentOn& n) const {
    w.Put("COMMENT ON ");
    w.Put(ToSql(n.kind));
    w.Put(" ");
    w.PutObject(n.name);
    w.Put(" IS ");
    if (!n.comment) return w.Put("NULL");
    w.PutString(*n.comment);
  }
  void operator()(const Grant& n) const {
    static constexpr const char* kVerbs[] = {"GRANT ", "REVOKE ", "DENY "};
    w.Put(kVerbs[static_cast<size_t>(n.kind)]);
    for (size_t i = 0; i < n.privileges.size(); ++i) {
      if (i > 0) w.Put(", ");
      w.Put(n.privileges[i]);
    }
    w.Put(" ON ");
    w.Put(ToSql(n.object_kind));
    if (n.object_kind != ObjectKind::kUnspecified && !n.object.empty()) w.Put(" ");
    if (!n.object.empty()) w.PutObject(n.object);
    w.Put(n.kind == GrantKind::kRevoke ? " FROM " : " TO ");
    w.PutName(n.principal);
    if (n.with_grant_option) w.Put(" WITH GRANT OPTION");
  }
  void operator()(const FileCommand& n) const {
    static constexpr const char* kVerbs[] = {"LIST ", "PUT ", "GET ", "REMOVE "};
    w.Put(kVerbs[static_cast<size_t>(n.kind)]);
    const bool put = n.kind == FileCommandKind::kPut;
    w.PutString(put ? n.local : n.path);
    if (put || n.kind == FileCommandKind::kGet) {
      w.Put(put ? " INTO " : " TO ");
      w.PutString(put ? n.path : n.local);
    }
    if (n.overwrite) w.Put(" OVERWRITE");
    if (n.limit) w.Put(" LIMIT " + std::to_string(*n.limit));
  }
  void operator()(const Call& n) const {
    w.Put("CALL ");
    w.PutObject(n.procedure);
    w.Put("(");
    w.Arguments(n.args);
    w.Put(")");
  }
  void operator()(const AutoCdc& n) const { w.Cdc(n); }
  void operator()(const CreateFlow& n) const {
    w.Put("CREATE FLOW ");
    w.PutObject(n.name);
    w.PutComment(n.comment);
    w.Put(" AS ");
    w.Write(*n.statement);
  }
  void operator()(const CompoundStatement& n) const {
    Label(n.label);
    w.Put(n.not_atomic ? "BEGIN NOT ATOMIC" : n.atomic ? "BEGIN ATOMIC" : "BEGIN");
    for (const ConditionDeclaration& condition : n.conditions) {
      w.Put(" DECLARE ");
      w.PutName(condition.name);
      w.Put(" CONDITION");
      if (!condition.sqlstate.empty()) Text(" FOR SQLSTATE ", condition.sqlstate);
      w.Put(";");
    }
    // Variables come before handlers, which may use them.
    size_t variables = 0;
    while (variables < n.body.size() && n.body[variables]->As<DeclareVariable>()) {
      w.Put(" ");
      w.Write(*n.body[variables++]);
      w.Put(";");
    }
    for (const HandlerDeclaration& handler : n.handlers) {
      w.Put(handler.exit ? " DECLARE EXIT HANDLER FOR " : " DECLARE CONTINUE HANDLER FOR ");
      for (size_t i = 0; i < handler.conditions.size(); ++i) {
        if (i > 0) w.Put(", ");
        const std::string& name = handler.conditions[i];
        if (name.starts_with("SQLSTATE ")) {
          w.Put("SQLSTATE ");
          w.PutString(name.substr(9));
        } else {
          w.Put(name);
        }
      }
      w.Put(" ");
      w.Write(*handler.body);
      w.Put(";");
    }
    for (size_t i = variables; i < n.body.size(); ++i) {
      w.Put(" ");
      w.Write(*n.body[i]);
      w.Put(";");
    }
    w.Put(" END");
  }
  void operator()(const IfStatement& n) const {
    Branches(n.branches, "IF ", " ELSEIF ");
    Otherwise(n.otherwise);
    w.Put(" END IF");
  }
  void operator()(const CaseStatement& n) const {
    w.Put("CASE");
    if (n.operand) {
      w.Put(" ");
      w.Write(*n.operand);
    }
    Branches(n.branches, " WHEN ", " WHEN ");
    Otherwise(n.otherwise);
    w.Put(" END CASE");
  }
  void operator()(const WhileStatement& n) const {
    Label(n.label);
    w.Put("WHILE ");
    w.Write(*n.condition);
    w.Put(" DO");
    w.Block(n.body);
    w.Put(" END WHILE");
  }
  void operator()(const RepeatStatement& n) const {
    Label(n.label);
    w.Put("REPEAT");
    w.Block(n.body);
    w.Put(" UNTIL ");
    w.Write(*n.until);
    w.Put(" END REPEAT");
  }
  void operator()(const LoopStatement& n) const {
    Label(n.label);
    w.Put("LOOP");
    w.Block(n.body);
    w.Put(" END LOOP");
  }
  void operator()(const ForStatement& n) const {
    Label(n.label);
    w.Put("FOR ");
    if (!n.variable.empty()) {
      w.PutName(n.variable);
      w.Put(" AS ");
    }
    w.Write(*n.query);
    w.Put(" DO");
    w.Block(n.body);
    w.Put(" END FOR");
  }
  void operator()(const LeaveStatement& n) const {
    w.Put(n.iterate ? "ITERATE " : "LEAVE ");
    w.PutName(n.label);
  }
  void operator()(const SignalStatement& n) const {
    w.Put(n.verb);
    const bool get = n.verb == "GET DIAGNOSTICS";
    if (get) w.Put(" CONDITION 1");
    if (!n.sqlstate.empty()) Text(" SQLSTATE ", n.sqlstate);
    if (!n.condition.empty()) {
      w.Put(" ");
      w.PutName(n.condition);
    }
    for (size_t i = 0; i < n.items.size(); ++i) {
      w.Put(i > 0 ? ", " : get ? " " : " SET ");
      w.Put(n.items[i].first);
      w.Put(" = ");
      w.Write(*n.items[i].second);
    }
  }
  void operator()(const ReturnStatement& n) const {
    w.Put("RETURN");
    if (n.value || n.query) w.Put(" ");
    if (n.value) w.Write(*n.value);
    if (n.query) w.Write(*n.query);
  }
  void operator()(const BeginTransaction&) const { w.Put("BEGIN TRANSACTION"); }
  void operator()(const EndTransaction& n) const { w.Put(n.commit ? "COMMIT" : "ROLLBACK"); }
  void operator()(const OtherStatement& n) const { w.Put(n.name); }
};

void StatementPrinter::operator()(const Show& n) const {
  if (n.kind == ShowKind::kOther) return w.Put(n.other);
  Statement named({}, Show{n.kind});
  if (n.kind == ShowKind::kFunctions && !n.scope.empty()) {
    w.Put("SHOW " + n.scope + " FUNCTIONS");
  } else {
    w.Put(StatementName(named));
  }
  if (n.kind == ShowKind::kGrants) {
    if (!n.principal.empty()) {
      w.Put(" ");
      w.PutName(n.principal);
    }
    w.Put(" ON ");
    w.Put(ToSql(n.on_kind));
    if (n.on_kind != ObjectKind::kUnspecified && !n.name.empty()) w.Put(" ");
    if (!n.name.empty()) w.PutObject(n.name);
    return;
  }
  if (n.kind == ShowKind::kColumns) w.Put(" IN");
  const bool function = n.kind == ShowKind::kFunctions;
  if (!n.name.empty() && !function) {
    w.Put(" ");
    w.PutObject(n.name);
  }
  if (!n.property_key.empty()) {
    w.Put(" (");
    w.PutString(n.property_key);
    w.Put(")");
  }
  if (!n.in.empty()) {
    w.Put(" IN ");
    w.PutObject(n.in);
  }
  Text(" LIKE ", n.like);
  if (!n.name.empty() && function) {
    w.Put(" ");
    w.PutObject(n.name);
  }
  w.Partition(n.partition);
}

void StatementPrinter::operator()(const Describe& n) const {
  Statement named({}, Describe{n.kind});
  w.Put(StatementName(named));
  w.Put(n.extended ? " EXTENDED " : " ");
  if (n.query) return w.Write(*n.query);
  if (n.kind == DescribeKind::kFunction && n.name.parts.size() == 1 && n.name.parts[0].quoted) {
    w.PutString(n.name.parts[0].text);
  } else {
    w.PutObject(n.name);
  }
  w.Partition(n.partition);
  if (!n.column.empty()) {
    w.Put(" ");
    w.PutParts(n.column);
  }
  if (n.as_json) w.Put(" AS JSON");
  if (n.limit) w.Put(" LIMIT " + std::to_string(*n.limit));
}

void SqlWriter::Write(const Statement& statement) {
  std::visit(StatementPrinter{*this}, statement.node);
}

struct AlterPrinter {
  SqlWriter& w;

  void Str(const char* words, std::string_view text) const {
    w.Put(words);
    w.PutString(text);
  }
  void Keys(const char* words, const std::vector<std::string>& keys) const {
    w.Put(words);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) w.Put(", ");
      w.PutString(keys[i]);
    }
    w.Put(")");
  }
  void operator()(const RenameTo& n) const {
    w.Put("RENAME TO ");
    w.PutObject(n.name);
  }
  void operator()(const SetProperties& n) const {
    w.Put("SET TBLPROPERTIES ");
    w.PutProperties(n.properties);
  }
  void operator()(const UnsetProperties& n) const {
    w.Put(n.if_exists ? "UNSET TBLPROPERTIES IF EXISTS " : "UNSET TBLPROPERTIES ");
    w.PutProperties(n.properties);
  }
  void operator()(const SetTags& n) const {
    w.Put("SET TAGS ");
    w.PutProperties(n.tags);
  }
  void operator()(const UnsetTags& n) const { Keys("UNSET TAGS (", n.keys); }
  void operator()(const SetOwner& n) const {
    w.Put("SET OWNER TO ");
    w.PutName(n.owner);
  }
  void operator()(const SetLocation& n) const { Str("SET LOCATION ", n.location); }
  void operator()(const SetManagedLocation& n) const { Str("SET MANAGED LOCATION ", n.location); }
  void operator()(const SetDefaultCollation& n) const {
    w.Put("DEFAULT COLLATION ");
    w.PutName(n.collation);
  }
  void operator()(const SetComment& n) const {
    if (!n.comment) return w.Put("SET COMMENT NULL");
    Str("SET COMMENT ", *n.comment);
  }
  void operator()(const SetPredictiveOptimization& n) const {
    w.Put(n.value + " PREDICTIVE OPTIMIZATION");
  }
  void operator()(const AddColumns& n) const {
    w.Put(n.if_not_exists ? "ADD COLUMNS IF NOT EXISTS" : "ADD COLUMNS");
    w.Columns(n.columns, {});
  }
  void operator()(const DropColumns& n) const {
    w.Put(n.if_exists ? "DROP COLUMNS IF EXISTS " : "DROP COLUMNS ");
    w.PutPartsList(n.columns);
  }
  void operator()(const RenameColumn& n) const {
    w.Put("RENAME COLUMN ");
    w.PutParts(n.from);
    w.Put(" TO ");
    w.PutName(n.to);
  }
  void operator()(const AlterColumns& n) const {
    w.Put("ALTER COLUMN ");
    for (size_t i = 0; i < n.changes.size(); ++i) {
      if (i > 0) w.Put(", ");
      w.Change(n.changes[i]);
    }
  }
  void operator()(const ReplaceColumns& n) const {
    w.Put("REPLACE COLUMNS");
    w.Columns(n.columns, {});
  }
  void operator()(const AddConstraint& n) const {
    w.Put("ADD ");
    w.WriteConstraint(n.constraint);
  }
  void operator()(const DropConstraint& n) const {
    w.Put(n.primary_key   ? "DROP PRIMARY KEY"
          : n.foreign_key ? "DROP FOREIGN KEY"
                          : "DROP CONSTRAINT");
    if (n.if_exists) w.Put(" IF EXISTS");
    if (n.foreign_key) w.PutNames(n.columns);
    if (!n.name.empty()) {
      w.Put(" ");
      w.PutName(n.name);
    }
    if (n.cascade) w.Put(" CASCADE");
  }
  void operator()(const DropFeature& n) const {
    w.Put("DROP FEATURE ");
    w.PutName(n.feature);
    if (n.truncate_history) w.Put(" TRUNCATE HISTORY");
  }
  void operator()(const SetRowFilter& n) const {
    w.Put("SET ROW FILTER ");
    w.Filter(n.filter);
  }
  void operator()(const DropRowFilter&) const { w.Put("DROP ROW FILTER"); }
  void operator()(const SetClusterBy& n) const {
    w.Put("CLUSTER BY ");
    w.Cluster(n.cluster_by);
  }
  void operator()(const SetViewQuery& n) const {
    w.Put("AS ");
    w.Write(*n.query);
  }
  void operator()(const SetSchemaBinding& n) const {
    static constexpr const char* kWords[] = {"", "BINDING", "COMPENSATION", "EVOLUTION",
                                             "TYPE EVOLUTION"};
    w.Put("WITH SCHEMA ");
    w.Put(kWords[static_cast<size_t>(n.binding)]);
  }
  void operator()(const AddPartitions& n) const {
    w.Put(n.if_not_exists ? "ADD IF NOT EXISTS" : "ADD");
    for (const PartitionSpec& spec : n.partitions) w.Partition(spec);
  }
  void operator()(const DropPartitions& n) const {
    w.Put(n.if_exists ? "DROP IF EXISTS" : "DROP");
    for (size_t i = 0; i < n.partitions.size(); ++i) {
      if (i > 0) w.Put(",");
      w.Partition(n.partitions[i]);
    }
    if (n.purge) w.Put(" PURGE");
  }
  void operator()(const RenamePartition& n) const {
    w.Partition(n.from);
    w.Put(" RENAME TO");
    w.Partition(n.to);
  }
  void operator()(const RecoverPartitions&) const { w.Put("RECOVER PARTITIONS"); }
  void operator()(const OtherAction& n) const { w.Put(n.name); }
};

void StatementPrinter::operator()(const Alter& n) const {
  w.Put("ALTER ");
  w.Put(ToSql(n.kind));
  w.Put(" ");
  w.PutObject(n.name);
  w.Put(" ");
  std::visit(AlterPrinter{w}, n.action);
}

}  // namespace tarn::sql
