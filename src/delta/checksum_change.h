#pragma once

#include <vector>

#include "tarn/delta/data_file.h"
#include "tarn/delta/version_checksum.h"

namespace tarn::delta {

/// Counts in `checksum` what a change of a table's files does to them. Those of `adds` that are
/// live already (files that are told anew, with statistics or row ids) replace what was told of
/// them. `files`: what was read, with everything that is removed or told anew; nullptr for a new
/// table. False if there would be more bytes than there can be.
bool CountChange(const FileSet* files, const std::vector<size_t>& removed,
                 const std::vector<AddFile>& adds, VersionChecksum& checksum);

/// Takes over what a change says of transactions and domains, and, after its protocol and metadata
/// were set, leaves out what can't be told of such a table.
void NoteActions(const std::vector<SetTransaction>& transactions,
                 const std::vector<DomainMetadata>& domains, VersionChecksum& checksum);

}  // namespace tarn::delta
