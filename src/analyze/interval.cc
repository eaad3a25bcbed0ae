#include <algorithm>
#include <cctype>

#include "query_analyzer.h"
#include "tarn/types/datetime.h"

namespace tarn::analyze {

namespace {

using sql::IntervalUnit;

/// An interval while its terms are added up.
struct Sum {
  Int128 months = 0;
  Int128 micros = 0;
  int month_first = 9, month_last = -1;  // fields used, year = 0, month = 1
  int day_first = 9, day_last = -1;      // day = 0 … second = 3

  void UseMonth(int field) {
    month_first = std::min(month_first, field);
    month_last = std::max(month_last, field);
  }
  void UseDay(int field) {
    day_first = std::min(day_first, field);
    day_last = std::max(day_last, field);
  }
};

struct Number {
  Int128 whole = 0;
  int64_t nanos = 0;  ///< of the fraction, same sign
  bool fraction = false;
};

std::optional<Number> ParseNumber(std::string_view text) {
  Number number;
  bool negative = false;
  size_t i = 0;
  while (i < text.size() && (text[i] == '-' || text[i] == '+')) negative ^= text[i++] == '-';
  size_t digits = 0;
  for (; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])); ++i, ++digits) {
    if (digits > 30) return std::nullopt;
    number.whole = number.whole * 10 + (text[i] - '0');
  }
  if (i < text.size() && text[i] == '.') {
    number.fraction = true;
    int64_t scale = 100'000'000;
    for (++i; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])); ++i, ++digits) {
      if (scale == 0) return std::nullopt;
      number.nanos += (text[i] - '0') * scale;
      scale /= 10;
    }
  }
  if (i != text.size() || digits == 0) return std::nullopt;
  if (negative) {
    number.whole = -number.whole;
    number.nanos = -number.nanos;
  }
  return number;
}

bool AddTerm(Sum& sum, std::string_view text, IntervalUnit unit) {
  const auto number = ParseNumber(text);
  if (!number || (number->fraction && unit != IntervalUnit::kSecond)) return false;
  switch (unit) {
    case IntervalUnit::kYear:
      sum.months += number->whole * 12;
      sum.UseMonth(0);
      return true;
    case IntervalUnit::kQuarter:
      sum.months += number->whole * 3;
      sum.UseMonth(1);
      return true;
    case IntervalUnit::kMonth:
      sum.months += number->whole;
      sum.UseMonth(1);
      return true;
    case IntervalUnit::kWeek:
      sum.micros += number->whole * 7 * kMicrosPerDay;
      sum.UseDay(0);
      return true;
    case IntervalUnit::kDay:
      sum.micros += number->whole * kMicrosPerDay;
      sum.UseDay(0);
      return true;
    case IntervalUnit::kHour:
      sum.micros += number->whole * kMicrosPerHour;
      sum.UseDay(1);
      return true;
    case IntervalUnit::kMinute:
      sum.micros += number->whole * kMicrosPerMinute;
      sum.UseDay(2);
      return true;
    case IntervalUnit::kSecond:
      sum.micros += number->whole * kMicrosPerSecond + number->nanos / 1000;
      sum.UseDay(3);
      return true;
    case IntervalUnit::kMillisecond:
      sum.micros += number->whole * 1000;
      sum.UseDay(3);
      return true;
    case IntervalUnit::kMicrosecond:
      sum.micros += number->whole;
      sum.UseDay(3);
      return true;
    case IntervalUnit::kNanosecond:
      sum.micros += number->whole / 1000;
      sum.UseDay(3);
      return true;
  }
  return false;
}

std::optional<IntervalUnit> UnitByName(std::string word) {
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (word.size() > 1 && word.back() == 's') word.pop_back();
  static constexpr std::pair<std::string_view, IntervalUnit> kUnits[] = {
      {"year", IntervalUnit::kYear},
      {"quarter", IntervalUnit::kQuarter},
      {"month", IntervalUnit::kMonth},
      {"week", IntervalUnit::kWeek},
      {"day", IntervalUnit::kDay},
      {"hour", IntervalUnit::kHour},
      {"minute", IntervalUnit::kMinute},
      {"second", IntervalUnit::kSecond},
      {"millisecond", IntervalUnit::kMillisecond},
      {"microsecond", IntervalUnit::kMicrosecond},
      {"nanosecond", IntervalUnit::kNanosecond}};
  for (const auto& [name, unit] : kUnits) {
    if (name == word) return unit;
  }
  return std::nullopt;
}

/// "1 day -2 hours 'interval 3 seconds'": pairs of a number and a unit.
bool AddText(Sum& sum, std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  size_t i = !words.empty() && UnitByName(words[0]) == std::nullopt && words[0].size() == 8 &&
             std::tolower(static_cast<unsigned char>(words[0][0])) == 'i';
  if (i >= words.size()) return false;
  while (i < words.size()) {
    std::string number = words[i++];
    // A sign may stand apart from its number.
    if ((number == "-" || number == "+") && i < words.size()) number += words[i++];
    if (i >= words.size()) return false;
    const auto unit = UnitByName(words[i++]);
    if (!unit || !AddTerm(sum, number, *unit)) return false;
  }
  return true;
}

