#pragma once

#include <cstdint>

namespace tarn {

/// A half-open range of bytes [begin, end) in the text of one statement; line and column (both
/// 1-based, column in code points) belong to `begin`. line == 0 means "no position known".
struct SourceRange {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t line = 0;
  uint32_t column = 0;

  bool known() const { return line != 0; }
};

}  // namespace tarn
