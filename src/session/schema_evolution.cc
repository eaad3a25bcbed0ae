#include "schema_evolution.h"

namespace tarn::session {

bool EvolvesSchema(const SessionState& session, bool clause) {
  if (clause) return true;
  const std::string* merges = session.Setting("spark.databricks.delta.schema.autoMerge.enabled");
  return merges != nullptr && SameName(*merges, "true");
}

delta::Metadata WithNewColumns(const delta::Metadata& table,
                               const std::vector<plan::OutputColumn>& columns, size_t first) {
  delta::Metadata merged = table;
  for (size_t i = first; i < columns.size(); ++i) {
    if (merged.schema.Find(columns[i].name) >= 0) continue;
    merged.schema.fields.push_back({columns[i].name, columns[i].type, true, {}});
  }
  return merged;
}

}  // namespace tarn::session
