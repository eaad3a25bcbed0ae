#include "tarn/pipeline/update.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "continuous.h"
#include "event_log.h"
#include "flow_task.h"
#include "retries.h"
#include "securables.h"
#include "selection.h"
#include "tarn/base/check.h"
#include "tarn/base/random.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/source/session_sources.h"
#include "tarn/stream/trigger.h"
#include "task_graph.h"
#include "trigger_interval.h"
#include "update_events.h"

namespace tarn::pipeline {

namespace {

constexpr int64_t kFirstPauseMs = 50;
/// A table with so many small files (in one partition) gets fewer after an update.
constexpr size_t kSmallFilesMax = 64;
/// So many batches of a continuous update, and its table's small files are looked at.
constexpr int64_t kBatchesPerCompaction = 64;

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// The checkpoints of a pipeline's flows; none for what is to be read again.
class LakeCheckpoints final : public CheckpointFinder {
 public:
  LakeCheckpoints(const RequestContext& context, std::shared_ptr<io::ObjectStore> folder,
                  const Definitions& definitions, const std::vector<Chosen>& chosen)
      : context_(context), folder_(std::move(folder)), definitions_(definitions), chosen_(chosen) {}

  std::shared_ptr<io::ObjectStore> Newest(const DatasetDefinition& dataset,
                                          const FlowDefinition& flow) override {
    if (!folder_) return nullptr;
    for (size_t i = 0; i < chosen_.size(); ++i) {
      if (&definitions_.datasets()[i] == &dataset && chosen_[i].reset) return nullptr;
    }
    // What can't be read is told by the flow when it runs.
    auto newest = stream::NewestCheckpoint(context_, CheckpointFolder(folder_, dataset, flow));
    return newest.ok() ? *std::move(newest) : nullptr;
  }

 private:
  const RequestContext& context_;
  std::shared_ptr<io::ObjectStore> folder_;
  const Definitions& definitions_;
  const std::vector<Chosen>& chosen_;
};

/// A session with the pipeline's views and Spark settings.
Result<std::unique_ptr<session::Session>> NewSession(const RequestContext& context,
                                                     session::Instance& instance,
                                                     const PipelineSpec& spec,
                                                     const Definitions& definitions,
                                                     const UpdateOptions& options) {
  session::SessionOptions session_options;
  session_options.principal = context.principal;
  session_options.deny_paths = options.deny_paths;
  auto session = instance.NewSession(std::move(session_options));
  for (const auto& [key, value] : spec.configuration) {
    if (key.starts_with("spark.")) TARN_TRY(session::SetSetting(*session, key, value));
  }
  session::SetTemporaryViews(*session, TemporaryViewsOf(definitions));
  return session;
}

/// An error of a flow, at its place in the flow's file; one of the data leads to where the
/// statement begins.
Problem ProblemOf(const FlowDefinition& flow, const Error& error) {
  const bool placed = error.position().known();
  Problem problem = ProblemOf(*flow.statement, error);
  SourceRange at = problem.error.position();
  if (!placed) at.end = at.begin;
  problem.error = std::move(problem.error).WithPosition(at);
  return problem;
}

bool IsCancelled(const Error& error) { return error.info().fault == Fault::kCancelled; }

class Update {
 public:
  Update(const RequestContext& context, session::Instance& instance, const PipelineSpec& spec,
         const Definitions& definitions, const UpdateOptions& options, UpdateObserver& observer)
      : context_(context),
        instance_(instance),
        spec_(spec),
        definitions_(definitions),
        options_(options),
        observer_(observer) {}

