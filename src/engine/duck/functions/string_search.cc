// Finding and replacing plain texts; LIKE.

#include <algorithm>
#include <map>

#include "duck/functions/kernel.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

/// One step of a LIKE pattern.
struct LikeStep {
  enum Kind : uint8_t { kText, kOne, kMany } kind = kText;
  std::string text;
};

struct LikePattern {
  std::string source;
  std::string escape;
  bool ready = false;
  std::vector<LikeStep> steps;
};

void CompileLike(std::string_view pattern, std::string_view escape, LikePattern* compiled) {
  if (compiled->ready && compiled->source == pattern && compiled->escape == escape) return;
  compiled->source = pattern;
  compiled->escape = escape;
  compiled->steps.clear();
  const auto points = SplitPoints(pattern);
  const auto add_text = [&](std::string_view text) {
    if (compiled->steps.empty() || compiled->steps.back().kind != LikeStep::kText)
      compiled->steps.emplace_back();
    compiled->steps.back().text += text;
  };
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i] == escape) {
      if (i + 1 == points.size()) {
        Raise(Condition("INVALID_FORMAT.ESC_AT_THE_END"),
              {{"format", "'" + std::string(pattern) + "'"}});
      }
      const std::string_view next = points[++i];
      if (next != "_" && next != "%" && next != escape) {
        Raise(Condition("INVALID_FORMAT.ESC_IN_THE_MIDDLE"),
              {{"format", "'" + std::string(pattern) + "'"},
               {"char", "'" + std::string(next) + "'"}});
      }
      add_text(next);
    } else if (points[i] == "_") {
      compiled->steps.push_back({LikeStep::kOne, {}});
    } else if (points[i] == "%") {
      if (compiled->steps.empty() || compiled->steps.back().kind != LikeStep::kMany) {
        compiled->steps.push_back({LikeStep::kMany, {}});
      }
    } else {
      add_text(points[i]);
    }
  }
  compiled->ready = true;
}

/// Greedy with one point of return: the last '%'.
bool MatchesLike(std::string_view text, const std::vector<LikeStep>& steps) {
  size_t at = 0;
  size_t step = 0;
  size_t many_step = steps.size();
  size_t many_at = 0;
  while (true) {
    bool advanced = false;
    if (step < steps.size()) {
      const LikeStep& now = steps[step];
      if (now.kind == LikeStep::kMany) {
        many_step = step++;
        many_at = at;
        continue;
      }
      if (now.kind == LikeStep::kOne && at < text.size()) {
        at += SequenceLength(text[at]);
        ++step;
        advanced = true;
      } else if (now.kind == LikeStep::kText && text.substr(at).starts_with(now.text)) {
        at += now.text.size();
        ++step;
        advanced = true;
      }
    } else if (at == text.size()) {
      return true;
    }
    if (advanced) continue;
    if (many_step == steps.size() || many_at >= text.size()) return false;
    many_at += SequenceLength(text[many_at]);
    at = many_at;
    step = many_step + 1;
  }
}

bool Like(Call& call, std::string_view text, std::string_view pattern, std::string_view escape) {
  auto& compiled = call.State<LikePattern>();
  CompileLike(pattern, escape, &compiled);
  return MatchesLike(text, compiled.steps);
}

bool ILike(Call& call, std::string_view text, std::string_view pattern, std::string_view escape) {
  return Like(call, ToLowerUtf8(text), ToLowerUtf8(pattern), escape);
}

/// DuckDB's own LIKE where the pattern has no escapes: its optimizer knows it.
DuckExpr LowerLike(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) {
  const auto* pattern = call.args[1]->As<plan::Literal>();
  const auto* escape = call.args[2]->As<plan::Literal>();
  if (pattern && escape && !pattern->value.is_null() && !escape->value.is_null() &&
      !escape->value.text().empty() &&
      pattern->value.text().find(escape->value.text()) == std::string::npos) {
    args.resize(2);
    return CallNative("~~", std::move(args));
  }
  return CallKernel(context, "like", expr, call, std::move(args));
}

std::string ReplaceAll(std::string_view text, std::string_view search,
                       std::string_view replacement) {
  if (search.empty()) return std::string(text);
  std::string result;
  size_t at = 0;
  while (true) {
    const size_t found = text.find(search, at);
    if (found == text.npos) break;
    result += text.substr(at, found - at);
    result += replacement;
    at = found + search.size();
  }
  result += text.substr(at);
  return result;
}

using TranslateMap = std::map<std::string, std::string, std::less<>>;
struct Translation {
  std::string from;
  std::string to;
  bool ready = false;
  TranslateMap map;
};

