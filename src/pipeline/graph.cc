#include "tarn/pipeline/graph.h"

#include <algorithm>

#include "auto_cdc.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/delta/change_feed.h"
#include "tarn/io/sub_store.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/script.h"
#include "trigger_interval.h"

namespace tarn::pipeline {

namespace {

plan::Relation EmptyRelation(std::string name, Schema schema) {
  plan::Relation relation;
  relation.name = std::move(name);
  relation.schema = std::move(schema);
  relation.source = plan::RowsRelation{};
  return relation;
}

enum class Progress : uint8_t { kNew, kActive, kDone, kFailed };

/// Analyses a dataset when another one asks for its columns, so inputs come first and a circle
/// shows as a question to a dataset that is still being answered.
class GraphBuilder {
 public:
  GraphBuilder(const RequestContext& context, session::Session& session,
               stream::SourceOpener& sources, CheckpointFinder& checkpoints,
               const Definitions& definitions)
      : context_(context),
        session_(session),
        sources_(sources),
        checkpoints_(checkpoints),
        definitions_(definitions),
        progress_(definitions.datasets().size(), Progress::kNew) {
    for (const DatasetDefinition& dataset : definitions.datasets()) {
      graph_.nodes.emplace_back().definition = &dataset;
    }
    graph_.problems = definitions.problems();
  }

  Graph Build() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (progress_[i] == Progress::kNew) (void)Settle(i);
    }
    return std::move(graph_);
  }

 private:
  /// What one flow's query sees while it is analysed.
  class Environment final : public analyze::FlowEnvironment {
   public:
    Environment(GraphBuilder& builder, size_t node, std::shared_ptr<io::ObjectStore> checkpoint)
        : builder_(builder), node_(node), checkpoint_(std::move(checkpoint)) {}

    Result<std::vector<plan::Relation>> OpenStream(
        const RequestContext& context, const analyze::StreamReference& stream) override {
      streams = true;
      if (!stream.table.empty()) {
        const catalog::ObjectName name{stream.table[0], stream.table[1], stream.table[2]};
        TARN_ASSIGN(auto dataset, FindDataset(context, name));
        if (dataset) {
          if (stream.change_feed) {
            dataset->schema = delta::WithFeedColumns(std::move(dataset->schema));
          }
          return std::vector{*std::move(dataset)};
        }
        builder_.graph_.nodes[node_].externals.push_back(name.ToString());
      } else {
        builder_.graph_.nodes[node_].externals.push_back(
            builder_.definitions_.redactor().Redacted(stream.files->path));
      }
      std::shared_ptr<io::ObjectStore> state;
      if (checkpoint_) {
        state = io::NewSubStore(checkpoint_, catalog::SourceStatePath(stream.ordinal));
      }
      TARN_ASSIGN(const auto source,
                  builder_.sources_.Open(context, stream, std::move(state), true));
      return std::vector{EmptyRelation(source->description(), source->schema())};
    }

    Result<std::optional<plan::Relation>> FindDataset(const RequestContext& context,
                                                      const catalog::ObjectName& name) override {
      const DatasetDefinition* found = builder_.definitions_.Find(name);
      // A temporary view has no schema: its name alone, which the session knows, stands for its
      // text.
      if (found == nullptr || found->kind == DatasetKind::kTemporaryView) {
        return std::optional<plan::Relation>();
      }
      const size_t input = builder_.IndexOf(*found);
      builder_.graph_.nodes[node_].inputs.insert(input);
      inputs.insert(input);
      TARN_TRY(builder_.Settle(input));
      return std::optional(EmptyRelation(name.ToString(), builder_.graph_.nodes[input].schema));
    }

    bool KnowsLiveNames() const override {
      return builder_.graph_.nodes[node_].definition->kind != DatasetKind::kView;
    }

    bool streams = false;
    std::set<size_t> inputs;

   private:
    GraphBuilder& builder_;
    const size_t node_;
    std::shared_ptr<io::ObjectStore> checkpoint_;
  };

