#include "tarn/types/interval.h"

#include "tarn/types/datetime.h"

namespace tarn {

namespace {

constexpr const char* kDayTimeNames[] = {"DAY", "HOUR", "MINUTE", "SECOND"};
constexpr uint64_t kUnits[] = {kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};

std::string Pad(uint64_t number) {
  std::string text = std::to_string(number);
  return text.size() < 2 ? "0" + text : text;
}

/// Seconds with the fraction that there is: 4500000 → "4.5".
std::string Seconds(uint64_t micros) {
  std::string text = RenderDecimal(static_cast<Int128>(micros), 6);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

void AppendUnit(int64_t value, const char* unit, std::string* out) {
  if (value == 0) return;
  if (!out->empty()) *out += ' ';
  *out += std::to_string(value) + ' ' + unit;
}

}  // namespace

std::string RenderYearMonthInterval(int32_t months, const DataType& type) {
  const int64_t size = months < 0 ? -static_cast<int64_t>(months) : months;
  const std::string year = (months < 0 ? "-" : "") + std::to_string(size / 12);
  if (type.interval_start() != type.interval_end()) {
    return "INTERVAL '" + year + "-" + std::to_string(size % 12) + "' YEAR TO MONTH";
  }
  if (type.interval_start() == IntervalField::kYear) return "INTERVAL '" + year + "' YEAR";
  return "INTERVAL '" + std::to_string(months) + "' MONTH";
}

std::string RenderDayTimeInterval(int64_t micros, const DataType& type) {
  const int start = static_cast<int>(type.interval_start());
  const int end = static_cast<int>(type.interval_end());
  uint64_t rest = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string text = micros < 0 ? "INTERVAL '-" : "INTERVAL '";
  for (int field = start; field <= end; ++field) {
    if (field > start) text += field == 1 ? ' ' : ':';
    if (field == 3) {
      if (rest < 10 * static_cast<uint64_t>(kMicrosPerSecond)) text += '0';
      text += Seconds(rest);
    } else {
      const uint64_t count = rest / kUnits[field];
      text += field == 0 ? std::to_string(count) : Pad(count);
      rest %= kUnits[field];
    }
  }
  text += std::string("' ") + kDayTimeNames[start];
  if (start != end) text += std::string(" TO ") + kDayTimeNames[end];
  return text;
}

std::string RenderCalendarInterval(const CalendarInterval& interval) {
  std::string text;
  AppendUnit(interval.months / 12, "years", &text);
  AppendUnit(interval.months % 12, "months", &text);
  AppendUnit(interval.days, "days", &text);
  AppendUnit(interval.micros / kMicrosPerHour, "hours", &text);
  AppendUnit(interval.micros % kMicrosPerHour / kMicrosPerMinute, "minutes", &text);
  const int64_t rest = interval.micros % kMicrosPerMinute;
  if (rest != 0) {
    if (!text.empty()) text += ' ';
    text += (rest < 0 ? "-" : "") + Seconds(static_cast<uint64_t>(rest < 0 ? -rest : rest));
    text += " seconds";
  }
  return text.empty() ? "0 seconds" : text;
}

}  // namespace tarn
