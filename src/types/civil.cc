#include "tarn/types/datetime.h"

namespace tarn {

// Days are counted in eras of 400 years that begin on 1 March, so that a leap day ends its year.
CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

namespace {

void AppendPadded(int64_t number, int width, std::string* out) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  for (int i = count; i < width; ++i) *out += '0';
  while (count > 0) *out += digits[--count];
}

/// java.time's "uuuu": four digits, a sign where there are more or the year is before 0.
void AppendDate(int64_t days, std::string* out) {
  const CivilDate date = CivilFromDays(days);
  if (date.year < 0) *out += '-';
  if (date.year > 9999) *out += '+';
  AppendPadded(date.year < 0 ? -date.year : date.year, 4, out);
  *out += '-';
  AppendPadded(date.month, 2, out);
  *out += '-';
  AppendPadded(date.day, 2, out);
}

void AppendTime(int64_t micros, std::string* out) {
  AppendPadded(micros / kMicrosPerHour, 2, out);
  *out += ':';
  AppendPadded(micros / kMicrosPerMinute % 60, 2, out);
  *out += ':';
  AppendPadded(micros / kMicrosPerSecond % 60, 2, out);
  const int64_t fraction = micros % kMicrosPerSecond;
  if (fraction == 0) return;
  *out += '.';
  AppendPadded(fraction, 6, out);
  while (out->back() == '0') out->pop_back();
}

}  // namespace

std::string RenderDate(int32_t days) {
  std::string text;
  AppendDate(days, &text);
  return text;
}

std::string RenderTimestamp(int64_t micros_local) {
  int64_t days = micros_local / kMicrosPerDay;
  int64_t rest = micros_local % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  std::string text;
  AppendDate(days, &text);
  text += ' ';
  AppendTime(rest, &text);
  return text;
}

std::string RenderTime(int64_t micros) {
  std::string text;
  AppendTime(micros, &text);
  return text;
}

}  // namespace tarn
