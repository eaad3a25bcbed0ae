#include "tarn/pipeline/definitions.h"

#include <algorithm>

#include "definition_reader.h"
#include "tarn/sql/script.h"

namespace tarn::pipeline {

std::string_view NameOf(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kStreamingTable:
      return "STREAMING_TABLE";
    case DatasetKind::kMaterializedView:
      return "MATERIALIZED_VIEW";
    case DatasetKind::kTemporaryView:
    case DatasetKind::kView:
      return "VIEW";
  }
  return "";
}

SourceRange ShownPlace(const SourceStatement& statement, const SourceRange& inner) {
  if (statement.secrets.empty() || !inner.known()) {
    return sql::InScript({statement.text, statement.source}, inner);
  }
  // Secrets have no line breaks as they are written.
  const auto shown = [&](size_t place) {
    size_t moved = place;
    for (const SecretPlace& secret : statement.secrets) {
      if (place <= secret.begin) break;
      moved -= std::min(place, secret.end) - secret.begin;
      if (place >= secret.end) moved += kRedacted.size();
    }
    return statement.source.begin + moved;
  };
  SourceRange range = inner;
  range.begin = static_cast<uint32_t>(shown(inner.begin));
  range.end = static_cast<uint32_t>(std::max<size_t>(shown(inner.end), range.begin));
  range.line += statement.source.line - 1;
  const size_t line = statement.script->rfind('\n', range.begin - (range.begin > 0 ? 1 : 0));
  range.column = range.begin - static_cast<uint32_t>(line == std::string::npos ? 0 : line + 1) + 1;
  return range;
}

Problem ProblemOf(const SourceStatement& statement, Error error) {
  const SourceRange at = ShownPlace(statement, error.position());
  return {statement.file, statement.script, statement.redactor->Redacted(error).WithPosition(at)};
}

Definitions Definitions::Read(const PipelineSpec& spec, const SecretFinder& find_secret) {
  Definitions definitions;
  DefinitionReader reader(spec, find_secret, definitions);
  for (const SourceFile& file : spec.files) reader.ReadFile(file);
  reader.Finish();
  return definitions;
}

const DatasetDefinition* Definitions::Find(const catalog::ObjectName& name) const {
  for (const DatasetDefinition& dataset : datasets_) {
    if (dataset.name.SameAs(name)) return &dataset;
  }
  return nullptr;
}

}  // namespace tarn::pipeline
