#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tarn/base/result.h"

namespace tarn::catalog {

/// The bytes of a key for Seal and Unseal.
inline constexpr size_t kSealKeyBytes = 32;
/// By how many bytes a sealed text is longer than the text.
inline constexpr size_t kSealedMoreBytes = 36;

/// Random bytes that are fit for keys.
Result<std::string> NewSealKey();
/// The text encrypted under `key` and bound to `context` (docs/formats/secrets.md, "A sealed
/// text").
Result<std::string> Seal(std::string_view key, std::string_view context, std::string_view text);
/// The text; nothing if it wasn't sealed with this key and context, or was changed.
std::optional<std::string> Unseal(std::string_view key, std::string_view context,
                                  std::string_view sealed);

}  // namespace tarn::catalog
