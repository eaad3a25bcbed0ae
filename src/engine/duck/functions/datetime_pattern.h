#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/types/datetime.h"

namespace tarn::engine::duck {

/// A pattern of java.time.format.DateTimeFormatter as Spark allows them, English names.
class DatetimePattern {
 public:
  /// Raises INVALID_DATETIME_PATTERN.* or INCONSISTENT_BEHAVIOR_CROSS_VERSION.* for what Spark
  /// refuses.
  DatetimePattern(std::string_view pattern, bool parsing);

  /// `micros_local` in the zone, `micros_utc` for the zone's name and offset.
  std::string Format(int64_t micros_local, int64_t micros_utc, const TimeZone& zone) const;

  struct Parsed {
    int64_t micros_local = 0;
    std::shared_ptr<const TimeZone> zone;  ///< null if the text has none
  };
  /// nullopt if the text doesn't have the form.
  std::optional<Parsed> Parse(std::string_view text) const;

  const std::string& source() const { return source_; }

 private:
  struct Item {
    char letter = 0;  ///< 0: literal text; '[' and ']': bounds of an optional part
    int count = 0;
    std::string text;
  };
  struct Fields;

  /// Raises a condition if a letter isn't one of Spark's patterns any more.
  void CheckLetters(bool parsing) const;
  void CheckItem(char letter, int count) const;
  bool ParseItems(size_t begin, size_t end, std::string_view* text, Fields* fields) const;
  bool ParseItem(const Item& item, bool adjacent, std::string_view* text, Fields* fields) const;
  size_t EndOfOptional(size_t open) const;

  std::string source_;
  std::vector<Item> items_;
};

/// Names of months and days of the week, from 1 and from Monday = 1.
std::string_view MonthName(int month, bool full);
std::string_view DayName(int day_of_week, bool full);

}  // namespace tarn::engine::duck
