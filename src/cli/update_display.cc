#include "update_display.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "row_writer.h"
#include "tarn/session/rows_stream.h"

namespace tarn::cli {

namespace {

using pipeline::DatasetKind;
using pipeline::FlowReport;
using pipeline::FlowState;

constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
constexpr const char* kSpinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
  return text;
}

/// The flow as people call it: its dataset, unless it has a name of its own.
std::string NameOfFlow(const FlowReport& flow) {
  const size_t dot = flow.dataset.rfind('.');
  return SameName(flow.dataset.substr(dot + 1), flow.flow) ? flow.dataset
                                                           : flow.dataset + " ← " + flow.flow;
}

const char* SignOf(FlowState state, size_t beat) {
  switch (state) {
    case FlowState::kRunning:
      return kSpinner[beat % std::size(kSpinner)];
    case FlowState::kCompleted:
      return "✓";
    case FlowState::kFailed:
      return "✗";
    case FlowState::kQueued:
      return "·";
    default:
      return "-";
  }
}

int64_t WarnedOf(const FlowReport& flow) {
  int64_t warned = 0;
  for (const pipeline::ExpectationResult& expectation : flow.expectations) {
    if (expectation.on_violation == engine::OnViolation::kKeepRow) warned += expectation.failed;
  }
  return warned;
}

void PrintExpectations(const pipeline::UpdateReport& report, const Terminal& terminal) {
  session::RowsStream::Rows rows;
  for (const FlowReport& flow : report.flows) {
    for (const pipeline::ExpectationResult& expectation : flow.expectations) {
      if (expectation.failed == 0) continue;
      const char* action = expectation.on_violation == engine::OnViolation::kDropRow ? "DROP ROW"
                           : expectation.on_violation == engine::OnViolation::kFail  ? "FAIL UPDATE"
                                                                                     : "warn";
      const bool own = expectation.dataset == flow.dataset;
      rows.push_back(
          {Value::String(NameOfFlow(flow)),
           Value::String(own ? expectation.name : expectation.dataset + "." + expectation.name),
           Value::String(action), Value::Long(expectation.passed),
           Value::Long(expectation.failed)});
    }
  }
  if (rows.empty()) return;
  std::printf("\nExpectations that rows failed:\n");
  session::RowsStream stream({{"dataset", TypeId::kString},
                              {"expectation", TypeId::kString},
                              {"action", TypeId::kString},
                              {"passed", TypeId::kLong},
                              {"failed", TypeId::kLong}},
                             std::move(rows));
  (void)MakeRowWriter(OutputFormat::kTable, terminal)->Write(1, stream, [] {});
}

}  // namespace

UpdateDisplay::UpdateDisplay(const Terminal& terminal) : terminal_(terminal) {
  if (!terminal.err_is_terminal) return;
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

UpdateDisplay::~UpdateDisplay() { Stop(); }

void UpdateDisplay::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (lines_drawn_ > 0) std::fprintf(stderr, "\033[%zuA\033[J", lines_drawn_);
  lines_drawn_ = 0;
}

void UpdateDisplay::OnUpdate(pipeline::UpdateState state) {
  std::lock_guard lock(mutex_);
  state_ = state;
}

void UpdateDisplay::OnPlan(const std::vector<FlowReport>& flows) {
  std::lock_guard lock(mutex_);
  flows_ = flows;
  starts_.assign(flows.size(), {});
}

void UpdateDisplay::OnFlow(size_t index, const FlowReport& flow) {
  std::lock_guard lock(mutex_);
  if (flows_[index].state == FlowState::kQueued) starts_[index] = std::chrono::steady_clock::now();
  flows_[index] = flow;
}

void UpdateDisplay::Run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, kRedrawEvery, [] { return false; });
    if (!stop.stop_requested()) Draw();
  }
}