  Result<UpdateReport> Run() {
    started_us_ = context_.clock->SteadyMicros();
    TARN_ASSIGN(chosen_, SelectDatasets(definitions_, options_.selection));
    const catalog::Pipelines& pipelines = session::PipelinesOf(instance_);
    TARN_ASSIGN(pipeline_, pipelines.FindOrCreate(context_, spec_.name));
    context_.pipeline_id = pipeline_.id;
    report_.pipeline_id = pipeline_.id;
    report_.update_id = SystemIds().NewUuid();
    TARN_ASSIGN(const auto lease, pipelines.BeginUpdate(context_, pipeline_, report_.update_id));
    folder_ = pipelines.Folder(pipeline_.id);
    TARN_ASSIGN(session_, NewSession(context_, instance_, spec_, definitions_, options_));
    TARN_ASSIGN(flow_retries_max_, RetriesOf(spec_, "pipelines.maxFlowRetryAttempts",
                                             spec_.development ? 0 : options_.flow_retries_max));
    TARN_TRY(TriggerIntervalUs(spec_, nullptr));
    TARN_TRY(folder_->CreateDirectories(context_, io::ObjectPath() / "event_log"));
    log_ = std::make_unique<EventLog>(
        EventLog::Origin{pipeline_.id, pipeline_.name, report_.update_id, HostName()},
        pipelines.EventLogPath(pipeline_.id), *session_);
    Add(CreateUpdateEvent(context_.principal, options_));
    Go();
    report_.duration_us = context_.clock->SteadyMicros() - started_us_;
    // The events of a cancelled update are written too.
    RequestContext unhurried = context_;
    unhurried.cancellation = std::make_shared<CancellationToken>();
    if (Status written = log_->Flush(unhurried); !written.ok()) {
      report_.event_log_error = std::move(written).error();
    }
    return std::move(report_);
  }

 private:
  void Go() {
    Enter(UpdateState::kInitializing);
    source::SessionSources sources(*session_);
    LakeCheckpoints checkpoints(context_, folder_, definitions_, chosen_);
    graph_ = Analyse(context_, *session_, sources, checkpoints, definitions_);
    if (!graph_.problems.empty()) return Refuse(graph_.problems);
    for (const Node& node : graph_.nodes) {
      Add(DatasetDefinitionEvent(node));
      for (const FlowDefinition& flow : node.definition->flows) {
        Add(FlowDefinitionEvent(graph_, node, flow));
      }
    }
    Enter(UpdateState::kSettingUpTables);
    Status set_up;
    // What a view of the event log reads must be there.
    if (!spec_.event_log.name.empty()) set_up = log_->Flush(context_);
    if (set_up.ok()) set_up = MakeSecurables(*session_, context_, spec_, pipeline_.id);
    if (!set_up.ok()) {
      // Its position is one in a statement that nobody wrote.
      return Refuse({{spec_.name, nullptr, std::move(set_up).error().WithPosition({})}});
    }
    PlanTasks();
    Enter(UpdateState::kRunning);
    started_task_us_.resize(tasks_.size());
    compacted_at_.resize(tasks_.size());
    observer_.OnPlan(report_.flows);
    MakeWorkers();
    RunFlows();
    if (spec_.continuous) {
      if (!Stopping()) RunAgainAndAgain();
      StopFlows();
    }
    Compact();
    bool failed = false;
    bool stopped = false;
    bool broken = false;
    for (const FlowReport& flow : report_.flows) {
      failed |= flow.state == FlowState::kFailed || flow.state == FlowState::kSkipped;
      stopped |= flow.state == FlowState::kStopped;
      broken |= flow.state == FlowState::kFailed;
    }
    // What fails in a continuous update stops the rest.
    if (spec_.continuous && broken) stopped = false;
    Enter(stopped  ? UpdateState::kCanceled
          : failed ? UpdateState::kFailed
                   : UpdateState::kCompleted);
  }

  void Refuse(const std::vector<Problem>& problems) {
    report_.problems = problems;
    for (const Problem& problem : problems) Add(ProblemEvent(problem));
    Enter(UpdateState::kFailed);
  }