  size_t IndexOf(const DatasetDefinition& dataset) const {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].definition == &dataset) return i;
    }
    return graph_.nodes.size();
  }

  /// The columns of a dataset; a failure that was told already is told no more.
  Status Settle(size_t index) {
    const DatasetDefinition& dataset = *graph_.nodes[index].definition;
    switch (progress_[index]) {
      case Progress::kDone:
        return {};
      case Progress::kActive:
        return Circle(index);
      case Progress::kFailed:
        return Error(Condition("PIPELINE_INPUT_FAILED"), {{"dataset", dataset.name.ToString()}});
      case Progress::kNew:
        break;
    }
    progress_[index] = Progress::kActive;
    path_.push_back(index);
    const Status status = Describe(index);
    path_.pop_back();
    progress_[index] = status.ok() ? Progress::kDone : Progress::kFailed;
    if (status.ok()) graph_.order.push_back(index);
    return status;
  }

  Status Describe(size_t index) {
    Node& node = graph_.nodes[index];
    const DatasetDefinition& dataset = *node.definition;
    if (dataset.flows.empty() && (dataset.columns == nullptr || dataset.columns->empty())) {
      return Tell(*dataset.statement, Error(Condition("PIPELINE_TABLE_WITHOUT_FLOW"),
                                            {{"dataset", dataset.name.ToString()}}));
    }
    Schema from_flows;
    for (const FlowDefinition& flow : dataset.flows) {
      Environment environment(*this, index, checkpoints_.Newest(dataset, flow));
      // What is published is read where the pipeline's own names mean nothing.
      const bool published = dataset.kind == DatasetKind::kView;
      session::SetTemporaryViews(session_, published ? std::vector<analyze::TemporaryView>()
                                                     : TemporaryViewsOf(definitions_));
      auto columns = session::DescribeFlow(
          session_, context_,
          {flow.statement->text, flow.query, &environment, flow.catalog, flow.schema});
      if (!columns.ok()) {
        Error error = std::move(columns).error();
        if (published && error.condition() == Condition("TABLE_OR_VIEW_NOT_FOUND")) {
          error = std::move(error).WithHint(
              "A view in the catalog can't read temporary views or LIVE names of its pipeline: "
              "write CREATE TEMPORARY VIEW, or the names as the catalog has them.");
        }
        return Tell(*flow.statement, std::move(error));
      }
      node.streaming.push_back(environment.streams);
      node.flow_inputs.push_back(std::move(environment.inputs));
      TARN_TRY(CheckStreaming(dataset, flow, environment.streams));
      if (flow.auto_cdc != nullptr) {
        columns =
            ColumnsOfAutoCdc(session_, context_, flow.statement->text, *flow.auto_cdc, *columns);
        if (!columns.ok()) return Tell(*flow.statement, std::move(columns).error());
      }
      for (const Field& field : columns->fields) {
        if (from_flows.Find(field.name) < 0) from_flows.fields.push_back(field);
      }
    }
    auto interval = TriggerIntervalUs({}, &dataset);
    if (!interval.ok()) return Tell(*dataset.statement, std::move(interval).error());
    auto schema = session::SchemaOfDataset(session_, context_, TableOf(dataset), from_flows,
                                           dataset.expectations);
    if (!schema.ok()) return Tell(*dataset.statement, std::move(schema).error());
    node.schema = *std::move(schema);
    return CheckNames(dataset, node.schema);
  }

  /// A secret without an alias would name a column, which is stored and shown.
  Status CheckNames(const DatasetDefinition& dataset, const Schema& schema) {
    for (const FlowDefinition& flow : dataset.flows) {
      if (flow.statement->secrets.empty()) continue;
      for (const Field& field : schema.fields) {
        if (!definitions_.redactor().IsIn(field.name + " " + field.type.ToSql())) continue;
        return Tell(*flow.statement,
                    UnsupportedFeature("{{secrets/…}} in the name of a column", flow.query->source)
                        .WithHint("Give the column a name: … AS name."));
      }
    }
    return {};
  }

  Status CheckStreaming(const DatasetDefinition& dataset, const FlowDefinition& flow,
                        bool streams) {
    if (dataset.kind == DatasetKind::kStreamingTable && !streams && !flow.once) {
      return Tell(*flow.statement,
                  Error(Condition("PIPELINE_FLOW_NOT_STREAMING"),
                        {{"flow", flow.name}, {"dataset", dataset.name.ToString()}})
                      .WithPosition(flow.query->source));
    }
    if (flow.once && streams) {
      return Tell(*flow.statement,
                  UnsupportedFeature("STREAM in INSERT INTO ONCE", flow.query->source));
    }
    if (dataset.kind == DatasetKind::kView && streams) {
      return Tell(*flow.statement,
                  UnsupportedFeature("STREAM in a view of the catalog", flow.query->source));
    }
    if (dataset.kind == DatasetKind::kMaterializedView && streams) {
      return Tell(*flow.statement, Error(Condition("PIPELINE_VIEW_READS_STREAM"),
                                         {{"dataset", dataset.name.ToString()}})
                                       .WithPosition(flow.query->source));
    }
    return {};
  }

  Error Circle(size_t index) const {
    std::string names;
    const auto begin = std::find(path_.begin(), path_.end(), index);
    for (auto at = begin; at != path_.end(); ++at) {
      names += graph_.nodes[*at].definition->name.ToString() + " → ";
    }
    return Error(Condition("PIPELINE_CIRCULAR_DEPENDENCY"),
                 {{"path", names + graph_.nodes[index].definition->name.ToString()}});
  }

  /// Notes an error at its place in the file; what a failed input brings about is no news.
  Error Tell(const SourceStatement& statement, Error error) {
    if (error.condition() != Condition("PIPELINE_INPUT_FAILED")) {
      graph_.problems.push_back(ProblemOf(statement, std::move(error)));
    }
    return Error(Condition("PIPELINE_INPUT_FAILED"), {{"dataset", statement.file}});
  }

  const RequestContext& context_;
  session::Session& session_;
  stream::SourceOpener& sources_;
  CheckpointFinder& checkpoints_;
  const Definitions& definitions_;
  Graph graph_;
  std::vector<Progress> progress_;
  std::vector<size_t> path_;
};

}  // namespace

