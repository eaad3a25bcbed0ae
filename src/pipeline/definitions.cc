#include "tarn/pipeline/definitions.h"

#include "definition_reader.h"

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