std::optional<int> DayField(IntervalUnit unit) {
  switch (unit) {
    case IntervalUnit::kDay:
      return 0;
    case IntervalUnit::kHour:
      return 1;
    case IntervalUnit::kMinute:
      return 2;
    case IntervalUnit::kSecond:
      return 3;
    default:
      return std::nullopt;
  }
}

/// '1-2' YEAR TO MONTH, '1 02:03:04.5' DAY TO SECOND and the like.
bool AddRange(Sum& sum, std::string text, IntervalUnit from, IntervalUnit to) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return false;
  text = text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
  bool negative = false;
  if (text[0] == '-' || text[0] == '+') {
    negative = text[0] == '-';
    text.erase(0, 1);
  }
  Sum part;
  if (from == IntervalUnit::kYear && to == IntervalUnit::kMonth) {
    const auto dash = text.find('-');
    Sum months;
    if (dash == std::string::npos || !AddTerm(part, text.substr(0, dash), from) ||
        !AddTerm(months, text.substr(dash + 1), to) || months.months < 0 || months.months > 11) {
      return false;
    }
    part.months += months.months;
    sum.UseMonth(0);
    sum.UseMonth(1);
    sum.months += negative ? -part.months : part.months;
    return true;
  }
  const auto begin = DayField(from);
  const auto end = DayField(to);
  if (!begin || !end || *begin >= *end) return false;
  static constexpr IntervalUnit kFields[] = {IntervalUnit::kDay, IntervalUnit::kHour,
                                             IntervalUnit::kMinute, IntervalUnit::kSecond};
  std::string rest = text;
  for (int field = *begin; field <= *end; ++field) {
    std::string piece = rest;
    if (field < *end) {
      const auto cut = rest.find(field == 0 ? ' ' : ':');
      if (cut == std::string::npos) return false;
      piece = rest.substr(0, cut);
      rest = rest.substr(cut + 1);
    }
    // All but the first field count up to the next greater one.
    static constexpr int64_t kLimits[] = {INT64_MAX, kMicrosPerDay, kMicrosPerHour,
                                          kMicrosPerMinute};
    Sum one;
    if (!AddTerm(one, piece, kFields[field]) ||
        (field > *begin && (one.micros < 0 || one.micros >= kLimits[field]))) {
      return false;
    }
    part.micros += one.micros;
  }
  sum.UseDay(*begin);
  sum.UseDay(*end);
  sum.micros += negative ? -part.micros : part.micros;
  return true;
}

}  // namespace

Result<ExprPtr> QueryAnalyzer::AnalyzeInterval(const sql::IntervalLiteral& literal,
                                               const SourceRange& source) {
  Sum sum;
  bool valid = true;
  std::string text = literal.text;
  if (literal.terms.empty()) {
    valid = AddText(sum, literal.text);
  } else {
    for (const sql::IntervalTerm& term : literal.terms) {
      text = term.value;
      valid = valid && (term.to ? AddRange(sum, term.value, term.unit, *term.to)
                                : AddTerm(sum, term.value, term.unit));
    }
  }
  const bool months = sum.month_last >= 0;
  if (!valid || (!months && sum.day_last < 0)) {
    const bool range =
        std::any_of(literal.terms.begin(), literal.terms.end(),
                    [](const sql::IntervalTerm& term) { return term.to.has_value(); });
    return Error(range ? Condition("INVALID_INTERVAL_FORMAT.INTERVAL_PARSING")
                       : Condition("INVALID_INTERVAL_FORMAT"),
                 {{"input", text}})
        .WithPosition(source);
  }
  if (months && sum.day_last >= 0) {
    return Error(Condition("INVALID_INTERVAL_FORMAT"),
                 {{"input", text}, {"detail", "fields of both kinds of interval are mixed"}})
        .WithPosition(source);
  }
  if (months) {
    if (sum.months > INT32_MAX || sum.months < INT32_MIN) {
      return Error(Condition("INVALID_INTERVAL_FORMAT"), {{"input", text}}).WithPosition(source);
    }
    const DataType type = DataType::YearMonth(static_cast<IntervalField>(sum.month_first),
                                              static_cast<IntervalField>(sum.month_last));
    return plan::MakeLiteral(Value::Of(type, static_cast<int64_t>(sum.months)), source);
  }
  if (sum.micros > INT64_MAX || sum.micros < INT64_MIN) {
    return Error(Condition("INVALID_INTERVAL_FORMAT"), {{"input", text}}).WithPosition(source);
  }
  const DataType type = DataType::DayTime(static_cast<IntervalField>(sum.day_first),
                                          static_cast<IntervalField>(sum.day_last));
  return plan::MakeLiteral(Value::Of(type, static_cast<int64_t>(sum.micros)), source);
}

}  // namespace tarn::analyze
