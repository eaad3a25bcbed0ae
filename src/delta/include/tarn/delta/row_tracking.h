#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tarn/base/random.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"

namespace tarn::delta {

// Row tracking: each row has an id that no other row of the table ever has, and the version that
// wrote it last. Source: Delta protocol, "Row Tracking".

/// The domain that holds the highest id given out.
inline constexpr const char* kRowTrackingDomain = "delta.rowTracking";
/// The table properties beginning so belong to writers, not to users.
inline constexpr const char* kRowTrackingPrefix = "delta.rowTracking.";

/// The columns of data files in which rewritten rows keep their ids and versions. They are no
/// columns of the table.
struct RowTrackingColumns {
  std::string row_id;
  std::string row_commit_version;
};

/// The columns of a table whose row tracking is enabled; nullopt for others.
std::optional<RowTrackingColumns> TrackedColumns(const Metadata& metadata);

/// The metadata with both columns behind the table's own, as a query that rewrites rows gives them.
Metadata WithRowTracking(const Metadata& table, const RowTrackingColumns& columns);

/// Whether every committed file gets ids: the protocol has the feature, and it isn't suspended.
bool AssignsRowIds(const Protocol& protocol, const Metadata& metadata);

/// Names the columns of a table that enables row tracking, as `before` did (null: a new table).
/// Errors: DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION for one that is suspended, too.
Status NameRowTrackingColumns(Metadata& metadata, const Metadata* before, IdSource& ids);

/// The highest id of a `delta.rowTracking` domain, or -1.
int64_t RowIdHighWaterMark(const DomainMetadata& domain);
DomainMetadata RowTrackingDomain(int64_t high_water_mark);

/// Gives a file without a fresh id the next ones, and raises the mark; a file without a version
/// this one. The file must have numRecords.
void AssignRowIds(AddFile& add, Version version, int64_t& high_water_mark);

}  // namespace tarn::delta
