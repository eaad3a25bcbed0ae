#include "tarn/session/flow.h"

#include "flow_query.h"
#include "statement_scope.h"
#include "statements.h"
#include "table_commit.h"
#include "table_definition.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/type_widening.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

Schema ColumnsOf(const plan::Query& query) {
  Schema schema;
  for (const plan::OutputColumn& column : query.root->columns) {
    schema.fields.push_back({column.name, column.type, true, {}});
  }
  return schema;
}

/// Columns as a relation of that schema gives them.
std::vector<plan::OutputColumn> OutputOf(const Schema& schema) {
  std::vector<plan::OutputColumn> columns;
  for (const Field& field : schema.fields) {
    const plan::ColumnId id{static_cast<uint32_t>(columns.size() + 1)};
    columns.push_back({id, field.name, field.type, true});
  }
  return columns;
}

/// Whether the dataset's table is there.
Result<std::optional<TableTarget>> FindDataset(StatementScope& scope,
                                               const catalog::ObjectName& name,
                                               catalog::Purpose purpose) {
  auto found = scope.rooms().catalog().LookupTable(scope.request(), name, purpose, "A flow");
  if (found.ok()) {
    return std::optional(TableTarget{*found, (*found)->location, (*found)->name.ToSql()});
  }
  if (found.error().condition() == Condition("TABLE_OR_VIEW_NOT_FOUND")) {
    return std::optional<TableTarget>();
  }
  return std::move(found).error();
}

Result<TableTarget> ExistingDataset(StatementScope& scope, const catalog::ObjectName& name) {
  TARN_ASSIGN(std::optional<TableTarget> target,
              FindDataset(scope, name, catalog::Purpose::kWrite));
  if (target) return *std::move(target);
  return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", name.ToSql()}});
}

/// Whether only the pipeline sees the table is for the definition alone to say.
void SetPrivate(const Dataset& dataset, delta::Metadata* metadata) {
  if (dataset.is_private) {
    metadata->configuration[catalog::kPrivateProperty] = "true";
  } else {
    metadata->configuration.erase(catalog::kPrivateProperty);
  }
}

/// What the dataset's definition says of its table, with these columns.
Result<delta::Metadata> MetadataOf(const Dataset& dataset, const Schema& columns) {
  delta::Metadata metadata;
  metadata.schema = columns;
  for (const auto& [key, value] : dataset.properties) metadata.configuration[key] = value;
  if (dataset.clauses == nullptr) {
    SetPrivate(dataset, &metadata);
    return metadata;
  }
  const sql::TableClauses& clauses = *dataset.clauses;
  metadata.description = clauses.comment.value_or("");
  TARN_TRY(RefuseWriterProperties(clauses.properties));
  for (const sql::Property& property : clauses.properties) {
    metadata.configuration[property.key] = property.value;
  }
  if (clauses.has_partitioned_by) TARN_TRY(DefinePartitions(clauses.partitioned_by, metadata));
  SetPrivate(dataset, &metadata);
  return metadata;
}

Status CheckSupported(const Dataset& dataset) {
  if (dataset.clauses == nullptr) return {};
  const sql::TableClauses& clauses = *dataset.clauses;
  if (clauses.location) return UnsupportedFeature("LOCATION of a pipeline's dataset");
  if (clauses.row_filter) return UnsupportedFeature("WITH ROW FILTER");
  if (!clauses.unsupported.empty()) return UnsupportedFeature(clauses.unsupported[0]);
  return {};
}

/// The properties by which a table belongs to its pipeline must be those of the dataset.
Status CheckOwner(const Dataset& dataset, const TableTarget& target,
                  const delta::Metadata& metadata) {
  for (const auto& [key, value] : dataset.properties) {
    const auto found = metadata.configuration.find(key);
    if (found != metadata.configuration.end() && found->second == value) continue;
    return Error(Condition("TABLE_OR_VIEW_ALREADY_EXISTS"), {{"relationName", target.display}})
        .WithHint(
            "A table of that name exists that this pipeline didn't make as such; drop or "
            "rename it, or give the dataset another name.");
  }
  return {};
}

/// Whether a column of type `table` holds every value of `wanted`.
bool Holds(const DataType& table, const DataType& wanted) {
  if (table.EquivalentTo(wanted)) return true;
  if (table.IsString() != wanted.IsString()) return false;
  const std::optional<DataType> common = plan::SetOperationType(table, wanted);
  return common && common->EquivalentTo(table);
}

/// How a streaming table's columns grow.
struct Growth {
  Schema schema;
  bool grew = false;
  bool widened = false;
};

