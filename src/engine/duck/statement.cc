#include "duck/statement.h"

#include "duck/errors.h"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "tarn/delta/snapshot.h"
#include "tarn/io/location.h"

namespace tarn::engine::duck {

using duckdb::make_uniq;

StatementState& StatementState::Of(duckdb::ClientContext& context) {
  const auto state = context.registered_state->Get<StatementState>(kKey);
  if (!state) throw duckdb::InternalException("a scan runs outside of a statement");
  return *state;  // the statement holds it
}

void StatementState::LeaveError(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
}

std::optional<Error> StatementState::TakeError() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

Statement::Statement(std::shared_ptr<EngineCore> core, const RequestContext& context,
                     ExecutionSettings settings)
    : core_(std::move(core)),
      context_(context),
      settings_(std::move(settings)),
      connection_(std::make_unique<duckdb::Connection>(*core_->db)),
      files_(core_->gate->Begin(context)),
      state_(duckdb::make_shared_ptr<StatementState>()) {
  connection_->context->registered_state->Insert(StatementState::kKey, state_);
  // The percentage is wanted, never printed.
  connection_->context->config.enable_progress_bar = true;
  connection_->context->config.print_progress_bar = false;
  connection_->context->config.wait_time = 200;
}

Statement::~Statement() {
  Leave();
  connection_.reset();
  core_->gate->End(*files_);
}

Status Statement::Enter() {
  TARN_TRY(core_->admission->Enter(context_));
  entered_ = true;
  core_->watchdog->Add(*this);
  return {};
}

void Statement::Leave() {
  if (entered_) core_->watchdog->Remove(*this);
  result_.reset();
  if (entered_) core_->admission->Leave(context_);
  entered_ = false;
}

Error Statement::Translate(const duckdb::ErrorData& error) const {
  return TranslateError(error, context_, &positions_);
}

Result<duckdb::unique_ptr<duckdb::SelectStatement>> Statement::Lower(const plan::Query& query) {
  query_ = &query;
  for (const plan::Relation& relation : query.relations) PlanReads(relation);
  using Lowered = Result<duckdb::unique_ptr<duckdb::SelectStatement>>;
  return Guarded(context_, nullptr, [&]() -> Lowered {
    Lowering lowering(core_->registry, settings_, *this);
    auto statement = lowering.LowerQuery(*query.root);
    positions_ = lowering.positions();
    return statement;
  });
}

void Statement::PlanReads(const plan::Relation& relation) {
  if (!core_->gate->asserts_opens()) return;
  // A store has its own names for its files; without one a path is absolute.
  const auto plan = [this](const io::ObjectStore* store, const std::string& path) {
    if (store == nullptr) {
      auto location = io::NormalLocation(path);
      if (location.ok()) files_->PlanRead(*std::move(location));
    } else if (const auto below = io::ObjectPath::Parse(path); below.ok()) {
      files_->PlanRead(store->Display(*below));
    }
  };
  if (const auto* delta = std::get_if<plan::DeltaRelation>(&relation.source)) {
    std::shared_ptr<io::ObjectStore> given;
    if (core_->options.open_store) {
      if (auto opened = core_->options.open_store(delta->root); opened.ok()) given = *opened;
    }
    const std::string folder = given ? "" : delta->root + "/";
    const delta::FileSet& set = delta->snapshot->files();
    for (size_t i = 0; i < set.size(); ++i) plan(given.get(), folder + std::string(set.path(i)));
  } else if (const auto* files = std::get_if<plan::FileRelation>(&relation.source)) {
    for (const std::string& path : files->paths) plan(nullptr, path);
  }
}

Status Statement::Start(const plan::Query& query) {
  TARN_TRY(Enter());
  return Begin(query, {});
}

namespace {

// Same values in memory. DuckDB has no type for NULL alone, and names of fields don't matter here.
bool SameShape(const duckdb::LogicalType& found, const DataType& wanted) {
  switch (wanted.id()) {
    case TypeId::kNull:
      return true;
    case TypeId::kArray:
      return found.id() == duckdb::LogicalTypeId::LIST &&
             SameShape(duckdb::ListType::GetChildType(found), wanted.element());
    case TypeId::kMap:
      return found.id() == duckdb::LogicalTypeId::MAP &&
             SameShape(duckdb::MapType::KeyType(found), wanted.key()) &&
             SameShape(duckdb::MapType::ValueType(found), wanted.value());
    case TypeId::kStruct: {
      if (found.id() != duckdb::LogicalTypeId::STRUCT) return false;
      const auto& children = duckdb::StructType::GetChildTypes(found);
      const std::vector<Field>& fields = wanted.fields();
      if (fields.empty()) return children.size() == 1;
      if (children.size() != fields.size()) return false;
      for (size_t i = 0; i < fields.size(); ++i) {
        if (!SameShape(children[i].second, fields[i].type)) return false;
      }
      return true;
    }
    default:
      return found == ToDuckType(wanted);
  }
}

// SELECT CAST(c1 AS …) … FROM (statement): for a function whose type in DuckDB isn't Spark's.
duckdb::unique_ptr<duckdb::SelectStatement> WithCasts(
    duckdb::unique_ptr<duckdb::SelectStatement> statement,
    const std::vector<plan::OutputColumn>& columns, const std::vector<bool>& casts) {
  auto outer = make_uniq<duckdb::SelectNode>();
  auto table = make_uniq<duckdb::SubqueryRef>(std::move(statement), "result");
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = "r" + std::to_string(i);
    table->column_name_alias.push_back(name);
    DuckExpr column = make_uniq<duckdb::ColumnRefExpression>(name);
    if (casts[i]) column = CastNative(std::move(column), ToDuckType(columns[i].type));
    outer->select_list.push_back(std::move(column));
  }
  outer->from_table = std::move(table);
  auto result = make_uniq<duckdb::SelectStatement>();
  result->node = std::move(outer);
  return result;
}

}  // namespace

