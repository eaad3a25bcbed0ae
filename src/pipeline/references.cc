#include "references.h"

namespace tarn::pipeline {

namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '[' || c == ']';
}

}  // namespace

std::vector<Reference> FindReferences(std::string_view text) {
  std::vector<Reference> references;
  for (size_t at = text.find("${"); at != text.npos; at = text.find("${", at)) {
    size_t end = at + 2;
    while (end < text.size() && IsKeyCharacter(text[end])) ++end;
    if (end > at + 2 && end < text.size() && text[end] == '}') {
      references.push_back({at, end + 1, std::string(text.substr(at + 2, end - at - 2))});
    }
    at = end;
  }
  return references;
}

Result<std::string> ReplaceReferences(
    std::string_view text,
    const std::function<Result<std::string>(const Reference& reference)>& value_of) {
  std::string result;
  size_t at = 0;
  for (const Reference& reference : FindReferences(text)) {
    result += text.substr(at, reference.begin - at);
    TARN_ASSIGN(const std::string value, value_of(reference));
    result += value;
    at = reference.end;
  }
  result += text.substr(at);
  return result;
}

}  // namespace tarn::pipeline
