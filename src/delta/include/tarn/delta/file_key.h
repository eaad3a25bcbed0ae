#pragma once

#include <string>
#include <string_view>

#include "tarn/delta/action.h"
#include "tarn/delta/data_file.h"

namespace tarn::delta {

/// Names the rows of a data file: its path and its deletion vector (nullptr: none). Source: Delta
/// protocol, "Action Reconciliation" (logical files).
std::string FileKey(std::string_view path, const DeletionVectorDescriptor* vector);
/// The same of a live file.
std::string FileKey(const FileSet& files, size_t index);

}  // namespace tarn::delta