  void PlanTasks() {
    setups_ = std::vector<TableSetup>(graph_.nodes.size());
    tasks_of_.resize(graph_.nodes.size());
    for (const size_t index : graph_.order) {
      const Node& node = graph_.nodes[index];
      setups_[index].node = &node;
      setups_[index].reset = chosen_[index].reset;
      if (node.definition->kind == DatasetKind::kTemporaryView) continue;
      for (const FlowDefinition& flow : node.definition->flows) {
        FlowReport report;
        report.dataset = node.definition->name.ToString();
        report.flow = flow.name;
        report.kind = node.definition->kind;
        for (const session::Expectation& expectation : node.definition->expectations) {
          report.expectations.push_back(
              {report.dataset, expectation.name, expectation.on_violation, 0, 0});
        }
        if (chosen_[index].refresh) {
          tasks_of_[index].push_back(tasks_.size());
          report_index_.push_back(report_.flows.size());
          tasks_.push_back({&setups_[index], &flow});
          if (spec_.continuous && report.kind == DatasetKind::kMaterializedView) {
            tasks_.back().inputs = &inputs_.emplace_back();
          }
        } else {
          report.state = FlowState::kExcluded;
        }
        report_.flows.push_back(std::move(report));
      }
    }
  }

  /// The tasks whose results are read with these datasets; through temporary views, which have
  /// none.
  void CollectNeeds(const std::set<size_t>& inputs, std::vector<size_t>* needs) const {
    for (const size_t input : inputs) {
      if (graph_.nodes[input].definition->kind == DatasetKind::kTemporaryView) {
        CollectNeeds(graph_.nodes[input].inputs, needs);
      } else {
        needs->insert(needs->end(), tasks_of_[input].begin(), tasks_of_[input].end());
      }
    }
  }

  /// Streaming tables grow by a file or more per batch.
  void Compact() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const DatasetDefinition& dataset = *graph_.nodes[i].definition;
      if (dataset.kind != DatasetKind::kStreamingTable || tasks_of_[i].empty()) continue;
      const bool done = std::all_of(tasks_of_[i].begin(), tasks_of_[i].end(), [&](size_t task) {
        const FlowState state = report_.flows[report_index_[task]].state;
        return state == FlowState::kCompleted || state == FlowState::kStopped;
      });
      if (done && !context_.cancellation->cancelled()) Compact(dataset, *session_);
    }
  }

  void Compact(const DatasetDefinition& dataset, session::Session& session) {
    const auto compacted = session::CompactDataset(session, context_, dataset.name, kSmallFilesMax);
    // Nothing is wrong with a table that stays as it is.
    if (!compacted.ok() || compacted->files_removed > 0) {
      Add(MaintenanceEvent(dataset.name.ToString(), compacted));
    }
  }

  /// Whether no batch is to be begun any more.
  bool Stopping() const { return spec_.continuous && (failed_ || options_.stop->cancelled()); }

  void MakeWorkers() {
    threads_ = static_cast<size_t>(std::max(1, options_.flows_max));
    for (size_t i = 0; i < std::min(threads_, tasks_.size()); ++i) {
      auto session = NewSession(context_, instance_, spec_, definitions_, options_);
      TARN_CHECK(session.ok());  // as the update's own one was
      sessions_.push_back(*std::move(session));
      workers_.emplace_back(*sessions_.back(), pipeline_.id, folder_,
                            [this] { return Stopping(); });
    }
  }

  void RunFlows() {
    TaskGraph graph;
    for (size_t task = 0; task < tasks_.size(); ++task) {
      const Node& node = *tasks_[task].table->node;
      const auto flow = static_cast<size_t>(tasks_[task].flow - node.definition->flows.data());
      CollectNeeds(node.flow_inputs[flow], &graph.needs.emplace_back());
    }
    graph.run = [&](size_t task, size_t worker) { return RunTask(task, workers_[worker]); };
    graph.skip = [&](size_t task) {
      const bool stopped = options_.stop->cancelled();
      Change(task, [&](FlowReport& flow) {
        flow.state = stopped ? FlowState::kStopped : FlowState::kSkipped;
      });
    };
    // What can't be written now is tried again at the end.
    graph.tick = [&] { (void)log_->Flush(context_); };
    RunTasks(graph, threads_);
  }

  /// Each flow again by its own trigger, until all are to stop or one fails.
  void RunAgainAndAgain() {
    ContinuousTasks again;
    for (size_t task = 0; task < tasks_.size(); ++task) {
      again.intervals_us.push_back(IntervalOf(tasks_[task]));
      again.started_us.push_back(started_task_us_[task]);
    }
    again.run = [&](size_t task, size_t worker) { return RunTaskAgain(task, workers_[worker]); };
    again.tick = [&] { (void)log_->Flush(context_); };
    again.stop = [&] { return Stopping() || context_.cancellation->cancelled(); };
    RunContinuously(again, *context_.clock, threads_);
  }

