#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/error.h"

namespace tarn::format {

/// FAILED_READ_FILE.NO_HINT without a path; the reader that knows it adds it by InFile.
Error ReadFailure(std::string detail);

/// The error with the file's path; `line` (from 1; 0: unknown) tells the record.
Error InFile(Error error, const std::string& path, int64_t line = 0);

/// UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE.
Error NewFields(const std::vector<std::string>& names, const std::string& path);

/// What FAILFAST says to a record; at most some hundred characters of it are shown.
Error MalformedRecord(std::string_view record, std::string_view reason);

}  // namespace tarn::format
