#include "duck/functions/json_path.h"

#include "tarn/base/parse_number.h"

namespace tarn::engine::duck {

bool ParseJsonPath(std::string_view text, std::vector<JsonPathStep>* steps) {
  if (!text.starts_with('$')) return false;
  text.remove_prefix(1);
  while (!text.empty()) {
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      const size_t end = std::min(text.find_first_of(".["), text.size());
      if (end == 0) return false;
      const std::string name(text.substr(0, end));
      steps->push_back({name == "*" ? JsonPathStep::kAny : JsonPathStep::kName, name, 0});
      text.remove_prefix(end);
    } else if (text.starts_with("['")) {
      const size_t end = text.find("']");
      if (end == text.npos) return false;
      const std::string name(text.substr(2, end - 2));
      steps->push_back({name == "*" ? JsonPathStep::kAny : JsonPathStep::kName, name, 0});
      text.remove_prefix(end + 2);
    } else if (text.starts_with('[')) {
      const size_t end = text.find(']');
      if (end == text.npos || end == 1) return false;
      const std::string inside(text.substr(1, end - 1));
      if (inside == "*") {
        steps->push_back({JsonPathStep::kAny, "*", 0});
      } else {
        if (inside.size() > 9 || inside.find_first_not_of("0123456789") != inside.npos)
          return false;
        steps->push_back({JsonPathStep::kIndex, {}, *ParseNumber<size_t>(inside)});
      }
      text.remove_prefix(end + 1);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tarn::engine::duck
