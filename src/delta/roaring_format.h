#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "row_containers.h"

namespace tarn::delta {

/// Reads the portable serialization of 64-bit roaring bitmaps; answers what is wrong with it, or
/// nullptr. Nothing about the bytes is trusted.
/// Source: RoaringFormatSpec, "Extension for 64-bit implementations".
const char* ParseRoaring64(std::string_view bytes, std::vector<RowContainer>& containers);

/// Reads the sequence of 32-bit bitmaps that stands for a 64-bit one in older deletion vectors and
/// in the protocol's inline example: count, then size and bitmap by rising upper half.
const char* ParseRoaringSequence(std::string_view bytes, bool big_endian,
                                 std::vector<RowContainer>& containers);

/// Writes the portable form (arrays and runs, no bitmaps beyond what containers hold).
void AppendRoaring64(const std::vector<RowContainer>& containers, std::string& out);

}  // namespace tarn::delta
