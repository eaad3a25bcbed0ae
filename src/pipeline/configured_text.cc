#include "configured_text.h"

#include <algorithm>

#include "references.h"

namespace tarn::pipeline {

namespace {

/// Whether the place is inside a comment of the SQL text.
bool InComment(std::string_view text, size_t place) {
  for (size_t i = 0; i < place;) {
    size_t end = text.npos;
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("--")) {
      end = text.find('\n', i);
    } else if (rest.starts_with("/*")) {
      end = text.find("*/", i + 2);
      if (end != text.npos) ++end;
    } else if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
      end = i + 1;
      while (end < text.size() && text[end] != rest[0]) {
        end += text[end] == '\\' && rest[0] != '`' ? 2 : 1;
      }
      i = std::min(end, text.size() - 1) + 1;
      continue;
    } else {
      ++i;
      continue;
    }
    if (end == text.npos || end >= place) return true;
    i = end + 1;
  }
  return false;
}

SourceRange PlaceIn(const sql::StatementSource& statement, const Reference& reference) {
  const std::string_view before = std::string_view(statement.text).substr(0, reference.begin);
  SourceRange range;
  range.begin = static_cast<uint32_t>(reference.begin);
  range.end = static_cast<uint32_t>(reference.end);
  range.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t line = before.rfind('\n');
  range.column = static_cast<uint32_t>(before.size() - (line == before.npos ? 0 : line + 1)) + 1;
  return sql::InScript(statement, range);
}

}  // namespace

Result<sql::StatementSource> ConfiguredText::Next(const sql::StatementSource& statement,
                                                  const Configuration& configuration) {
  text_ += raw_.substr(at_, statement.source.begin - at_);
  at_ = statement.source.end;
  sql::StatementSource result{statement.text, statement.source};
  result.source.begin = static_cast<uint32_t>(text_.size());
  result.source.line += ends_.back().lines_more;
  const size_t known_ends = ends_.size();
  size_t grown = 0;
  const auto value_of = [&](const Reference& reference) -> Result<std::string> {
    const auto found = configuration.find(reference.key);
    if (found == configuration.end()) {
      if (InComment(statement.text, reference.begin)) return "${" + reference.key + "}";
      return Error(Condition("PIPELINE_CONFIGURATION_MISSING"), {{"key", reference.key}})
          .WithPosition(PlaceIn(result, reference));
    }
    if (found->second.find("{{secrets/") != std::string::npos) {
      return UnsupportedFeature("{{secrets/…}} in the configuration " + reference.key,
                                PlaceIn(result, reference));
    }
    const std::string& value = found->second;
    // Unsigned, and whole again when it is added.
    grown += value.size() - (reference.end - reference.begin);
    ends_.push_back({statement.source.begin + reference.end,
                     result.source.begin + reference.end + grown,
                     ends_.back().lines_more +
                         static_cast<uint32_t>(std::count(value.begin(), value.end(), '\n'))});
    return value;
  };
  auto replaced = ReplaceReferences(statement.text, value_of);
  // The text stays whole for the message.
  const std::string& text = replaced.ok() ? *replaced : statement.text;
  text_ += text;
  if (!replaced.ok()) {
    ends_.resize(known_ends);
    ends_.push_back({at_, text_.size(), ends_.back().lines_more});
    return std::move(replaced).error();
  }
  result.text = text;
  result.source.end = static_cast<uint32_t>(text_.size());
  return result;
}

SourceRange ConfiguredText::Moved(SourceRange raw) const {
  const auto behind =
      std::upper_bound(ends_.begin(), ends_.end(), raw.begin,
                       [](uint32_t begin, const End& end) { return begin < end.raw; });
  const End& last = *(behind - 1);
  raw.begin = static_cast<uint32_t>(raw.begin - last.raw + last.text);
  raw.end = static_cast<uint32_t>(raw.end - last.raw + last.text);
  raw.line += last.lines_more;
  return raw;
}

}  // namespace tarn::pipeline
