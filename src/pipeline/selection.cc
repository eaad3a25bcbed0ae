#include "selection.h"

namespace tarn::pipeline {

namespace {

std::string KnownNames(const Definitions& definitions) {
  std::string names;
  for (const DatasetDefinition& dataset : definitions.datasets()) {
    names += (names.empty() ? "" : ", ") + dataset.name.ToString();
  }
  return names;
}

/// Whether `text` is the dataset's name, or its last parts.
bool Names(const std::string& text, const catalog::ObjectName& name) {
  return SameName(text, name.object) || SameName(text, name.schema + "." + name.object) ||
         SameName(text, name.catalog + "." + name.schema + "." + name.object);
}

Result<size_t> FindDataset(const Definitions& definitions, const std::string& text) {
  for (size_t i = 0; i < definitions.datasets().size(); ++i) {
    if (Names(text, definitions.datasets()[i].name)) return i;
  }
  return Error(Condition("PIPELINE_DATASET_UNKNOWN"),
               {{"dataset", text}, {"known", KnownNames(definitions)}});
}

bool ResetAllowed(const DatasetDefinition& dataset) {
  if (dataset.clauses == nullptr) return true;
  for (const sql::Property& property : dataset.clauses->properties) {
    if (SameName(property.key, "pipelines.reset.allowed")) {
      return !SameName(property.value, "false");
    }
  }
  return true;
}

}  // namespace

Result<std::vector<Chosen>> SelectDatasets(const Definitions& definitions,
                                           const UpdateSelection& selection) {
  const bool all = selection.refresh.empty() && selection.full_refresh.empty();
  std::vector<Chosen> chosen(definitions.datasets().size());
  for (size_t i = 0; i < definitions.datasets().size(); ++i) {
    const DatasetDefinition& dataset = definitions.datasets()[i];
    const bool table = dataset.kind == DatasetKind::kStreamingTable;
    chosen[i].refresh = all || selection.full_refresh_all || dataset.kind == DatasetKind::kView ||
                        dataset.kind == DatasetKind::kTemporaryView;
    chosen[i].reset = selection.full_refresh_all && table && ResetAllowed(dataset);
  }
  for (const std::string& name : selection.refresh) {
    TARN_ASSIGN(const size_t index, FindDataset(definitions, name));
    chosen[index].refresh = true;
  }
  for (const std::string& name : selection.full_refresh) {
    TARN_ASSIGN(const size_t index, FindDataset(definitions, name));
    const DatasetDefinition& dataset = definitions.datasets()[index];
    if (!ResetAllowed(dataset)) {
      return Error(Condition("PIPELINE_RESET_NOT_ALLOWED"), {{"dataset", dataset.name.ToString()}});
    }
    chosen[index].refresh = true;
    chosen[index].reset = dataset.kind == DatasetKind::kStreamingTable;
  }
  return chosen;
}

}  // namespace tarn::pipeline
