#include "error_report.h"

#include <algorithm>
#include <cstdio>

#include "sql_command.h"

namespace tarn::cli {

namespace {

struct Paint {
  bool color;
  std::string operator()(const char* code, std::string_view text) const {
    if (!color) return std::string(text);
    return std::string("\033[") + code + "m" + std::string(text) + "\033[0m";
  }
};

std::string_view LineAt(std::string_view text, uint32_t line) {
  for (uint32_t n = 1; n < line; ++n) {
    const size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

/// The marked source line with a caret under the range.
std::string Excerpt(const SourceRange& at, std::string_view text, const Paint& paint) {
  constexpr size_t kExcerptMax = 160;
  std::string line(LineAt(text, at.line));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  size_t column = at.column > 0 ? at.column - 1 : 0;
  // A very long line is shown around the place that matters.
  if (line.size() > kExcerptMax) {
    const size_t start = column > kExcerptMax / 2 ? column - kExcerptMax / 2 : 0;
    if (start >= line.size()) return "";
    line = line.substr(start, kExcerptMax);
    column -= start;
  }
  const std::string number = std::to_string(at.line);
  const std::string gutter(number.size() + 1, ' ');
  size_t marks = at.end > at.begin ? at.end - at.begin : 1;
  const size_t room = line.size() > column ? line.size() - column : 1;
  marks = std::max<size_t>(1, std::min(marks, room));
  std::string excerpt = gutter + paint("34", "|") + "\n";
  excerpt += paint("34", number + " |") + " " + Printable(line) + "\n";
  excerpt += gutter + paint("34", "|") + " " + std::string(column, ' ') +
             paint("31;1", std::string(marks, '^')) + "\n";
  return excerpt;
}

}  // namespace

int ExitCodeOf(const Error& error) {
  switch (error.info().fault) {
    case Fault::kUser:
      return 1;
    case Fault::kExternal:
      return 3;
    case Fault::kInternal:
      return 70;
    case Fault::kCancelled:
      return error.condition() == Condition("OPERATION_CANCELED") ? kCancelled : 1;
  }
  return 70;
}

std::string DescribeError(const Error& error, std::string_view text, std::string_view file,
                          const Terminal& terminal) {
  const Paint paint{terminal.color};
  std::string report = paint("31;1", "error[" + std::string(error.name()) + "]") + ": " +
                       Printable(error.message()) + "\n";
  const SourceRange& at = error.position();
  if (at.known()) {
    const std::string place = std::to_string(at.line) + ":" + std::to_string(at.column);
    report += " " + paint("34", "-->") + " " +
              (file.empty() ? "line " + place : std::string(file) + ":" + place) + "\n";
    if (!text.empty()) report += Excerpt(at, text, paint);
  }
  for (const Error* cause = error.cause(); cause != nullptr; cause = cause->cause()) {
    report += "  cause: " + Printable(cause->message()) + "\n";
  }
  if (const std::string hint = error.hint(); !hint.empty()) {
    report += paint("36", "hint") + ": " + Printable(hint) + "\n";
  }
  return report;
}

int Report(const Error& error, const Terminal& terminal) {
  std::fputs(DescribeError(error, "", "", terminal).c_str(), stderr);
  return ExitCodeOf(error);
}

}  // namespace tarn::cli
