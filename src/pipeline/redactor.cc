#include "tarn/pipeline/redactor.h"

#include <algorithm>

namespace tarn::pipeline {

void Redactor::Hide(std::string secret) {
  if (secret.empty() || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) {
    return;
  }
  const auto place = std::find_if(secrets_.begin(), secrets_.end(), [&](const std::string& other) {
    return other.size() < secret.size();
  });
  secrets_.insert(place, std::move(secret));
}

bool Redactor::IsIn(std::string_view text) const {
  return std::any_of(secrets_.begin(), secrets_.end(),
                     [&](const std::string& secret) { return text.find(secret) != text.npos; });
}

std::string Redactor::Redacted(std::string text) const {
  if (!IsIn(text)) return text;
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto found =
        std::find_if(secrets_.begin(), secrets_.end(),
                     [&](const std::string& secret) { return rest.starts_with(secret); });
    if (found == secrets_.end()) {
      result += text[at++];
    } else {
      result += kRedacted;
      at += found->size();
    }
  }
  return result;
}

Error Redactor::Redacted(const Error& error) const {
  if (secrets_.empty()) return error;
  std::vector<Error::Parameter> parameters = error.parameters();
  for (Error::Parameter& parameter : parameters) {
    parameter.second = Redacted(std::move(parameter.second));
  }
  Error redacted(error.condition(), std::move(parameters));
  redacted = std::move(redacted).WithPosition(error.position());
  if (std::string hint = error.hint(); !hint.empty()) {
    redacted = std::move(redacted).WithHint(Redacted(std::move(hint)));
  }
  if (error.cause() != nullptr) {
    redacted = std::move(redacted).WithCause(Redacted(*error.cause()));
  }
  return redacted;
}

}  // namespace tarn::pipeline
