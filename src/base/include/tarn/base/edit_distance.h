#pragma once

#include <cstddef>
#include <string_view>

namespace tarn {

/// Levenshtein's distance: how many single bytes must be put in, taken out or replaced to make one
/// text of the other. For "did you mean". Takes time by the product of the lengths.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace tarn