std::string Translate(Call& call, std::string_view text, std::string_view from,
                      std::string_view to) {
  auto& state = call.State<Translation>();
  if (!state.ready || state.from != from || state.to != to) {
    state = {std::string(from), std::string(to), true, {}};
    const auto sources = SplitPoints(from);
    const auto targets = SplitPoints(to);
    for (size_t i = 0; i < sources.size(); ++i) {
      state.map.try_emplace(std::string(sources[i]),
                            i < targets.size() ? std::string(targets[i]) : std::string());
    }
  }
  std::string result;
  for (const std::string_view point : SplitPoints(text)) {
    const auto found = state.map.find(point);
    if (found == state.map.end()) {
      result += point;
    } else {
      result += found->second;
    }
  }
  return result;
}

int32_t Locate(std::string_view part, std::string_view text, int32_t from) {
  if (from < 1) return 0;
  const size_t begin = OffsetOfPoint(text, from - 1);
  if (part.empty()) return CountPoints(text) >= from - 1 ? 1 + from - 1 : 0;
  const size_t found = text.find(part, begin);
  return found == text.npos ? 0 : static_cast<int32_t>(CountPoints(text.substr(0, found))) + 1;
}

int32_t FindInSet(std::string_view word, std::string_view list) {
  if (word.find(',') != word.npos) return 0;
  int32_t index = 1;
  while (true) {
    const size_t comma = list.find(',');
    if (list.substr(0, comma) == word) return index;
    if (comma == list.npos) return 0;
    list.remove_prefix(comma + 1);
    ++index;
  }
}

int32_t Levenshtein(std::string_view left, std::string_view right) {
  const auto a = SplitPoints(left);
  const auto b = SplitPoints(right);
  std::vector<int32_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int32_t diagonal = row[0];
    row[0] = static_cast<int32_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int32_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view SubstringIndex(std::string_view text, std::string_view delimiter, int32_t count) {
  if (count == 0 || delimiter.empty()) return {};
  if (count > 0) {
    size_t at = 0;
    for (size_t from = 0; count > 0; --count) {
      at = text.find(delimiter, from);
      if (at == text.npos) return text;
      from = at + 1;
    }
    return text.substr(0, at);
  }
  size_t from = text.npos;
  size_t at = 0;
  for (; count < 0; ++count) {
    at = text.rfind(delimiter, from);
    if (at == text.npos) return text;
    if (at == 0 && count < -1) return text;
    from = at - 1;
  }
  return text.substr(at + delimiter.size());
}

std::string SplitPart(std::string_view text, std::string_view delimiter, int32_t index) {
  if (index == 0) Raise(Condition("INVALID_INDEX_OF_ZERO"));
  std::vector<std::string_view> parts;
  if (delimiter.empty()) {
    parts.push_back(text);
  } else {
    size_t at = 0;
    for (size_t found; (found = text.find(delimiter, at)) != text.npos;
         at = found + delimiter.size()) {
      parts.push_back(text.substr(at, found - at));
    }
    parts.push_back(text.substr(at));
  }
  const auto count = static_cast<int64_t>(parts.size());
  const int64_t place = index > 0 ? index - 1 : count + index;
  return place < 0 || place >= count ? std::string()
                                     : std::string(parts[static_cast<size_t>(place)]);
}

}  // namespace

void RegisterTextSearch(FunctionSet& set) {
  set.Kernel("like", Like, kFallible);
  set.Template("like", LowerLike);
  set.Function("ilike", ILike, kFallible);
  set.Function("contains", [](Call&, std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
  });
  set.Function("startswith", [](Call&, std::string_view text, std::string_view part) {
    return text.starts_with(part);
  });
  set.Function("endswith", [](Call&, std::string_view text, std::string_view part) {
    return text.ends_with(part);
  });
  set.Function("replace",
               [](Call&, std::string_view text, std::string_view search,
                  std::string_view replacement) { return ReplaceAll(text, search, replacement); });
  set.Function("translate", Translate);
  set.Function("instr", [](Call&, std::string_view text, std::string_view part) {
    return Locate(part, text, 1);
  });
  for (const char* name : {"locate", "position"}) {
    set.Function(name, [](Call&, std::string_view part, std::string_view text, int32_t from) {
      return Locate(part, text, from);
    });
  }
  set.Function("find_in_set", [](Call&, std::string_view word, std::string_view list) {
    return FindInSet(word, list);
  });
  set.Kernel("levenshtein",
             [](Call&, std::string_view a, std::string_view b) { return Levenshtein(a, b); });
  set.Kernel("levenshtein_bounded",
             [](Call&, std::string_view a, std::string_view b, int32_t limit) {
               const int32_t distance = Levenshtein(a, b);
               return distance > limit ? -1 : distance;
             });
  set.Template("levenshtein",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 return CallKernel(context,
                                   call.args.size() == 3 ? "levenshtein_bounded" : "levenshtein",
                                   expr, call, std::move(args));
               });
  set.Function("substring_index",
               [](Call&, std::string_view text, std::string_view delimiter, int32_t count) {
                 return SubstringIndex(text, delimiter, count);
               });
  set.Function(
      "split_part",
      [](Call&, std::string_view text, std::string_view delimiter, int32_t index) {
        return SplitPart(text, delimiter, index);
      },
      kFallible);
}

}  // namespace tarn::engine::duck
