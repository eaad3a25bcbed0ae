#include "clone.h"
#include "column_expressions.h"
#include "history_parameters.h"
#include "optimize.h"
#include "statements.h"
#include "table_commit.h"
#include "table_definition.h"
#include "tarn/io/local_object_store.h"
#include "tarn/io/location.h"
#include "tarn/sql/printer.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

using catalog::Purpose;

/// What CREATE TABLE is to make: metadata, and the query that fills it.
struct Creation {
  delta::Metadata metadata;
  std::optional<plan::Query> query;
  std::string operation;
  bool managed = true;  ///< its place is the catalog's
  std::optional<std::vector<delta::ColumnPath>> clustering;
  std::optional<CloneOrigin> origin;  ///< of CLONE
  Cloned cloned;
};

std::string OperationName(const sql::CreateTable& statement) {
  std::string name = "CREATE TABLE";
  if (statement.mode == sql::CreateMode::kCreateOrReplace) name = "CREATE OR REPLACE TABLE";
  if (statement.mode == sql::CreateMode::kReplace) name = "REPLACE TABLE";
  return statement.query ? name + " AS SELECT" : name;
}

/// Databricks knows these beside delta.
bool IsKnownProvider(std::string_view name) {
  static constexpr std::string_view kProviders[] = {
      "avro", "binaryfile", "csv", "iceberg", "jdbc", "json", "orc", "parquet", "text", "xml"};
  return std::any_of(std::begin(kProviders), std::end(kProviders),
                     [&](std::string_view known) { return SameName(known, name); });
}

Status CheckSupported(const sql::CreateTable& statement) {
  const SourceRange& at = statement.name.source;
  if (statement.kind == sql::ObjectKind::kStreamingTable) {
    return UnsupportedFeature("CREATE STREAMING TABLE", at);
  }
  if (statement.temporary) return UnsupportedFeature("CREATE TEMPORARY TABLE", at);
  const sql::TableClauses& clauses = statement.clauses;
  if (const std::string provider = sql::ToSql(clauses.provider);
      !provider.empty() && !SameName(provider, "delta")) {
    const SourceRange& source = clauses.provider.source;
    if (IsKnownProvider(provider)) {
      return UnsupportedFeature("CREATE TABLE USING " + provider, source);
    }
    return Error(Condition("DATA_SOURCE_NOT_FOUND"), {{"provider", provider}}).WithPosition(source);
  }
  if (clauses.cluster_by && clauses.cluster_by->automatic) {
    return UnsupportedFeature("CLUSTER BY AUTO", at);
  }
  if (clauses.cluster_by && !clauses.cluster_by->none && clauses.has_partitioned_by) {
    return Error(Condition("SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED"))
        .WithPosition(at);
  }
  if (clauses.row_filter) return UnsupportedFeature("WITH ROW FILTER", at);
  if (!clauses.options.empty()) return UnsupportedFeature("CREATE TABLE OPTIONS", at);
  if (!clauses.unsupported.empty()) return UnsupportedFeature(clauses.unsupported[0], at);
  return {};
}

/// Properties that new tables get by SET spark.databricks.delta.properties.defaults.NAME = value.
void AddDefaultProperties(const SessionState& session, delta::Metadata& metadata) {
  constexpr std::string_view kPrefix = "spark.databricks.delta.properties.defaults.";
  for (const auto& [key, value] : session.settings) {
    if (!key.starts_with(kPrefix)) continue;
    metadata.configuration.emplace("delta." + key.substr(kPrefix.size()), value);
  }
}

