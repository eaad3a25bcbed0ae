#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/error.h"

namespace tarn::pipeline {

/// What stands for a secret where it must not be shown.
inline constexpr std::string_view kRedacted = "[REDACTED]";

/// Takes secrets out of texts. A secret that a text holds cut or transformed stays. Thread-safe but
/// for Hide.
class Redactor {
 public:
  /// From now on, `secret` isn't shown. Empty ones hide nothing.
  void Hide(std::string secret);
  bool IsIn(std::string_view text) const;
  std::string Redacted(std::string text) const;
  /// The error with its causes.
  Error Redacted(const Error& error) const;

 private:
  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace tarn::pipeline
