#include "tarn/delta/clustering.h"

#include <nlohmann/json.hpp>

#include "log_reader.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {

namespace {

/// The names of a column one way or the other; nullopt if there is no such column.
std::optional<ColumnPath> Translate(const PhysicalSchema& schema, const ColumnPath& path,
                                    bool to_physical) {
  ColumnPath out;
  const std::vector<PhysicalField>* fields = &schema.fields;
  for (const std::string& part : path) {
    const PhysicalField* found = nullptr;
    for (const PhysicalField& field : *fields) {
      if (to_physical ? SameName(field.name, part) : field.physical_name == part) found = &field;
    }
    if (found == nullptr) return std::nullopt;
    out.push_back(to_physical ? found->physical_name : found->name);
    fields = &found->children;
  }
  return out;
}

}  // namespace

std::string ShownPath(const ColumnPath& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

Result<std::optional<std::vector<ColumnPath>>> ClusteringColumns(const Snapshot& snapshot) {
  const auto domain = snapshot.domains().find(kClusteringDomain);
  if (domain == snapshot.domains().end()) return std::optional<std::vector<ColumnPath>>();
  const auto corrupt = [&](const std::string& detail) {
    return LogCorrupt(snapshot.table_root(), "domainMetadata", "delta.clustering: " + detail);
  };
  const auto json = nlohmann::json::parse(domain->second.configuration, nullptr, false);
  if (!json.is_object() || !json.contains("clusteringColumns")) return corrupt("no columns");
  std::vector<ColumnPath> columns;
  for (const auto& entry : json["clusteringColumns"]) {
    ColumnPath physical;
    for (const auto& part : entry) {
      if (!part.is_string()) return corrupt("a name isn't a text");
      physical.push_back(part.get<std::string>());
    }
    auto logical = Translate(snapshot.physical_schema(), physical, false);
    if (!logical) return corrupt("there is no column " + ShownPath(physical));
    columns.push_back(std::move(*logical));
  }
  return std::optional(std::move(columns));
}

Result<bool> HasBounds(const Metadata& metadata, const ColumnPath& column) {
  TARN_ASSIGN(const PhysicalSchema schema, MakePhysicalSchema(metadata));
  TARN_ASSIGN(const TableProperties properties, ReadTableProperties(metadata));
  const auto physical = Translate(schema, column, true);
  if (!physical) return false;
  for (const StatisticsColumn& known : StatisticsColumns(metadata, schema, properties)) {
    if (known.physical_path == *physical) return known.bounds;
  }
  return false;
}

Result<DomainMetadata> ClusteringDomain(const Metadata& metadata,
                                        const std::vector<ColumnPath>& columns) {
  if (columns.size() > kClusteringColumnsMax) {
    return Error(Condition("DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS"),
                 {{"numColumnsLimit", std::to_string(kClusteringColumnsMax)},
                  {"actualNumColumns", std::to_string(columns.size())}});
  }
  TARN_ASSIGN(const PhysicalSchema schema, MakePhysicalSchema(metadata));
  nlohmann::json names = nlohmann::json::array();
  for (const ColumnPath& column : columns) {
    const auto physical = Translate(schema, column, true);
    if (!physical) {
      return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"),
                   {{"objectName", QuoteIdentifier(ShownPath(column))}});
    }
    TARN_ASSIGN(const bool bounds, HasBounds(metadata, column));
    if (!bounds) {
      return Error(Condition("DELTA_CLUSTERING_COLUMN_MISSING_STATS"),
                   {{"columns", QuoteIdentifier(ShownPath(column))}});
    }
    names.push_back(*physical);
  }
  DomainMetadata domain;
  domain.domain = kClusteringDomain;
  domain.configuration = nlohmann::json{
      {"clusteringColumns", std::move(names)},
      {"domainName",
       kClusteringDomain}}.dump();
  return domain;
}

}  // namespace tarn::delta