Result<Creation> Plan(StatementScope& scope, const sql::CreateTable& statement) {
  Creation creation;
  creation.operation = OperationName(statement);
  creation.managed = !statement.clauses.location;
  if (!statement.like.empty()) {
    TARN_ASSIGN(TableTarget like,
                scope.FindTable(statement.like, Purpose::kRead, "CREATE TABLE LIKE"));
    TARN_ASSIGN(auto snapshot, scope.PinLatest(like.root));
    creation.metadata.schema = snapshot->schema();
    creation.metadata.partition_columns = snapshot->metadata().partition_columns;
  }
  if (statement.clone) {
    TARN_ASSIGN(creation.origin, FindCloneOrigin(scope, *statement.clone));
    creation.metadata = CloneMetadata(*creation.origin->snapshot);
  }
  TARN_ASSIGN(DefinedColumns defined, DefineColumns(scope, statement));
  if (statement.has_columns) creation.metadata.schema = std::move(defined.schema);
  if (statement.query) {
    TARN_ASSIGN(creation.query,
                analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
    if (!statement.has_columns) {
      TARN_ASSIGN(creation.metadata.schema,
                  SchemaOfQuery(*creation.query, statement.query->source));
    }
  }
  if (statement.clauses.has_partitioned_by) {
    TARN_TRY(DefinePartitions(statement.clauses.partitioned_by, creation.metadata));
  }
  TARN_TRY(RequireExpressions(scope, statement, creation.metadata.schema));
  if (statement.clauses.cluster_by) {
    TARN_ASSIGN(creation.clustering,
                ColumnPaths(creation.metadata.schema, statement.clauses.cluster_by->columns));
    if (statement.clauses.cluster_by->none) creation.clustering.reset();
  }
  if (statement.clauses.comment || !statement.clone) {
    creation.metadata.description = statement.clauses.comment.value_or("");
  }
  TARN_TRY(RefuseWriterProperties(statement.clauses.properties));
  for (const sql::Property& property : statement.clauses.properties) {
    creation.metadata.configuration[property.key] = property.value;
  }
  AddDefaultProperties(scope.session(), creation.metadata);
  for (auto& [name, text] : defined.checks) {
    creation.metadata.configuration[kConstraintPrefix + FoldName(name)] = std::move(text);
  }
  return creation;
}

/// Fills the transaction: metadata and, for CTAS, the written files, which are returned too.
Result<std::vector<delta::AddFile>> Fill(StatementScope& scope, Creation& creation,
                                         const std::string& root, const std::string& display,
                                         const delta::Snapshot* existing,
                                         delta::Transaction& transaction) {
  if (creation.clustering) RequireClustering(creation.metadata);
  TARN_TRY(transaction.SetMetadata(creation.metadata));
  if (creation.clustering) {
    TARN_ASSIGN(delta::DomainMetadata domain,
                delta::ClusteringDomain(transaction.metadata(), *creation.clustering));
    transaction.SetDomainMetadata(std::move(domain));
  }
  std::map<std::string, std::string> parameters;
  parameters["partitionBy"] = NameList(creation.metadata.partition_columns);
  parameters["clusterBy"] =
      ColumnsJson(creation.clustering.value_or(std::vector<delta::ColumnPath>()));
  parameters["isManaged"] = creation.managed ? "true" : "false";
  parameters["properties"] = PropertyObject(transaction.metadata().configuration);
  if (!creation.metadata.description.empty()) {
    parameters["description"] = creation.metadata.description;
  }
  transaction.SetOperation(creation.operation, std::move(parameters));
  std::vector<delta::AddFile> files;
  if (creation.origin) {
    auto cloned = CloneFiles(scope, *creation.origin, root, existing, transaction, files);
    if (!cloned.ok()) {
      RemoveUnusedFiles(scope, root, files);
      return std::move(cloned).error();
    }
    creation.cloned = *cloned;
    return files;
  }
  if (!creation.query) return files;
  const delta::Metadata& metadata = transaction.metadata();
  TARN_ASSIGN(delta::TableConstraints constraints, delta::ConstraintsOf(metadata));
  TARN_ASSIGN(ColumnMatch match,
              MatchByPosition(*creation.query, metadata.schema, {}, display, {}));
  TARN_ASSIGN(plan::Query query, ConformToTable(scope, std::move(*creation.query), match, metadata,
                                                constraints, display));
  TARN_ASSIGN(engine::WriteResult written,
              scope.rooms().engine().Write(scope.request(), query, WriteTargetOf(root, metadata),
                                           scope.EngineView()));
  files = written.files;
  AddFiles(transaction, std::move(written));
  if (existing != nullptr) CountRemoved(transaction, existing->files());
  return files;
}

/// Fills and commits. What was written goes again unless it was, or may have been, committed.
Result<Answer> FillAndCommit(StatementScope& scope, Creation& creation, const TableTarget& target,
                             const delta::Snapshot* existing, delta::Transaction& transaction) {
  TARN_ASSIGN(const std::vector<delta::AddFile> files,
              Fill(scope, creation, target.root, target.display, existing, transaction));
  auto committed = CommitAndPublish(scope, target, transaction);
  if (committed.ok()) return creation.origin ? CloneAnswer(creation.cloned) : NothingToShow();
  if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
    RemoveUnusedFiles(scope, target.root, files);
  }
  return std::move(committed).error();
}

