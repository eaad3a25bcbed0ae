#include "tarn/pipeline/definitions.h"

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

Problem ProblemOf(const SourceStatement& statement, Error error) {
  const SourceRange at = error.position().known()
                             ? sql::InScript({statement.text, statement.source}, error.position())
                             : statement.source;
  return {statement.file, statement.script, std::move(error).WithPosition(at)};
}

Definitions Definitions::Read(const PipelineSpec& spec) {
  Definitions definitions;
  DefinitionReader reader(spec, definitions);
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
