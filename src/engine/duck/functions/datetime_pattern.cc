#include "duck/functions/datetime_pattern.h"

#include <unicode/locid.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <charconv>

#include "duck/functions/kernel.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool Contains(std::string_view set, char c) { return set.find(c) != set.npos; }

std::string Pad(int64_t number, int width) {
  std::string text = std::to_string(number < 0 ? -number : number);
  if (static_cast<int>(text.size()) < width)
    text.insert(0, static_cast<size_t>(width) - text.size(), '0');
  return number < 0 ? "-" + text : text;
}

std::string Offset(int64_t seconds, bool colon, bool minutes, bool optional_minutes) {
  const int64_t size = seconds < 0 ? -seconds : seconds;
  std::string text = (seconds < 0 ? "-" : "+") + Pad(size / 3600, 2);
  const int64_t rest = size / 60 % 60;
  if (minutes && !(optional_minutes && rest == 0)) text += (colon ? ":" : "") + Pad(rest, 2);
  return text;
}

/// The text of the zone letters V, z, O, X, x, Z.
std::string ZoneText(char letter, int count, int64_t micros_utc, const TimeZone& zone) {
  const int64_t seconds = zone.OffsetAtInstant(micros_utc) / kMicrosPerSecond;
  switch (letter) {
    case 'V':
      return zone.name();
    case 'O':
      if (seconds == 0) return "GMT";
      if (count == 4) return "GMT" + Offset(seconds, true, true, false);
      return std::string("GMT") + (seconds < 0 ? "-" : "+") +
             std::to_string(std::abs(seconds) / 3600) +
             (seconds / 60 % 60 ? ":" + Pad(std::abs(seconds) / 60 % 60, 2) : "");
    case 'X':
    case 'x':
      if (letter == 'X' && seconds == 0) return "Z";
      if (count == 1) return Offset(seconds, false, true, true);
      return Offset(seconds, count == 3 || count == 5, true, false);
    case 'Z':
      if (count == 5) return seconds == 0 ? "Z" : Offset(seconds, true, true, false);
      if (count == 4) return seconds == 0 ? "GMT" : "GMT" + Offset(seconds, true, true, false);
      return Offset(seconds, false, true, false);
    default:
      break;
  }
  if (zone.name() == "Z" || zone.name() == "UTC")
    return count == 4 ? "Coordinated Universal Time" : zone.name();
  const std::unique_ptr<icu::TimeZone> named(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(zone.name())));
  int32_t raw = 0;
  int32_t daylight = 0;
  UErrorCode status = U_ZERO_ERROR;
  named->getOffset(static_cast<double>(FloorDiv(micros_utc, 1000)), false, raw, daylight, status);
  icu::UnicodeString text;
  named->getDisplayName(daylight != 0, count == 4 ? icu::TimeZone::LONG : icu::TimeZone::SHORT,
                        icu::Locale::getUS(), text);
  std::string result;
  text.toUTF8String(result);
  return result;
}

[[noreturn]] void Invalid(const std::string& pattern) {
  Raise(Condition("INVALID_DATETIME_PATTERN.WITH_SUGGESTION"), {{"pattern", "'" + pattern + "'"}});
}

/// Whether java.text.SimpleDateFormat takes the pattern: then Spark 2 meant something by it.
bool LegacyTakes(std::string_view pattern) {
  bool quoted = false;
  for (const char c : pattern) {
    if (c == '\'') quoted = !quoted;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!quoted && letter && !Contains("GyYMLwWDdFEuaHkKhmsSzZX", c)) return false;
  }
  return !quoted;
}

bool TakeWord(std::string_view* text, std::string_view word) {
  if (text->size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>((*text)[i])) !=
        std::tolower(static_cast<unsigned char>(word[i]))) {
      return false;
    }
  }
  text->remove_prefix(word.size());
  return true;
}

std::optional<int64_t> TakeDigits(std::string_view* text, int least, int most) {
  int count = 0;
  int64_t value = 0;
  while (count < most && count < static_cast<int>(text->size()) &&
         (*text)[static_cast<size_t>(count)] >= '0' && (*text)[static_cast<size_t>(count)] <= '9') {
    value = value * 10 + ((*text)[static_cast<size_t>(count)] - '0');
    ++count;
  }
  if (count < least) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(count));
  return value;
}

