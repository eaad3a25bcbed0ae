#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

/// Whether the table's protocol supports the feature: listed by name, or implied by a legacy
/// version.
bool SupportsFeature(const Protocol& protocol, std::string_view feature);
/// Tarn's own feature: like catalogManaged, but for writers only, so that engines which don't know
/// it may read the published log.
inline constexpr const char* kCatalogCommits = "tarn.catalogCommits";
/// Whether the catalog arbitrates the table's commits (CatalogCommitter): the table has the feature
/// catalogManaged or kCatalogCommits.
bool IsCatalogCommitted(const Protocol& protocol);

/// The features a protocol supports, legacy versions spelled out, sorted (DESCRIBE DETAIL).
std::vector<std::string> FeaturesOf(const Protocol& protocol);

/// Errors: DELTA_UNSUPPORTED_FEATURES_FOR_READ naming each feature (or version) that Tarn doesn't
/// know.
Status CheckReadable(const Protocol& protocol, std::string_view table);

/// What a write does, as far as features matter.
enum class WriteKind : uint8_t {
  kAppend,    ///< only adds files
  kRewrite,   ///< removes or replaces rows (UPDATE, DELETE, MERGE)
  kReplace,   ///< removes whole files without looking at rows (overwrite, truncate)
  kMetadata,  ///< changes schema or properties only
};

/// Errors: DELTA_UNSUPPORTED_FEATURES_FOR_WRITE naming each feature in use that Tarn can't keep;
/// DELTA_CANNOT_MODIFY_APPEND_ONLY for a change to an append-only table.
Status CheckWritable(const Protocol& protocol, const Metadata& metadata, WriteKind kind,
                     std::string_view table);

/// The least protocol that a table with this metadata needs, starting from `current` for an
/// existing table (versions and features are never lowered). Properties "delta.feature.<name>" =
/// "supported"|"enabled" ask for features by name and are removed from `metadata`, as are
/// delta.minReaderVersion and delta.minWriterVersion, which raise the versions.
/// Errors: DELTA_UNSUPPORTED_FEATURES_FOR_WRITE; INVALID_PARAMETER_VALUE for a malformed property.
Result<Protocol> ProtocolFor(Metadata& metadata, const std::optional<Protocol>& current,
                             std::string_view table);

/// Refuses what no table may have: duplicate column names, types that Delta doesn't store, unknown
/// or all-covering or nested partition columns, names that need column mapping without it
/// (DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES), NOT NULL inside arrays and maps.
Status ValidateMetadata(const Metadata& metadata);

}  // namespace tarn::delta
