#include "tarn/stream/flow_runner.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/io/sub_store.h"

namespace tarn::stream {

namespace {

plan::Relation NoRows(const Source& source) {
  plan::Relation relation;
  relation.name = source.description();
  relation.schema = source.schema();
  relation.source = plan::RowsRelation{};
  return relation;
}

/// The generation of "<flow id>/<generation>", if it is this flow's.
std::optional<int64_t> GenerationOf(std::string_view app_id, std::string_view flow_id) {
  if (!app_id.starts_with(flow_id) || app_id.size() <= flow_id.size() ||
      app_id[flow_id.size()] != '/') {
    return std::nullopt;
  }
  return ParseNumber<int64_t>(app_id.substr(flow_id.size() + 1));
}

/// The newest generation that has a folder.
Result<std::optional<int64_t>> NewestFolder(const RequestContext& context,
                                            io::ObjectStore& folder) {
  std::optional<int64_t> newest;
  io::ListOptions options;
  options.directories = true;
  TARN_TRY(folder.List(context, io::ObjectPath(), options,
                       [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                         const auto number = ParseNumber<int64_t>(info.path.Name());
                         if (info.is_directory && number) {
                           newest = std::max(newest.value_or(*number), *number);
                         }
                         return io::ListNext::kContinue;
                       }));
  return newest;
}

std::string ApplicationOf(const std::string& flow_id, int64_t generation) {
  return flow_id + "/" + std::to_string(generation);
}

/// The flow's newest generation in the target, with its landed version.
std::optional<std::pair<int64_t, int64_t>> NewestLanded(
    const std::map<std::string, int64_t>& landed, std::string_view flow_id) {
  std::optional<std::pair<int64_t, int64_t>> newest;
  for (const auto& [app_id, version] : landed) {
    const auto generation = GenerationOf(app_id, flow_id);
    if (generation && (!newest || *generation > newest->first)) newest = {*generation, version};
  }
  return newest;
}

}  // namespace

Result<std::shared_ptr<io::ObjectStore>> NewestCheckpoint(const RequestContext& context,
                                                          std::shared_ptr<io::ObjectStore> folder) {
  TARN_ASSIGN(const std::optional<int64_t> newest, NewestFolder(context, *folder));
  if (!newest) return std::shared_ptr<io::ObjectStore>();
  return std::shared_ptr<io::ObjectStore>(
      io::NewSubStore(std::move(folder), io::ObjectPath() / std::to_string(*newest)));
}

/// What the flow's query sees: while the sources are being opened their columns, then the rows of
/// the batch.
class FlowRunner::Environment final : public analyze::FlowEnvironment {
 public:
  explicit Environment(FlowRunner& runner) : runner_(runner) {}

  Result<std::vector<plan::Relation>> OpenStream(const RequestContext& context,
                                                 const analyze::StreamReference& stream) override {
    auto& sources = runner_.sources_;
    if (stream.ordinal == sources.size() && plan_ == nullptr) {
      TARN_ASSIGN(std::unique_ptr<Source> source,
                  runner_.parts_.sources->Open(
                      context, stream, runner_.checkpoint_->SourceState(stream.ordinal), false));
      sources.push_back(std::move(source));
      return std::vector{NoRows(*sources.back())};
    }
    if (plan_ == nullptr || stream.ordinal >= plan_->ranges.size()) {
      return InternalError("the flow's streams changed between two analyses");
    }
    const SourceRange& range = plan_->ranges[stream.ordinal];
    Source& source = *sources[stream.ordinal];
    if (range.empty()) return std::vector{NoRows(source)};
    return source.Rows(context, range.from, *range.to);
  }

  Result<std::optional<plan::Relation>> FindDataset(const RequestContext& context,
                                                    const catalog::ObjectName& name) override {
    if (runner_.parts_.pipeline == nullptr) return std::optional<plan::Relation>();
    return runner_.parts_.pipeline->FindDataset(context, name);
  }

  void Give(const BatchPlan* plan) { plan_ = plan; }