session::Dataset TableOf(const DatasetDefinition& dataset) {
  session::Dataset table;
  table.name = dataset.name;
  table.materialized_view = dataset.kind == DatasetKind::kMaterializedView;
  table.is_private = dataset.is_private;
  table.text = dataset.statement->text;
  table.columns = dataset.columns;
  table.constraints = dataset.constraints;
  table.clauses = dataset.clauses;
  return table;
}

std::vector<analyze::TemporaryView> TemporaryViewsOf(const Definitions& definitions) {
  std::vector<analyze::TemporaryView> views;
  for (const DatasetDefinition& dataset : definitions.datasets()) {
    if (dataset.kind != DatasetKind::kTemporaryView) continue;
    analyze::TemporaryView view;
    view.name = dataset.name.object;
    view.catalog = dataset.flows[0].catalog;
    view.schema = dataset.flows[0].schema;
    view.text = sql::Slice(dataset.statement->text, dataset.flows[0].query->source);
    if (dataset.columns != nullptr) {
      for (const sql::ColumnDefinition& column : *dataset.columns) {
        view.column_names.push_back(column.name.back().text);
      }
    }
    for (const session::Expectation& expectation : dataset.expectations) {
      view.checks.push_back(
          {expectation.name, expectation.condition, expectation.on_violation, dataset.name.object});
    }
    views.push_back(std::move(view));
  }
  return views;
}

Graph Analyse(const RequestContext& context, session::Session& session,
              stream::SourceOpener& sources, CheckpointFinder& checkpoints,
              const Definitions& definitions) {
  return GraphBuilder(context, session, sources, checkpoints, definitions).Build();
}

}  // namespace tarn::pipeline
