#include "tarn/pipeline/definitions_text.h"

namespace tarn::pipeline {

namespace {

std::string_view ActionText(engine::OnViolation on_violation) {
  switch (on_violation) {
    case engine::OnViolation::kDropRow:
      return "drop row";
    case engine::OnViolation::kFail:
      return "fail update";
    case engine::OnViolation::kKeepRow:
      return "warn";
  }
  return "";
}

/// The text on one line.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

std::string KindText(const DatasetDefinition& dataset) {
  if (dataset.kind == DatasetKind::kTemporaryView) return "TEMPORARY VIEW";
  return (dataset.is_private ? "PRIVATE " : "") + std::string(NameOf(dataset.kind));
}

std::string FlowText(const FlowDefinition& flow) {
  std::string text = "  flow " + flow.name;
  if (flow.once) text += " once";
  if (flow.auto_cdc != nullptr) {
    text += " auto cdc, scd type " + std::to_string(flow.auto_cdc->stored_as_scd_type);
  }
  return text + " in " + flow.catalog + "." + flow.schema + "\n";
}

}  // namespace

std::string ToText(const Definitions& definitions) {
  std::string text;
  for (const DatasetDefinition& dataset : definitions.datasets()) {
    text += KindText(dataset) + " " + dataset.name.ToString() + "\n";
    for (const session::Expectation& expectation : dataset.expectations) {
      text += "  expect " + expectation.name + ": " + OneLine(expectation.condition) + " (" +
              std::string(ActionText(expectation.on_violation)) + ")\n";
    }
    for (const FlowDefinition& flow : dataset.flows) text += FlowText(flow);
  }
  for (const Problem& problem : definitions.problems()) {
    const SourceRange& at = problem.error.position();
    text += "problem " + problem.file;
    if (at.known()) text += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    text += " " + std::string(problem.error.name()) + ": " + problem.error.message() + "\n";
  }
  return text;
}

}  // namespace tarn::pipeline
