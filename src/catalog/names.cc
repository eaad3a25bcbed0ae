#include "names.h"

#include <algorithm>
#include <utility>

#include "tarn/base/edit_distance.h"
#include "tarn/types/data_type.h"

namespace tarn::catalog {

namespace {

constexpr size_t kNameBytesMax = 255;

Error Refused(std::string_view name, std::string detail) {
  return Error(Condition("INVALID_SCHEMA_OR_RELATION_NAME"),
               {{"name", QuoteIdentifier(name)}, {"detail", std::move(detail)}});
}

}  // namespace

Result<std::string> CheckedName(std::string_view name) {
  if (name.empty()) return Refused(name, "it is empty");
  if (name.size() > kNameBytesMax) return Refused(name, "it is longer than 255 characters");
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '.' || c == '/' || c == ' ') {
      return Refused(name, std::string("it has a '") + c + "'");
    }
    if (byte < 0x20 || byte == 0x7F) return Refused(name, "it has a control character");
  }
  return FoldName(name);
}

std::vector<std::string> NearestNames(std::string_view wanted,
                                      const std::vector<std::string>& candidates) {
  const std::string folded = FoldName(wanted).substr(0, kNameBytesMax);
  const size_t distance_max = std::max<size_t>(2, folded.size() / 3);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(folded, FoldName(candidate));
    if (distance <= distance_max) near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  std::vector<std::string> names;
  for (size_t i = 0; i < near.size() && i < 3; ++i) names.push_back(std::move(near[i].second));
  return names;
}

}  // namespace tarn::catalog
