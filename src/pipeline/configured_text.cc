#include "configured_text.h"

#include <algorithm>

#include "references.h"

namespace tarn::pipeline {

namespace {

/// What a place of a SQL text belongs to.
enum class Inside : uint8_t {
  kCode,  ///< also names in backquotes, raw and binary literals
  kComment,
  kText,  ///< a literal with escapes
};

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The letter that a literal's quote has before it, as in r'…', in lower case; or 0.
char LiteralPrefix(std::string_view text, size_t quote) {
  if (quote == 0 || !IsWordCharacter(text[quote - 1])) return 0;
  if (quote > 1 && IsWordCharacter(text[quote - 2])) return 0;
  return static_cast<char>(text[quote - 1] | 0x20);
}

Inside InsideOf(std::string_view text, size_t place) {
  for (size_t i = 0; i < place;) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("--") || rest.starts_with("/*")) {
      size_t end = rest[0] == '-' ? text.find('\n', i) : text.find("*/", i + 2);
      if (rest[0] == '/' && end != text.npos) ++end;
      if (end == text.npos || end >= place) return Inside::kComment;
      i = end + 1;
    } else if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
      const char prefix = LiteralPrefix(text, i);
      const bool escapes = rest[0] != '`' && prefix != 'r';
      size_t end = i + 1;
      while (end < text.size() && text[end] != rest[0]) {
        end += text[end] == '\\' && escapes ? 2 : 1;
      }
      if (end >= place) return escapes && prefix != 'x' ? Inside::kText : Inside::kCode;
      i = end + 1;
    } else {
      ++i;
    }
  }
  return Inside::kCode;
}

/// The value as it is written within a text literal.
std::string Escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n' || c == '\r') {
      text += c == '\n' ? "\\n" : "\\r";
      continue;
    }
    if (c == '\\' || c == '\'' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

/// The text with the secrets taken out.
std::string Shown(const std::string& text, const std::vector<SecretPlace>& secrets) {
  std::string shown;
  size_t at = 0;
  for (const SecretPlace& secret : secrets) {
    shown += text.substr(at, secret.begin - at);
    shown += kRedacted;
    at = secret.end;
  }
  return shown + text.substr(at);
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

/// The text, if all its secrets are within text literals.
Result<std::string> Checked(std::string text, const ConfiguredText::Statement& statement) {
  for (const SecretPlace& secret : statement.secrets) {
    if (InsideOf(text, secret.begin) == Inside::kText) continue;
    return UnsupportedFeature("{{secrets/…}} outside of a text literal",
                              PlaceIn(statement.source, {secret.raw_begin, secret.raw_end, ""}));
  }
  return text;
}

}  // namespace

/// The value, escaped, if the configuration's value of the key is a secret's name.
Result<std::string> ConfiguredText::Secret(const std::string& key, const std::string& value) {
  constexpr std::string_view kBegin = "{{secrets/";
  constexpr std::string_view kEnd = "}}";
  const size_t slash = value.find('/', kBegin.size());
  if (!value.starts_with(kBegin) || !value.ends_with(kEnd) || slash == value.npos ||
      value.find(kBegin, 1) != value.npos) {
    return UnsupportedFeature("{{secrets/…}} as a part of the configuration " + key);
  }
  const std::string scope = value.substr(kBegin.size(), slash - kBegin.size());
  const std::string name = value.substr(slash + 1, value.size() - kEnd.size() - slash - 1);
  TARN_ASSIGN(const std::string secret, find_secret_(scope, name));
  std::string escaped = Escaped(secret);
  redactor_.Hide(secret);
  redactor_.Hide(escaped);
  return escaped;
}

Result<ConfiguredText::Statement> ConfiguredText::Next(const sql::StatementSource& statement,
                                                       const Configuration& configuration) {
  text_ += raw_.substr(at_, statement.source.begin - at_);
  at_ = statement.source.end;
  Statement result{{statement.text, statement.source}, {}};
  result.source.source.begin = static_cast<uint32_t>(text_.size());
  result.source.source.line += ends_.back().lines_more;
  const size_t known_ends = ends_.size();
  size_t grown = 0;        // the statement's text
  size_t shown_grown = 0;  // what is shown of it
  const auto value_of = [&](const Reference& reference) -> Result<std::string> {
    const auto found = configuration.find(reference.key);
    const bool secret =
        found != configuration.end() && found->second.find("{{secrets/") != std::string::npos;
    if ((found == configuration.end() || secret) &&
        InsideOf(statement.text, reference.begin) == Inside::kComment) {
      return "${" + reference.key + "}";
    }
    if (found == configuration.end()) {
      return Error(Condition("PIPELINE_CONFIGURATION_MISSING"), {{"key", reference.key}})
          .WithPosition(PlaceIn(result.source, reference));
    }
    auto value = secret ? Secret(reference.key, found->second) : Result<std::string>(found->second);
    if (!value.ok()) {
      return std::move(value).error().WithPosition(PlaceIn(result.source, reference));
    }
    const size_t begin = reference.begin + grown;
    if (secret) {
      result.secrets.push_back({begin, begin + value->size(), reference.begin, reference.end});
    }
    const std::string_view shown = secret ? kRedacted : std::string_view(*value);
    // Unsigned, and whole again when it is added.
    grown += value->size() - (reference.end - reference.begin);
    shown_grown += shown.size() - (reference.end - reference.begin);
    ends_.push_back({statement.source.begin + reference.end,
                     result.source.source.begin + reference.end + shown_grown,
                     ends_.back().lines_more +
                         static_cast<uint32_t>(std::count(shown.begin(), shown.end(), '\n'))});
    return value;
  };
  auto replaced = ReplaceReferences(statement.text, value_of);
  if (replaced.ok()) replaced = Checked(*std::move(replaced), result);
  // The text stays whole for the message.
  text_ += replaced.ok() ? Shown(*replaced, result.secrets) : statement.text;
  if (!replaced.ok()) {
    ends_.resize(known_ends);
    ends_.push_back({at_, text_.size(), ends_.back().lines_more});
    return std::move(replaced).error();
  }
  result.source.text = *std::move(replaced);
  result.source.source.end = static_cast<uint32_t>(text_.size());
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