/// The table's columns with those of `wanted` that it hasn't, and with wider types where it allows
/// them.
Result<Growth> Grown(const Schema& table, const Schema& wanted, bool widens,
                     std::string_view display) {
  Growth growth{table};
  for (const Field& field : wanted.fields) {
    const int at = table.Find(field.name);
    if (at < 0) {
      growth.schema.fields.push_back(field);
      growth.grew = true;
      continue;
    }
    Field& column = growth.schema.fields[static_cast<size_t>(at)];
    if (Holds(column.type, field.type)) continue;
    if (widens && delta::IsTypeWidening(column.type, field.type)) {
      delta::WidenColumn(column, field.type);
      growth.grew = growth.widened = true;
      continue;
    }
    Error error(Condition("STREAMING_TABLE_NEEDS_FULL_REFRESH"),
                {{"table", std::string(display)},
                 {"detail", "column " + QuoteIdentifier(field.name) + " was " +
                                column.type.ToSql() + " and would be " + field.type.ToSql()}});
    if (!delta::IsTypeWidening(column.type, field.type)) return error;
    return std::move(error).WithHint(
        "Add TBLPROPERTIES ('delta.enableTypeWidening' = 'true') to the table's definition, then "
        "its column grows; or run the update with --full-refresh for this table.");
  }
  return growth;
}

Status CreateDataset(StatementScope& scope, const Dataset& dataset, const Schema& columns) {
  TARN_ASSIGN(delta::Metadata metadata, MetadataOf(dataset, columns));
  catalog::TableDefinition definition;
  definition.name = dataset.name;
  definition.comment = metadata.description;
  TARN_ASSIGN(const catalog::PendingTable pending,
              scope.rooms().catalog().BeginCreateTable(scope.request(), definition));
  const auto publish = [&]() -> Status {
    TARN_ASSIGN(delta::Transaction transaction, BeginCreation(scope, pending.location));
    TARN_TRY(transaction.SetMetadata(std::move(metadata)));
    transaction.SetOperation(dataset.materialized_view ? "CREATE MATERIALIZED VIEW"
                                                       : "CREATE STREAMING TABLE");
    TARN_ASSIGN(const delta::Committed committed,
                CommitChange(scope, pending.location, transaction));
    TARN_TRY(scope.rooms().catalog().PublishTable(
        scope.request(), pending, TableContents(transaction.metadata(), committed.version)));
    return {};
  };
  Status status = publish();
  if (!status.ok()) {
    // Also when the update was cancelled: nothing of it may stay.
    RequestContext context = scope.request();
    context.cancellation = std::make_shared<CancellationToken>();
    context.deadline_us = std::numeric_limits<int64_t>::max();
    scope.rooms().snapshots().Forget(pending.location);
    (void)scope.rooms().catalog().AbortTable(context, pending);
  }
  return status;
}

engine::WriteTarget TargetOf(const FlowWrite& write, const std::string& root,
                             const delta::Metadata& metadata) {
  engine::WriteTarget target = WriteTargetOf(root, metadata);
  for (const Expectation& expectation : write.expectations) {
    target.checks.push_back({expectation.name, expectation.condition, expectation.on_violation});
  }
  return target;
}

/// Metadata of a table whose definition is taken anew; what the definition doesn't say stays.
delta::Metadata Redefined(const delta::Metadata& old, delta::Metadata fresh) {
  fresh.id = old.id;
  fresh.created_time_ms = old.created_time_ms;
  for (const auto& [key, value] : old.configuration) {
    if (key != catalog::kPrivateProperty) fresh.configuration.emplace(key, value);
  }
  return fresh;
}

}  // namespace

Result<Schema> SchemaOfDataset(Session& session, const RequestContext& context,
                               const Dataset& dataset, const Schema& from_query,
                               const std::vector<Expectation>& expectations) {
  TARN_TRY(CheckSupported(dataset));
  StatementScope scope(context, session.state(), kNoParameters, dataset.text);
  Schema schema = from_query;
  if (dataset.columns != nullptr && !dataset.columns->empty()) {
    schema = {};
    for (size_t i = 0; i < dataset.columns->size(); ++i) {
      const sql::ColumnDefinition& column = (*dataset.columns)[i];
      if (column.type) {
        TARN_ASSIGN(Field field, DefineColumn(scope, column));
        schema.fields.push_back(std::move(field));
        continue;
      }
      if (i >= from_query.fields.size()) {
        return Error(Condition("ASSIGNMENT_ARITY_MISMATCH"),
                     {{"numTarget", std::to_string(dataset.columns->size())},
                      {"numExpr", std::to_string(from_query.fields.size())}})
            .WithPosition(column.source);
      }
      Field field = from_query.fields[i];
      field.name = column.name.back().text;
      if (column.comment) field.SetComment(*column.comment);
      schema.fields.push_back(std::move(field));
    }
  }
  // Analysed over the columns for their errors' sake.
  const std::vector<plan::OutputColumn> columns = OutputOf(schema);
  for (const Expectation& expectation : expectations) {
    TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(expectation.condition));
    auto condition =
        analyze::AnalyzeOverColumns(context, scope.AnalyzerView(), columns, *parsed,
                                    plan::ColumnId{static_cast<uint32_t>(columns.size() + 1)});
    if (!condition.ok()) return std::move(condition).error().WithPosition(expectation.source);
    TARN_TRY(RequireCondition(**condition, expectation));
  }
  return schema;
}

