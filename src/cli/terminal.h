#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tarn::cli {

/// What the program's streams can show. Settled once at start.
struct Terminal {
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;  ///< on stderr; never with NO_COLOR
  int width = 80;
};

Terminal DetectTerminal();

/// A number with a comma between groups of three digits: "336,776".
std::string Grouped(int64_t number);

/// Number of columns a UTF-8 text takes on a terminal (wide East Asian characters count two).
size_t DisplayWidth(std::string_view text);

/// `text` cut to `width` columns, ending in "…" if something was cut.
std::string CutToWidth(std::string_view text, size_t width);

/// Control characters replaced by visible escapes, so that data can't steer the terminal.
std::string Printable(std::string_view text);

}  // namespace tarn::cli
