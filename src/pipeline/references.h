#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"

namespace tarn::pipeline {

/// A ${key} in a text. The key is made of letters, digits and . _ - [ ]; anything else between the
/// braces leaves the text as it is.
struct Reference {
  size_t begin = 0;  ///< of the '$'
  size_t end = 0;    ///< behind the '}'
  std::string key;
};

std::vector<Reference> FindReferences(std::string_view text);

/// The text with each reference replaced by what `value_of` gives for it.
Result<std::string> ReplaceReferences(
    std::string_view text,
    const std::function<Result<std::string>(const Reference& reference)>& value_of);

}  // namespace tarn::pipeline