Result<DataType> TypeOfExpression(Session& session, const RequestContext& context,
                                  std::string_view text, const Schema& columns,
                                  const sql::Expr& expression) {
  StatementScope scope(context, session.state(), kNoParameters, text);
  const std::vector<plan::OutputColumn> output = OutputOf(columns);
  TARN_ASSIGN(
      const plan::ExprPtr analysed,
      analyze::AnalyzeOverColumns(context, scope.AnalyzerView(), output, expression,
                                  plan::ColumnId{static_cast<uint32_t>(output.size() + 1)}));
  return analysed->type;
}

Status PrepareDataset(Session& session, const RequestContext& context, const Dataset& dataset,
                      const Schema& columns) {
  TARN_TRY(CheckSupported(dataset));
  StatementScope scope(context, session.state(), kNoParameters, dataset.text);
  TARN_ASSIGN(std::optional<TableTarget> target,
              FindDataset(scope, dataset.name, catalog::Purpose::kWrite));
  if (!target) return CreateDataset(scope, dataset, columns);
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target->root));
  TARN_TRY(CheckOwner(dataset, *target, snapshot->metadata()));
  // A materialized view takes its columns with its rows.
  if (dataset.materialized_view) return {};
  TARN_ASSIGN(const delta::Metadata defined, MetadataOf(dataset, columns));
  const bool widens =
      delta::AllowsTypeWidening(snapshot->metadata()) || delta::AllowsTypeWidening(defined);
  TARN_ASSIGN(Growth growth, Grown(snapshot->schema(), columns, widens, target->display));
  delta::Metadata metadata = snapshot->metadata();
  SetPrivate(dataset, &metadata);
  if (!growth.grew && metadata.configuration == snapshot->metadata().configuration) return {};
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target->root, snapshot));
  if (growth.grew) metadata.schema = std::move(growth.schema);
  if (growth.widened) metadata.configuration["delta.enableTypeWidening"] = "true";
  TARN_TRY(transaction.SetMetadata(std::move(metadata)));
  transaction.SetOperation(growth.widened ? "CHANGE COLUMNS"
                           : growth.grew  ? "ADD COLUMNS"
                                          : "SET TBLPROPERTIES");
  TARN_FAULT_POINT("flow.before_columns");
  TARN_TRY(CommitAndPublish(scope, *target, transaction));
  TARN_FAULT_POINT("flow.after_columns");
  return {};
}

Result<FlowWritten> WriteFlow(Session& session, const RequestContext& context,
                              const FlowWrite& write) {
  StatementScope scope(context, session.state(), kNoParameters, write.query.text);
  TARN_ASSIGN(const TableTarget target, ExistingDataset(scope, write.target));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  FlowWritten result;
  if (write.transaction) {
    const auto landed = snapshot->TransactionVersion(write.transaction->app_id);
    if (landed && *landed >= write.transaction->version) {
      TARN_TRY(MakeDurable(scope, target.root, snapshot->version()));
      result.was_there = true;
      result.version = snapshot->version();
      return result;
    }
  }
  TARN_ASSIGN(plan::Query query, AnalyzeFlow(scope, write.query));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  if (write.replaces != nullptr) {
    TARN_ASSIGN(const Schema columns, SchemaOfDataset(session, context, *write.replaces,
                                                      ColumnsOf(query), write.expectations));
    TARN_ASSIGN(delta::Metadata metadata, MetadataOf(*write.replaces, columns));
    TARN_TRY(transaction.SetMetadata(Redefined(snapshot->metadata(), std::move(metadata))));
    transaction.RemoveAll();
  }
  const delta::Metadata& metadata = transaction.metadata();
  TARN_ASSIGN(const delta::TableConstraints constraints, delta::ConstraintsOf(metadata));
  // A materialized view may give its columns other names; a streaming table is met by name.
  TARN_ASSIGN(
      const ColumnMatch match,
      write.replaces != nullptr
          ? MatchByPosition(query, metadata.schema, {}, target.display, write.query.query->source)
          : MatchByName(query, metadata.schema, target.display, write.query.query->source));
  TARN_ASSIGN(const plan::Query conformed,
              ConformToTable(scope, std::move(query), match, metadata, constraints, target.display,
                             write.expectations));
  TARN_FAULT_POINT("flow.before_write");
  TARN_ASSIGN(
      engine::WriteResult written,
      scope.rooms().engine().Write(scope.request(), conformed,
                                   TargetOf(write, target.root, metadata), scope.EngineView()));
  result.rows = written.rows;
  result.expectations = written.checks;
  result.views = written.views;
  result.stats = written.stats;
  const std::vector<delta::AddFile> files = written.files;
  AddFiles(transaction, std::move(written));
  // Dropped rows were numbered, too.
  int64_t numbered = result.rows;
  for (const engine::CheckCount& check : result.expectations) numbered += check.failed;
  TARN_TRY(AdvanceIdentity(transaction, match, numbered));
  if (write.transaction) {
    transaction.ReadTransaction(write.transaction->app_id);
    transaction.SetTransactionVersion(write.transaction->app_id, write.transaction->version);
  }
  transaction.SetOperation(write.replaces != nullptr ? "REFRESH" : "STREAMING UPDATE",
                           {{"outputMode", write.replaces != nullptr ? "Complete" : "Append"}});
  TARN_FAULT_POINT("flow.before_commit");
  auto committed = CommitAndPublish(scope, target, transaction);
  if (!committed.ok()) {
    if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
      RemoveUnusedFiles(scope, target.root, files);
    }
    return std::move(committed).error();
  }
  TARN_FAULT_POINT("flow.after_commit");
  result.version = committed->version;
  return result;
}

