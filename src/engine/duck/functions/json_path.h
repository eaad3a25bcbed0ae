#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::engine::duck {

/// One step of a path as get_json_object and variant_get take it: `$.name`, `$['name']`, `$[0]`,
/// `$[*]`.
struct JsonPathStep {
  enum Kind : uint8_t { kName, kIndex, kAny } kind = kName;
  std::string name;
  size_t index = 0;
};

/// False for a text that is no path.
bool ParseJsonPath(std::string_view text, std::vector<JsonPathStep>* steps);

}  // namespace tarn::engine::duck
