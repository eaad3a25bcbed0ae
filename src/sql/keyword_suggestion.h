#pragma once

#include <string_view>

namespace tarn::sql {

/// The keyword that a word is likely a misspelling of (one letter more, less, other or two
/// swapped), or "".
std::string_view SuggestKeyword(std::string_view word);

}  // namespace tarn::sql
