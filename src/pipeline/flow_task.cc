#include "flow_task.h"

#include <algorithm>

#include "tarn/catalog/pipelines.h"
#include "tarn/delta/type_widening.h"
#include "tarn/io/sub_store.h"
#include "tarn/sql/parser.h"

namespace tarn::pipeline {

namespace {

/// Rows that came but weren't written: each expectation saw all of them.
int64_t DroppedOf(const std::vector<engine::CheckCount>& counts, int64_t written) {
  return counts.empty() ? 0 : counts[0].passed + counts[0].failed - written;
}

/// What the expectations of a dataset, and those of the views that its flow read, counted.
std::vector<ExpectationResult> Counted(const DatasetDefinition& dataset,
                                       const std::vector<engine::CheckCount>& counts,
                                       const engine::CheckedViews& views) {
  std::vector<ExpectationResult> results;
  for (size_t i = 0; i < counts.size(); ++i) {
    const session::Expectation& expectation = dataset.expectations[i];
    results.push_back({dataset.name.ToString(), expectation.name, expectation.on_violation,
                       counts[i].passed, counts[i].failed});
  }
  for (const auto& [check, count] : views.checks) {
    AddCounts({check.dataset, check.name, check.on_violation, count.passed, count.failed},
              &results);
  }
  return results;
}

/// A query that reads its pipeline's datasets as the tables that they are, and no stream.
class BatchEnvironment final : public analyze::FlowEnvironment {
 public:
  Result<std::vector<plan::Relation>> OpenStream(const RequestContext& context,
                                                 const analyze::StreamReference& stream) override {
    return UnsupportedFeature("STREAM in a materialized view");
  }
};

session::FlowQuery QueryOf(const FlowDefinition& flow) {
  return {flow.statement->text, flow.query, nullptr, flow.catalog, flow.schema};
}

}  // namespace

void AddCounts(const ExpectationResult& counted, std::vector<ExpectationResult>* results) {
  for (ExpectationResult& result : *results) {
    if (result.dataset != counted.dataset || result.name != counted.name) continue;
    result.passed += counted.passed;
    result.failed += counted.failed;
    return;
  }
  results->push_back(counted);
}

std::shared_ptr<io::ObjectStore> CheckpointFolder(std::shared_ptr<io::ObjectStore> pipeline,
                                                  const DatasetDefinition& dataset,
                                                  const FlowDefinition& flow) {
  return io::NewSubStore(std::move(pipeline),
                         catalog::CheckpointPath(dataset.name.ToString(), flow.name));
}

session::Dataset FlowWorker::OwnedTable(const DatasetDefinition& dataset) const {
  session::Dataset table = TableOf(dataset);
  table.properties[catalog::kPipelineIdProperty] = pipeline_id_;
  table.properties[catalog::kDatasetTypeProperty] = NameOf(dataset.kind);
  return table;
}

std::string FlowWorker::FlowId(const DatasetDefinition& dataset, const FlowDefinition& flow) const {
  return pipeline_id_ + "/" + catalog::CheckpointPath(dataset.name.ToString(), flow.name).str();
}

Status FlowWorker::Run(const RequestContext& context, const FlowTask& task,
                       const std::function<void(const FlowBatch&)>& on_batch) {
  switch (task.table->node->definition->kind) {
    case DatasetKind::kStreamingTable:
      return RunBatches(context, task, on_batch);
    case DatasetKind::kMaterializedView:
      return Refresh(context, task, on_batch);
    case DatasetKind::kView:
      return PublishView(context, task);
    case DatasetKind::kTemporaryView:
      return {};
  }
  return {};
}

stream::TableSink FlowWorker::SinkOf(const DatasetDefinition& dataset, const FlowDefinition& flow) {
  return {session_, QueryOf(flow), dataset.name, dataset.expectations};
}

Status FlowWorker::SetUp(const RequestContext& context, TableSetup& table) {
  std::lock_guard lock(table.mutex);
  if (table.done) return {};
  const session::Dataset owned = OwnedTable(*table.node->definition);
  TARN_TRY(table.reset ? Reset(context, *table.node, owned)
                       : session::PrepareDataset(session_, context, owned, table.node->schema));
  table.done = true;
  return {};
}

Status FlowWorker::Reset(const RequestContext& context, const Node& node,
                         const session::Dataset& table) {
  const DatasetDefinition& dataset = *node.definition;
  std::vector<std::string> applications;
  for (const FlowDefinition& flow : dataset.flows) {
    const auto folder = CheckpointFolder(folder_, dataset, flow);
    stream::TableSink sink = SinkOf(dataset, flow);
    TARN_ASSIGN(std::string application,
                stream::FlowRunner::NextApplication(context, FlowId(dataset, flow), sink, *folder));
    applications.push_back(std::move(application));
  }
  Status status = session::ResetDataset(session_, context, table, node.schema, applications);
  if (!status.ok() && status.error().condition() == Condition("TABLE_OR_VIEW_NOT_FOUND")) {
    return session::PrepareDataset(session_, context, table, node.schema);
  }
  return status;
}

/// A source may have columns, or types of them, now that it hadn't when the graph was made.
Status FlowWorker::AddColumns(const RequestContext& context, TableSetup& table,
                              const Schema& columns) {
  const session::Dataset owned = OwnedTable(*table.node->definition);
  TARN_ASSIGN(const Schema wanted, session::SchemaOfDataset(session_, context, owned, columns, {}));
  const bool widens =
      owned.clauses != nullptr &&
      std::ranges::any_of(owned.clauses->properties, [](const sql::Property& property) {
        return property.key == "delta.enableTypeWidening" && SameName(property.value, "true");
      });
  Schema fresh;
  for (const Field& field : wanted.fields) {
    const int known = table.node->schema.Find(field.name);
    const bool grows = known >= 0 && widens &&
                       delta::IsTypeWidening(
                           table.node->schema.fields[static_cast<size_t>(known)].type, field.type);
    if (known < 0 || grows) fresh.fields.push_back(field);
  }
  if (fresh.fields.empty()) return {};
  std::lock_guard lock(table.mutex);
  return session::PrepareDataset(session_, context, owned, fresh);
}

Status FlowWorker::RunBatches(const RequestContext& context, const FlowTask& task,
                              const std::function<void(const FlowBatch&)>& on_batch) {
  const DatasetDefinition& dataset = *task.table->node->definition;
  TARN_TRY(SetUp(context, *task.table));
  stream::Flow flow;
  flow.id = FlowId(dataset, *task.flow);
  flow.name = task.flow->name;
  flow.once = task.flow->once;
  stream::TableSink sink = SinkOf(dataset, *task.flow);
  stream::FlowRunner runner({&sink, &sources_, nullptr}, std::move(flow),
                            CheckpointFolder(folder_, dataset, *task.flow));
  TARN_TRY(runner.Start(context));
  TARN_TRY(AddColumns(context, *task.table, runner.columns()));
  while (!stop_()) {
    TARN_ASSIGN(const std::optional<stream::BatchReport> report, runner.RunBatch(context));
    if (!report) return {};
    if (report->was_there) continue;
    on_batch({static_cast<int64_t>(report->id), report->rows,
              DroppedOf(report->expectations, report->rows) + report->views.dropped,
              report->stats.files_read, report->version,
              Counted(dataset, report->expectations, report->views)});
  }
  return {};
}

Status FlowWorker::Refresh(const RequestContext& context, const FlowTask& task,
                           const std::function<void(const FlowBatch&)>& on_batch) {
  const DatasetDefinition& dataset = *task.table->node->definition;
  TARN_TRY(SetUp(context, *task.table));
  const session::Dataset table = OwnedTable(dataset);
  BatchEnvironment environment;
  session::FlowWrite write;
  write.query = QueryOf(*task.flow);
  write.query.environment = &environment;
  session::FlowInputs inputs;
  if (task.inputs != nullptr) {
    // Looked at before they are read: what changes in between is seen the next time.
    TARN_ASSIGN(inputs, session::InputsOfFlow(session_, context, write.query));
    if (inputs.state && inputs.state == task.inputs->state) return {};
  }
  write.target = dataset.name;
  write.expectations = dataset.expectations;
  write.replaces = &table;
  TARN_ASSIGN(const session::FlowWritten written, session::WriteFlow(session_, context, write));
  on_batch({-1, written.rows, DroppedOf(written.expectations, written.rows) + written.views.dropped,
            written.stats.files_read, written.version,
            Counted(dataset, written.expectations, written.views)});
  if (task.inputs != nullptr) *task.inputs = std::move(inputs);
  return {};
}

Status FlowWorker::PublishView(const RequestContext& context, const FlowTask& task) {
  const FlowDefinition& flow = *task.flow;
  const auto* view = flow.statement->tree->As<sql::CreateView>();
  if (view == nullptr) return InternalError("a view's statement is none");
  return session::PublishView(session_, context, flow.statement->text, *view,
                              task.table->node->definition->name, flow.catalog, flow.schema);
}

}  // namespace tarn::pipeline
