#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::engine::duck {

/// A parsed JSON text that keeps numbers as they were written and members in their order.
struct JsonTree {
  enum Kind : unsigned char { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };
  Kind kind = kNull;
  std::string text;                                       ///< kNumber: as written; kString: decoded
  std::vector<JsonTree> items;                            ///< kArray
  std::vector<std::pair<std::string, JsonTree>> members;  ///< kObject

  const JsonTree* Find(std::string_view name) const;
};

struct JsonOptions {
  bool leading_zeros = false;
  bool single_quotes = true;
  bool unquoted_names = false;
};

/// Reads one JSON value; nullopt for malformed text or too deep nesting.
std::optional<JsonTree> ParseJson(std::string_view text, const JsonOptions& options = {});

/// Compact JSON text.
std::string JsonText(const JsonTree& tree);

}  // namespace tarn::engine::duck
