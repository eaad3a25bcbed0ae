#pragma once

#include <optional>
#include <string_view>

#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::engine::duck {

/// Reads the text of an interval with the fields of `type`: "1-2", "-1-2", "INTERVAL '1-2' YEAR TO
/// MONTH".
std::optional<int32_t> ParseYearMonth(std::string_view text, const DataType& type);
/// "1 02:03:04.5", "INTERVAL '1 02' DAY TO HOUR".
std::optional<int64_t> ParseDayTime(std::string_view text, const DataType& type);
/// "1 day 2 hours", "interval -3 months".
std::optional<CalendarInterval> ParseCalendarInterval(std::string_view text);

/// Raises INVALID_INTERVAL_FORMAT.*.
[[noreturn]] void MalformedInterval(std::string_view text, const DataType& type);

}  // namespace tarn::engine::duck