Status Statement::Begin(const plan::Query& query, const std::vector<bool>& casts) {
  TARN_ASSIGN(auto statement, Lower(query));
  const std::vector<plan::OutputColumn>& columns = query.root->columns;
  if (!casts.empty()) statement = WithCasts(std::move(statement), columns, casts);
  std::vector<bool> wrong(columns.size(), false);
  bool retry = false;
  TARN_TRY(Guarded(context_, &positions_, [&]() -> Status {
    auto pending = connection_->context->PendingQuery(
        std::move(statement), duckdb::QueryResultOutputType::ALLOW_STREAMING);
    if (pending->HasError()) return Translate(pending->GetErrorObject());
    for (size_t i = 0; i < columns.size() && casts.empty(); ++i) {
      wrong[i] = !SameShape(pending->types[i], columns[i].type);
      retry |= wrong[i];
    }
    if (retry) return {};
    result_ = pending->Execute();
    if (result_->HasError()) return Translate(result_->GetErrorObject());
    return {};
  }));
  if (!retry) return {};
  state_->scans.clear();
  state_->checks.clear();
  return Begin(query, wrong);
}

Status Statement::Run(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  return Guarded(context_, &positions_, [&]() -> Status {
    result_ = connection_->context->Query(std::move(statement),
                                          duckdb::QueryResultOutputType::FORCE_MATERIALIZED);
    if (result_->HasError()) return Translate(result_->GetErrorObject());
    return {};
  });
}

Result<duckdb::unique_ptr<duckdb::DataChunk>> Statement::Fetch() {
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
  if (!result_) return chunk;
  TARN_TRY(context_.Check());
  duckdb::ErrorData error;
  if (!result_->TryFetch(chunk, error)) {
    if (!error.HasError()) error = result_->GetErrorObject();
    Error translated = Translate(error);
    result_.reset();
    return translated;
  }
  if (chunk && chunk->size() > 0) {
    rows_ += static_cast<int64_t>(chunk->size());
    return chunk;
  }
  chunk.reset();
  return chunk;
}

double Statement::Progress() const {
  const double percentage = connection_->context->GetQueryProgress().GetPercentage();
  return percentage < 0 ? -1 : percentage / 100;
}

ExecutionStats Statement::Stats() const {
  ExecutionStats stats;
  stats.rows_produced = rows_;
  for (const auto& scan : state_->scans) {
    stats.files_read += scan->counters->files_read;
    stats.files_pruned += scan->counters->pruned();
    stats.files_missing += scan->counters->files_missing;
    stats.files_corrupt += scan->counters->files_corrupt;
  }
  stats.bytes_read = files_->bytes_read;
  stats.peak_memory_bytes = std::max<int64_t>(
      peak_memory_,
      static_cast<int64_t>(
          duckdb::BufferManager::GetBufferManager(*core_->db->instance).GetUsedMemory()));
  return stats;
}

