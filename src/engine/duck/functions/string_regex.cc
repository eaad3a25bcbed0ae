// Regular expressions, by ICU, whose language is Java's.

#include <unicode/regex.h>

#include <list>

#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

using icu::UnicodeString;

UnicodeString FromUtf8(std::string_view text) {
  return UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToUtf8(const UnicodeString& text) {
  std::string result;
  text.toUTF8String(result);
  return result;
}

struct Compiled {
  std::string source;
  std::unique_ptr<icu::RegexPattern> pattern;
  std::unique_ptr<icu::RegexMatcher> matcher;
};

/// The patterns last used by a call; one, as a rule.
class Patterns {
 public:
  Compiled& Get(const Call& call, std::string_view source) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->source != source) continue;
      entries_.splice(entries_.begin(), entries_, entry);
      return entries_.front();
    }
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    Compiled compiled{std::string(source), nullptr, nullptr};
    compiled.pattern.reset(icu::RegexPattern::compile(FromUtf8(source), 0, where, status));
    if (U_SUCCESS(status)) compiled.matcher.reset(compiled.pattern->matcher(status));
    if (U_FAILURE(status)) {
      Raise(Condition("INVALID_PARAMETER_VALUE.PATTERN"),
            {{"parameter", "`regexp`"},
             {"functionName", "`" + call.info.function + "`"},
             {"value", "'" + std::string(source) + "'"}});
    }
    // A pattern that backtracks without end must not hold a statement: about ten seconds.
    compiled.matcher->setTimeLimit(10000, status);
    entries_.push_front(std::move(compiled));
    if (entries_.size() > kKept) entries_.pop_back();
    return entries_.front();
  }

 private:
  static constexpr size_t kKept = 16;
  std::list<Compiled> entries_;
};

/// A search over one text.
class Search {
 public:
  Search(Call& call, std::string_view text, std::string_view pattern)
      : text_(FromUtf8(text)), matcher_(*call.State<Patterns>().Get(call, pattern).matcher) {
    matcher_.reset(text_);
  }

  bool Find() {
    const bool found = matcher_.find(status_);
    if (U_FAILURE(status_)) {
      Raise(Condition("INVALID_PARAMETER_VALUE.PATTERN"), {{"parameter", "`regexp`"},
                                                           {"functionName", "the function"},
                                                           {"value", "too much backtracking"}});
    }
    return found;
  }
  int32_t Start() { return matcher_.start(status_); }
  int32_t End() { return matcher_.end(status_); }
  int32_t Groups() { return matcher_.groupCount(); }
  std::string Group(int32_t index) { return ToUtf8(matcher_.group(index, status_)); }
  const UnicodeString& text() const { return text_; }
  icu::RegexMatcher& matcher() { return matcher_; }

 private:
  UnicodeString text_;
  icu::RegexMatcher& matcher_;
  UErrorCode status_ = U_ZERO_ERROR;
};

void CheckGroup(const Call& call, Search& search, int32_t index) {
  if (index >= 0 && index <= search.Groups()) return;
  Raise(Condition("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX"),
        {{"parameter", "`idx`"},
         {"functionName", "`" + call.info.function + "`"},
         {"groupCount", std::to_string(search.Groups())},
         {"groupIndex", std::to_string(index)}});
}

bool RLike(Call& call, std::string_view text, std::string_view pattern) {
  Search search(call, text, pattern);
  return search.Find();
}

std::string Extract(Call& call, std::string_view text, std::string_view pattern, int32_t group) {
  Search search(call, text, pattern);
  CheckGroup(call, search, group);
  return search.Find() ? search.Group(group) : std::string();
}

std::vector<std::string> ExtractAll(Call& call, std::string_view text, std::string_view pattern,
                                    int32_t group) {
  Search search(call, text, pattern);
  CheckGroup(call, search, group);
  std::vector<std::string> found;
  while (search.Find()) found.push_back(search.Group(group));
  return found;
}

int32_t CountMatches(Call& call, std::string_view text, std::string_view pattern) {
  Search search(call, text, pattern);
  int32_t count = 0;
  while (search.Find()) ++count;
  return count;
}

int32_t Instr(Call& call, std::string_view text, std::string_view pattern, int32_t) {
  Search search(call, text, pattern);
  return search.Find() ? search.text().countChar32(0, search.Start()) + 1 : 0;
}