void UpdateDisplay::Draw() {
  std::string text;
  if (lines_drawn_ > 0) text = "\033[" + std::to_string(lines_drawn_) + "A";
  const auto now = std::chrono::steady_clock::now();
  const auto beat = static_cast<size_t>(now.time_since_epoch() / std::chrono::milliseconds(100));
  size_t lines = 1;
  text += "\033[K" + std::string(pipeline::NameOf(state_)) + "\n";
  for (size_t i = 0; i < flows_.size(); ++i) {
    const FlowReport& flow = flows_[i];
    std::string line = std::string(SignOf(flow.state, beat)) + " " + Printable(NameOfFlow(flow));
    if (flow.state == FlowState::kRunning || flow.state == FlowState::kCompleted) {
      line += "  " + Grouped(flow.rows) + " rows";
      if (flow.files > 0) line += ", " + Grouped(flow.files) + " files";
      const std::chrono::duration<double> elapsed = now - starts_[i];
      line += "  " + Seconds(flow.state == FlowState::kRunning
                                 ? elapsed.count()
                                 : static_cast<double>(flow.duration_us) / 1e6);
    } else {
      line += "  " + std::string(NameOf(flow.state));
    }
    text +=
        "\033[K" + CutToWidth(line, static_cast<size_t>(std::max(20, terminal_.width - 1))) + "\n";
    ++lines;
  }
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  lines_drawn_ = lines;
}

void PrintUpdate(const pipeline::UpdateReport& report, const Terminal& terminal) {
  session::RowsStream::Rows rows;
  for (const FlowReport& flow : report.flows) {
    rows.push_back({Value::String(NameOfFlow(flow)), Value::String(std::string(NameOf(flow.kind))),
                    Value::String(std::string(NameOf(flow.state))), Value::Long(flow.files),
                    Value::Long(flow.rows), Value::Long(flow.dropped), Value::Long(WarnedOf(flow)),
                    Value::String(Seconds(static_cast<double>(flow.duration_us) / 1e6))});
  }
  if (!rows.empty()) {
    session::RowsStream stream({{"dataset", TypeId::kString},
                                {"kind", TypeId::kString},
                                {"state", TypeId::kString},
                                {"files", TypeId::kLong},
                                {"rows", TypeId::kLong},
                                {"dropped", TypeId::kLong},
                                {"warned", TypeId::kLong},
                                {"time", TypeId::kString}},
                               std::move(rows));
    (void)MakeRowWriter(OutputFormat::kTable, terminal)->Write(1, stream, [] {});
    PrintExpectations(report, terminal);
  }
  std::printf("\nUpdate %s is %s after %s.\n", report.update_id.c_str(),
              std::string(NameOf(report.state)).c_str(),
              Seconds(static_cast<double>(report.duration_us) / 1e6).c_str());
  std::fflush(stdout);
}

std::string UpdateAsJson(const pipeline::UpdateReport& report) {
  using Json = nlohmann::ordered_json;
  Json flows = Json::array();
  for (const FlowReport& flow : report.flows) {
    Json expectations = Json::array();
    for (const pipeline::ExpectationResult& expectation : flow.expectations) {
      expectations.push_back({{"name", expectation.name},
                              {"dataset", expectation.dataset},
                              {"passed_records", expectation.passed},
                              {"failed_records", expectation.failed}});
    }
    Json json = {{"dataset", flow.dataset},
                 {"flow", flow.flow},
                 {"kind", NameOf(flow.kind)},
                 {"state", NameOf(flow.state)},
                 {"attempts", flow.attempts},
                 {"batches", flow.batches},
                 {"files", flow.files},
                 {"rows", flow.rows},
                 {"dropped_records", flow.dropped},
                 {"table_version", flow.version},
                 {"duration_ms", flow.duration_us / 1000},
                 {"expectations", std::move(expectations)}};
    if (flow.problem) json["error"] = flow.problem->error.ToString();
    flows.push_back(std::move(json));
  }
  Json problems = Json::array();
  for (const pipeline::Problem& problem : report.problems) {
    problems.push_back({{"file", problem.file},
                        {"line", problem.error.position().line},
                        {"error", problem.error.ToString()}});
  }
  const Json update = {
      {"pipeline_id", report.pipeline_id}, {"update_id", report.update_id},
      {"state", NameOf(report.state)},     {"duration_ms", report.duration_us / 1000},
      {"flows", std::move(flows)},         {"problems", std::move(problems)}};
  return update.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tarn::cli
