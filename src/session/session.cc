#include "tarn/session/session.h"

#include "open_transaction.h"
#include "rooms.h"
#include "session_state.h"
#include "statement_scope.h"
#include "statements.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

/// After a statement failed, the transaction that it was part of can only be rolled back.
void AbortTransaction(SessionState& session, const Error& reason) {
  if (session.transaction != nullptr) session.transaction->Abort(reason);
}

/// A statement's rows with all that must live as long as they do; writes the history when they end.
class RecordedStream : public engine::ResultStream {
 public:
  RecordedStream(std::unique_ptr<StatementScope> scope, std::unique_ptr<Parameters> parameters,
                 Answer rows, catalog::StatementRecord record)
      : scope_(std::move(scope)),
        parameters_(std::move(parameters)),
        rows_(std::move(rows)),
        record_(std::move(record)) {}

  ~RecordedStream() override { Record(nullptr); }

  const std::vector<plan::OutputColumn>& columns() const override { return rows_->columns(); }
  Result<std::vector<std::vector<Value>>> Next() override { return Watched(rows_->Next()); }
  Result<std::vector<std::vector<std::optional<std::string>>>> NextRendered() override {
    return Watched(rows_->NextRendered());
  }
  engine::ExecutionStats Stats() const override { return rows_->Stats(); }

 private:
  template <typename T>
  Result<T> Watched(Result<T> batch) {
    if (!batch.ok()) {
      AbortTransaction(scope_->session(), batch.error());
      Record(&batch.error());
    } else if (batch->empty()) {
      Record(nullptr);
    }
    return batch;
  }

  void Record(const Error* error) {
    if (recorded_) return;
    recorded_ = true;
    const engine::ExecutionStats stats = rows_->Stats();
    record_.rows = stats.rows_produced;
    record_.files_read = stats.files_read;
    record_.files_pruned = stats.files_pruned;
    record_.bytes_read = stats.bytes_read;
    record_.peak_memory_bytes = stats.peak_memory_bytes;
    RecordStatement(*scope_, record_, error);
  }

 public:
  /// The history is a convenience: its failure doesn't fail the statement.
  static void RecordStatement(StatementScope& scope, catalog::StatementRecord& record,
                              const Error* error) {
    if (error != nullptr) {
      record.condition = error->name();
      record.message = error->message();
    }
    record.duration_us = scope.request().clock->NowMicros() - record.started_us;
    RequestContext context = scope.request();
    context.cancellation = std::make_shared<CancellationToken>();
    (void)scope.rooms().lake().history().Record(context, record);
  }

 private:
  std::unique_ptr<StatementScope> scope_;
  std::unique_ptr<Parameters> parameters_;
  Answer rows_;
  catalog::StatementRecord record_;
  bool recorded_ = false;
};

}  // namespace

Session::Session(Instance& instance, SessionOptions options)
    : state_(std::make_unique<SessionState>(instance, std::move(options))) {}

Session::~Session() = default;

SessionState::SessionState(Instance& instance, SessionOptions given)
    : rooms(instance.rooms()), options(std::move(given)) {}
SessionState::~SessionState() = default;

bool Session::in_transaction() const { return state_->transaction != nullptr; }

const std::string& Session::current_catalog() const { return state_->current_catalog; }
const std::string& Session::current_schema() const { return state_->current_schema; }
const std::string& Session::session_zone() const { return state_->session_zone; }

double Session::Progress(const RequestContext& context) const {
  return state_->rooms.engine().Progress(context);
}

namespace {

void AddRelations(const catalog::Catalog& catalog, const RequestContext& context,
                  const std::string& in_catalog, const std::string& schema,
                  std::vector<std::string>& names) {
  if (auto tables = catalog.ListTables(context, in_catalog, schema); tables.ok()) {
    for (const auto& table : *tables) names.push_back(QuoteIfNeeded(table->name.object));
  }
  if (auto views = catalog.ListViews(context, in_catalog, schema); views.ok()) {
    for (const auto& view : *views) names.push_back(QuoteIfNeeded(view->name.object));
  }
}

void AddSchemas(const catalog::Catalog& catalog, const RequestContext& context,
                const std::string& in_catalog, std::vector<std::string>& names) {
  auto schemas = catalog.ListSchemas(context, in_catalog);
  if (!schemas.ok()) return;
  for (const auto& schema : *schemas) names.push_back(QuoteIfNeeded(schema->name));
}

}  // namespace

std::vector<std::string> Session::NamesUnder(const std::vector<std::string>& parents) const {
  const RequestContext context = NewContext();
  const catalog::Catalog& catalog = state_->rooms.catalog();
  const std::string& current = state_->current_catalog;
  std::vector<std::string> names;
  if (parents.size() == 2) {
    AddRelations(catalog, context, parents[0], parents[1], names);
    return names;
  }
  if (parents.size() == 1) {
    AddRelations(catalog, context, current, parents[0], names);
    AddSchemas(catalog, context, parents[0], names);
    return names;
  }
  if (!parents.empty()) return names;
  for (const analyze::TemporaryView& view : state_->temporary_views) {
    names.push_back(QuoteIfNeeded(view.name));
  }
  for (const analyze::Variable& variable : state_->variables) {
    names.push_back(QuoteIfNeeded(variable.name));
  }
  AddRelations(catalog, context, current, state_->current_schema, names);
  AddSchemas(catalog, context, current, names);
  if (auto catalogs = catalog.ListCatalogs(context); catalogs.ok()) {
    for (const auto& found : *catalogs) names.push_back(QuoteIfNeeded(found->name));
  }
  return names;
}

RequestContext Session::NewContext() const {
  RequestContext context;
  context.principal = state_->options.principal;
  context.request_id = SystemIds().NewUuid();
  if (state_->options.statement_timeout_ms > 0) {
    context.timeout_ms = state_->options.statement_timeout_ms;
    context.deadline_us = context.clock->SteadyMicros() + context.timeout_ms * 1000;
  }
  return context;
}

Result<StatementResult> Session::Execute(const RequestContext& context, std::string_view statement,
                                         const Parameters& parameters) {
  auto kept = std::make_unique<Parameters>(parameters);
  auto scope = std::make_unique<StatementScope>(context, *state_, *kept, statement);
  catalog::StatementRecord record;
  record.id = context.request_id;
  record.principal = context.principal;
  record.text = statement;
  record.started_us = context.clock->NowMicros();
  auto parsed = sql::ParseStatement(statement);
  if (!parsed.ok()) {
    AbortTransaction(*state_, parsed.error());
    RecordedStream::RecordStatement(*scope, record, &parsed.error());
    return std::move(parsed).error();
  }
  record.kind = sql::StatementName(*parsed);
  auto answer = RunStatement(*scope, *parsed);
  if (!answer.ok()) {
    AbortTransaction(*state_, answer.error());
    RecordedStream::RecordStatement(*scope, record, &answer.error());
    return std::move(answer).error();
  }
  StatementResult result;
  result.statement_name = record.kind;
  result.rows = std::make_unique<RecordedStream>(std::move(scope), std::move(kept),
                                                 std::move(*answer), std::move(record));
  return result;
}

}  // namespace tarn::session
