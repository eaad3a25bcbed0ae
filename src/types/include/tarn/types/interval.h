#pragma once

#include <cstdint>
#include <string>

#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn {

/// "INTERVAL '1-2' YEAR TO MONTH", with the fields that `type` spans.
std::string RenderYearMonthInterval(int32_t months, const DataType& type);
/// "INTERVAL '1 02:03:04.5' DAY TO SECOND", with the fields that `type` spans.
std::string RenderDayTimeInterval(int64_t micros, const DataType& type);
/// "1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds"
std::string RenderCalendarInterval(const CalendarInterval& interval);

}  // namespace tarn