std::optional<std::string> Substr(Call& call, std::string_view text, std::string_view pattern) {
  Search search(call, text, pattern);
  if (!search.Find()) return std::nullopt;
  std::string found = search.Group(0);
  return found.empty() ? std::nullopt : std::optional(std::move(found));
}

std::string Replace(Call& call, std::string_view text, std::string_view pattern,
                    std::string_view replacement, int32_t position) {
  if (position < 1) {
    Raise(Condition("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"),
          {{"sqlExpr", "\"regexp_replace\""},
           {"exprName", "`position`"},
           {"valueRange", "(0, 2147483647]"},
           {"currentValue", std::to_string(position)}});
  }
  Search search(call, text, pattern);
  const UnicodeString& subject = search.text();
  const int32_t start = subject.moveIndex32(0, position - 1);
  if (start >= subject.length() && position > 1) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  search.matcher().region(start, subject.length(), status);
  const UnicodeString by = FromUtf8(replacement);
  // The first replacement brings what stands before it, from the start of the text.
  UnicodeString result;
  while (search.Find()) {
    search.matcher().appendReplacement(result, by, status);
    if (U_FAILURE(status)) {
      Raise(Condition("INVALID_REGEXP_REPLACE"),
            {{"replacement", "'" + std::string(replacement) + "'"}});
    }
  }
  search.matcher().appendTail(result);
  return ToUtf8(result);
}

std::vector<std::string> Split(Call& call, std::string_view text, std::string_view pattern,
                               int32_t limit) {
  std::vector<std::string> parts;
  if (!text.empty() && pattern.empty()) {
    const auto points = SplitPoints(text);
    const size_t count = limit <= 0 || static_cast<size_t>(limit) > points.size()
                             ? points.size()
                             : static_cast<size_t>(limit);
    for (size_t i = 0; i + 1 < count; ++i) parts.emplace_back(points[i]);
    parts.emplace_back(text.substr(static_cast<size_t>(points[count - 1].data() - text.data())));
    return parts;
  }
  Search search(call, text, pattern);
  int32_t index = 0;
  bool any = false;
  while ((limit <= 0 || static_cast<int32_t>(parts.size()) < limit - 1) && search.Find()) {
    const int32_t start = search.Start();
    const int32_t end = search.End();
    // An empty match at the start makes no part.
    if (index == 0 && start == 0 && end == 0) continue;
    parts.push_back(ToUtf8(search.text().tempSubStringBetween(index, start)));
    index = end;
    any = true;
  }
  if (!any) return {std::string(text)};
  parts.push_back(ToUtf8(search.text().tempSubString(index)));
  return parts;
}

duckdb::Value StrToMap(Call& call, std::string_view text, std::string_view pair_delimiter,
                       std::string_view key_delimiter) {
  duckdb::vector<duckdb::Value> keys;
  duckdb::vector<duckdb::Value> values;
  for (const std::string& pair : Split(call, text, pair_delimiter, -1)) {
    const std::vector<std::string> parts = Split(call, pair, key_delimiter, 2);
    const duckdb::Value key(parts[0]);
    for (const duckdb::Value& other : keys) {
      if (other == key) Raise(Condition("DUPLICATED_MAP_KEY"), {{"key", parts[0]}});
    }
    keys.push_back(key);
    values.push_back(parts.size() > 1 ? duckdb::Value(parts[1])
                                      : duckdb::Value(duckdb::LogicalType::VARCHAR));
  }
  return duckdb::Value::MAP(duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR,
                            std::move(keys), std::move(values));
}

}  // namespace

void RegisterRegex(FunctionSet& set) {
  set.Function("rlike", RLike, kFallible);
  set.Function("regexp_extract", Extract, kFallible);
  set.Function("regexp_extract_all", ExtractAll, kFallible);
  set.Function("regexp_count", CountMatches, kFallible);
  set.Function("regexp_instr", Instr, kFallible);
  set.Function("regexp_substr", Substr, kFallible);
  set.Function("regexp_replace", Replace, kFallible);
  set.Function("split", Split, kFallible);
  set.Function("str_to_map", StrToMap, kFallible);
}

}  // namespace tarn::engine::duck