std::shared_ptr<const TimeZone> TakeZone(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && (std::isalnum(static_cast<unsigned char>((*text)[end])) ||
                                Contains("/_+-:~.", (*text)[end]))) {
    ++end;
  }
  for (; end > 0; --end) {
    auto zone = FindTimeZone(text->substr(0, end));
    if (!zone.ok()) continue;
    text->remove_prefix(end);
    return *zone;
  }
  return nullptr;
}

}  // namespace

std::string_view MonthName(int month, bool full) {
  return full ? kMonths[month - 1] : kMonths[month - 1].substr(0, 3);
}

std::string_view DayName(int day_of_week, bool full) {
  return full ? kDays[day_of_week - 1] : kDays[day_of_week - 1].substr(0, 3);
}

/// What a text said, by field.
struct DatetimePattern::Fields {
  std::optional<int64_t> year, month, day, day_of_year, hour, hour_of_half, minute, second, half,
      era;
  int64_t micros = 0;
  std::shared_ptr<const TimeZone> zone;
};

DatetimePattern::DatetimePattern(std::string_view pattern, bool parsing) : source_(pattern) {
  CheckLetters(parsing);
  int depth = 0;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) {
      size_t end = i;
      while (end < pattern.size() && pattern[end] == c) ++end;
      CheckItem(c, static_cast<int>(end - i));
      items_.push_back({c, static_cast<int>(end - i), {}});
      i = end;
    } else if (c == '\'') {
      const size_t close = pattern.find('\'', i + 1);
      if (close == pattern.npos) Invalid(source_);
      std::string text(pattern.substr(i + 1, close - i - 1));
      items_.push_back({0, 0, text.empty() ? "'" : std::move(text)});
      i = close + 1;
    } else if (c == '[' || c == ']') {
      depth += c == '[' ? 1 : -1;
      if (depth < 0) Invalid(source_);
      items_.push_back({c, 0, {}});
      ++i;
    } else {
      if (c == '{' || c == '}' || c == '#') Invalid(source_);
      items_.push_back({0, 0, std::string(1, c)});
      ++i;
    }
  }
}

void DatetimePattern::CheckLetters(bool parsing) const {
  const auto first_of = [&](std::string_view letters) -> char {
    bool quoted = false;
    for (const char c : source_) {
      if (c == '\'') quoted = !quoted;
      if (!quoted && Contains(letters, c)) return c;
    }
    return 0;
  };
  const char week = first_of("YWwuec");
  const char unknown = first_of(parsing ? "ABnNpEFqQ" : "ABnNp");
  if ((week || unknown) && LegacyTakes(source_)) {
    Raise(Condition("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"),
          {{"pattern", "'" + source_ + "'"}});
  }
  if (week) {
    Raise(Condition("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"),
          {{"c", std::string(1, week)}});
  }
  if (unknown) {
    Raise(Condition("INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER"),
          {{"pattern", "'" + source_ + "'"}, {"c", std::string(1, unknown)}});
  }
}

void DatetimePattern::CheckItem(char letter, int count) const {
  const auto refuse = [&] {
    if (LegacyTakes(source_)) {
      Raise(Condition("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"),
            {{"pattern", "'" + source_ + "'"}});
    }
    Invalid(source_);
  };
  if (!Contains("GyMLdDEFaHhKkmsSVzOXxZQq", letter)) refuse();
  int most = 2;
  if (Contains("GMLEQqz", letter)) most = 4;
  if (letter == 'y') most = 6;
  if (letter == 'S') most = 9;
  if (letter == 'D') most = 3;
  if (Contains("Fa", letter)) most = 1;
  if (Contains("XxZ", letter)) most = 5;
  if (letter == 'O') most = 4;
  if (count > most || (letter == 'V' && count != 2) || (letter == 'O' && count != 1 && count != 4))
    refuse();
}

