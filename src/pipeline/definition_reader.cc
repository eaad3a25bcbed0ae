#include "definition_reader.h"

#include "file_text.h"
#include "tarn/sql/parser.h"

namespace tarn::pipeline {

namespace {

constexpr size_t kFileBytesMax = 64 << 20;

std::string NameText(const sql::ObjectName& name) {
  std::string text;
  for (const sql::Identifier& part : name.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

engine::OnViolation ActionOf(const std::string& on_violation) {
  if (on_violation == "DROP ROW") return engine::OnViolation::kDropRow;
  if (on_violation == "FAIL UPDATE") return engine::OnViolation::kFail;
  return engine::OnViolation::kKeepRow;
}

}  // namespace

DefinitionReader::DefinitionReader(const PipelineSpec& spec, Definitions& definitions)
    : spec_(spec), definitions_(definitions), configuration_(spec.configuration) {}

void DefinitionReader::Problematic(const std::string& file, const std::string* script,
                                   Error error) {
  definitions_.problems_.push_back({file, script, std::move(error)});
}

Result<std::string> DefinitionReader::WithConfiguration(const std::string& text) const {
  std::string result;
  size_t at = 0;
  while (true) {
    const size_t open = text.find("${", at);
    const size_t close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) return result + text.substr(at);
    result += text.substr(at, open - at);
    const std::string key = text.substr(open + 2, close - open - 2);
    const auto found = configuration_.find(key);
    if (found == configuration_.end()) {
      return Error(Condition("PIPELINE_CONFIGURATION_MISSING"), {{"key", key}});
    }
    if (found->second.find("{{secrets/") != std::string::npos) {
      return UnsupportedFeature("{{secrets/…}} in the configuration " + key);
    }
    result += found->second;
    at = close + 1;
  }
}

void DefinitionReader::ReadFile(const SourceFile& file) {
  catalog_ = spec_.catalog;
  schema_ = spec_.schema;
  if (!file.path.ends_with(".sql")) {
    Problematic(file.name, nullptr,
                UnsupportedFeature("The source " + file.name + " (only SQL is run)"));
    return;
  }
  auto text = ReadFileText(file.path, kFileBytesMax);
  if (text.ok()) text = WithConfiguration(*text);
  if (!text.ok()) {
    Problematic(file.name, nullptr, std::move(text).error());
    return;
  }
  const std::string& script = definitions_.scripts_.emplace_back(*std::move(text));
  auto statements = sql::SplitScript(script);
  if (!statements.ok()) {
    Problematic(file.name, &script, std::move(statements).error());
    return;
  }
  for (const sql::StatementSource& source : *statements) {
    ReadStatement(file.name, script, source);
  }
}

void DefinitionReader::ReadStatement(const std::string& file, const std::string& script,
                                     const sql::StatementSource& source) {
  SourceStatement& statement = definitions_.statements_.emplace_back();
  statement.file = file;
  statement.script = &script;
  statement.text = source.text;
  statement.source = source.source;
  auto parsed = sql::ParseStatement(statement.text);
  Status status = parsed.ok() ? Status() : std::move(parsed).error();
  if (status.ok()) {
    statement.tree.emplace(*std::move(parsed));
    status = Define(statement);
  }
  if (status.ok()) return;
  Error error = std::move(status).error();
  const SourceRange at =
      error.position().known() ? sql::InScript(source, error.position()) : source.source;
  Problematic(file, &script, std::move(error).WithPosition(at));
}

Status DefinitionReader::Define(SourceStatement& statement) {
  const sql::Statement& tree = *statement.tree;
  if (const auto* table = tree.As<sql::CreateTable>()) return DefineTable(statement, *table);
  if (const auto* view = tree.As<sql::CreateView>()) return DefineView(statement, *view);
  if (const auto* flow = tree.As<sql::CreateFlow>()) return DefineFlow(statement, *flow);
  if (const auto* use = tree.As<sql::Use>()) return Use(*use);
  if (tree.As<sql::AutoCdc>() != nullptr) return UnsupportedFeature("AUTO CDC INTO", tree.source);
  if (const auto* set = tree.As<sql::SetConfiguration>(); set != nullptr && set->value) {
    configuration_[set->key] = *set->value;
    return {};
  }
  return Error(Condition("PIPELINE_STATEMENT_NOT_ALLOWED"),
               {{"statement", sql::StatementName(tree)}})
      .WithPosition(tree.source);
}

Status DefinitionReader::Use(const sql::Use& use) {
  std::vector<std::string> parts;
  for (const sql::Identifier& part : use.name.parts) parts.push_back(part.text);
  if (use.kind == sql::ObjectKind::kCatalog && parts.size() == 1) {
    catalog_ = parts[0];
  } else if (use.kind != sql::ObjectKind::kCatalog && (parts.size() == 1 || parts.size() == 2)) {
    if (parts.size() == 2) catalog_ = parts[0];
    schema_ = parts.back();
  } else {
    return UnsupportedFeature("USE of this name in a pipeline", use.name.source);
  }
  return {};
}

Result<catalog::ObjectName> DefinitionReader::Qualified(const sql::ObjectName& name) const {
  std::vector<sql::Identifier> parts = name.parts;
  if (parts.size() == 2 && SameName(parts[0].text, "live")) parts.erase(parts.begin());
  if (name.identifier_clause) return UnsupportedFeature("IDENTIFIER() in a pipeline", name.source);
  switch (parts.size()) {
    case 1:
      return catalog::ObjectName{catalog_, schema_, parts[0].text};
    case 2:
      return catalog::ObjectName{catalog_, parts[0].text, parts[1].text};
    case 3:
      return catalog::ObjectName{parts[0].text, parts[1].text, parts[2].text};
    default:
      return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", NameText(name)}})
          .WithPosition(name.source);
  }
}

Status DefinitionReader::ReadExpectations(const SourceStatement& statement,
                                          DatasetDefinition* dataset) const {
  const auto add = [&](const std::vector<sql::Constraint>& constraints) -> Status {
    for (const sql::Constraint& constraint : constraints) {
      if (constraint.kind != sql::ConstraintKind::kExpectation) continue;
      session::Expectation expectation;
      expectation.name = constraint.name.text;
      expectation.source = constraint.check->source;
      expectation.condition = sql::Slice(statement.text, constraint.check->source);
      expectation.on_violation = ActionOf(constraint.on_violation);
      for (const session::Expectation& other : dataset->expectations) {
        if (!SameName(other.name, expectation.name)) continue;
        return Error(Condition("PIPELINE_DUPLICATE_NAME"),
                     {{"kind", "expectation"}, {"name", expectation.name}})
            .WithPosition(constraint.source);
      }
      dataset->expectations.push_back(std::move(expectation));
    }
    return {};
  };
  if (dataset->constraints != nullptr) TARN_TRY(add(*dataset->constraints));
  if (dataset->columns != nullptr) {
    for (const sql::ColumnDefinition& column : *dataset->columns) TARN_TRY(add(column.constraints));
  }
  if (!dataset->expectations.empty() &&
      (dataset->kind == DatasetKind::kTemporaryView || dataset->kind == DatasetKind::kView)) {
    return UnsupportedFeature("an expectation on a view", dataset->expectations[0].source);
  }
  return {};
}

Status DefinitionReader::AddDataset(DatasetDefinition dataset, const sql::ObjectName& name) {
  if (definitions_.Find(dataset.name) != nullptr) {
    return Error(Condition("PIPELINE_DUPLICATE_NAME"),
                 {{"kind", "dataset"}, {"name", dataset.name.ToString()}})
        .WithPosition(name.source);
  }
  definitions_.datasets_.push_back(std::move(dataset));
  return {};
}

Status DefinitionReader::DefineTable(SourceStatement& statement, const sql::CreateTable& table) {
  if (table.kind != sql::ObjectKind::kStreamingTable) {
    return Error(Condition("PIPELINE_STATEMENT_NOT_ALLOWED"), {{"statement", "CREATE TABLE"}})
        .WithPosition(table.name.source)
        .WithHint("A pipeline makes streaming tables and materialized views.");
  }
  if (table.flow) return UnsupportedFeature("FLOW AUTO CDC", table.flow->source);
  DatasetDefinition dataset;
  dataset.kind = DatasetKind::kStreamingTable;
  TARN_ASSIGN(dataset.name, Qualified(table.name));
  dataset.statement = &statement;
  dataset.is_private = table.is_private || table.temporary;
  dataset.columns = &table.columns;
  dataset.constraints = &table.constraints;
  dataset.clauses = &table.clauses;
  TARN_TRY(ReadExpectations(statement, &dataset));
  if (table.query) {
    dataset.flows.push_back(
        {dataset.name.object, &statement, table.query.get(), false, catalog_, schema_});
  }
  return AddDataset(std::move(dataset), table.name);
}

Status DefinitionReader::DefineView(SourceStatement& statement, const sql::CreateView& view) {
  if (!view.query) return UnsupportedFeature("a metric view in a pipeline", view.name.source);
  DatasetDefinition dataset;
  if (view.kind == sql::ObjectKind::kMaterializedView) {
    dataset.kind = DatasetKind::kMaterializedView;
    dataset.is_private = view.is_private || view.temporary;
  } else {
    dataset.kind = view.temporary ? DatasetKind::kTemporaryView : DatasetKind::kView;
  }
  TARN_ASSIGN(dataset.name, Qualified(view.name));
  dataset.statement = &statement;
  dataset.columns = &view.columns;
  dataset.constraints = &view.constraints;
  dataset.clauses = &view.clauses;
  TARN_TRY(ReadExpectations(statement, &dataset));
  dataset.flows.push_back(
      {dataset.name.object, &statement, view.query.get(), false, catalog_, schema_});
  return AddDataset(std::move(dataset), view.name);
}

Status DefinitionReader::DefineFlow(SourceStatement& statement, const sql::CreateFlow& flow) {
  const auto* insert = flow.statement->As<sql::Insert>();
  if (insert == nullptr) return UnsupportedFeature("AUTO CDC INTO", flow.statement->source);
  if (insert->mode != sql::InsertMode::kInto) {
    return UnsupportedFeature("A flow with INSERT OVERWRITE or REPLACE", flow.statement->source);
  }
  PendingFlow pending;
  TARN_ASSIGN(pending.target, Qualified(insert->table));
  pending.source = sql::InScript({statement.text, statement.source}, insert->table.source);
  pending.flow = {NameText(flow.name), &statement, insert->query.get(),
                  insert->once,        catalog_,   schema_};
  pending_.push_back(std::move(pending));
  return {};
}

void DefinitionReader::Finish() {
  for (PendingFlow& pending : pending_) {
    const SourceStatement& statement = *pending.flow.statement;
    auto* dataset = const_cast<DatasetDefinition*>(definitions_.Find(pending.target));
    if (dataset == nullptr || dataset->kind != DatasetKind::kStreamingTable) {
      Problematic(statement.file, statement.script,
                  Error(Condition("PIPELINE_FLOW_WITHOUT_TARGET"),
                        {{"flow", pending.flow.name}, {"target", pending.target.ToString()}})
                      .WithPosition(pending.source));
      continue;
    }
    bool taken = false;
    for (const FlowDefinition& other : dataset->flows) {
      taken |= SameName(other.name, pending.flow.name);
    }
    if (taken) {
      Problematic(statement.file, statement.script,
                  Error(Condition("PIPELINE_DUPLICATE_NAME"),
                        {{"kind", "flow"}, {"name", pending.flow.name}})
                      .WithPosition(pending.source));
      continue;
    }
    dataset->flows.push_back(std::move(pending.flow));
  }
  pending_.clear();
}

}  // namespace tarn::pipeline
