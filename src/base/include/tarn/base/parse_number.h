#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace tarn {

/// The whole text as a number in C's notation, without blanks or a plus sign; nothing where it
/// isn't one or doesn't fit the type. Integers may name their base.
template <typename Number, typename... Base>
std::optional<Number> ParseNumber(std::string_view text, Base... base) {
  Number number{};
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number, base...);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace tarn