std::string DatetimePattern::Format(int64_t micros_local, int64_t micros_utc,
                                    const TimeZone& zone) const {
  const int64_t days = FloorDiv(micros_local, kMicrosPerDay);
  const int64_t time = micros_local - days * kMicrosPerDay;
  const CivilDate date = CivilFromDays(days);
  const int64_t hour = time / kMicrosPerHour;
  bool era = false;
  for (const Item& item : items_) era |= item.letter == 'G';
  const int64_t year = era && date.year <= 0 ? 1 - date.year : date.year;
  std::string text;
  for (const Item& item : items_) {
    const int n = item.count;
    switch (item.letter) {
      case 0:
        text += item.text;
        break;
      case '[':
      case ']':
        break;
      case 'G':
        text += n == 4 ? (date.year > 0 ? "Anno Domini" : "Before Christ")
                       : (date.year > 0 ? "AD" : "BC");
        break;
      case 'y':
        if (n == 2) {
          text += Pad(((year % 100) + 100) % 100, 2);
        } else {
          if (n >= 4 && year > 9999) text += '+';
          text += Pad(year, n);
        }
        break;
      case 'M':
      case 'L':
        text += n <= 2 ? Pad(date.month, n) : std::string(MonthName(date.month, n == 4));
        break;
      case 'd':
        text += Pad(date.day, n);
        break;
      case 'D':
        text += Pad(days - DaysFromCivil(date.year, 1, 1) + 1, n);
        break;
      case 'E':
        text += DayName(static_cast<int>(((days + 3) % 7 + 7) % 7) + 1, n == 4);
        break;
      case 'F':
        text += std::to_string((date.day - 1) % 7 + 1);
        break;
      case 'Q':
      case 'q': {
        const int quarter = (date.month - 1) / 3 + 1;
        static constexpr const char* kNames[] = {"1st quarter", "2nd quarter", "3rd quarter",
                                                 "4th quarter"};
        text += n <= 2   ? Pad(quarter, n)
                : n == 3 ? "Q" + std::to_string(quarter)
                         : kNames[quarter - 1];
        break;
      }
      case 'a':
        text += hour < 12 ? "AM" : "PM";
        break;
      case 'H':
        text += Pad(hour, n);
        break;
      case 'h':
        text += Pad(hour % 12 == 0 ? 12 : hour % 12, n);
        break;
      case 'K':
        text += Pad(hour % 12, n);
        break;
      case 'k':
        text += Pad(hour == 0 ? 24 : hour, n);
        break;
      case 'm':
        text += Pad(time / kMicrosPerMinute % 60, n);
        break;
      case 's':
        text += Pad(time / kMicrosPerSecond % 60, n);
        break;
      case 'S': {
        std::string digits = Pad(time % kMicrosPerSecond, 6) + "000";
        text += digits.substr(0, static_cast<size_t>(n));
        break;
      }
      default:
        text += ZoneText(item.letter, n, micros_utc, zone);
    }
  }
  return text;
}

size_t DatetimePattern::EndOfOptional(size_t open) const {
  int depth = 0;
  for (size_t i = open; i < items_.size(); ++i) {
    if (items_[i].letter == '[') ++depth;
    if (items_[i].letter == ']' && --depth == 0) return i;
  }
  return items_.size();
}

bool DatetimePattern::ParseItems(size_t begin, size_t end, std::string_view* text,
                                 Fields* fields) const {
  for (size_t i = begin; i < end; ++i) {
    const Item& item = items_[i];
    if (item.letter == '[') {
      const size_t close = std::min(EndOfOptional(i), end);
      std::string_view rest = *text;
      Fields inner = *fields;
      if (ParseItems(i + 1, close, &rest, &inner)) {
        *text = rest;
        *fields = inner;
      }
      i = close;
      continue;
    }
    if (item.letter == ']') continue;
    if (item.letter == 0) {
      if (!text->starts_with(item.text)) return false;
      text->remove_prefix(item.text.size());
      continue;
    }
    const bool adjacent =
        i + 1 < end && items_[i + 1].letter != 0 && Contains("yMdHhKkmsSD", items_[i + 1].letter);
    if (!ParseItem(item, adjacent, text, fields)) return false;
  }
  return true;
}