 private:
  FlowRunner& runner_;
  const BatchPlan* plan_ = nullptr;
};

FlowRunner::FlowRunner(const FlowParts& parts, Flow flow, std::shared_ptr<io::ObjectStore> folder)
    : parts_(parts),
      flow_(std::move(flow)),
      folder_(std::move(folder)),
      environment_(std::make_unique<Environment>(*this)) {}

FlowRunner::~FlowRunner() = default;

std::string FlowRunner::ApplicationId() const { return ApplicationOf(flow_.id, generation_); }

Status FlowRunner::Start(const RequestContext& context) {
  TARN_TRY(SettleGeneration(context));
  auto store = io::NewSubStore(folder_, io::ObjectPath() / std::to_string(generation_));
  TARN_ASSIGN(checkpoint_, Checkpoint::Open(context, std::move(store)));
  TARN_TRY(CheckAgreement(context));
  TARN_ASSIGN(columns_, parts_.sink->Describe(context, *environment_));
  std::vector<std::string> descriptions;
  for (const auto& source : sources_) descriptions.push_back(source->description());
  TARN_TRY(checkpoint_->Identify(context, flow_.id, flow_.name, generation_, descriptions));
  const auto& last = checkpoint_->last_planned();
  for (size_t i = 0; i < sources_.size(); ++i) {
    const std::optional<Offset> to = last ? last->ranges[i].to : std::nullopt;
    if (to && checkpoint_->last_is_done()) TARN_TRY(sources_[i]->Finished(context, *to));
    TARN_TRY(sources_[i]->Discover(context, to));
  }
  return {};
}

Status FlowRunner::SettleGeneration(const RequestContext& context) {
  TARN_ASSIGN(const auto landed, parts_.sink->Landed(context));
  if (const auto newest = NewestLanded(landed, flow_.id)) {
    generation_ = newest->first;
    landed_ = newest->second;
    return {};
  }
  // The table knows nothing of the flow. If a checkpoint got further than its first batch, the
  // table was made anew since: everything is read again.
  TARN_ASSIGN(const std::optional<int64_t> folder, NewestFolder(context, *folder_));
  generation_ = folder.value_or(0);
  if (!folder) return {};
  TARN_ASSIGN(const Checkpoint old,
              Checkpoint::Open(
                  context, io::NewSubStore(folder_, io::ObjectPath() / std::to_string(*folder))));
  if (old.last_done()) generation_ = *folder + 1;
  return {};
}

Status FlowRunner::CheckAgreement(const RequestContext& context) {
  const auto& last = checkpoint_->last_planned();
  const int64_t landed = landed_.value_or(-1);
  const int64_t planned = last ? static_cast<int64_t>(last->id) : -1;
  const auto done = checkpoint_->last_done();
  if (landed > planned) {
    return Error(Condition("STREAM_CHECKPOINT_LOST"), {{"flow", flow_.name},
                                                       {"table", parts_.sink->display()},
                                                       {"path", folder_->Display({})},
                                                       {"landed", std::to_string(landed)},
                                                       {"planned", std::to_string(planned)}});
  }
  if (done && landed < static_cast<int64_t>(*done)) {
    return Error(Condition("STREAM_TABLE_BEHIND_CHECKPOINT"),
                 {{"flow", flow_.name},
                  {"table", parts_.sink->display()},
                  {"landed", std::to_string(landed)},
                  {"done", std::to_string(static_cast<int64_t>(*done))}});
  }
  return {};
}

Result<std::optional<BatchPlan>> FlowRunner::PlanBatch(const RequestContext& context) {
  const auto& last = checkpoint_->last_planned();
  if (last && last->ranges.size() != sources_.size()) {
    return Error(Condition("STREAM_SOURCES_CHANGED"),
                 {{"flow", flow_.name},
                  {"before", std::to_string(last->ranges.size()) + " sources"},
                  {"now", std::to_string(sources_.size()) + " sources"}});
  }
  BatchPlan plan;
  plan.id = last ? BatchId{static_cast<int64_t>(last->id) + 1} : BatchId{0};
  bool news = flow_.once && !last;
  for (size_t i = 0; i < sources_.size(); ++i) {
    SourceRange range;
    if (last) range.from = last->ranges[i].to;
    TARN_ASSIGN(range.to, sources_[i]->Plan(context, range.from));
    if (range.to) {
      news = true;
    } else {
      range.to = range.from;
    }
    plan.ranges.push_back(std::move(range));
  }
  return news ? std::optional(std::move(plan)) : std::nullopt;
}

Result<std::optional<BatchReport>> FlowRunner::RunBatch(const RequestContext& context) {
  const bool again = checkpoint_->last_planned() && !checkpoint_->last_is_done();
  if (again) {
    TARN_TRY(checkpoint_->SettlePlan(context));
  } else {
    TARN_ASSIGN(std::optional<BatchPlan> plan, PlanBatch(context));
    if (!plan) return std::optional<BatchReport>();
    TARN_FAULT_POINT("stream.before_write_ahead");
    TARN_TRY(checkpoint_->WriteAhead(context, *std::move(plan)));
  }
  TARN_FAULT_POINT("stream.after_write_ahead");
  TARN_ASSIGN(BatchReport report, Carry(context));
  report.again = again;
  return std::optional(std::move(report));
}

Result<BatchReport> FlowRunner::Carry(const RequestContext& context) {
  const BatchPlan plan = *checkpoint_->last_planned();
  environment_->Give(&plan);
  auto written =
      parts_.sink->Write(context, *environment_, {ApplicationId(), static_cast<int64_t>(plan.id)});
  environment_->Give(nullptr);
  if (!written.ok()) {
    Error error = std::move(written).error();
    for (size_t i = 0; i < sources_.size(); ++i) {
      const SourceRange& range = plan.ranges[i];
      if (!range.empty()) {
        error = sources_[i]->Failed(context, range.from, *range.to, std::move(error));
      }
    }
    return error;
  }
  TARN_FAULT_POINT("stream.before_note_done");
  TARN_TRY(checkpoint_->NoteDone(context, written->version, written->rows));
  TARN_FAULT_POINT("stream.after_note_done");
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (plan.ranges[i].to) TARN_TRY(sources_[i]->Finished(context, *plan.ranges[i].to));
  }
  BatchReport report;
  report.id = plan.id;
  report.was_there = written->was_there;
  report.rows = written->rows;
  report.version = written->version;
  report.expectations = std::move(written->expectations);
  report.views = std::move(written->views);
  report.stats = written->stats;
  return report;
}

Result<std::string> FlowRunner::NextApplication(const RequestContext& context,
                                                const std::string& flow_id, Sink& sink,
                                                io::ObjectStore& folder) {
  TARN_ASSIGN(const auto landed, sink.Landed(context));
  TARN_ASSIGN(const std::optional<int64_t> newest, NewestFolder(context, folder));
  int64_t generation = newest.value_or(-1);
  if (const auto in_table = NewestLanded(landed, flow_id)) {
    generation = std::max(generation, in_table->first);
  }
  return ApplicationOf(flow_id, generation + 1);
}

}  // namespace tarn::stream