CheckedViews Statement::Views() const {
  CheckedViews views;
  for (const auto& binding : state_->checks) {
    for (size_t i = 0; i < binding->checks.size(); ++i) {
      views.checks.push_back({binding->checks[i], {binding->passed[i], binding->failed[i]}});
    }
    views.dropped += binding->dropped;
  }
  return views;
}

void Statement::Interrupt() { connection_->Interrupt(); }

void Statement::NoteMemory(int64_t bytes) {
  if (bytes > peak_memory_) peak_memory_ = bytes;
}

DuckTable Statement::TableOf(LoweringContext& context, const plan::Node& node,
                             const plan::Scan& scan) {
  const plan::Relation& relation = query_->relation(scan.relation);
  if (const auto* rows = std::get_if<plan::RowsRelation>(&relation.source)) {
    return RowsTable(node, scan, relation, *rows);
  }
  if (const auto* stored = std::get_if<plan::StoredRelation>(&relation.source)) {
    return StoredTable(node, scan, *stored);
  }
  if (const auto* delta = std::get_if<plan::DeltaRelation>(&relation.source)) {
    return DeltaTable(node, scan, relation, *delta);
  }
  return FilesTable(context, node, scan, relation, std::get<plan::FileRelation>(relation.source));
}

size_t Statement::NumberOf(const plan::Check& check) {
  state_->checks.push_back(std::make_shared<CheckBinding>(check.checks));
  return state_->checks.size() - 1;
}

DuckTable Statement::FunctionTable(std::string function, std::unique_ptr<ScanBinding> binding) {
  auto table = make_uniq<duckdb::TableFunctionRef>();
  table->function =
      CallNativeOf(std::move(function),
                   Constant(duckdb::Value::BIGINT(static_cast<int64_t>(state_->scans.size()))));
  state_->scans.push_back(std::move(binding));
  return table;
}

DuckTable Statement::RowsTable(const plan::Node& node, const plan::Scan& scan,
                               const plan::Relation& relation, const plan::RowsRelation& rows) {
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<duckdb::string> names;
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    types.push_back(ToDuckType(node.columns[i].type));
    names.push_back(ColumnName(scan.columns[i].id));
  }
  if (types.empty()) {
    types.push_back(duckdb::LogicalType::BOOLEAN);
    names.push_back("none");
  }
  auto collection = make_uniq<duckdb::ColumnDataCollection>(*connection_->context, types);
  duckdb::DataChunk chunk;
  chunk.Initialize(*connection_->context, types);
  const size_t count = rows.rows ? rows.rows->size() : 0;
  for (size_t row = 0; row < count; ++row) {
    const duckdb::idx_t at = chunk.size();
    for (size_t i = 0; i < scan.columns.size(); ++i) {
      const Value& value = (*rows.rows)[row][static_cast<size_t>(scan.columns[i].field)];
      chunk.SetValue(i, at, value.is_null() ? duckdb::Value(types[i]) : ToDuckValue(value));
    }
    if (scan.columns.empty()) chunk.SetValue(0, at, duckdb::Value::BOOLEAN(true));
    chunk.SetCardinality(at + 1);
    if (chunk.size() == STANDARD_VECTOR_SIZE || row + 1 == count) {
      collection->Append(chunk);
      chunk.Reset();
    }
  }
  return make_uniq<duckdb::ColumnDataRef>(
      duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(std::move(collection)),
      std::move(names));
}

DuckTable Statement::StoredTable(const plan::Node& node, const plan::Scan& scan,
                                 const plan::StoredRelation& stored) {
  StoredRows rows = core_->FindStored(stored.handle);
  if (!rows) throw LoweringFailure{InternalError("unknown stored rows " + stored.handle)};
  duckdb::vector<duckdb::string> names;
  for (size_t i = 0; i < rows->Types().size(); ++i) names.push_back("s" + std::to_string(i));
  auto select = make_uniq<duckdb::SelectNode>();
  for (const plan::Scan::Column& column : scan.columns) {
    auto ref = make_uniq<duckdb::ColumnRefExpression>(names[static_cast<size_t>(column.field)]);
    ref->SetAlias(ColumnName(column.id));
    select->select_list.push_back(std::move(ref));
  }
  if (select->select_list.empty())
    select->select_list.push_back(Constant(duckdb::Value::BOOLEAN(true)));
  select->from_table = make_uniq<duckdb::ColumnDataRef>(
      duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(*rows), std::move(names));
  select->from_table->alias = "stored";
  stored_in_use_.push_back(std::move(rows));
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  return make_uniq<duckdb::SubqueryRef>(std::move(statement));
}

}  // namespace tarn::engine::duck