bool DatetimePattern::ParseItem(const Item& item, bool adjacent, std::string_view* text,
                                Fields* fields) const {
  const int n = item.count;
  const auto number = [&](std::optional<int64_t>& field, int64_t least, int64_t most) {
    const auto value = n == 1 ? TakeDigits(text, 1, adjacent ? 1 : 19) : TakeDigits(text, n, n);
    if (!value || *value < least || *value > most) return false;
    field = value;
    return true;
  };
  switch (item.letter) {
    case 'G':
      if (TakeWord(text, n == 4 ? "Anno Domini" : "AD")) {
        fields->era = 1;
        return true;
      }
      fields->era = 0;
      return TakeWord(text, n == 4 ? "Before Christ" : "BC");
    case 'y': {
      if (n == 2) {
        const auto value = TakeDigits(text, 2, 2);
        if (value) fields->year = 2000 + *value;
        return value.has_value();
      }
      const bool negative = text->starts_with('-');
      const bool plus = n >= 4 && text->starts_with('+');
      if (negative || plus) text->remove_prefix(1);
      const auto value = TakeDigits(text, n, n >= 4 && !plus ? n : 9);
      if (value) fields->year = negative ? -*value : *value;
      return value.has_value();
    }
    case 'M':
    case 'L':
      if (n <= 2) return number(fields->month, 1, 12);
      for (int month = 1; month <= 12; ++month) {
        if (!TakeWord(text, MonthName(month, n == 4))) continue;
        fields->month = month;
        return true;
      }
      return false;
    case 'd':
      return number(fields->day, 1, 31);
    case 'D':
      return number(fields->day_of_year, 1, 366);
    case 'H':
      return number(fields->hour, 0, 23);
    case 'k':
      if (!number(fields->hour, 1, 24)) return false;
      *fields->hour %= 24;
      return true;
    case 'h':
      if (!number(fields->hour_of_half, 1, 12)) return false;
      *fields->hour_of_half %= 12;
      return true;
    case 'K':
      return number(fields->hour_of_half, 0, 11);
    case 'a':
      fields->half = TakeWord(text, "PM") ? 1 : 0;
      return *fields->half == 1 || TakeWord(text, "AM");
    case 'm':
      return number(fields->minute, 0, 59);
    case 's':
      return number(fields->second, 0, 59);
    case 'S': {
      const std::string_view before = *text;
      const auto value = TakeDigits(text, 1, n);
      if (!value) return false;
      int64_t micros = *value;
      size_t digits = before.size() - text->size();
      for (; digits < 6; ++digits) micros *= 10;
      for (; digits > 6; --digits) micros /= 10;
      fields->micros = micros;
      return true;
    }
    default:
      fields->zone = TakeZone(text);
      return fields->zone != nullptr;
  }
}

std::optional<DatetimePattern::Parsed> DatetimePattern::Parse(std::string_view text) const {
  Fields fields;
  if (!ParseItems(0, items_.size(), &text, &fields) || !text.empty()) return std::nullopt;
  int64_t year = fields.year.value_or(1970);
  if (fields.era == 0) year = 1 - year;
  int64_t days = 0;
  if (fields.day_of_year && !fields.month) {
    if (*fields.day_of_year == 366 && !IsLeapYear(year)) return std::nullopt;
    days = DaysFromCivil(year, 1, 1) + *fields.day_of_year - 1;
  } else {
    const int month = static_cast<int>(fields.month.value_or(1));
    const int day = static_cast<int>(fields.day.value_or(1));
    if (day > DaysInMonth(year, month)) return std::nullopt;
    days = DaysFromCivil(year, month, day);
  }
  if (days > 106751990 || days < -106751990) return std::nullopt;
  int64_t hour = fields.hour.value_or(0);
  if (!fields.hour && fields.hour_of_half)
    hour = *fields.hour_of_half + 12 * fields.half.value_or(0);
  Parsed parsed;
  parsed.micros_local = days * kMicrosPerDay + hour * kMicrosPerHour +
                        fields.minute.value_or(0) * kMicrosPerMinute +
                        fields.second.value_or(0) * kMicrosPerSecond + fields.micros;
  parsed.zone = fields.zone;
  return parsed;
}

}  // namespace tarn::engine::duck