Status PublishView(Session& session, const RequestContext& context, std::string_view text,
                   const sql::CreateView& view, const catalog::ObjectName& name,
                   const std::string& current_catalog, const std::string& current_schema) {
  SessionState& state = session.state();
  state.current_catalog = current_catalog;
  state.current_schema = current_schema;
  StatementScope scope(context, state, kNoParameters, text);
  return StoreView(scope, view, name, catalog::IfTaken::kReplace);
}

Result<bool> IsViewOf(Session& session, const RequestContext& context,
                      const catalog::ObjectName& name, std::string_view text) {
  const auto found =
      session.state().rooms.catalog().LookupRelation(context, name, catalog::Purpose::kDescribe);
  if (!found.ok()) {
    if (found.error().condition() == Condition("TABLE_OR_VIEW_NOT_FOUND")) return false;
    return Error(found.error());
  }
  const auto* view = std::get_if<catalog::ViewPtr>(&*found);
  return view != nullptr && (*view)->text == text;
}

Result<std::map<std::string, int64_t>> LandedTransactions(Session& session,
                                                          const RequestContext& context,
                                                          const catalog::ObjectName& name) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  std::map<std::string, int64_t> landed;
  TARN_ASSIGN(std::optional<TableTarget> target,
              FindDataset(scope, name, catalog::Purpose::kDescribe));
  if (!target) return landed;
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target->root));
  for (const auto& [app_id, transaction] : snapshot->transactions()) {
    landed[app_id] = transaction.version;
  }
  return landed;
}

Status ResetDataset(Session& session, const RequestContext& context, const Dataset& dataset,
                    const Schema& columns, const std::vector<std::string>& app_ids) {
  StatementScope scope(context, session.state(), kNoParameters, dataset.text);
  TARN_ASSIGN(const TableTarget target, ExistingDataset(scope, dataset.name));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  TARN_TRY(CheckOwner(dataset, target, snapshot->metadata()));
  TARN_ASSIGN(delta::Metadata metadata, MetadataOf(dataset, columns));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  TARN_TRY(transaction.SetMetadata(Redefined(snapshot->metadata(), std::move(metadata))));
  transaction.RemoveAll();
  for (const std::string& app_id : app_ids) transaction.SetTransactionVersion(app_id, -1);
  transaction.SetOperation("FULL REFRESH");
  TARN_TRY(CommitAndPublish(scope, target, transaction));
  return {};
}

Result<OpenedTable> OpenTable(Session& session, const RequestContext& context,
                              const catalog::ObjectName& name) {
  Instance::Rooms& rooms = session.state().rooms;
  OpenedTable opened;
  TARN_ASSIGN(opened.info,
              rooms.catalog().LookupTable(context, name, catalog::Purpose::kRead, "STREAM"));
  TARN_ASSIGN(opened.table, rooms.snapshots().Open(context, opened.info->location));
  TARN_ASSIGN(opened.latest, rooms.snapshots().Latest(context, opened.info->location));
  return opened;
}

const catalog::Pipelines& PipelinesOf(Instance& instance) {
  return instance.rooms().lake().pipelines();
}

const catalog::Secrets& SecretsOf(Instance& instance) { return instance.rooms().lake().secrets(); }

Status SetSetting(Session& session, const std::string& key, const std::string& value) {
  return ApplySetting(session.state(), key, value);
}

void SetTemporaryViews(Session& session, std::vector<analyze::TemporaryView> views) {
  session.state().temporary_views = std::move(views);
}

}  // namespace tarn::session