  int64_t IntervalOf(const FlowTask& task) const {
    const DatasetDefinition& dataset = *task.table->node->definition;
    if (dataset.kind == DatasetKind::kView || task.flow->once) {
      return stream::TriggerSchedule::kNever;
    }
    const auto asked = TriggerIntervalUs(spec_, &dataset);
    TARN_CHECK(asked.ok());  // as when the graph was made
    if (*asked) return **asked;
    return DefaultTriggerIntervalUs(task.inputs == nullptr,
                                    task.inputs && task.inputs->only_tables);
  }

  TaskOutcome RunTaskAgain(size_t task, FlowWorker& worker) {
    const int64_t begin_us = context_.clock->SteadyMicros();
    const Status status = RunWithRetries(task, worker);
    int64_t batches = 0;
    Change(task, [&](FlowReport& flow) {
      flow.duration_us += context_.clock->SteadyMicros() - begin_us;
      batches = flow.batches;
      Settle(task, status, &flow);
    });
    const DatasetDefinition& dataset = *tasks_[task].table->node->definition;
    if (status.ok() && dataset.kind == DatasetKind::kStreamingTable &&
        batches - compacted_at_[task] >= kBatchesPerCompaction) {
      compacted_at_[task] = batches;
      Compact(dataset, worker.session());
    }
    return status.ok() ? TaskOutcome::kDone : TaskOutcome::kFailed;
  }

  /// The state of a flow after it ran.
  void Settle(size_t task, const Status& status, FlowReport* flow) {
    if (status.ok()) {
      flow->state = spec_.continuous ? FlowState::kIdle : FlowState::kCompleted;
      return;
    }
    failed_ = true;
    flow->state = IsCancelled(status.error()) ? FlowState::kStopped : FlowState::kFailed;
    flow->problem = ProblemOf(*tasks_[task].flow, status.error());
  }

  /// Those that wait for a trigger that won't come.
  void StopFlows() {
    for (size_t task = 0; task < tasks_.size(); ++task) {
      Change(task, [](FlowReport& flow) {
        if (flow.state == FlowState::kIdle) flow.state = FlowState::kStopped;
      });
    }
  }

  TaskOutcome RunTask(size_t task, FlowWorker& worker) {
    const int64_t begin_us = context_.clock->SteadyMicros();
    started_task_us_[task] = begin_us;
    if (Stopping()) {
      Change(task, [](FlowReport& flow) { flow.state = FlowState::kStopped; });
      return TaskOutcome::kFailed;
    }
    Change(task, [](FlowReport& flow) { flow.state = FlowState::kRunning; });
    if (report_.flows[report_index_[task]].kind == DatasetKind::kMaterializedView) {
      Add(PlanningEvent(report_.flows[report_index_[task]]));
    }
    const Status status = RunWithRetries(task, worker);
    Change(task, [&](FlowReport& flow) {
      flow.duration_us = context_.clock->SteadyMicros() - begin_us;
      Settle(task, status, &flow);
    });
    return status.ok() ? TaskOutcome::kDone : TaskOutcome::kFailed;
  }

  /// New columns are met by starting again with them; what may pass, by waiting a little.
  Status RunWithRetries(size_t task, FlowWorker& worker) {
    int retries = 0;
    int64_t pause_ms = kFirstPauseMs;
    while (true) {
      bool landed = false;
      Change(task, [](FlowReport& flow) { ++flow.attempts; });
      Status status = worker.Run(context_, tasks_[task], [&](const FlowBatch& batch) {
        landed = true;
        NoteBatch(task, batch);
      });
      if (status.ok()) return status;
      const bool new_columns =
          status.error().condition() == Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE");
      if (!new_columns && !status.error().info().retryable) return status;
      if (landed) retries = 0;
      if (++retries > flow_retries_max_ || context_.cancellation->cancelled()) {
        return status;
      }
      if (new_columns) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
      pause_ms *= 2;
    }
  }

