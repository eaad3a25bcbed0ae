#pragma once

#include <map>
#include <string>

#include "tarn/base/random.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/snapshot.h"

namespace tarn::delta {

/// The highest version of Iceberg compatibility that Tarn knows.
inline constexpr int kIcebergCompatVersionMax = 2;

/// The version of Iceberg compatibility that is switched on (delta.enableIcebergCompatV1, …V2): the
/// table's files can be told of as those of an Iceberg table, and so hold the partition columns,
/// too. 0: none. Source: Delta protocol, "Iceberg Compatibility V1", "Iceberg Compatibility V2".
int IcebergCompatVersion(const Metadata& metadata);

/// Whether elements of arrays, keys and values of maps have field ids.
bool HasNestedIds(const Metadata& metadata);

/// The tags of a data file that is written for that version.
std::map<std::string, std::string> IcebergCompatTags(int version);

/// Sets what the compatibility of a new or replaced table needs and its maker said nothing of:
/// column mapping by name.
void CompleteForIcebergCompat(Metadata& metadata);

/// A table's metadata as REORG TABLE … APPLY (UPGRADE UNIFORM …) makes it: compatible with that
/// version and no other, without new deletion vectors, with all ids that its files will have.
/// Errors: DELTA_ICEBERG_COMPAT_VIOLATION.COMPAT_VERSION_NOT_SUPPORTED.
Result<Metadata> UpgradedForIcebergCompat(const Metadata& metadata, int version, IdSource& ids);

/// Whether a table may become what `after` says. `before`: the table, nullptr for a new one.
/// `rewritten`: none of its files stays. Errors: DELTA_ICEBERG_COMPAT_VIOLATION.
Status CheckIcebergCompat(const Snapshot* before, const Metadata& after, bool rewritten);

/// Whether a table with this metadata may have the file. Errors: DELTA_ICEBERG_COMPAT_VIOLATION.
Status CheckIcebergCompat(const Metadata& metadata, const AddFile& add);

}  // namespace tarn::delta