Result<Answer> Replace(StatementScope& scope, Creation& creation, const TableTarget& target) {
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  if (creation.origin) {
    transaction.ReadWholeTable();
    transaction.SetWriteKind(delta::WriteKind::kReplace);
  } else {
    transaction.RemoveAll();
  }
  if (snapshot->TransactionVersion(kCopyIntoApplication)) {
    transaction.SetTransactionVersion(kCopyIntoApplication, -1);
  }
  if (const auto old = snapshot->domains().find(delta::kClusteringDomain);
      old != snapshot->domains().end() && !creation.clustering && !creation.origin) {
    transaction.SetDomainMetadata({old->first, old->second.configuration, true});
  }
  return FillAndCommit(scope, creation, target, snapshot.get(), transaction);
}

/// A table over an existing Delta table at a location: the log decides.
Result<Answer> Adopt(StatementScope& scope, const sql::CreateTable& statement,
                     const Creation& creation, const catalog::PendingTable& pending,
                     std::shared_ptr<const delta::Snapshot> snapshot) {
  if (statement.query) {
    return Error(Condition("PATH_ALREADY_EXISTS"), {{"path", pending.location}})
        .WithPosition(statement.name.source)
        .WithHint("There is a Delta table there already; create it without AS and INSERT into it.");
  }
  if (statement.has_columns &&
      !creation.metadata.schema.AsStruct().EquivalentTo(snapshot->schema().AsStruct())) {
    return Error(Condition("DELTA_CREATE_TABLE_SCHEME_MISMATCH"),
                 {{"table", pending.location},
                  {"detail", "it has " + snapshot->schema().AsStruct().ToString()}})
        .WithPosition(statement.name.source);
  }
  TARN_TRY(scope.rooms().catalog().PublishTable(
      scope.request(), pending, TableContents(snapshot->metadata(), snapshot->version())));
  return NothingToShow();
}

Error NoSchema(const sql::CreateTable& statement) {
  return Error(Condition("DELTA_SCHEMA_NOT_PROVIDED"), {{"table", sql::ToSql(statement.name)}})
      .WithPosition(statement.name.source);
}

Result<Answer> FillAndPublish(StatementScope& scope, const sql::CreateTable& statement,
                              Creation& creation, const catalog::PendingTable& pending) {
  if (statement.clauses.location) {
    auto existing = scope.rooms().snapshots().Latest(scope.request(), pending.location);
    if (existing.ok()) return Adopt(scope, statement, creation, pending, *existing);
    if (existing.error().condition() != Condition("DELTA_TABLE_NOT_FOUND")) {
      return std::move(existing).error();
    }
  }
  if (creation.metadata.schema.fields.empty()) return NoSchema(statement);
  TARN_ASSIGN(delta::Transaction transaction, BeginCreation(scope, pending.location));
  TARN_TRY(
      Fill(scope, creation, pending.location, sql::ToSql(statement.name), nullptr, transaction));
  TARN_ASSIGN(delta::Committed committed, CommitChange(scope, pending.location, transaction));
  TARN_TRY(scope.rooms().catalog().PublishTable(
      scope.request(), pending, TableContents(transaction.metadata(), committed.version)));
  return creation.origin ? CloneAnswer(creation.cloned) : NothingToShow();
}

/// Whether IF NOT EXISTS finds the table there. `missing`: why there is none, nullptr if there is
/// one. Errors: that there is one for CREATE, that there is none for REPLACE.
Result<bool> IsDone(const sql::CreateTable& statement, std::string name, const Error* missing) {
  const sql::CreateMode mode = statement.mode;
  if (missing != nullptr) {
    if (mode != sql::CreateMode::kReplace) return false;
    return Error(*missing).WithDefaultPosition(statement.name.source);
  }
  if (mode != sql::CreateMode::kCreate) return mode == sql::CreateMode::kCreateIfNotExists;
  return Error(Condition("TABLE_OR_VIEW_ALREADY_EXISTS"), {{"relationName", std::move(name)}})
      .WithPosition(statement.name.source);
}