  void NoteBatch(size_t task, const FlowBatch& batch) {
    Change(
        task,
        [&](FlowReport& flow) {
          flow.state = FlowState::kRunning;
          ++flow.batches;
          flow.rows += batch.rows;
          flow.dropped += batch.dropped;
          flow.files += batch.files;
          flow.version = batch.version;
          for (const ExpectationResult& counted : batch.expectations) {
            AddCounts(counted, &flow.expectations);
          }
        },
        &batch);
  }

  /// Changes a flow's report and tells of it.
  template <typename Work>
  void Change(size_t task, const Work& work, const FlowBatch* batch = nullptr) {
    std::lock_guard lock(mutex_);
    FlowReport& flow = report_.flows[report_index_[task]];
    const FlowState before = flow.state;
    work(flow);
    if (batch != nullptr) Add(FlowMetricsEvent(flow, *batch));
    if (flow.state != before) Add(FlowProgressEvent(flow));
    observer_.OnFlow(report_index_[task], flow);
  }

  void Enter(UpdateState state) {
    report_.state = state;
    std::optional<Error> why;
    if (state == UpdateState::kFailed) {
      for (const FlowReport& flow : report_.flows) {
        if (flow.problem && !why) why = flow.problem->error;
      }
      if (!report_.problems.empty()) why = report_.problems[0].error;
    }
    Add(UpdateProgressEvent(report_.update_id, state, why));
    observer_.OnUpdate(state);
  }

  void Add(Event event) { log_->Add(context_, std::move(event)); }

  RequestContext context_;
  session::Instance& instance_;
  const PipelineSpec& spec_;
  const Definitions& definitions_;
  const UpdateOptions& options_;
  UpdateObserver& observer_;

  int64_t started_us_ = 0;
  int flow_retries_max_ = 0;
  catalog::PipelineEntry pipeline_;
  std::shared_ptr<io::ObjectStore> folder_;
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<EventLog> log_;
  std::vector<Chosen> chosen_;
  Graph graph_;
  std::vector<TableSetup> setups_;             // per node
  std::vector<std::vector<size_t>> tasks_of_;  // per node
  std::vector<FlowTask> tasks_;
  std::deque<session::FlowInputs>
      inputs_;                            // of views of a continuous update, per task that has one
  std::vector<size_t> report_index_;      // per task
  std::vector<int64_t> started_task_us_;  // per task
  std::vector<int64_t> compacted_at_;     // per task: after how many batches
  size_t threads_ = 1;
  std::vector<std::unique_ptr<session::Session>> sessions_;
  std::vector<FlowWorker> workers_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  UpdateReport report_;  // its flows guarded by mutex_ while they run
};

}  // namespace

Result<UpdateReport> RunUpdateOnce(const RequestContext& context, session::Instance& instance,
                                   const PipelineSpec& spec, const Definitions& definitions,
                                   const UpdateOptions& options, UpdateObserver& observer) {
  return Update(context, instance, spec, definitions, options, observer).Run();
}

Result<Graph> DryRun(const RequestContext& asked, session::Instance& instance,
                     const PipelineSpec& spec, const Definitions& definitions,
                     const UpdateOptions& options) {
  RequestContext context = asked;
  TARN_ASSIGN(const std::vector<Chosen> chosen, SelectDatasets(definitions, options.selection));
  TARN_TRY(TriggerIntervalUs(spec, nullptr));
  const catalog::Pipelines& pipelines = session::PipelinesOf(instance);
  TARN_ASSIGN(const auto pipeline, pipelines.Find(context, spec.name));
  if (pipeline) context.pipeline_id = pipeline->id;
  TARN_ASSIGN(const auto session, NewSession(context, instance, spec, definitions, options));
  source::SessionSources sources(*session);
  LakeCheckpoints checkpoints(context, pipeline ? pipelines.Folder(pipeline->id) : nullptr,
                              definitions, chosen);
  return Analyse(context, *session, sources, checkpoints, definitions);
}

}  // namespace tarn::pipeline
