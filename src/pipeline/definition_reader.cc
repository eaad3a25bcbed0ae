#include "definition_reader.h"

#include "auto_cdc.h"
#include "file_text.h"
#include "references.h"
#include "refused_clauses.h"
#include "secret_places.h"
#include "tarn/sql/parser.h"

namespace tarn::pipeline {

namespace {

constexpr size_t kFileBytesMax = 64 << 20;

std::string NameText(const sql::ObjectName& name) {
  std::string text;
  for (const sql::Identifier& part : name.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

/// Cuts a script whose ${…} have no values yet, of which SQL knows nothing.
Result<std::vector<sql::StatementSource>> SplitConfigurable(const std::string& raw,
                                                            std::vector<Error>* foreign_cells) {
  const std::vector<Reference> references = FindReferences(raw);
  std::string masked = raw;
  for (const Reference& at : references)
    masked.replace(at.begin, at.end - at.begin, at.end - at.begin, '_');
  TARN_ASSIGN(auto statements, sql::SplitScript(masked, foreign_cells));
  size_t next = 0;
  for (sql::StatementSource& statement : statements) {
    const size_t begin = statement.source.begin;
    while (next < references.size() && references[next].begin < begin) ++next;
    for (; next < references.size() && references[next].end <= statement.source.end; ++next) {
      const Reference& at = references[next];
      statement.text.replace(at.begin - begin, at.end - at.begin, raw, at.begin, at.end - at.begin);
    }
  }
  return statements;
}

engine::OnViolation ActionOf(const std::string& on_violation) {
  if (on_violation == "DROP ROW") return engine::OnViolation::kDropRow;
  if (on_violation == "FAIL UPDATE") return engine::OnViolation::kFail;
  return engine::OnViolation::kKeepRow;
}

}  // namespace

DefinitionReader::DefinitionReader(const PipelineSpec& spec, const SecretFinder& find_secret,
                                   Definitions& definitions)
    : spec_(spec),
      find_secret_(find_secret),
      definitions_(definitions),
      configuration_(spec.configuration) {}

void DefinitionReader::Problematic(const std::string& file, const std::string* script,
                                   Error error) {
  definitions_.problems_.push_back({file, script, std::move(error)});
}

void DefinitionReader::Note(const SourceStatement& statement, Error error) {
  definitions_.problems_.push_back(ProblemOf(statement, std::move(error)));
}

void DefinitionReader::ReadFile(const SourceFile& file) {
  catalog_ = spec_.catalog;
  schema_ = spec_.schema;
  configuration_ = spec_.configuration;
  if (!file.path.ends_with(".sql")) {
    Problematic(file.name, nullptr,
                UnsupportedFeature("The source " + file.name + " (only SQL is run)"));
    return;
  }
  auto text = ReadFileText(file.path, kFileBytesMax);
  if (!text.ok()) {
    Problematic(file.name, nullptr, std::move(text).error());
    return;
  }
  ReadScript(file, *text, definitions_.scripts_.emplace_back());
}

void DefinitionReader::ReadScript(const SourceFile& file, const std::string& raw,
                                  std::string& script) {
  std::vector<Error> foreign_cells;
  auto statements = SplitConfigurable(raw, &foreign_cells);
  if (!statements.ok()) {
    script = raw;
    Problematic(file.name, &script, std::move(statements).error());
    return;
  }
  ConfiguredText configured(raw, &script, find_secret_, definitions_.redactor_.get());
  for (const sql::StatementSource& source : *statements) {
    auto next = configured.Next(source, configuration_);
    if (next.ok()) {
      ReadStatement(file.name, script, *std::move(next));
    } else {
      Problematic(file.name, &script, std::move(next).error());
    }
  }
  configured.Finish();
  for (Error& cell : foreign_cells) {
    const SourceRange at = configured.Moved(cell.position());
    Problematic(file.name, &script, std::move(cell).WithPosition(at));
  }
}

void DefinitionReader::ReadStatement(const std::string& file, const std::string& script,
                                     ConfiguredText::Statement source) {
  SourceStatement& statement = definitions_.statements_.emplace_back();
  statement.file = file;
  statement.script = &script;
  statement.text = std::move(source.source.text);
  statement.source = source.source.source;
  statement.secrets = std::move(source.secrets);
  statement.redactor = definitions_.redactor_;
  auto parsed = sql::ParseStatement(statement.text);
  Status status = parsed.ok() ? Status() : std::move(parsed).error();
  if (status.ok()) {
    statement.tree.emplace(*std::move(parsed));
    status = CheckSecrets(statement);
    if (status.ok()) status = Define(statement);
  }
  if (!status.ok()) Note(statement, std::move(status).error());
}

Status DefinitionReader::Define(SourceStatement& statement) {
  const sql::Statement& tree = *statement.tree;
  if (const auto* table = tree.As<sql::CreateTable>()) return DefineTable(statement, *table);
  if (const auto* view = tree.As<sql::CreateView>()) return DefineView(statement, *view);
  if (const auto* flow = tree.As<sql::CreateFlow>()) return DefineFlow(statement, *flow);
  if (const auto* use = tree.As<sql::Use>()) return Use(*use);
  if (const auto* cdc = tree.As<sql::AutoCdc>()) {
    TARN_ASSIGN(FlowDefinition flow,
                AutoCdcFlow(statement, *cdc, tree.source, NameText(cdc->target)));
    return AddPending(cdc->target, std::move(flow));
  }
  const auto* set = tree.As<sql::SetConfiguration>();
  if (set != nullptr && set->value) return Set(statement, *set);
  return Error(Condition("PIPELINE_STATEMENT_NOT_ALLOWED"),
               {{"statement", sql::StatementName(tree)}})
      .WithPosition(tree.source);
}

Status DefinitionReader::Set(const SourceStatement& statement, const sql::SetConfiguration& set) {
  // What would change the meaning of queries isn't read over.
  for (const char* key : {"ansi_mode", "spark.sql.ansi.enabled", "spark.sql.session.timeZone",
                          "spark.sql.caseSensitive", "timezone"}) {
    if (SameName(set.key, key)) {
      return UnsupportedFeature("SET " + set.key + " in a pipeline", statement.tree->source);
    }
  }
  // As it is written: quotes belong to the value, as Spark has it.
  std::string value = statement.text.substr(statement.text.find('=') + 1);
  const size_t begin = value.find_first_not_of(" \t\r\n");
  value.erase(0, begin == value.npos ? value.size() : begin);
  configuration_[set.key] = std::move(value);
  return {};
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
  return {};
}

Status DefinitionReader::AddDataset(DatasetDefinition dataset, const sql::ObjectName& name) {
  if (definitions_.Find(dataset.name) != nullptr) {
    return Error(Condition("PIPELINE_DUPLICATE_NAME"),
                 {{"kind", "dataset"}, {"name", dataset.name.ToString()}})
        .WithPosition(name.source);
  }
  for (Error& refused : RefusedClauses(dataset)) Note(*dataset.statement, std::move(refused));
  definitions_.datasets_.push_back(std::move(dataset));
  return {};
}

Status DefinitionReader::AddPending(const sql::ObjectName& target, FlowDefinition flow) {
  PendingFlow pending;
  TARN_ASSIGN(pending.target, Qualified(target));
  pending.source = ShownPlace(*flow.statement, target.source);
  pending.flow = std::move(flow);
  pending_.push_back(std::move(pending));
  return {};
}

Result<FlowDefinition> DefinitionReader::AutoCdcFlow(const SourceStatement& statement,
                                                     const sql::AutoCdc& cdc,
                                                     const SourceRange& place, std::string name) {
  if (cdc.from_snapshot) return UnsupportedFeature("AUTO CDC FROM SNAPSHOT", cdc.from->source);
  Note(statement, UnsupportedFeature("AUTO CDC INTO", place));
  TARN_ASSIGN(sql::QueryPtr query, QueryOfSource(statement.text, cdc));
  FlowDefinition flow;
  flow.name = std::move(name);
  flow.statement = &statement;
  flow.query = definitions_.queries_.emplace_back(std::move(query)).get();
  flow.auto_cdc = &cdc;
  flow.once = cdc.once;
  flow.catalog = catalog_;
  flow.schema = schema_;
  return flow;
}

Status DefinitionReader::DefineTable(SourceStatement& statement, const sql::CreateTable& table) {
  if (table.kind != sql::ObjectKind::kStreamingTable) {
    return Error(Condition("PIPELINE_STATEMENT_NOT_ALLOWED"), {{"statement", "CREATE TABLE"}})
        .WithPosition(table.name.source)
        .WithHint("A pipeline makes streaming tables and materialized views.");
  }
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
        {dataset.name.object, &statement, table.query.get(), nullptr, false, catalog_, schema_});
  }
  if (table.flow) {
    TARN_ASSIGN(FlowDefinition flow, AutoCdcFlow(statement, *table.flow->As<sql::AutoCdc>(),
                                                 table.flow->source, dataset.name.object));
    dataset.flows.push_back(std::move(flow));
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
      {dataset.name.object, &statement, view.query.get(), nullptr, false, catalog_, schema_});
  return AddDataset(std::move(dataset), view.name);
}

Status DefinitionReader::DefineFlow(SourceStatement& statement, const sql::CreateFlow& flow) {
  const SourceRange& place = flow.statement->source;
  if (const auto* cdc = flow.statement->As<sql::AutoCdc>()) {
    TARN_ASSIGN(FlowDefinition made, AutoCdcFlow(statement, *cdc, place, NameText(flow.name)));
    return AddPending(cdc->target, std::move(made));
  }
  const auto* insert = flow.statement->As<sql::Insert>();
  if (insert == nullptr) {
    return Error(Condition("PIPELINE_STATEMENT_NOT_ALLOWED"),
                 {{"statement", "CREATE FLOW … AS " + sql::StatementName(*flow.statement)}})
        .WithPosition(place);
  }
  if (insert->mode != sql::InsertMode::kInto) {
    return UnsupportedFeature("A flow with INSERT OVERWRITE or REPLACE", place);
  }
  if (!insert->by_name || !insert->columns.empty()) {
    return UnsupportedFeature("A flow that isn't written INSERT INTO … BY NAME", place);
  }
  return AddPending(insert->table, {NameText(flow.name), &statement, insert->query.get(), nullptr,
                                    insert->once, catalog_, schema_});
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
