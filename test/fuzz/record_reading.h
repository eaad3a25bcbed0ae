#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/types/data_type.h"

/// Infers the columns of a file with these bytes and reads it, by inferred columns and by `fields`.
/// Ends the program if what comes out doesn't fit together: columns of different heights, text that
/// isn't UTF-8, or, where parts can be read independently, other rows from two parts than from the
/// whole.
void ReadRecords(const std::string& format, const std::string& bytes,
                 const std::vector<std::pair<std::string, std::string>>& options,
                 const std::vector<tarn::Field>& fields);
