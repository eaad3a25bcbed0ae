#pragma once

#include <memory>

#include "row_writer.h"

namespace tarn::cli {

/// A box for people: column names, types' alignment (numbers to the right), long cells cut to the
/// terminal's width, the number of rows below.
std::unique_ptr<RowWriter> MakeTableWriter(const Terminal& terminal);

}  // namespace tarn::cli
