#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// A column by its path of logical names.
using ColumnPath = std::vector<std::string>;
/// "a.b", for people.
std::string ShownPath(const ColumnPath& path);

inline constexpr const char* kClusteringDomain = "delta.clustering";

/// At most so many clustering columns.
inline constexpr size_t kClusteringColumnsMax = 4;

/// The columns that a table is clustered by: none for a clustered table without columns (CLUSTER BY
/// NONE), nullopt for a table that isn't clustered. Errors: DELTA_LOG_CORRUPT.
/// Source: Delta protocol, "Clustered Table".
Result<std::optional<std::vector<ColumnPath>>> ClusteringColumns(const Snapshot& snapshot);

/// The domain metadata that says so. Errors: UNRESOLVED_COLUMN;
/// DELTA_CLUSTERING_COLUMN_MISSING_STATS for a column without minimum and maximum in the
/// statistics; DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS.
Result<DomainMetadata> ClusteringDomain(const Metadata& metadata,
                                        const std::vector<ColumnPath>& columns);

/// Whether files have statistics with bounds for a column. Errors: those of ReadTableProperties.
Result<bool> HasBounds(const Metadata& metadata, const ColumnPath& column);

}  // namespace tarn::delta