/// CREATE TABLE delta.`/path`: a table that no catalog knows.
Result<Answer> CreateAtPath(StatementScope& scope, const sql::CreateTable& statement,
                            const TableTarget& target) {
  if (statement.clauses.location) {
    return UnsupportedFeature("LOCATION of a table that is named by its path",
                              statement.name.source);
  }
  auto existing = scope.rooms().snapshots().Latest(scope.request(), target.root);
  const bool exists = existing.ok();
  if (!exists && !existing.error().IsOneOf(
                     {Condition("DELTA_TABLE_NOT_FOUND"), Condition("PATH_NOT_FOUND")})) {
    return std::move(existing).error();
  }
  TARN_ASSIGN(const bool done,
              IsDone(statement, target.display, exists ? nullptr : &existing.error()));
  if (done) return NothingToShow();
  TARN_ASSIGN(Creation creation, Plan(scope, statement));
  creation.managed = false;
  if (exists) return Replace(scope, creation, target);
  if (creation.metadata.schema.fields.empty()) return NoSchema(statement);
  if (!io::IsRemote(target.root)) {
    TARN_TRY(io::OpenLocalStore(target.root, io::LinkPolicy::kBeneath, /*create=*/true));
  }
  TARN_ASSIGN(delta::Transaction transaction, BeginCreation(scope, target.root));
  return FillAndCommit(scope, creation, target, nullptr, transaction);
}

/// Creates, replaces or keeps what the name stands for now.
Result<Answer> CreateOnce(StatementScope& scope, const sql::CreateTable& statement) {
  TARN_ASSIGN(const std::vector<std::string> parts, scope.NameParts(statement.name));
  const auto at_path = scope.PathTable(parts);
  if (!at_path.ok()) return Error(at_path.error()).WithDefaultPosition(statement.name.source);
  if (*at_path) return CreateAtPath(scope, statement, **at_path);
  catalog::Catalog& catalog = scope.rooms().catalog();
  catalog::TableDefinition definition;
  TARN_ASSIGN(definition.name, scope.QualifiedName(statement.name));
  auto existing = catalog.LookupRelation(scope.request(), definition.name, Purpose::kCreate);
  const bool exists = existing.ok();
  if (!exists && existing.error().condition() != Condition("TABLE_OR_VIEW_NOT_FOUND")) {
    return std::move(existing).error().WithDefaultPosition(statement.name.source);
  }
  TARN_ASSIGN(const bool done,
              IsDone(statement, definition.name.ToSql(), exists ? nullptr : &existing.error()));
  if (done) return NothingToShow();
  TARN_ASSIGN(Creation creation, Plan(scope, statement));
  if (exists) {
    TARN_ASSIGN(TableTarget target,
                scope.FindTable(statement.name, Purpose::kWrite, "CREATE OR REPLACE TABLE"));
    return Replace(scope, creation, target);
  }
  if (statement.clauses.location) {
    TARN_ASSIGN(definition.location, scope.AllowedPath(*statement.clauses.location));
  }
  definition.comment = statement.clauses.comment.value_or("");
  auto pending = catalog.BeginCreateTable(scope.request(), definition);
  if (!pending.ok()) {
    return std::move(pending).error().WithDefaultPosition(statement.name.source);
  }
  auto answer = FillAndPublish(scope, statement, creation, *pending);
  if (!answer.ok()) {
    // Also when the statement was cancelled: nothing of it may stay.
    RequestContext context = scope.request();
    context.cancellation = std::make_shared<CancellationToken>();
    context.deadline_us = std::numeric_limits<int64_t>::max();
    scope.rooms().snapshots().Forget(pending->location);
    (void)catalog.AbortTable(context, *pending);
    return std::move(answer).error().WithDefaultPosition(statement.name.source);
  }
  return answer;
}

}  // namespace

Result<Answer> RunCreateTable(StatementScope& scope, const sql::CreateTable& statement) {
  constexpr int kTriesMax = 10;
  TARN_TRY(CheckSupported(statement));
  auto answer = CreateOnce(scope, statement);
  if (statement.mode == sql::CreateMode::kCreate) return answer;
  // Another session was faster with this name: then IF NOT EXISTS and OR REPLACE find its table.
  for (int i = 1; i < kTriesMax && !answer.ok(); ++i) {
    if (answer.error().condition() != Condition("TABLE_OR_VIEW_ALREADY_EXISTS")) break;
    answer = CreateOnce(scope, statement);
  }
  return answer;
}

}  // namespace tarn::session
