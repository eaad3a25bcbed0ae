#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/delta/snapshot.h"

namespace tarn::delta {

// ALTER TABLE … DROP FEATURE: a table that older readers and writers understand again. First the
// table stops using the feature, then the protocol loses it.

/// Whether the table can be rid of the feature. Errors:
/// DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY, DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE,
/// DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE, DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT,
/// DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED, DELTA_FEATURE_DROP_DEPENDENT_FEATURE,
/// DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE,
/// DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION.
Status CheckDroppable(const Snapshot& snapshot, const std::string& feature, bool truncate_history);

/// Whether readers have to know the feature: then versions that use it must not be met by readers
/// that don't.
bool IsReaderFeature(std::string_view feature);

/// The metadata of a table that no longer uses the feature. Rows and files are another matter.
Metadata WithoutTraces(const Metadata& metadata, std::string_view feature);

/// What of a table's files stands in the way.
enum class FileTraces : uint8_t {
  kNone,
  kDeletedRows,  ///< files with deletion vectors must be written anew
  kAllFiles,     ///< every file must be
  kRowIds,       ///< files must be added again without row ids
};
FileTraces FileTracesOf(const Snapshot& snapshot, std::string_view feature);

/// The protocol without the feature: legacy versions if they imply just what is left, else features
/// by name.
Protocol WithoutFeature(const Protocol& protocol, std::string_view feature);
/// The same with the feature checkpointProtection, which keeps readers from meeting older versions.
Protocol WithProtection(const Protocol& protocol);
inline constexpr const char* kProtectionProperty = "delta.requireCheckpointProtectionBeforeVersion";

/// Whether a version of the log that can still be read uses the feature; for checkpointProtection,
/// whether a version that is protected is there.
Result<bool> HistoryUses(const RequestContext& ctx, const Table& table, const Snapshot& latest,
                         std::string_view feature);

}  // namespace tarn::delta
